"""Forks, stolen keys, forged votes, replays, thin links: each is refused or survived, recorded and shown."""

import random
from pathlib import Path

import msgspec
import pytest
from alliance_net import NAMES, OPEN, Net, alert
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.alliance.items import (
    Acknowledgement,
    Body,
    Closing,
    MatterLine,
    RecordHead,
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
from vedette.alliance.merge import Told, merged
from vedette.alliance.messages import EntryMessage, unpack
from vedette.alliance.muster import made_key, mustered
from vedette.alliance.node import isolated, step
from vedette.alliance.release import OwnTrack
from vedette.alliance.state import Limits, Made, OwnPicture, Received, initial
from vedette.app.commands.council_remaining import unheard_at_nodes
from vedette.council.act import DRILL, CouncilAct, Roster, digest_of, encode_act
from vedette.council.lines import FORMAT, Header
from vedette.engine.alliance.folder import NO_RULES, Invitation, pretty
from vedette.ledger.head import sign_head
from vedette.ledger.merkle import consistency_proof, leaf_hash, root_of
from vedette.model.errors import RecordError
from vedette.model.signature import public_key_of, sign, to_base64
from vedette.model.time import SECOND_NS


def test_what_was_made_behind_a_cut_link_comes_once_in_order_with_the_time_it_was_made() -> None:
    net = Net()
    net.run(2)
    net.cut = {"FIN"}
    times = []
    for number in range(50):
        net.run(1)
        times.append(net.now_ns)
        net.put("FIN", alert(number))
        net.put("EST", alert(100 + number))
    assert net.alerts("EST", "FIN") == []
    net.restart("FIN")
    net.cut = set()
    net.run(4)
    assert net.alerts("EST", "FIN") == [f"I-{number}" for number in range(50)]
    assert net.alerts("FIN", "EST") == [f"I-{100 + number}" for number in range(50)]
    assert [t.body.made_ns for t in net.told["EST"] if t.nation == "FIN"] == times
    assert all(t.received_ns > times[-1] for t in net.told["EST"] if t.nation == "FIN")


def test_the_same_is_said_once_however_often_it_is_put() -> None:
    net = Net()
    net.run(2)
    for _ in range(3):
        net.put("EST", alert(1))
        net.restart("EST")
    net.run(2)
    assert net.alerts("LVA", "EST") == ["I-1"]


@given(
    st.fixed_dictionaries({name: st.none() | st.floats(-100, 100) for name in ("FIN", "LVA")}),
    st.floats(-100, 100),
    st.sampled_from([1.0, 5.0, 60.0]),
)
def test_a_node_is_cut_off_once_it_has_heard_nobody_for_as_long_as_a_link_is_lost(
    heard_s: dict[str, float | None], up_s: float, lost_s: float
) -> None:
    net = Net(limits=Limits(lost_s=lost_s))
    state = net.states["EST"]
    state.booted_ns = net.now_ns - round(up_s * SECOND_NS)
    for name, age_s in heard_s.items():
        state.peers[name].heard_ns = 0 if age_s is None else net.now_ns - round(age_s * SECOND_NS)
    # a clock that was set back: what it heard "later" is as doubtful as what it heard long ago
    near = any(age_s is not None and abs(age_s) < lost_s for age_s in heard_s.values())
    wanted = False if near else True if up_s >= lost_s else None
    assert isolated(net.settings["EST"], state, net.now_ns) is wanted


def test_a_node_knows_that_it_is_cut_off_and_when_it_is_heard_again() -> None:
    net = Net()

    def told() -> list[bool | None]:
        return [isolated(net.settings[n], net.states[n], net.now_ns) for n in NAMES]

    assert told() == [None] * 3
    net.run(2)
    assert told() == [False] * 3
    net.cut = {"FIN"}
    net.run(4)
    assert told() == [False] * 3  # not yet
    net.run(3)
    assert told() == [False, True, False]
    net.restart("FIN")
    assert told() == [False, None, False]
    net.run(5)
    assert told() == [False, True, False]
    net.cut = set()
    net.run(2)
    assert told() == [False] * 3


def test_a_node_without_other_members_is_cut_off_from_nobody() -> None:
    alone = mustered(("EST",), "EST", OPEN, None)["EST"]
    assert isolated(alone, initial(alone), 0) is False


# ---------------------------------------------------------------------------- keys


def thief(net: Net, *made: Made) -> list[bytes]:
    """What somebody who has copied EST's node, its key and its journal sends to LVA in its name."""
    from vedette.alliance.state import recovered

    state, _ = recovered(net.settings["EST"], net.disks["EST"])
    state.peers["LVA"].heard_ns = net.now_ns
    state.peers["LVA"].seen = len(state.own)
    _, outputs = step(net.settings["EST"], state, made, net.now_ns + 1)
    return [
        data for to, data in outputs.messages if to == "LVA" and not isinstance(unpack(data), str)
    ]


def test_a_stolen_key_is_found_and_recorded_and_its_revocation_disowns_what_it_signed() -> None:
    net = Net()
    net.run(2)
    net.put("EST", alert(1))
    net.run(2)
    forged = [data for data in thief(net, alert(66)) if isinstance(unpack(data), EntryMessage)]
    assert len(forged) == 1
    net.put("LVA", Received(via="EST", data=forged[0]))
    assert net.alerts("LVA", "EST") == ["I-1", "I-66"]  # nobody can tell yet
    net.put("EST", alert(2))
    net.run(3)
    # EST hears from LVA's beat that its log is longer there, and LVA that there are two second entries
    assert net.states["LVA"].logs["EST"].contested
    assert any(line.contests and line.nation == "EST" for line in net.refused("LVA"))
    assert any("second" in line.words or "past" in line.words for line in net.refused("LVA"))
    net.put("EST", alert(3))
    net.run(2)
    assert "I-3" not in net.alerts("LVA", "EST")  # nothing is taken while two pasts are signed
    net.put("EST", net.statement("EST", stolen=True))
    net.run(4)
    assert not net.states["LVA"].logs["EST"].contested
    assert any(note.kind == "disowned" for note in net.notes["LVA"])
    assert net.alerts("LVA", "EST")[2:] == ["I-2", "I-3"]
    assert net.states["LVA"].logs["EST"].digest == net.states["EST"].logs["EST"].digest
    net.put("EST", alert(4))
    net.run(2)
    assert net.alerts("LVA", "EST")[-1] == net.alerts("FIN", "EST")[-1] == "I-4"
    net.restart("LVA")
    # the thief goes on with the old key: void
    before = len(net.refused("LVA"))
    net.put("LVA", Received(via="EST", data=forged[0]))
    assert len(net.refused("LVA")) == before + 1
    assert "void" in net.refused("LVA")[-1].words


def test_a_node_learns_from_others_that_somebody_signs_in_its_name() -> None:
    net = Net()
    net.run(2)
    forged = [data for data in thief(net, alert(66)) if isinstance(unpack(data), EntryMessage)]
    net.put("LVA", Received(via="EST", data=forged[0]))
    net.run(4)
    assert net.states["EST"].logs["EST"].contested
    assert any("signed with our key" in line.words for line in net.refused("EST"))
    net.put("EST", alert(1))
    assert net.alerts("FIN", "EST") == []  # it says nothing more under a key that is not its alone


def test_a_fork_shown_to_two_is_found_by_their_beats() -> None:
    net = Net()
    net.run(2)
    net.cut = {"EST"}
    for_lva, for_fin = thief(net, alert(1)), thief(net, alert(2))
    net.put("LVA", *[Received(via="EST", data=data) for data in for_lva])
    net.put("FIN", *[Received(via="EST", data=data) for data in for_fin])
    assert (net.alerts("LVA", "EST"), net.alerts("FIN", "EST")) == (["I-1"], ["I-2"])
    net.run(4)
    for name in ("LVA", "FIN"):
        assert net.states[name].logs["EST"].contested
        assert any(line.contests for line in net.refused(name))


def test_a_key_is_changed_without_losing_what_is_under_way() -> None:
    net = Net()
    net.run(2)
    net.cut = {"FIN"}
    net.put("EST", alert(1))
    net.run(1)
    net.put("EST", net.statement("EST", stolen=False))
    net.put("EST", alert(2))
    net.run(1)
    net.cut = set()
    net.run(4)
    assert net.alerts("FIN", "EST") == net.alerts("LVA", "EST") == ["I-1", "I-2"]
    assert net.states["FIN"].logs["EST"].key_number == 2
    net.restart("FIN")
    net.restart("EST")


def test_a_thief_with_a_void_key_deceives_not_even_a_reader_that_was_cut_off() -> None:
    net = Net()
    net.run(2)
    net.cut = {"FIN"}
    forged = [data for data in thief(net, alert(66)) if isinstance(unpack(data), EntryMessage)]
    for number in (1, 2):
        net.put("EST", alert(number))
    net.run(1)
    revocation = net.statement("EST", stolen=True)
    net.put("EST", revocation)
    net.put("FIN", Received(via="EST", data=revocation.packed))
    net.put("FIN", Received(via="EST", data=forged[0]))
    assert net.alerts("FIN", "EST") == []
    net.cut = set()
    net.run(4)
    net.put("FIN", Received(via="EST", data=forged[0]))
    net.run(2)
    assert net.alerts("FIN", "EST") == ["I-1", "I-2"]
    assert not net.states["FIN"].logs["EST"].contested


def test_a_statement_that_the_root_key_did_not_sign_changes_nothing() -> None:
    net = Net()
    net.run(2)
    statement = net.statement("EST", stolen=True).packed
    value = msgspec.msgpack.decode(statement)
    value["signature"] = bytes(64)
    net.put("LVA", Received(via="FIN", data=msgspec.msgpack.encode(value)))
    assert net.states["LVA"].logs["EST"].key_number == 1
    assert "root key" in net.refused("LVA")[-1].words


# ---------------------------------------------------------------------------- hostile octets


@settings(max_examples=25)
@given(data=st.binary(max_size=400), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_octets_raise_and_no_changed_entry_is_taken(data: bytes, at: int, bit: int) -> None:
    net = Net()
    net.run(1)
    net.put("LVA", Received(via="EST", data=data), Received(via="XXX", data=data))

    def change(sender: str, reader: str, message: bytes) -> bytes:
        if not isinstance(unpack(message), EntryMessage):
            return message
        changed = bytearray(message)
        changed[at % len(changed)] ^= 1 << bit
        return bytes(changed)

    net.change = change
    net.put("EST", alert(1))
    net.run(2)
    assert net.alerts("LVA", "EST") in ([], ["I-1"])
    # whatever was taken is what was signed, octet for octet
    taken = net.states["LVA"].logs["EST"].digests
    assert taken == net.states["EST"].logs["EST"].digests[: len(taken)]
    if net.told["LVA"]:
        assert net.told["LVA"][0].body.item.icao24 == 1


def test_nobody_speaks_over_the_link_of_another_and_nothing_is_heard_twice() -> None:
    net = Net()
    net.run(2)
    beat = next(data for a, b, data in net.sent if (a, b) == ("FIN", "LVA"))
    net.put("LVA", Received(via="EST", data=beat))
    assert "in the name of FIN" in net.refused("LVA")[-1].words
    heard = net.states["LVA"].peers["FIN"].beat
    net.put("LVA", Received(via="FIN", data=beat))
    assert net.states["LVA"].peers["FIN"].beat == heard
    assert net.states["LVA"].peers["FIN"].counts["replayed"] == 1


def test_a_flood_is_bounded_in_what_is_recorded_and_in_what_is_heard() -> None:
    net = Net(limits=Limits(rate_bytes_s=50_000.0, recorded_max=10))
    net.run(2)
    for _ in range(300):
        net.put("LVA", Received(via="EST", data=b"x" * 1000))
    assert len(net.refused("LVA")) < 20
    assert net.states["LVA"].peers["EST"].counts["over_rate"] > 100
    net.put("FIN", alert(1))
    net.run(1)
    assert net.alerts("LVA", "FIN") == ["I-1"]


def test_a_changed_journal_is_found() -> None:
    net = Net()
    net.run(2)
    for number in range(3):
        net.put("EST", alert(number))
    del net.disks["EST"][2]
    with pytest.raises(RecordError):
        net.restart("EST")


# ---------------------------------------------------------------------------- thin links


def tracks(count: int) -> OwnPicture:
    return OwnPicture(
        tracks=tuple(
            OwnTrack(
                track_id=f"T{k}", valid_ns=0, latitude_deg=58.0, longitude_deg=25.0,
                position_sigma_m=50.0, callsign=f"CALL{k}",
            )
            for k in range(count)
        )
    )  # fmt: skip


def test_alerts_go_before_tracks_on_a_thin_link_and_what_is_shed_is_counted_on_both_sides() -> None:
    net = Net(limits=Limits(link_bytes_s=6_000.0))
    net.run(3)
    for number in range(20):
        net.put("EST", tracks(100), alert(number))
        net.run(1)
    net.run(10)
    assert net.alerts("LVA", "EST") == [f"I-{number}" for number in range(20)]
    shed = net.states["EST"].peers["LVA"].shed
    assert shed > 0
    sent = sum(len(picture.tracks) for picture in net.pictures["LVA"] if picture.nation == "EST")
    assert shed + sent == 2000
    for _ in range(5):
        net.run(5)
        net.put("EST", tracks(1))
    net.run(2)
    assert net.states["LVA"].peers["EST"].told_shed == net.states["EST"].peers["LVA"].shed


# ---------------------------------------------------------------------------- records


def test_a_record_that_rewrites_its_past_is_found_by_who_saw_its_head() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(made_key("EST", "record"))
    leaves = [leaf_hash(str(k).encode()) for k in range(20)]

    def head(some: list[bytes], before: int) -> RecordHead:
        proof = consistency_proof(some, before) if before else []
        return RecordHead(
            record="r", head=sign_head(len(some), root_of(some), key),
            proof=tuple(node.hex() for node in proof),
        )  # fmt: skip

    net = Net()
    net.run(2)
    net.put("EST", Made(key="h1", item=head(leaves[:7], 0)))
    net.put("EST", Made(key="h2", item=head(leaves[:12], 7)))
    net.run(2)
    assert not any(note.kind == "rewritten" for note in net.notes["FIN"])
    assert net.states["FIN"].heads["EST", "r"].head.size == 12
    changed = [leaf_hash(b"other"), *leaves[1:]]
    net.put("EST", Made(key="h3", item=head(changed, 12)))
    net.run(2)
    for name in ("FIN", "LVA"):
        assert any(note.kind == "rewritten" and note.nation == "EST" for note in net.notes[name])
        assert net.states[name].heads["EST", "r"].head.size == 12


# ---------------------------------------------------------------------------- merge


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 50)), max_size=40), st.randoms())
def test_the_merge_is_the_same_for_any_order_and_keeps_each_nations_own(
    rows: list[tuple[str, int]], chance: random.Random
) -> None:
    counts: dict[str, int] = {}
    told = []
    for nation, made_ns in rows:
        counts[nation] = counts.get(nation, 0) + 1
        item = Acknowledgement(nation="EST", sequence=1, person="p", office="o")
        body = Body(key="k", made_ns=made_ns, item=item)
        told.append(Told(nation=nation, sequence=counts[nation], body=body, received_ns=0))
    mixed = told + chance.sample(told, len(told) // 2)
    chance.shuffle(mixed)
    found = merged(mixed)
    assert found == merged(told)
    for nation in NAMES:
        own = [t.sequence for t in found if t.nation == nation]
        assert own == list(range(1, len(own) + 1))


# ---------------------------------------------------------------------------- council

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
