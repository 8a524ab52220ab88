"""A standing delegation permits what it names, while all have consented to it, and nothing else."""

from pathlib import Path

import pytest
from council_kit import ROSTER, START_NS, STATES, opened, receipt, run
from hypothesis import given
from hypothesis import strategies as st

from vedette.council.act import digest_of
from vedette.council.delegation import permits, read_delegation
from vedette.council.matter import Matter
from vedette.model.errors import SettingError
from vedette.model.time import SECOND_NS

MEASURES = frozenset({"M03", "M05", "M06", "M07"})
TEXT = """\
delegate: air operations centre
measures: [M03, M06]
states: [EST, LVA]
classes: [military_aircraft, drone_long_range]
since: 2025-09-23T00:00:00Z
until: 2025-12-23T00:00:00Z
caveats:
  - {state: DEU, without: [M06], words: not before our own ministry has been told}
"""
NOW_NS = START_NS + 60 * SECOND_NS


def matter(text: str = TEXT, kind: str = "delegation", consents: int = 3) -> Matter:
    put = receipt("EST", "put", 1.5, text=text)
    yes = [
        receipt(party, "consent", 3 + k, version=digest_of(text))
        for k, party in enumerate(STATES[:consents])
    ]
    return run([*opened(kind), put, *yes], 60)


def asked(stands: Matter, text: str = TEXT, **changes: str | int | None) -> bool:
    facts: dict[str, str | int | None] = {
        "measure": "M06", "state": "EST", "object_class": "military_aircraft", "contributor": "LVA",
        "now_ns": NOW_NS,
    }  # fmt: skip
    return permits(text, stands, ROSTER.states, MEASURES, **(facts | changes)).permitted  # type: ignore[arg-type]


def test_it_permits_what_it_names_and_nothing_else() -> None:
    stands = matter()
    assert stands.agreed_by == "consent"
    assert asked(stands)
    assert asked(stands, contributor=None)
    assert asked(stands, contributor="DEU", measure="M03")
    day_ns = 86_400 * SECOND_NS
    for changes in (
        {"measure": "M07"}, {"measure": "M05"}, {"state": "LTU"}, {"object_class": "airliner"},
        {"contributor": "DEU"}, {"now_ns": NOW_NS - day_ns}, {"now_ns": NOW_NS + 91 * day_ns},
    ):  # fmt: skip
        assert not asked(stands, **changes), changes  # type: ignore[arg-type]


def test_a_key_that_falls_after_the_agreement_ends_it() -> None:
    stands = matter()
    late = receipt("LVA", "revoke", 90, revoked_key=ROSTER.keys["LVA"], words="taken")
    after = run([late], 100, stands)
    assert (after.status, after.revoked) == ("agreed", {ROSTER.keys["LVA"]})
    assert asked(stands, now_ns=NOW_NS + 100 * SECOND_NS)
    assert not asked(after, now_ns=NOW_NS + 100 * SECOND_NS)
    assert not asked(stands, now_ns=START_NS + 4 * SECOND_NS)  # not agreed yet


@given(st.integers(0, 3), st.sampled_from(["delegation", "shield", "posture"]), st.booleans())
def test_never_before_every_state_has_consented_to_this_very_text(
    consents: int, kind: str, same: bool
) -> None:
    stands = matter(kind=kind, consents=consents)
    text = TEXT if same else TEXT.replace("M03, ", "")
    assert asked(stands, text) == (consents == 3 and kind == "delegation" and same)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("[M03, M06]", "[M03, M14]", "M14 cannot be delegated"),
        ("without: [M06]", "without: [M14]", "M14 cannot be delegated"),
        ("[M03, M06]", "[]", "length"),
        ("00:00:00Z\nuntil", "00:00:00\nuntil", "time zone"),
        ("until: 2025-12", "until: 2024-12", "ends before"),
        ("delegate:", "weapon: x\ndelegate:", "unknown field"),
        ("delegate:", "delegate: [", "delegation"),
        ("2025-12-23", "2025-99-23", "delegation"),
        ("delegate:", "[" * 5_000, "delegation"),
        ("classes:", "measures: [M07]\nclasses:", "comes twice"),
        ("[EST, LVA]", '["EST\\n", LVA]', "delegation"),
    ],
)
def test_a_text_that_is_none_says_why(old: str, new: str, word: str) -> None:
    with pytest.raises(SettingError, match=word):
        read_delegation(TEXT.replace(old, new), MEASURES)


def test_it_ends_at_the_instant_that_it_names() -> None:
    text = TEXT.replace("2025-12-23T00:00:00Z", "2025-12-23T00:00:00.600000Z")
    stands, end_ns = matter(text), 1_766_448_000 * SECOND_NS + 600_000_000
    assert asked(stands, text, now_ns=end_ns - 1)
    assert not asked(stands, text, now_ns=end_ns)


def test_the_command_answers_and_the_gate_is_never_delegated(tmp_path: Path) -> None:
    from click.testing import CliRunner
    from test_council_drill import Council

    from vedette.app.commands.council import group

    council = Council(tmp_path, ["EST", "LVA"])
    council.begin("delegation", TEXT)
    (tmp_path / "d.yaml").write_text(TEXT, encoding="utf-8")
    words = ["delegated", str(tmp_path / "d.yaml"), council.matter, "--state", "EST", "--class",
             "drone_long_range", "--at", "2025-09-24T00:00:00Z", "--measure"]  # fmt: skip
    assert CliRunner().invoke(group, [*words, "M06"]).exit_code == 1
    for number, party in enumerate(("EST", "LVA")):
        assert council.say(party, "consent", f"08:0{number}:00").exit_code == 0
    found = CliRunner().invoke(group, [*words, "M06"])
    assert (found.exit_code, "a drill, which permits nothing" in found.output) == (1, True)
    (tmp_path / "d.yaml").write_text(TEXT.replace("M06]\nstates", "M14]\nstates"), encoding="utf-8")
    assert isinstance(CliRunner().invoke(group, [*words, "M14"]).exception, SettingError)


def test_nobody_delegates_for_a_state_that_took_no_part() -> None:
    """Those who take part give what is theirs; over others, and with others' forces, they give nothing."""
    wide = TEXT.replace("states: [EST, LVA]", "states: [EST, POL]")
    assert not asked(matter(wide), wide)
    assert not asked(matter(wide), wide, state="POL")
    kept_back = TEXT.replace("{state: DEU,", "{state: POL,")
    assert not asked(matter(kept_back), kept_back)
    assert not asked(matter(), contributor="POL")
    held = permits(
        TEXT, matter(), ROSTER.states, MEASURES, "M06", "EST", "military_aircraft", None, NOW_NS
    )
    assert "it is not the Alliance's" in held.words
