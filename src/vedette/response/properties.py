"""What must hold of any rule set, for all inputs: each property as formulas that must have no model.

The properties are written here, from the published policy, and not read from the tables: a table that
forgets a condition fails against them. Each obligation carries the row that breaks it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from vedette.model.assessment import CREWED_CIVIL
from vedette.response.encoding import FactVariables, is_one_of, solver_library, translate
from vedette.response.evaluate import DOSSIER
from vedette.response.rule_set import RuleSet
from vedette.response.symbolic import Judgement

INFORMING: Final = (
    "M00", "M01", "M02", "M03", "M04", "M05", "M09", "M10", "M11", "M16", "M17",
)  # fmt: skip
APPROACHING: Final = ("M06", "M07", "M08")
ASKABLE: Final = ("military_aircraft", "helicopter_military", "drone_small", "drone_long_range")
MILITARY: Final = ("military_aircraft", "helicopter_military")
NEEDS: Final = (
    "radio_failure", "radio_contact_lost", "emergency", "unlawful_interference",
    "crew_not_responding",
)  # fmt: skip
SIGNS: Final = (*NEEDS, "plan_fits", "civil_sign")
# prohibitions that no table can express, and the tests that prove them
STRUCTURAL: Final[Mapping[str, str]] = {
    "P02": "no message, port or measure has such a field: tests/contracts/test_no_weapon.py",
    "P07": "no measure says so: tests/contracts/test_no_weapon.py",
    "P11": "advice has no field for an attribution, and a release is bound to it: "
    "tests/contracts/test_no_weapon.py, tests/desk/test_attribution.py",
    "P12": "ledger and council only append: tests/council/test_matter_laws.py, tests/ledger",
}


class Obligation(msgspec.Struct, frozen=True):
    """A formula that must have no model (or, ``wanted``, must have one), and the row it is about."""

    row: str
    problem: str
    formula: Any
    wanted: bool = False


class Pair(msgspec.Struct, frozen=True):
    """One object at two moments: at the second some things are no longer known or confirmed."""

    before: Judgement
    after: Judgement
    only_doubt: tuple[Any, ...]  # nothing else has changed


class Property(msgspec.Struct, frozen=True):
    """One property; its obligations are about one moment or about two."""

    id: str
    text: str
    one: Callable[[RuleSet, Judgement], Iterator[Obligation]] | None = None
    two: Callable[[RuleSet, Pair], Iterator[Obligation]] | None = None
    structural: str | None = None


def known(facts: FactVariables, name: str, *wanted: object) -> Any:
    """A fact is known to be one of these."""
    z3 = solver_library()
    return z3.And(facts.known[name], is_one_of(facts, name, wanted))


def doubt(rules: RuleSet, before: Judgement, after: Judgement) -> tuple[Any, ...]:
    """What separates two moments between which nothing was learnt: facts and confirmations only go.

    Rows that stood are held; a check that was "no" voids what was confirmed before, of itself and of
    the whole gate, as ``advise.step`` has it; nobody's "no" is taken back.
    """
    z3 = solver_library()
    formulas: list[Any] = []
    for name, was in before.facts.known.items():
        same = before.facts.value[name] == after.facts.value[name]
        formulas += [z3.Implies(after.facts.known[name], was), same]
    # what a table knows of a state does not change with what else is known: nobody contradicts it
    name = "host_has_fighters"
    told = after.completed.known[name]
    same = before.completed.value[name] == after.completed.value[name]
    formulas.append(z3.Implies(told, z3.And(before.completed.known[name], same)))
    one, two = before.people, after.people
    any_no = z3.Or(list(before.check_no.values()))
    for name, formula in two.confirmed.items():
        voided = before.check_no.get(name, any_no)
        formulas.append(z3.Implies(formula, z3.And(one.confirmed[name], z3.Not(voided))))
    formulas += [two.denied[name] == formula for name, formula in one.denied.items()]
    formulas += [two.worded[name] == formula for name, formula in one.worded.items()]
    for name, formula in two.held.items():
        formulas.append(formula == z3.Or(before.applies[name], before.kept[name]))
    return tuple(formulas)


def _dossier(rules: RuleSet, it: Judgement) -> Iterator[tuple[str, Any]]:
    """Each row that lists the dossier, and when it is open there."""
    for name, rule in rules.rules.items():
        if DOSSIER in rule.measures:
            yield name, it.open[name, DOSSIER]


def _never_open_with(
    rules: RuleSet, it: Judgement, bad: Any, problem: str, row: str | None = None
) -> Iterator[Obligation]:
    z3 = solver_library()
    for name, open_ in _dossier(rules, it):
        yield Obligation(row or name, problem, z3.And(open_, bad))


# ---------------------------------------------------------------------------- the properties


def _answered(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    fallback = rules.about.reading.fallback
    yield Obligation(fallback, "nothing is proposed", z3.Not(z3.Or(list(it.measure.values()))))
    for name in rules.rules:
        yield Obligation(name, "can never apply", it.applies[name], wanted=True)


def _contradiction(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    rows = list(rules.rules.values())
    for rule in rows:
        both = sorted(set(rule.bans) & set(rule.measures))
        if both:
            yield Obligation(rule.id, f"lists and bans {both[0]}", it.applies[rule.id])
        for other in rows:
            closed = sorted(set(rule.bans) & set(other.measures))
            if (
                closed
                and rule.id != other.id
                and rule.reading == other.reading
                and other.id not in rule.over
            ):
                yield Obligation(
                    rule.id,
                    f"bans {', '.join(closed)}, which {other.id} of the same reading permits",
                    z3.And(it.applies[rule.id], it.applies[other.id]),
                )
    for measure in ("M13", "M17", "M04"):
        yield from _never_open_with(
            rules, it, it.measure[measure], f"{measure} and M14 are open together"
        )
    for name, civil in rules.rules.items():
        if civil.reading == "civil":
            for second, military in rules.rules.items():
                if military.reading == "military":
                    yield Obligation(
                        second, f"stands beside {name}, which comes before it",
                        z3.And(it.applies[name], z3.Or(it.applies[second], it.kept[second])),
                    )  # fmt: skip


def _doubt_keeps(rules: RuleSet, pair: Pair) -> Iterator[Obligation]:
    z3 = solver_library()
    for (name, measure), open_ in pair.before.open.items():
        if measure in INFORMING:
            yield Obligation(
                name,
                f"doubt removes {measure}",
                z3.And(*pair.only_doubt, open_, z3.Not(pair.after.measure[measure])),
            )


def _doubt_opens_nothing(rules: RuleSet, pair: Pair) -> Iterator[Obligation]:
    z3 = solver_library()
    for (name, measure), open_ in pair.after.open.items():
        if measure in (*APPROACHING, DOSSIER):
            yield Obligation(
                name,
                f"doubt opens {measure}",
                z3.And(*pair.only_doubt, open_, z3.Not(pair.before.measure[measure])),
            )
    for name in rules.about.reading.force_rows:
        yield Obligation(
            name, "doubt raises the question",
            z3.And(*pair.only_doubt, pair.after.applies[name], z3.Not(pair.before.force_applies)),
        )  # fmt: skip


def _expiry(rules: RuleSet, pair: Pair) -> Iterator[Obligation]:
    z3 = solver_library()
    same = [
        pair.after.facts.known[name] == formula for name, formula in pair.before.facts.known.items()
    ]
    for (name, measure), open_ in pair.after.open.items():
        if measure in (*APPROACHING, DOSSIER):
            yield Obligation(
                name,
                f"the passing of time opens {measure}",
                z3.And(*pair.only_doubt, *same, open_, z3.Not(pair.before.measure[measure])),
            )


def _civil(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    facts = it.completed
    bad = {
        "a civil class": known(facts, "object_class", *sorted(CREWED_CIVIL)),
        "an unknown class": z3.Not(facts.known["object_class"]),
        "a class that is not asked about": z3.Not(known(facts, "object_class", *ASKABLE)),
        "a civil aircraft": known(facts, "civil", "confirmed"),
    }
    for sign in SIGNS:
        bad[f"{sign}=true"] = known(facts, sign, True)
        bad[f"{sign} unknown"] = z3.Not(facts.known[sign])
    for name in rules.about.reading.force_rows:
        for what, formula in bad.items():
            yield Obligation(
                name, f"meets the question of force with {what}", z3.And(it.applies[name], formula)
            )
    yield from _never_open_with(
        rules, it, z3.Not(known(facts, "civil", "excluded")),
        "M14 is open for a possibly civil object",
    )  # fmt: skip
    helpers = {"unlawful_interference": "R05", "emergency": "R06", "crew_not_responding": "R08"}
    for need in NEEDS:
        # unless a person has found in words that it is a bird or an artefact (R21, K10)
        settled = z3.And(it.applies["R21"], it.people.worded["K10"])
        yield Obligation(
            helpers.get(need, "R07"), f"a flight with {need} gets no help (M17)",
            z3.And(known(facts, need, True), z3.Not(settled), z3.Not(it.measure["M17"])),
        )  # fmt: skip


def _people(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    said = it.people
    for name, item in rules.gate.items():
        asked = z3.And(it.asked[name], z3.Not(said.confirmed[name]))
        yield from _never_open_with(
            rules, it, asked, f"M14 is open without a person's word on {item.id}"
        )
    for name in rules.checks:
        yield from _never_open_with(
            rules,
            it,
            z3.Not(said.confirmed[name]),
            f"M14 is open without a person's word on {name}",
        )
    for name in (*rules.gate, *rules.checks):
        yield from _never_open_with(
            rules, it, said.denied[name] if name in rules.checks
            else z3.And(it.asked[name], said.denied[name]),
            f"M14 is open against a person's no to {name}",
        )  # fmt: skip
    declared = known(it.completed, "identity", "suspect", "hostile")
    for name in rules.about.reading.force_rows:
        yield Obligation(
            name, "meets the question of force without a person's declaration",
            z3.And(it.applies[name], z3.Not(declared)),
        )  # fmt: skip
    nobody = z3.Not(z3.Or(list(said.confirmed.values())))
    for (name, measure), open_ in it.open.items():
        if measure in ("M08", DOSSIER):
            yield Obligation(
                name, f"{measure} is open on the system's word alone", z3.And(open_, nobody)
            )


def _checks(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    for name in rules.checks:
        yield from _never_open_with(
            rules,
            it,
            z3.Not(it.check_confirmed[name]),
            f"M14 is open while {name} is not confirmed",
        )
        both = z3.And(it.check_found[name].yes, it.check_refuted[name].yes)
        yield Obligation(name, "is found and refuted at once", both)
    for (name, measure), open_ in it.open.items():
        if measure not in APPROACHING:
            continue
        required = {"K8", "K9"}
        if rules.rules[name].reading == "military" and measure == "M07":
            required |= {"K1", "K3", "K4", "K6"}
        if rules.rules[name].reading == "military" and measure == "M08":
            required |= {"K1", "K2", "K3", "K4", "K5", "K6"}
        for check in sorted(required & it.check_yes.keys()):
            yield Obligation(
                name, f"{measure} is open while {check} is not yes",
                z3.And(open_, z3.Not(it.check_yes[check])),
            )  # fmt: skip
        crew = known(it.completed, "radio_answered", True)
        if rules.rules[name].reading == "military" and name == "R14":
            yield Obligation(
                name, f"{measure} is open after the crew answered", z3.And(open_, crew)
            )
    for name, item in rules.checks.items():
        if item.valid_s > {"K8": 3600, "K12": 60}.get(name, 600):
            yield Obligation(name, "believes words that are too old", z3.BoolVal(True))
    yield from _refuters(it)


def _refuters(it: Judgement) -> Iterator[Obligation]:
    """What must refute each check, whatever people say."""
    z3 = solver_library()
    f = it.completed
    few = {n: z3.And(f.known[n], f.value[n] < 2) for n in ("sensor_count", "sensor_kind_count")}
    must: dict[str, list[Any]] = {
        "K1": [known(f, "plan_fits", True)],
        "K2": [known(f, "civil", "confirmed")],
        "K3": [known(f, "cooperative", True)],
        "K4": [known(f, name, True) for name in (*NEEDS, "threat_message")],
        "K5": [known(f, "object_class", "airliner")],
        "K6": [z3.And(known(f, "gnss_interference", True), known(f, "cooperative", True))],
        "K7": [few["sensor_kind_count"]],
        "K8": [known(f, "sensors_healthy", False), few["sensor_count"], known(f, "node_isolated", True)],
        "K9": [known(f, "exercise", True), known(f, "replay", True)],
        "K10": [known(f, "object_class", "balloon", "bird", "clutter_artefact"), known(f, "drifting", True)],
        "K11": [known(f, "friend_candidate", True), known(f, "identity", "friend", "assumed_friend")],
        "K12": [known(f, "air_defence_active", True)],
    }  # fmt: skip
    for name, formulas in must.items():
        if name not in it.check_no:
            continue
        for formula in formulas:
            yield Obligation(
                name,
                "is not refuted by what refutes it",
                z3.And(formula, z3.Not(it.check_no[name])),
            )
    # what the system may find by itself, and nothing more: the rest takes a person
    enough: dict[str, Any] = {
        "K1": known(f, "plan_fits", False),
        "K3": known(f, "cooperative", False),
        "K4": z3.And([known(f, name, False) for name in (*NEEDS, "threat_message")]),
        "K6": z3.Or(known(f, "gnss_interference", False), known(f, "cooperative", False)),
        "K8": z3.And(
            known(f, "sensors_healthy", True), known(f, "node_isolated", False),
            f.known["sensor_count"], f.value["sensor_count"] >= 2,
        ),
        "K9": z3.And(known(f, "exercise", False), known(f, "replay", False)),
    }  # fmt: skip
    for name, found in it.check_found.items():
        yield Obligation(
            name, "is found without ground",
            z3.And(found.yes, z3.Not(enough.get(name, z3.BoolVal(False)))),
        )  # fmt: skip


def gate_facts(f: FactVariables) -> dict[str, Any]:
    """What the system itself must see before an item of the gate can be yes (policy, part F)."""
    z3 = solver_library()
    return {
        "F01": z3.And(
            known(f, "where", "inside"), known(f, "member", True), f.known["depth_m"],
            f.known["position_error_m"], f.value["depth_m"] > f.value["position_error_m"],
        ),
        "F02": known(f, "civil_feed", True),
        "F03": z3.And(
            f.known["sensor_kind_count"], f.value["sensor_kind_count"] >= 2,
            f.known["kinds_agree_s"], f.value["kinds_agree_s"] >= 60,
            known(f, "track_lost", False),
        ),
        "F04": z3.And(
            known(f, "civil", "excluded"), known(f, "object_class", *ASKABLE),
            f.known["crewed_civil_probability"],
            # the double nearest to one in ten thousand, as the tables are read
            f.value["crewed_civil_probability"] <= z3.Q(*(0.0001).as_integer_ratio()),
        ),
        "F06": z3.Or(
            known(f, "hostile_act", True), known(f, "heading_to_site", True),
            known(f, "armed_type_seen", True),
        ),
        "F09": known(f, "air_defence_active", False),
        "F10": known(f, "friend_candidate", False),
        "F12": known(f, "node_isolated", False),
        "F14": z3.And(
            known(f, "exercise", False), known(f, "replay", False),
            known(f, "sensors_healthy", True),
        ),
        "F15": z3.And(
            known(f, "sensors_healthy", True), known(f, "identity_set_alone", False)
        ),
        "F16": z3.And(
            known(f, "radio_answered", False), *(known(f, need, False) for need in NEEDS)
        ),
        "F17": known(f, "hostile_act", True),
    }  # fmt: skip


def _gate(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    seen = gate_facts(it.completed)
    crewed = known(it.completed, "object_class", *MILITARY)
    open_ = it.measure[DOSSIER]
    for name, item in rules.gate.items():
        asked = it.asked[name]
        yield Obligation(
            name, "M14 is open though the item is not yes",
            z3.And(open_, asked, z3.Not(it.gate_yes[name])),
        )  # fmt: skip
        if name in seen:
            yield Obligation(
                name, "is yes against what the system sees",
                z3.And(it.gate_yes[name], z3.Not(seen[name])),
            )  # fmt: skip
        yield Obligation(
            name, "can never be what decides", z3.And(open_, asked, it.gate_yes[name]), wanted=True
        )
        yield Obligation(
            name, "is not asked of a crewed military aircraft", z3.And(crewed, z3.Not(asked))
        )
        if item.id not in ("F16", "F17", "F18"):
            yield Obligation(name, "is not asked of every object", z3.Not(asked))
        if item.valid_s > 60:
            yield Obligation(name, "believes words older than 60 s", z3.BoolVal(True))
    for name, wanted in (
        ("F13", "independent"),
        ("F02", "all_checks"),
        ("F11", "recorded_authority"),
    ):
        if name in rules.gate and not getattr(rules.gate[name], wanted):
            yield Obligation(name, f"must be {wanted.replace('_', ' ')}", z3.BoolVal(True))


# ---------------------------------------------------------------------------- prohibitions


def _p01(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    f = it.completed
    bad = z3.Or(
        known(f, "civil", "confirmed"), known(f, "object_class", *sorted(CREWED_CIVIL)),
        *(known(f, sign, True) for sign in SIGNS),
    )  # fmt: skip
    for name in rules.about.reading.force_rows:
        yield Obligation(name, "meets a civil aircraft", z3.And(it.applies[name], bad))
    # S004, S005: where nothing could tell a civil flight, nobody knows that it is none
    blind = z3.Not(known(f, "civil_feed", True))
    yield from _closes(
        rules, it, "P01", z3.Or(bad, blind, z3.Not(known(f, "civil", "excluded"))), (DOSSIER,)
    )


def _p03(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    declared = known(it.completed, "identity", "suspect", "hostile")
    yield from _closes(rules, it, "P03", z3.Not(declared), (DOSSIER,))


def _p04(rules: RuleSet, pair: Pair) -> Iterator[Obligation]:
    """Silence raises no question: a row that applies to a silent object applies without that silence."""
    z3 = solver_library()
    one, two = pair.before, pair.after
    for silent in ("cooperative", "radio_answered"):
        same = [two.facts.value[n] == v for n, v in one.facts.value.items()]
        same += [two.facts.known[n] == k for n, k in one.facts.known.items() if n != silent]
        for name in rules.about.reading.force_rows:
            yield Obligation(
                name, f"takes silence for a reason: {silent}",
                z3.And(
                    *same, known(one.completed, silent, False), z3.Not(two.facts.known[silent]),
                    one.applies[name], z3.Not(two.applies[name]),
                ),
            )  # fmt: skip
    f = one.completed
    danger = z3.Or(
        *(known(f, n, True) for n in ("hostile_act", "heading_to_site", "armed_type_seen"))
    )
    yield from _never_open_with(
        rules,
        one,
        z3.Not(danger),
        "M14 is open without a hostile act or danger in a person's words",
    )


def _p05(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    f = it.completed
    sound = z3.And(
        f.known["sensor_count"], f.value["sensor_count"] >= 2, f.known["sensor_kind_count"],
        f.value["sensor_kind_count"] >= 2, known(f, "sensors_healthy", True),
    )  # fmt: skip
    yield from _closes(rules, it, "P05", z3.Not(sound), (DOSSIER,))


def _p08(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    live = z3.And(known(it.completed, "exercise", False), known(it.completed, "replay", False))
    yield from _closes(rules, it, "P08", z3.Not(live), (*APPROACHING, DOSSIER))


def _p09(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    f = it.completed
    own = z3.And(known(f, "where", "inside"), known(f, "member", True))
    yield from _closes(rules, it, "P09", z3.Not(own), (DOSSIER,))
    for (name, measure), open_ in it.open.items():
        if measure in APPROACHING:
            yield Obligation(
                name, f"{measure} is open in another state's airspace",
                z3.And(open_, known(f, "where", "another_state")),
            )  # fmt: skip


def _p10(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    f = it.completed
    civil = z3.Or(
        known(f, "civil", "confirmed"), known(f, "object_class", *sorted(CREWED_CIVIL)),
        *(known(f, sign, True) for sign in SIGNS),
    )  # fmt: skip
    yield from _closes(rules, it, "P10", z3.Or(known(f, "state", "LUX"), civil), (DOSSIER,))
    yield from _closes(rules, it, "P10", z3.Not(f.known["state"]), (DOSSIER,))


def _closes(
    rules: RuleSet, it: Judgement, name: str, bad: Any, measures: tuple[str, ...]
) -> Iterator[Obligation]:
    """A prohibition closes its measures by itself, and nothing else opens them."""
    z3 = solver_library()
    prohibition = rules.prohibitions[name]
    for measure in measures:
        if measure not in prohibition.closes or prohibition.unless is None:
            yield Obligation(name, f"does not close {measure}", z3.BoolVal(True))
        else:
            lifted = translate(prohibition.unless, it.completed).yes
            yield Obligation(name, f"does not close {measure}", z3.And(lifted, bad))
    for (row, measure), open_ in it.open.items():
        if measure in measures:
            yield Obligation(row, f"{measure} is open against {name}", z3.And(open_, bad))


def _p13(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    yield from _never_open_with(
        rules, it, z3.Not(it.authority), "M14 is open without a recorded national authority", "F11"
    )


def _p14(rules: RuleSet, it: Judgement) -> Iterator[Obligation]:
    z3 = solver_library()
    f = it.completed
    stricter = z3.And(
        known(f, "object_class", *ASKABLE), known(f, "civil", "excluded"), it.authority
    )
    yield from _never_open_with(
        rules, it, z3.Not(stricter), "M14 is open on an unsettled point of law"
    )
    for entry in rules.authorities:
        if entry.group == "crewed_civil" and entry.may_be_asked:
            yield Obligation(
                f"{entry.state} {entry.group}", "an authority may be asked about civil aircraft",
                z3.BoolVal(True),
            )  # fmt: skip


PROPERTIES: Final = (
    Property("answer", "every situation has an answer, and every row can apply", one=_answered),
    Property("contradiction", "no two rows of one priority contradict each other", one=_contradiction),
    Property("doubt keeps", "doubt never removes what informs or protects", two=_doubt_keeps),
    Property("doubt opens", "doubt never opens an approach or a question", two=_doubt_opens_nothing),
    Property(
        "civil", "civil, possibly civil and unknown never reach the question; need gets help",
        one=_civil,
    ),
    Property("people", "no output of the machine alone opens the question", one=_people),
    Property("checks", "a missing, stale or unknown check means no", one=_checks),
    Property("F01-F18", "every item of the gate is necessary", one=_gate),
    Property("P01", "no question about a civil aircraft, whatever it does", one=_p01),
    Property("P02", "no command to arms, sensors or jammers", structural=STRUCTURAL["P02"]),
    Property("P03", "nothing without a person's declaration", one=_p03),
    Property("P04", "silence is no evidence of hostility", two=_p04),
    Property("P05", "never on one sensor, one source, or an unsound one", one=_p05),
    Property("P06", "the passing of time opens nothing", two=_expiry),
    Property("P07", "no tracer or warning shots", structural=STRUCTURAL["P07"]),
    Property("P08", "exercise and live never mix", one=_p08),
    Property("P09", "no question outside the deciding state's own airspace", one=_p09),
    Property("P10", "none for Luxembourg, none about civil aircraft", one=_p10),
    Property("P11", "no early attribution", structural=STRUCTURAL["P11"]),
    Property("P12", "nothing is deleted or rewritten", structural=STRUCTURAL["P12"]),
    Property("P13", "national authority stands by itself", one=_p13),
    Property("P14", "what is unsettled is read in the stricter way", one=_p14),
)  # fmt: skip
