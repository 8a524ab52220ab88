"""Who acts when an office is empty, a capital is out of reach, a key is lost or taken; and who stands aside."""

from typing import Any

import msgspec
import pytest
from council_kit import (
    PRIVATE,
    ROSTER,
    SETTINGS,
    START_NS,
    STATES,
    TEXTS,
    consent,
    histories,
    lift,
    objection,
    opened,
    place,
    placed,
    receipt,
    refusals,
    run,
)
from hypothesis import given, settings

from vedette.council.act import Receipt, Roster, decode_act, digest_of, encode_act, roster_fault
from vedette.council.matter import Matter, MatterSettings, initial, step
from vedette.model.signature import from_base64, public_key_of, sign, to_base64
from vedette.model.time import SECOND_NS

DEPUTY = bytes([77]) * 32
WITH_DEPUTY = Roster(keys=ROSTER.keys, deputies={"LVA": (to_base64(public_key_of(DEPUTY)),)})


def abstain(party: str, at_s: float) -> Receipt:
    return receipt(party, "abstain", at_s, version=digest_of(TEXTS[0]))


def absent(party: str, at_s: float, about: str, words: str = "no answer by two means") -> Receipt:
    return receipt(party, "absent", at_s, about=about, words=words)


def revoke(party: str, at_s: float, key: str | None = None) -> Receipt:
    public = ROSTER.keys[party] if key is None else key
    return receipt(party, "revoke", at_s, revoked_key=public, words="lost")


def resigned(one: Receipt, roster: Roster, private: bytes) -> Receipt:
    """The same act under another roster, signed with another key."""
    act = decode_act(from_base64(one.act))
    assert act is not None
    data = encode_act(msgspec.structs.replace(act, roster=roster.digest))
    return msgspec.structs.replace(
        one, act=to_base64(data), public_key=to_base64(public_key_of(private)),
        signature=to_base64(sign(data, private)),
    )  # fmt: skip


def with_deputy(acts: list[tuple[Receipt, bytes]], now_s: float) -> Matter:
    config = MatterSettings(roster=WITH_DEPUTY, window_min_s=1.0)
    receipts = [resigned(one, WITH_DEPUTY, key) for one, key in acts]
    state, _ = step(config, initial(config), receipts, START_NS + int(now_s * SECOND_NS))
    return state


def own(acts: list[Receipt]) -> list[tuple[Receipt, bytes]]:
    found = []
    for one in acts:
        act = decode_act(from_base64(one.act))
        assert act is not None
        found.append((one, PRIVATE[act.party]))
    return found


def test_who_stands_aside_blocks_no_silence_and_gives_no_consent() -> None:
    state = run([*placed(), abstain("LVA", 5)], 101)
    assert (state.status, state.agreed_by, state.aside) == ("agreed", "silence", {"LVA"})
    yes = [consent(party, 10 + k) for k, party in enumerate(STATES)]
    for kind in ("shield", "delegation"):
        assert run([*opened(kind), *yes], 50).status == "agreed"
        aside = run([*opened(kind), *yes[:-1], abstain(STATES[-1], 20)], 500)
        assert (aside.status, aside.aside) == ("talks", {STATES[-1]})
    # a yes or a no ends it, and it ends a yes
    state = run([*opened("shield"), consent("LVA", 3), abstain("LVA", 4)], 5)
    assert state.consented(state.current) == frozenset()
    state = run([*opened("shield"), abstain("LVA", 4), consent("LVA", 5)], 6)
    assert (state.aside, state.consented(state.current)) == (frozenset(), {"LVA"})
    assert run([*opened(), abstain("LVA", 4), objection("LVA", 5)], 6).aside == frozenset()


def test_a_silence_from_which_every_state_stands_aside_adopts_nothing() -> None:
    aside = [abstain(party, 5 + k) for k, party in enumerate(STATES)]
    state = run([*placed(), *aside], 101)
    assert (state.status, state.agreed_version) == ("talks", None)
    last = state.events[-1]
    assert (last.kind, last.at_ns, last.party) == ("broken", START_NS + 100 * SECOND_NS, None)
    assert "nobody has said yes" in last.words
    # it is talked about as any other: one yes, or one that is silent, and it can be adopted
    again = run([consent("LVA", 110), place(120, 200)], 201, state)
    assert (again.status, again.agreed_by) == ("agreed", "silence")
    assert run([*placed(), *aside[1:]], 101).status == "agreed"
    # and a matter that ends undecided does so
    lapsing = [*opened(lapses_ns=START_NS + 150 * SECOND_NS), place(2, 100), *aside]
    assert run(lapsing, 200).status == "lapsed"


def test_silence_of_a_state_that_cannot_be_reached_adopts_nothing() -> None:
    state = run([*placed(), absent("EST", 50, "LVA")], 200)
    assert (state.status, state.absent) == ("talks", {"LVA"})
    kinds = [event.kind for event in state.events]
    assert kinds[-2:] == ["absent", "broken"]
    # nobody places a text while it cannot speak; its own word ends that
    again = run([place(210, 300)], 211, state)
    assert "LVA cannot speak" in refusals(again)[-1]
    back = run([receipt("LVA", "remark", 220, words="we are here"), place(230, 300)], 301, again)
    assert (back.status, back.absent) == ("agreed", frozenset())
    for one in (absent("EST", 5, "EST"), absent("EST", 5, "ZZZ"), absent("EST", 5, "LVA", " ")):
        assert run([*opened(), one], 6).absent == frozenset()


def test_a_revoked_key_is_heard_no_more_and_its_yes_falls_but_not_its_no() -> None:
    yes = [consent(party, 3 + k) for k, party in enumerate(STATES[:2])]
    state = run([*opened("shield"), *yes, revoke("LVA", 8), consent("DEU", 9)], 10)
    assert state.status == "talks"
    assert state.consented(state.current) == {"EST", "DEU"}
    late = run([consent("LVA", 20)], 21, state)
    assert "revoked" in refusals(late)[-1]
    no = run([*opened(), objection("LVA", 3), revoke("LVA", 4), lift("LVA", 5)], 6)
    assert [one.party for one in no.outstanding] == ["LVA"]
    # nobody revokes another's key, nor one that is none of its own
    for one in (revoke("EST", 5, ROSTER.keys["LVA"]), revoke("EST", 5, "x")):
        assert run([*opened(), one], 6).revoked == frozenset()


def test_a_state_without_a_key_breaks_silence_and_one_with_a_deputy_does_not() -> None:
    alone = run([*placed(), revoke("LVA", 50)], 200)
    assert alone.status == "talks"
    deputy = to_base64(public_key_of(DEPUTY))
    begun = own(placed())
    # whoever held the key that falls may have kept the other from speaking: silence begins anew
    by_deputy = (revoke("LVA", 50), DEPUTY)
    after = with_deputy([*begun, by_deputy], 200)
    assert after.status == "talks"
    again = with_deputy([*begun, by_deputy, (place(210, 300), PRIVATE["CHAIR"])], 301)
    assert again.status == "agreed"  # the deputy can speak
    # the deputy speaks for the state, before and after
    objected = [*begun, (objection("LVA", 60), DEPUTY)]
    assert with_deputy(objected, 200).status == "talks"
    taken = (receipt("LVA", "revoke", 55, revoked_key=deputy, words="taken"), PRIVATE["LVA"])
    late = with_deputy([*begun, taken, (lift("LVA", 60), DEPUTY)], 200)
    assert any("revoked" in words for words in refusals(late))
    # a no is heard even by a key that has fallen, and what such a key lifted stands again
    no = with_deputy([*begun, taken, (objection("LVA", 60), DEPUTY)], 200)
    assert [one.party for one in no.outstanding] == ["LVA"]
    lifted = [*begun, (objection("LVA", 20), PRIVATE["LVA"]), (lift("LVA", 30), DEPUTY)]
    assert with_deputy(lifted, 40).outstanding == ()
    assert [one.party for one in with_deputy([*lifted, taken], 60).outstanding] == ["LVA"]


def test_a_key_that_the_chair_lost_ends_the_silence_it_placed() -> None:
    lost = receipt("CHAIR", "revoke", 50, revoked_key=ROSTER.keys["CHAIR"], words="taken")
    assert run([*placed(), lost], 200).status == "talks"


@pytest.mark.parametrize(
    ("keys", "deputies", "word"),
    [
        ({"EST": ""}, {}, "no Ed25519 key"),
        ({"EST": ROSTER.keys["EST"][:-2] + "B="}, {}, "no Ed25519 key"),
        ({"EST": ROSTER.keys["EST"], "LVA": ROSTER.keys["EST"]}, {}, "share a key"),
        ({"EST": ROSTER.keys["EST"], "LVA": ROSTER.keys["LVA"]}, {"LVA": (ROSTER.keys["EST"],)}, "share"),
        ({"EST": ROSTER.keys["EST"]}, {"LVA": (ROSTER.keys["LVA"],)}, "no key"),
    ],
)  # fmt: skip
def test_a_roster_under_which_nobody_acts_for_certain_is_none(
    keys: dict[str, str], deputies: dict[str, tuple[str, ...]], word: str
) -> None:
    assert word in str(roster_fault(Roster(keys=keys, deputies=deputies)))
    assert roster_fault(WITH_DEPUTY) is None


@settings(deadline=None, max_examples=40)
@given(histories())
def test_members_are_treated_alike(history: tuple[list[Receipt], float]) -> None:
    """Two members that did not open the matter change places: so do they in what came of it."""
    acts, now_s = history
    names = {"LVA": "DEU", "DEU": "LVA"}

    def exchanged(one: Receipt) -> Receipt:
        act = decode_act(from_base64(one.act))
        assert act is not None
        party = names.get(act.party, act.party)
        data = encode_act(msgspec.structs.replace(act, party=party))
        signer = PRIVATE[party] if one.public_key == ROSTER.keys.get(act.party) else PRIVATE["RUS"]
        return msgspec.structs.replace(
            one, act=to_base64(data), public_key=to_base64(public_key_of(signer)),
            signature=to_base64(sign(data, signer)),
        )  # fmt: skip

    def seen(state: Matter, other: dict[str, str]) -> tuple[Any, ...]:
        return (
            state.status, state.agreed_by, state.current,
            [(e.kind, other.get(e.party or "", e.party), e.at_ns) for e in state.events],
        )  # fmt: skip

    one = run(acts, now_s)
    two = run([exchanged(act) for act in acts], now_s)
    assert seen(one, names) == seen(two, {})


@pytest.mark.parametrize("kind", ["absent", "revoke"])
def test_no_flood_keeps_them_out(kind: str) -> None:
    few = msgspec.structs.replace(SETTINGS, acts_max=2)
    last = absent("EST", 5, "LVA") if kind == "absent" else revoke("LVA", 5)
    state, _ = step(few, initial(few), [*opened(), last], START_NS + 6 * SECOND_NS)
    assert (state.absent if kind == "absent" else state.revoked) != frozenset()


def test_a_stolen_key_does_not_bring_a_state_back() -> None:
    """Whose silence counts must be able to speak: a thief's act does not show that it can."""
    gone = [*opened(), receipt("DEU", "absent", 10, about="LVA", words="no line")]
    assert run(gone, 11).absent == {"LVA"}
    late = receipt("LVA", "remark", 12, words="we are here")
    assert run([*gone, late], 13).absent == frozenset()
    # a thief says no with the key that was revoked: the no is heard, and shows nothing of the state
    revoked = receipt("LVA", "revoke", 3, revoked_key=ROSTER.keys["LVA"], words="stolen")
    thief = objection("LVA", 12)
    stands = run([*opened(), revoked, gone[-1], thief], 13)
    assert [one.party for one in stands.outstanding] == ["LVA"]
    assert stands.absent == {"LVA"}


def test_an_earlier_version_can_be_put_again_with_all_that_was_said_of_it() -> None:
    first, second = (TEXTS[0], TEXTS[1])
    acts = [
        *opened("shield"),
        consent("LVA", 2),
        objection("DEU", 3),
        receipt("EST", "put", 4, text=second),
        receipt("EST", "put", 5, text=first, number=1),
    ]
    stands = run(acts, 6)
    assert stands.current == digest_of(first)
    assert [one.party for one in stands.outstanding] == ["DEU"]
    assert stands.consented(stands.current) == {"LVA"}
    again = run([*acts, receipt("EST", "put", 7, text=first, number=2)], 8)
    assert again.events[-1].kind == "refused"
    agreed = run([*acts, lift("DEU", 7), consent("DEU", 8), consent("EST", 9)], 10)
    assert agreed.agreed_by == "consent"
