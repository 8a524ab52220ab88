"""A register: nothing is lost, nothing is deleted, and a changed line is seen."""

import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from made_reactions import NOON_NS, file_of, reaction, reactions, register_of, retraction

from vedette.council.reactions.codes import CONTEXTS, MODES, PLOVER, VX, Codes, plover_of_cameo
from vedette.council.reactions.reaction import Actor, Reaction, faults_of
from vedette.council.reactions.register import next_lines, read_register
from vedette.model.errors import RecordError


@given(reactions())
def test_what_is_written_is_read(made: list[Reaction]) -> None:
    read = register_of([*made])
    assert not read.set_aside
    assert not read.breaks
    assert [msgspec.structs.replace(one, previous="") for one in read.reactions] == made


@given(st.binary(max_size=400))
def test_any_bytes_are_a_register_or_set_aside(data: bytes) -> None:
    read = read_register(data)
    assert len(read.reactions) + len(read.retractions) + len(read.set_aside) == read.lines
    assert all(one.reason and one.line >= 1 for one in read.set_aside)


@given(reactions(), st.data())
def test_a_changed_octet_is_seen(made: list[Reaction], data: st.DataObject) -> None:
    if len(made) < 2:
        return
    whole = file_of([*made])
    first = whole.split(b"\n")[0]
    at = data.draw(st.integers(0, len(first) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda octet: octet not in (whole[at], 10)))
    read = read_register(whole[:at] + bytes([other]) + whole[at + 1 :])
    assert 2 in read.breaks


@given(reactions(), st.data())
def test_a_line_left_out_or_moved_is_seen(made: list[Reaction], data: st.DataObject) -> None:
    lines = file_of([*made]).splitlines(keepends=True)
    if len(lines) < 2:
        return
    at = data.draw(st.integers(0, len(lines) - 2))
    assert read_register(b"".join(lines[:at] + lines[at + 1 :])).breaks
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    assert read_register(b"".join(lines)).breaks


def test_a_cut_end_shows_in_the_head_alone() -> None:
    whole = file_of([reaction("a"), reaction("b")])
    cut = whole.splitlines(keepends=True)[0]
    assert not read_register(cut).breaks
    assert read_register(cut).head != read_register(whole).head


def test_a_bad_line_is_set_aside_and_the_rest_is_read() -> None:
    lines = file_of([reaction("a"), reaction("b"), reaction("c")]).splitlines(keepends=True)
    lines[1] = b'{"type": "reaction", "words": 7}\n'
    read = read_register(b"".join(lines))
    assert [one.reaction_id for one in read.reactions] == ["a", "c"]
    assert [one.line for one in read.set_aside] == [2]
    assert b'"words": 7' in read.set_aside[0].data
    assert read.breaks == (3,)


def test_a_retraction_and_a_correction_leave_the_old_line_there() -> None:
    read = register_of(
        [reaction("a"), reaction("b"), retraction("x", "a"), reaction("c", corrects="b")]
    )
    assert [one.reaction_id for one in read.reactions] == ["a", "b", "c"]
    assert [one.reaction_id for one in read.in_force] == ["c"]
    assert read.status_of("a") == "retracted"
    assert read.status_of("b") == "corrected"
    assert read.retracted["a"].reason == "the paper took it back"
    assert len(read.known_at(NOON_NS).retractions) == 0
    assert read.known_at(NOON_NS).status_of("a") == "in force"


@pytest.mark.parametrize(
    "entry", [reaction("a"), retraction("x", "nobody"), reaction("b", corrects="z")]
)
def test_a_taken_id_and_an_unknown_name_are_refused_and_set_aside(entry: Reaction) -> None:
    read = register_of([reaction("a")])
    with pytest.raises(RecordError, match=r"is taken|no reaction of an earlier line"):
        next_lines(read, [entry])
    line = msgspec.json.encode(msgspec.structs.replace(entry, previous=read.head))
    again = read_register(file_of([reaction("a")]) + line + b"\n")
    assert [one.line for one in again.set_aside] == [2]
    assert not again.breaks


def test_nothing_is_added_to_a_register_that_does_not_verify() -> None:
    lines = file_of([reaction("a"), reaction("b"), reaction("c")]).splitlines(keepends=True)
    with pytest.raises(RecordError, match="does not follow"):
        next_lines(read_register(lines[0] + lines[2]), [reaction("d")])


@pytest.mark.parametrize(
    "wrong",
    [
        {"reliability": "G1"}, {"reliability": "A7"}, {"reliability": "B2\n"}, {"reaction_id": "a b"},
        {"words": "x" * 301, "language": "en"}, {"words": "said so"}, {"language": "en"}, {"act": None},
        {"addressees": ("RUS",)}, {"addressees": ("EST", "EST")}, {"actor": Actor(party=None, person="A")},
        {"codes": Codes()}, {"codes": Codes(plover="ENGAGE")}, {"codes": Codes(plover="ACCUSE", mode="phone")},
        {"codes": Codes(plover="ACCUSE", contexts=("weather",))}, {"codes": Codes(cameo="210")},
        {"codes": Codes(vx="vx:OTHER")}, {"codes": Codes(vx="vx:AIRSPACE_VIOLATION")},
        {"codes": Codes(plover="ACCUSE", intent="stray")},
        {"codes": Codes(vx="vx:AIRSPACE_VIOLATION", intent="unknown", plover="MOBILIZE")},
        {"codes": Codes(vx="vx:FALSE_ALARM", plover="ACCUSE")},
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RecordError):
        next_lines(read_register(b""), [reaction("a", **wrong)])


def test_the_least_and_the_most_are_accepted() -> None:
    proved = Codes(
        vx="vx:AIRSPACE_VIOLATION", intent="deliberate_proved", plover="MOBILIZE", mode="weapons"
    )
    for good in ({"words": "x" * 300, "language": "en"}, {"addressees": ()}, {"codes": proved}):
        assert not faults_of(reaction("a", **good))


def test_code_tables_are_of_one_piece() -> None:
    assert set(MODES) <= set(PLOVER)
    assert all(beside <= set(PLOVER) for _, beside in VX.values())
    assert len(CONTEXTS) > 25
    codes = [
        f"{root:02}{below}" for root in range(1, 21) for below in ("", "0", "1", "12", "63", "84")
    ]
    known = {plover_of_cameo(code) for code in codes}
    assert known <= {*PLOVER, None}
    # of the published table CAMEO2PLOVER-2021, a line of each kind
    assert plover_of_cameo("163") == plover_of_cameo("191") == "COERCE"
    assert plover_of_cameo("1712") == plover_of_cameo("175") == "ASSAULT"
    assert plover_of_cameo("0813") == plover_of_cameo("0871") == "RETREAT"
    assert plover_of_cameo("0811") == plover_of_cameo("0834") == "CONCEDE"
    assert plover_of_cameo("093") == plover_of_cameo("1125") == "ACCUSE"
    assert plover_of_cameo("01") is None
    assert plover_of_cameo("0231") is None
