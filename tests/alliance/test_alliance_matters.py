"""Matters of the council between nodes: whose silence is one, and whose word, is the keeper's log alone to say."""

from pathlib import Path

import msgspec
import pytest
from alliance_net import NAMES, Net
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.alliance.items import (
    Closing,
    MatterLine,
    Submission,
)
from vedette.alliance.matters import (
    Hearing,
    Kept,
    closing_due,
    follow,
    opened,
    outcome,
    receive,
    unheard,
)
from vedette.alliance.muster import made_key
from vedette.alliance.state import Limits, Made, Received
from vedette.app.commands.council_remaining import unheard_at_nodes
from vedette.council.act import DRILL, CouncilAct, Roster, digest_of, encode_act
from vedette.council.lines import FORMAT, Header
from vedette.engine.alliance.folder import NO_RULES, Invitation, pretty
from vedette.model.signature import public_key_of, sign, to_base64
from vedette.model.time import SECOND_NS

MATTER = DRILL + "test"
KEYS = {name: made_key(name, "council") for name in NAMES}
ROSTER = {name: to_base64(public_key_of(key)) for name, key in KEYS.items()}
TEXT = "We consult."


def header() -> Made:
    line = msgspec.json.encode(Header(format=FORMAT, matter_id=MATTER, roster=ROSTER))
    return Made(key="m0", item=MatterLine(matter_id=MATTER, number=0, line=line))


def act(party: str, kind: str, key: bytes | None = None, **content: object) -> Made:
    value = msgspec.convert(
        {
            "act_id": f"{party}-{kind}", "matter_id": MATTER, "roster": Roster(keys=ROSTER).digest,
            "party": party, "person": "A. Person", "office": "delegation", "kind": kind,
            "valid_ns": 0, **content,
        },
        CouncilAct,
    )  # fmt: skip
    data = encode_act(value)
    private = key or KEYS[party]
    item = Submission(
        matter_id=MATTER, act=to_base64(data), public_key=to_base64(public_key_of(private)),
        signature=to_base64(sign(data, private)),
    )  # fmt: skip
    return Made(key=f"act-{value.act_id}-{private[:2].hex()}", item=item, to=("EST",))


def placed(net: Net, in_s: float) -> None:
    net.run(2)
    net.put("EST", header())
    net.put("FIN", act("FIN", "open", matter_kind="consultation", title="A drill"))
    net.run(2)
    net.put("FIN", act("FIN", "put", text=TEXT))
    net.run(2)
    deadline_ns = net.now_ns + int(in_s * SECOND_NS)
    net.put(
        "FIN",
        act("FIN", "place", version=digest_of(TEXT), deadline_ns=deadline_ns, deadline_zone="UTC"),
    )
    net.run(2)
    assert net.states["LVA"].matters[MATTER].state.status == "silence"


def standing(net: Net) -> set[str]:
    return {outcome(net.states[name].matters[MATTER]).standing for name in NAMES}


def test_a_silence_ends_by_the_keepers_word_and_the_same_everywhere() -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 5)
    assert unheard(net.states["FIN"].matters[MATTER]) == frozenset(NAMES)  # it still runs
    net.run(8)
    assert standing(net) == {"agreed"}
    assert unheard(net.states["FIN"].matters[MATTER]) == frozenset()


def test_an_objection_that_reaches_the_keeper_late_is_late_everywhere() -> None:
    net = Net(limits=Limits(hearing_s=60.0))
    placed(net, 6)
    net.run(3)
    net.cut = {"LVA"}
    net.put("LVA", act("LVA", "object", version=digest_of(TEXT), words="We need more time."))
    assert outcome(net.states["LVA"].matters[MATTER]).standing == "open"
    net.run(6)
    assert outcome(net.states["FIN"].matters[MATTER]).standing == "agreed"
    assert outcome(net.states["LVA"].matters[MATTER]).standing == "open"  # never by its own clock
    net.cut = set()
    net.run(4)
    assert standing(net) == {"agreed"}
    refused = [e for e in net.states["LVA"].matters[MATTER].state.events if e.kind == "refused"]
    assert [event.party for event in refused] == ["LVA"]


def test_the_silence_of_a_state_that_cannot_be_heard_is_none() -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 12)
    net.cut = {"LVA"}
    net.run(16)
    found = outcome(net.states["FIN"].matters[MATTER])
    assert (found.standing, found.unheard) == ("unconfirmed", ("LVA",))
    assert unheard(net.states["FIN"].matters[MATTER]) == {"LVA"}
    net.cut = set()
    net.run(4)
    assert standing(net) == {"unconfirmed"}


@pytest.mark.parametrize("how", ["is killed", "stands still"])
def test_a_keeper_that_was_not_there_at_the_deadline_heard_nobody_s_silence(how: str) -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 10)
    net.put("LVA", act("LVA", "remark", words="We are still asking our capital."))
    net.stand("EST", 5)
    net.put("LVA", act("LVA", "object", version=digest_of(TEXT), words="No."))
    net.stand("EST", 10)
    if how == "is killed":
        net.restart("EST")
    net.run(8)
    assert standing(net) == {"unconfirmed"}
    assert outcome(net.states["FIN"].matters[MATTER]).unheard == NAMES


def test_a_state_that_is_heard_again_after_the_deadline_was_not_heard_before_it() -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 12)
    net.cut = {"LVA"}
    net.run(8)
    # the keeper takes no step while the deadline passes, and hears it again in the very next one
    kept, deadline_ns = net.states["EST"].matters[MATTER], net.now_ns + 2 * SECOND_NS
    heard = {name: Hearing(deadline_ns + SECOND_NS) for name in NAMES}
    heard["LVA"] = Hearing(deadline_ns + SECOND_NS, (deadline_ns - 10 * SECOND_NS, deadline_ns + 1))
    closing = closing_due(kept, deadline_ns + 2 * SECOND_NS, heard, 3 * SECOND_NS)
    assert closing is not None
    assert closing.unheard == ("LVA",)


def held_up(net: Net, name: str, seconds: float, by_s: float) -> None:
    """All run, and what one of them says comes by so much late, in its order."""
    on_the_way: list[tuple[int, str, bytes]] = []

    def keep(one: str, other: str, data: bytes) -> bytes | None:
        if one != name:
            return data
        on_the_way.append((net.now_ns + int(by_s * SECOND_NS), other, data))
        return None

    net.change = keep
    for _ in range(int(seconds / 0.5)):
        net.run(0.5)
        while on_the_way and on_the_way[0][0] <= net.now_ns:
            _, other, data = on_the_way.pop(0)
            net._mail[other].append(Received(via=name, data=data))


def test_a_state_that_is_heard_late_all_the_time_has_not_been_silent() -> None:
    net = Net(limits=Limits(hearing_s=3.0, skew_s=1.0))
    placed(net, 20)
    held_up(net, "LVA", 16, by_s=10)
    # well before the deadline, and it comes after it
    net.put("LVA", act("LVA", "object", version=digest_of(TEXT), words="No."))
    held_up(net, "LVA", 30, by_s=10)
    found = outcome(net.states["FIN"].matters[MATTER])
    assert (found.standing, found.unheard) == ("unconfirmed", ("LVA",))


def test_beats_that_were_kept_let_nobody_be_heard_who_is_cut_off() -> None:
    net = Net(limits=Limits(hearing_s=3.0, skew_s=1.0))
    placed(net, 20)
    kept = [data for one, other, data in net.sent if (one, other) == ("LVA", "EST")]
    deadline_ns = net.states["EST"].matters[MATTER].state.placements[-1].deadline_ns
    net.cut = {"LVA"}
    net.run(10)
    net.restart("EST")  # which forgets what it had heard
    while net.now_ns < deadline_ns - SECOND_NS:
        net.run(0.5)
    for data in kept:
        net.put("EST", Received(via="LVA", data=data))
    net.run(10)
    found = outcome(net.states["FIN"].matters[MATTER])
    assert (found.standing, found.unheard) == ("unconfirmed", ("LVA",))


def test_a_forged_vote_is_refused_recorded_and_changes_nothing() -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 8)
    forged = act(
        "LVA", "object", key=made_key("FIN", "council"), version=digest_of(TEXT), words="No."
    )
    net.put("FIN", forged)
    net.run(2)
    assert "the key is not that of LVA" in net.refused("EST")[-1].words
    assert net.states["EST"].submissions == {}
    net.put("FIN", Made(key="own-line", item=MatterLine(matter_id=MATTER, number=4, line=b"{}")))
    net.run(2)
    assert any("one keeper" in note.words for note in net.notes["LVA"])
    net.run(8)
    assert standing(net) == {"agreed"}


def test_a_line_that_a_keeper_left_out_is_missed_by_who_signed_after_it() -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 30)
    net.put("LVA", act("LVA", "object", version=digest_of(TEXT), words="No.", seen="0" * 64))
    net.run(2)
    for name in NAMES:
        assert outcome(net.states[name].matters[MATTER]).dropped == 1
    assert any("left out" in note.words for note in net.notes["FIN"])


def test_a_keeper_that_falls_over_a_submission_answers_it_once() -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 30)
    net.put("LVA", act("LVA", "object", version=digest_of(TEXT), words="No."))
    sent = net.entries("LVA", "EST")
    lines_before = len(net.states["EST"].matters[MATTER].lines)
    # the entry is on the disk and the power goes before the keeper's line is
    kept = len(net.disks["EST"])
    net.put("EST", Received(via="LVA", data=msgspec.msgpack.encode(sent[-1])))
    net.disks["EST"] = net.disks["EST"][: kept + 1]
    net.told["EST"] = net.told["EST"]
    net.restart("EST")
    assert len(net.states["EST"].submissions) == 1
    net.run(4)
    assert len(net.states["EST"].matters[MATTER].lines) == lines_before + 1
    assert standing(net) == {"open"}
    assert net.states["FIN"].matters[MATTER].state.status == "talks"


def test_a_line_after_the_deadline_without_a_closing_confirms_no_silence() -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 30)
    kept = net.states["FIN"].matters[MATTER]
    late_ns = kept.state.placements[-1].deadline_ns + SECOND_NS
    submission = act("LVA", "remark", words="We had been cut off.").item
    assert isinstance(submission, Submission)
    line = receive(kept, submission, late_ns)
    assert isinstance(line, MatterLine)
    assert follow(kept, line)[1] is None
    found = outcome(kept)
    assert (found.standing, found.by) == ("unconfirmed", "silence")
    assert unheard(kept) == frozenset(NAMES)


@settings(max_examples=12)
@given(st.lists(st.sampled_from(["line", "closing"]), max_size=3), st.integers(0, 20))
def test_whoever_holds_more_of_the_keepers_log_only_sees_further(
    extra: list[str], cut: int
) -> None:
    """The rule, as a law: an outcome at a prefix of the keeper's log is that of everyone who holds it."""
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 5)
    if "line" in extra:
        net.put("LVA", act("LVA", "object", version=digest_of(TEXT), words="No."))
    net.run(8)
    kept = net.states["FIN"].matters[MATTER]
    log = [t.body.item for t in net.told["FIN"] if isinstance(t.body.item, MatterLine | Closing)]
    first = opened(log[0], "EST")
    assert isinstance(first, Kept)
    final: dict[int, str] = {}
    for index, item in enumerate(log[1:], start=1):
        if index == cut:
            second = msgspec.structs.replace(
                first, lines=list(first.lines), closings=list(first.closings)
            )
            for later in log[index:]:
                assert follow(second, later)[1] is None
            assert outcome(second) == outcome(kept)
        assert follow(first, item)[1] is None
        final[index] = outcome(first).standing
    assert outcome(first) == outcome(kept)
    ended = [value for value in final.values() if value != "open"]
    assert len(set(ended)) <= 1


def test_of_a_matter_in_the_folder_of_a_node_the_keepers_closings_count(tmp_path: Path) -> None:
    net = Net(limits=Limits(hearing_s=3.0))
    placed(net, 12)
    net.cut = {"LVA"}
    net.run(16)
    settings = net.settings["FIN"]
    for name, data in {
        "keys/node.key": settings.private_key,
        "keys/secret.key": settings.secret,
        "release.yaml": NO_RULES,
        "invitation.json": pretty(
            Invitation(nation="FIN", charter=settings.charter, hub="127.0.0.1:1", plain=True)
        ),
        "journal/alliance.jsonl": b"".join(line + b"\n" for line in net.disks["FIN"]),
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert unheard_at_nodes({tmp_path}) == {MATTER: frozenset({"LVA"})}
    assert unheard_at_nodes({tmp_path / "keys"}) == {}
