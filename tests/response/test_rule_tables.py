"""The tables themselves: cases, coverage, mistakes that are named, and mutants that the check finds."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.app.commands.rule import group
from vedette.model.errors import RuleError
from vedette.response import audit
from vedette.response.case import coverage, load_cases, run_case, verdict_on
from vedette.response.published import answer, load_published, situation_of_published
from vedette.response.rule_set import FILES, RuleSet, load_rules, shipped_files, shipped_rules

RULES = shipped_rules()
FILES_NOW = shipped_files()
CASES = load_cases(FILES_NOW["cases.yaml"])
SHARED = Path(__file__).parents[2] / "../shared/policy/incidents.yaml"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_case_comes_out_as_expected(case: Any) -> None:
    assert run_case(RULES, case).problems == ()


def test_each_row_stands_in_a_case() -> None:
    covered = coverage(RULES, tuple(run_case(RULES, case) for case in CASES))
    assert [name for name, count in covered.items() if not count] == []


def test_the_shipped_rules_pass_their_check() -> None:
    report = audit.check(RULES)
    assert report.findings == ()
    assert report.situations > 5000


def _changed(file: str, row: str, **changes: Any) -> dict[str, bytes]:
    tables = yaml.safe_load(FILES_NOW[file])
    (body,) = [item for item in tables if item["id"] == row]
    for key, value in changes.items():
        if value is None:
            body.pop(key, None)
        else:
            body[key] = value
    return FILES_NOW | {file: yaml.safe_dump(tables).encode()}


# name: file, row, what changes (a key without a value is taken away)
MUTANTS = {
    "a row that lists M14": ("rows.yaml", "R14", "{measures: [M03, M14], needs: , bans: }"),
    "an approach without sound sensors": (
        "rows.yaml",
        "R16",
        "needs: {M06: {answered: [K1]}, M07: {answered: [K8, K9]}}",
    ),
    "an approach without needs": ("rows.yaml", "R12", "{needs: }"),
    "a force row for any class": (
        "rows.yaml",
        "R17",
        """
        when:
          all:
            - term: declared_by_a_person
            - where: inside
            - term: threatens_a_site
            - not: {term: civil_aircraft}
        """,
    ),
    "a force row without a person": (
        "rows.yaml",
        "R15",
        """
        when:
          all:
            - term: military_type
            - where: inside
            - hostile_act: true
            - not: {term: civil_aircraft}
        """,
    ),
    "a force row outside": (
        "rows.yaml",
        "R15",
        """
        when:
          all:
            - term: military_type
            - term: declared_by_a_person
            - hostile_act: true
            - not: {term: civil_aircraft}
        """,
    ),
    "a force row for civil aircraft": (
        "rows.yaml",
        "R15",
        """
        when:
          all:
            - term: military_type
            - term: declared_by_a_person
            - where: inside
            - hostile_act: true
        """,
    ),
    "silence as a reason": (
        "rows.yaml",
        "R17",
        """
        when:
          all:
            - term: drone
            - term: declared_by_a_person
            - where: inside
            - cooperative: false
            - not: {term: civil_aircraft}
        """,
    ),
    "a military row that meets a silent airliner": (
        "rows.yaml",
        "R14",
        "when: {all: [{term: military_type}, {where: inside}, {term: unsettled}]}",
    ),
    "a ban of a warning": ("rows.yaml", "R16", "{measures: [M00], needs: , bans: [M09]}"),
    "a row that can never apply": (
        "rows.yaml",
        "R20",
        "when: {all: [{replay: true}, {replay: false}]}",
    ),
    "a prohibition that lets a civil class pass": (
        "prohibitions.yaml",
        "P01",
        "unless: {civil: excluded}",
    ),
    "a prohibition without teeth": (
        "prohibitions.yaml",
        "P09",
        "{closes: , unless: , kept_by: good will}",
    ),
    "Luxembourg forgotten": ("prohibitions.yaml", "P10", "unless: {not: {term: civil_aircraft}}"),
    "a gate that believes old words": ("gate.yaml", "F08", "valid_s: 86400"),
    "a gate that a possibly civil object passes": ("gate.yaml", "F04", "holds_only_if: "),
    "a gate that takes one in a thousand": (
        "gate.yaml",
        "F04",
        """
        holds_only_if:
          all:
            - civil: excluded
            - any: [{term: drone}, {term: military_type}]
            - crewed_civil_probability: {at_most: 0.001}
        """,
    ),
    "a question without a civil feed": (
        "prohibitions.yaml",
        "P01",
        "unless: {all: [{civil: excluded}, {not: {term: civil_aircraft}}]}",
    ),
    "checks without a civil feed": ("gate.yaml", "F02", "holds_only_if: "),
    "a gate that two kinds pass at once": (
        "gate.yaml",
        "F03",
        "holds_only_if: {all: [{sensor_kind_count: {at_least: 2}}, {track_lost: false}]}",
    ),
    "a gate that a lost link passes": (
        "gate.yaml",
        "F12",
        "holds_only_if: {sensors_healthy: true}",
    ),
    "a gate of one person": ("gate.yaml", "F13", "independent: false"),
    "a gate without a law": ("gate.yaml", "F11", "recorded_authority: false"),
    "a gate without the checks": ("gate.yaml", "F02", "all_checks: false"),
    "a gate that is half for some": ("gate.yaml", "F05", "crewed_military: true"),
    "a plan that refutes nothing": ("checks.yaml", "K1", "refuted_when: "),
    "a reply of a while ago that refutes nothing": (
        "checks.yaml",
        "K3",
        "refuted_when: {cooperative: true}",
    ),
    "a check that is found without ground": (
        "checks.yaml",
        "K4",
        "found_when: {needs_heard: true}",
    ),
    "a check that is found by the system alone": (
        "checks.yaml",
        "K2",
        "found_when: {cooperative: false}",
    ),
    "exercises in which somebody flies": ("prohibitions.yaml", "P08", "closes: [M14]"),
    "one sensor's word": ("prohibitions.yaml", "P05", "unless: {sensor_count: {at_least: 2}}"),
    "a measure about arms": ("measures.yaml", "M07", "text: escort, then engage"),
    "an escort that asks nobody": (
        "rows.yaml",
        "R16",
        "needs: {M06: {answered: [K8, K9]}, M07: {answered: [K8, K9]}}",
    ),
    "another state that may be flown into": ("rows.yaml", "R28", "bans: [M14]"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_harmful_change_is_found_and_its_row_named(name: str) -> None:
    file, row, changes = MUTANTS[name]
    files = _changed(file, row, **yaml.safe_load(changes))
    assert row in {finding.row for finding in audit.problems(load_rules(files))}


def test_a_measure_that_nobody_published_is_found() -> None:
    more = yaml.safe_load(FILES_NOW["measures.yaml"])
    more.append({"id": "M18", "text": "something else", "authority": "anybody"})
    found = audit.problems(load_rules(FILES_NOW | {"measures.yaml": yaml.safe_dump(more).encode()}))
    assert [one.row for one in found] == ["M18"]


def test_nobody_is_advised_by_rules_in_which_something_is_wrong() -> None:
    audit.refuse_unsound(load_rules(_changed("measures.yaml", "M07", text="escort as we do it")))
    empty = load_rules(FILES_NOW | {"gate.yaml": b"[]"})
    with pytest.raises(RuleError, match="F01: is missing from gate"):
        audit.refuse_unsound(empty)


def test_a_key_that_comes_twice_is_refused_and_not_the_last_one_taken() -> None:
    twice = FILES_NOW["gate.yaml"].replace(
        b"valid_s: 60, text", b"valid_s: 60, valid_s: 1, text", 1
    )
    with pytest.raises(RuleError, match="'valid_s' comes twice"):
        load_rules(FILES_NOW | {"gate.yaml": twice})


def test_a_term_that_forgets_a_need_is_found_with_an_example() -> None:
    terms = yaml.safe_load(FILES_NOW["terms.yaml"])
    terms["in_need"]["when"]["any"].pop(0)
    found = audit.problems(load_rules(FILES_NOW | {"terms.yaml": yaml.safe_dump(terms).encode()}))
    assert any("radio_failure=True" in finding.example for finding in found)


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(FILES), st.data())
def test_any_bytes_give_a_rule_set_or_one_clear_error(file: str, data: st.DataObject) -> None:
    whole = FILES_NOW[file]
    at = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["cut", "byte", "drop line"]))
    if how == "cut":
        broken = whole[:at]
    elif how == "byte":
        broken = whole[:at] + data.draw(st.binary(min_size=1, max_size=1)) + whole[at + 1 :]
    else:
        lines = whole.split(b"\n")
        del lines[at % len(lines)]
        broken = b"\n".join(lines)
    try:
        load_rules(FILES_NOW | {file: broken})
    except RuleError as error:
        said = str(error)
    else:
        said = ".yaml"  # the change did no harm
    assert ".yaml" in said


def test_the_digest_follows_the_tables_and_nothing_else() -> None:
    assert load_rules(FILES_NOW).digest == RULES.digest
    assert load_rules(FILES_NOW | {"cases.yaml": b"[]"}).digest == RULES.digest
    assert load_rules(_changed("rows.yaml", "R01", title="other")).digest != RULES.digest


def test_a_recorded_authority_depends_on_state_class_and_height() -> None:
    find = RULES.authority_for
    assert "Police" in find("EST", "drone_small", 100.0).office  # type: ignore[union-attr]
    assert "Defence Forces" in find("EST", "drone_small", 300.0).office  # type: ignore[union-attr]
    assert find("EST", "drone_small", None) is None
    assert find("EST", "military_aircraft", 100.0) is None
    assert find(None, "drone_small", 100.0) is None
    assert find("LTU", None, 100.0) is None
    assert not find("DEU", "airliner", 1e4).may_be_asked  # type: ignore[union-attr]


def test_no_civil_group_may_ever_be_asked_about() -> None:
    assert [e for e in RULES.authorities if e.group == "crewed_civil" and e.may_be_asked] == []
    assert [e for e in RULES.authorities if e.state == "LUX" and e.may_be_asked] == []


def test_commands_say_yes_no_and_what_is_wrong(tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(group, ["test"]).exit_code == 0
    assert "R14" in run(group, ["explain", "r14"]).output
    assert run(group, ["explain", "R99"]).exit_code == 2
    assert len(msgspec.json.decode(run(group, ["list", "--json"]).output)) == 30
    mutant = _changed("rows.yaml", "R14", measures=["M03", "M14"], needs=None)
    for name, data in mutant.items():
        (tmp_path / name).write_bytes(data)
    result = run(group, ["check", "--rules", str(tmp_path)])
    assert result.exit_code == 1
    assert "R14: lists M14" in result.output
    (tmp_path / "gate.yaml").unlink()
    failed = run(group, ["check", "--rules", str(tmp_path)])
    assert isinstance(failed.exception, RuleError)
    assert "gate.yaml" in str(failed.exception)


INCIDENT = """
incidents:
- id: X1
  states_violated: [EE]
  in_nato_airspace: true
  duration_s: 720
  depth_km: 9
  transponder_on: false
  flight_plan: false
  radio_contact: false
  object: {vclass: military_aircraft, type: jet, count: 3, origin: null}
  detection: {by: radar, tracked: true, note: null}
  derived: {do_not_engage: true}
- id: X2
  in_nato_airspace: true
  radio_contact: false
  object: {vclass: airliner}
"""


def test_published_incidents_are_read_and_answered() -> None:
    one, two = load_published(INCIDENT.encode(), "x.yaml")
    assert situation_of_published(one, RULES).state == "EST"
    assert (answer(one, RULES).output, answer(two, RULES).output) == ("ESCORT", "ASSIST")
    # that nobody is said to have looked for a plan is not that there was none
    unsaid = INCIDENT.replace("  flight_plan: false\n", "")
    assert answer(load_published(unsaid.encode(), "x.yaml")[0], RULES).output == "IDENTIFY"
    for wrong in (b"]", b"a: 1", b"incidents: [{id: 3}]", b"incidents: [1]", b"\xff"):
        with pytest.raises(RuleError, match=r"y\.yaml"):
            load_published(wrong, "y.yaml")


def test_whose_fighters_come_and_what_their_nation_lets_them_do_stands_beside_the_hosts_law() -> (
    None
):
    (incident, _) = load_published(INCIDENT.encode(), "x.yaml")
    facts = situation_of_published(incident, RULES)

    def authorities(rules: RuleSet, state: str) -> list[str]:
        here = msgspec.structs.replace(facts, state=state)
        return [one.authority for one in verdict_on(rules, here).proposals if "M07" in one.measures]

    for words in authorities(RULES, "EST"):
        assert "National authority (EST)" in words
        assert "Sending nation (Baltic air policing rotations): no recorded caveats" in words
    assert authorities(RULES, "POL")
    assert not any("Sending nation" in words for words in authorities(RULES, "POL"))
    host = msgspec.structs.replace(RULES.hosts["EST"], caveats={"ITA": "looks, and does no more"})
    told = msgspec.structs.replace(RULES, hosts=RULES.hosts | {"EST": host})
    assert all("ITA: looks, and does no more" in words for words in authorities(told, "EST"))


@pytest.mark.shared
def test_no_published_incident_reaches_the_question_of_force() -> None:
    if not SHARED.is_file():
        pytest.skip("../shared/policy/incidents.yaml is not here")
    answers = {
        record.id: answer(record, RULES) for record in load_published(SHARED.read_bytes(), "shared")
    }
    assert len(answers) >= 30
    assert {item.force_question for item in answers.values()} == {"never"}
    assert answers["V024"].output == "ESCORT"
    assert "R13" in answers["V002"].rules
    assert "R13" in answers["V030"].rules
    assert {answers[name].output for name in ("S001", "S006", "S007", "S009")} == {"ASSIST"}
