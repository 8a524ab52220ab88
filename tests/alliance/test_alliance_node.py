"""Forks, stolen keys, forged votes, replays, thin links: each is refused or survived, recorded and shown."""

import random

import msgspec
import pytest
from alliance_net import NAMES, OPEN, Net, alert
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.alliance.items import (
    Acknowledgement,
    Body,
    RecordHead,
)
from vedette.alliance.merge import Told, merged
from vedette.alliance.messages import EntryMessage, unpack
from vedette.alliance.muster import made_key, mustered
from vedette.alliance.node import isolated, step
from vedette.alliance.release import OwnTrack
from vedette.alliance.state import Limits, Made, OwnPicture, Received, initial
from vedette.ledger.head import sign_head
from vedette.ledger.merkle import consistency_proof, leaf_hash, root_of
from vedette.model.errors import RecordError
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
    st.sets(st.sampled_from(["FIN", "LVA"])),
    st.floats(-100, 100),
    st.sampled_from([1.0, 5.0, 60.0]),
)
def test_a_node_is_cut_off_once_it_has_heard_nobody_for_as_long_as_a_link_is_lost(
    heard_s: dict[str, float | None], held_up: set[str], up_s: float, lost_s: float
) -> None:
    net = Net(limits=Limits(lost_s=lost_s))
    state = net.states["EST"]
    state.booted_ns = net.now_ns - round(up_s * SECOND_NS)
    for name, age_s in heard_s.items():
        peer = state.peers[name]
        peer.heard_ns = 0 if age_s is None else net.now_ns - round(age_s * SECOND_NS)
        peer.fresh_ns = 0 if name in held_up else peer.heard_ns
    # a clock that was set back: what it heard "later" is as doubtful as what it heard long ago
    near = {n for n, age_s in heard_s.items() if age_s is not None and abs(age_s) < lost_s}
    wanted = False if near - held_up else None if near or up_s < lost_s else True
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
