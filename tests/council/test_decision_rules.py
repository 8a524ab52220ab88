"""Each decision rule against counting by hand, over every position of small bodies, and at its thresholds."""

from fractions import Fraction
from itertools import combinations, product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.council.decision import DecisionRule, decide, populations, read_rules, shipped_rules
from vedette.model.errors import RuleError

RULES = shipped_rules()
SMALL = {"AAA": 1, "BBB": 2, "CCC": 4, "DDD": 13, "EEE": 40}
SAYINGS = ("yes", "no", "abstain", "abstain_declared", None)


def by_hand(rule: str, said: dict[str, str | None], passed: bool) -> bool:
    """Whether it is adopted, counted from the words of each rule's source and in whole numbers."""
    yes = {s for s, p in said.items() if p == "yes"}
    no = {s for s, p in said.items() if p == "no"}
    declared = {s for s, p in said.items() if p == "abstain_declared"}
    aside = {s for s, p in said.items() if p == "abstain"} | declared
    silent = set(said) - yes - no - aside
    people, total = (lambda states: sum(SMALL[s] for s in states)), sum(SMALL.values())
    everybody = set(said)
    if rule == "nac_consensus":
        return not no and (passed or not silent) and bool(yes | aside | silent)
    if rule == "nac_explicit":
        return yes == everybody
    if rule == "unanimity_less_one":
        return len(no) <= 1 and not silent and bool(yes | aside)
    if rule == "eu_unanimity_cfsp":
        third = 3 * len(declared) >= len(everybody) and 3 * people(declared) >= total
        return not no and not silent and bool(yes | (aside - declared)) and not third
    if rule in ("eu_qmv", "eu_qmv_of_participants", "eu_reinforced_qmv"):
        share = Fraction(72, 100) if rule == "eu_reinforced_qmv" else Fraction(55, 100)
        many = Fraction(len(yes), len(everybody)) >= share
        most = Fraction(people(yes), total) >= Fraction(65, 100)
        fewest = min(
            size
            for size in range(1, len(SMALL) + 1)
            for some in combinations(SMALL, size)
            if Fraction(people(some), total) > Fraction(35, 100)
        )
        block = {"eu_qmv": 4, "eu_qmv_of_participants": fewest + 1}.get(rule, 0)
        few = len(everybody - yes) < block
        return many and (most or few)
    if rule == "coalition_opt_in":
        return len(yes) >= 2
    return "AAA" in yes


@pytest.mark.parametrize(
    ("rule", "passed"),
    # time alone does nothing but where silence counts
    [*((rule, rule == "eu_qmv") for rule in RULES), ("nac_consensus", True)],
)
def test_every_position_of_a_small_body_is_counted_as_by_hand(rule: str, passed: bool) -> None:
    for sayings in product(SAYINGS, repeat=len(SMALL)):
        said = dict(zip(SMALL, sayings, strict=True))
        positions = {state: what for state, what in said.items() if what is not None}
        found = decide(
            # fifteen of five there are never: that bound is shown on the real body below
            msgspec.structs.replace(RULES[rule], members_least=1),
            SMALL,
            positions,
            deadline_passed=passed,
            deciding="AAA",  # type: ignore[arg-type]
        )
        assert found.adopted == by_hand(rule, said, passed), (rule, said)
        # it is open exactly when those who are silent can still adopt it
        silent = [state for state in SMALL if said[state] is None]
        waits = not (RULES[rule].tacit and passed)
        later = [
            by_hand(rule, said | dict.fromkeys(silent, "yes"), passed)
        ]  # a yes never takes away from a yes
        assert found.open == (not found.adopted and waits and later[0])
        if found.adopted:
            # nobody is bound who said no where a no is overlooked, who stands aside, or did not join
            assert not found.bound & {
                s for s, what in said.items()
                if (what == "abstain" and RULES[rule].abstention == "stands aside")
                or (what == "abstain_declared" and RULES[rule].declared == "stands aside")
            }  # fmt: skip
            if rule == "coalition_opt_in":
                assert found.bound == {s for s, what in said.items() if what == "yes"}
            if rule == "national_self_defence":
                assert found.bound == {"AAA"}


STATES = st.fixed_dictionaries(
    {state: st.sampled_from(["yes", "no", "abstain", "abstain_declared"]) for state in SMALL}
)


@given(STATES, st.sampled_from(list(RULES)), st.sampled_from(list(SMALL)))
def test_one_more_yes_never_undoes_an_adoption(said: dict[str, str], rule: str, state: str) -> None:
    before = decide(RULES[rule], SMALL, said, deciding="AAA")  # type: ignore[arg-type]
    after = decide(RULES[rule], SMALL, said | {state: "yes"}, deciding="AAA")  # type: ignore[arg-type]
    assert after.adopted or not before.adopted


def test_the_bodies_of_today() -> None:
    nato, eu = populations("nato"), populations("eu")
    assert (len(nato), len(eu)) == (32, 27)
    assert 0.43e9 < sum(eu.values()) < 0.46e9
    qmv = RULES["eu_qmv"]
    big = ("DEU", "FRA", "ITA")
    most = {state: "no" if state in big else "yes" for state in eu}
    assert decide(qmv, eu, most).adopted  # three never block, whatever their people
    assert not decide(qmv, eu, most | {"ESP": "no"}).adopted
    fifteen = sorted(eu, key=lambda state: -eu[state])[:15]
    assert decide(qmv, eu, dict.fromkeys(fifteen, "yes")).adopted
    assert not decide(qmv, eu, dict.fromkeys(fifteen[:14], "yes")).adopted  # 14 of 27 are 51.9 %
    # after departures 55 % can be fewer than fifteen, who are asked for still
    few = {state: eu[state] for state in sorted(eu, key=lambda state: -eu[state])[:22]}
    assert not decide(qmv, few, dict.fromkeys(list(few)[:14], "yes")).adopted
    assert decide(qmv, few, dict.fromkeys(list(few)[:15], "yes")).adopted
    # of a few participants, one more than the fewest with 35 % of the people must be against
    some = {state: eu[state] for state in ("DEU", "FRA", "EST", "LVA", "LTU", "AUT", "IRL", "DNK")}
    mine = RULES["eu_qmv_of_participants"]
    all_but = dict.fromkeys(some, "yes") | {"DEU": "no"}
    assert decide(
        mine, some, all_but
    ).adopted  # Germany alone has more than 35 %, and cannot block alone
    assert not decide(mine, some, all_but | {"FRA": "no"}).adopted
    # one ally's no, and one ally's silence before the deadline, stop consensus
    everybody = dict.fromkeys(nato, "yes")
    assert decide(RULES["nac_consensus"], nato, everybody).adopted
    assert not decide(RULES["nac_consensus"], nato, everybody | {"HUN": "no"}).adopted
    assert decide(RULES["nac_consensus"], nato, {}, deadline_passed=True).adopted
    assert not decide(RULES["nac_explicit"], nato, {}, deadline_passed=True).adopted


ROW = (
    "rules: [{{id: a, text: t, body: eu, kind: {kind}, abstention: counts as no, tacit: {tacit}, "
    "source: s}}]"
)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("rules: [", "flow"),
        ("rules: [{id: a}]", "missing"),
        ("rules: 3", "array"),
        (ROW.format(kind="double_majority", tacit="false"), "both shares"),
        (ROW.format(kind="each", tacit="true"), "consensus only"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_named_with_its_fault(text: str, word: str) -> None:
    with pytest.raises(RuleError, match=word):
        read_rules("mine.yaml", text.encode())


def test_no_body_and_nobody_who_decides_are_errors() -> None:
    one: DecisionRule = RULES["national_self_defence"]
    for body, deciding in (({}, "AAA"), (SMALL, None), (SMALL, "ZZZ")):
        with pytest.raises(ValueError, match="member"):
            decide(one, body, {}, deciding=deciding)
