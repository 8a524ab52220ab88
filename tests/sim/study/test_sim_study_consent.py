"""When bodies decide: against the council's own counting at every moment, and against its state machine."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.council.act import CHAIR, CouncilAct, Receipt, Roster, encode_act
from vedette.council.decision import decide, populations, shipped_rules
from vedette.council.matter import MatterSettings, initial, step
from vedette.model.signature import to_base64
from vedette.model.time import SECOND_NS
from vedette.sim.study.consent import Voices, adopted, voices
from vedette.sim.study.draws import Draws
from vedette.sim.study.study import Council
from vedette.sim.study.times import shipped_times

ALL = sorted({*populations("nato"), *populations("eu")})


@st.composite
def said(draw):
    """Replies of all members in one world, some alike in time, some never."""
    seconds = draw(
        st.lists(st.one_of(st.integers(1, 200_000).map(float), st.just(np.inf)),
                 min_size=len(ALL), max_size=len(ALL))
    )  # fmt: skip
    few = draw(st.booleans())
    words = st.sampled_from(["yes"] * (30 if few else 3) + ["no", "abstain"])
    minds = draw(st.lists(words, min_size=len(ALL), max_size=len(ALL)))
    if draw(st.booleans()):
        seconds = [1.0 if second == np.inf else second for second in seconds]
    return Voices(
        tuple(ALL), np.array([seconds]),
        np.array([[mind == "no" for mind in minds]]), np.array([[mind == "abstain" for mind in minds]]),
    )  # fmt: skip


def slowly(rule, body, one, silence_s, deciding):
    """The first moment at which the council's own counting adopts, each reply looked at."""
    people = populations(body)
    reply = {name: one.reply_s[0, k] for k, name in enumerate(one.members) if name in people}
    mind = {
        name: "no" if one.objects[0, k] else "abstain" if one.abstains[0, k] else "yes"
        for k, name in enumerate(one.members)
        if name in people
    }
    mute = frozenset(name for name in people if not np.isfinite(reply[name]))
    heard = {}
    for name in sorted(set(people) - mute, key=reply.__getitem__):
        if silence_s is not None and reply[name] >= silence_s:
            break
        heard[name] = mind[name]
        if decide(rule, people, heard, mute=mute, deciding=deciding).adopted:
            return reply[name]
    if silence_s is not None and decide(
        rule, people, heard, mute=mute, deadline_passed=True, deciding=deciding
    ).adopted:  # fmt: skip
        return silence_s
    return np.inf


@settings(max_examples=60, deadline=None)
@given(said(), st.sampled_from(sorted(shipped_rules())), st.sampled_from([None, 7_200.0, 90_000.0]))
def test_the_moment_is_the_first_at_which_the_council_counts_it_adopted(one, name, silence_s):
    rule = shipped_rules()[name]
    body = "eu" if rule.body == "eu" else "nato"
    deciding = "POL" if rule.kind in ("one", "delegated") else None
    if silence_s is not None and not rule.tacit:
        with pytest.raises(ValueError, match="silence adopts nothing"):
            adopted(rule, body, one, silence_s=silence_s, deciding=deciding)
        return
    found = adopted(rule, body, one, silence_s=silence_s, deciding=deciding)
    assert found.after_s[0] == slowly(rule, body, one, silence_s, deciding)


def _matter(one, silence_s):
    """The same replies as signed acts, through the state machine of the council."""
    members = sorted(populations("nato"))
    roster = Roster(keys={party: party for party in (*members, CHAIR)})
    keeper = MatterSettings(roster=roster, window_min_s=1.0)
    column = {name: k for k, name in enumerate(one.members)}
    start_ns = 1_000_000 * SECOND_NS
    state = initial(keeper)

    def given(at_ns, party, kind, **content):
        nonlocal state
        act = CouncilAct(
            act_id=f"{party} {kind}", matter_id="m", roster=roster.digest, party=party, person="p",
            office="o", kind=kind, valid_ns=at_ns, words="w", title="t", **content,
        )  # fmt: skip
        receipt = Receipt(
            received_ns=at_ns, act=to_base64(encode_act(act)), public_key=party, signature=""
        )
        state, _ = step(keeper, state, [receipt], at_ns, verify=lambda *_: True)

    given(start_ns - 3 * SECOND_NS, "POL", "open", matter_kind="posture")
    given(start_ns - 2 * SECOND_NS, "POL", "put", text="a text")
    version = state.current
    if silence_s is not None:
        deadline_ns = start_ns + round(silence_s * SECOND_NS)
        given(
            start_ns, CHAIR, "place", version=version, deadline_ns=deadline_ns, deadline_zone="UTC"
        )
    replies = sorted((one.reply_s[0, column[name]], name) for name in members)
    for second, name in replies:
        at_ns = start_ns + round(second * SECOND_NS)
        if silence_s is not None and second >= silence_s:
            break
        if one.objects[0, column[name]]:
            given(at_ns, name, "object", version=version)
        elif one.abstains[0, column[name]]:
            given(at_ns, name, "abstain", version=version)
        else:
            given(at_ns, name, "consent", version=version)
    if silence_s is not None:
        state, _ = step(
            keeper, state, [], start_ns + round(silence_s * SECOND_NS), verify=lambda *_: True
        )
    agreed = [event.at_ns for event in state.events if event.kind == "agreed"]
    return (agreed[0] - start_ns) / SECOND_NS if state.status == "agreed" else np.inf


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([0.0, 0.01, 0.05]), st.sampled_from([2.0, 24.0, 200.0])
)
def test_silence_ends_when_the_councils_machine_ends_it(seed, objects, silence_h):
    council = Council(objects=objects)
    one = voices(ALL, council, shipped_times(), Draws(seed, 0, 1))
    one = one._replace(reply_s=np.round(one.reply_s))
    found = adopted(shipped_rules()["nac_consensus"], "nato", one, silence_s=silence_h * 3_600.0)
    assert found.after_s[0] == _matter(one, silence_h * 3_600.0)


@given(st.integers(0, 1_000), st.floats(1.0, 100.0), st.floats(1.0, 100.0))
def test_a_shorter_silence_never_adopts_later_and_a_longer_one_hears_more(seed, a, b):
    short, long = sorted((a, b))
    one = voices(ALL, Council(objects=0.05), shipped_times(), Draws(seed, 0, 16))
    rule = shipped_rules()["nac_consensus"]
    sooner, later = (adopted(rule, "nato", one, silence_s=h * 3_600.0) for h in (short, long))
    assert (sooner.after_s <= later.after_s).all()
    assert (sooner.unheard >= later.unheard).all()


def test_a_member_out_of_reach_stops_silence():
    one = voices(ALL, Council(unreachable=("ISL",)), shipped_times(), Draws(1, 0, 8))
    found = adopted(shipped_rules()["nac_consensus"], "nato", one, silence_s=86_400.0)
    assert not np.isfinite(found.after_s).any()


def test_a_body_needs_a_reply_of_each_member():
    one = voices(["POL"], Council(), shipped_times(), Draws(1, 0, 2))
    with pytest.raises(ValueError, match="no reply of"):
        adopted(shipped_rules()["nac_consensus"], "nato", one, silence_s=1.0)
