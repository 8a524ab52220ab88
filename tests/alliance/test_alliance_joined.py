"""What nations tell of one object, beside one another: joined with reasons, never voted on."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.alliance.items import Acknowledgement, Alert, Body, Item
from vedette.alliance.joined import JoinSettings, SharedObject, shared_objects
from vedette.alliance.merge import Told
from vedette.model.time import SECOND_NS

SETTINGS = JoinSettings()
NATIONS = ("EST", "FIN", "LVA")


class Night:
    """Logs of some nations, written entry by entry."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.counts: dict[str, int] = {}

    def say(self, nation: str, at_s: float, item: Item) -> int:
        self.counts[nation] = sequence = self.counts.get(nation, 0) + 1
        body = Body(key=f"{nation}{sequence}", made_ns=int(at_s * SECOND_NS), item=item)
        self.told.append(Told(nation=nation, sequence=sequence, body=body, received_ns=0))
        return sequence

    def alert(self, nation: str, at_s: float, incident: str, **facts: object) -> int:
        values = {"revision": 1, "status": "open"} | facts
        return self.say(nation, at_s, Alert(incident_id=incident, **values))  # type: ignore[arg-type]

    def objects(self) -> tuple[SharedObject, ...]:
        return shared_objects(self.told, SETTINGS)


def names(one: SharedObject) -> set[tuple[str, str]]:
    return {account.name for account in one.accounts}


def test_one_address_told_by_two_is_one_object_and_their_difference_stands():
    night = Night()
    where = {"latitude_deg": 59.0, "longitude_deg": 26.0, "icao24": 0x155A01}
    night.alert("EST", 0, "a", identity="suspect", object_class="fighter", **where)
    night.alert("FIN", 40, "b", identity="neutral", object_class="fighter", **where)
    (one,) = night.objects()
    assert [account.nation for account in one.accounts] == ["EST", "FIN"]
    assert (one.identity, one.object_class, one.icao24) == (None, "fighter", 0x155A01)
    (difference,) = one.differences
    assert difference.said == {"EST": "suspect", "FIN": "neutral"}
    assert difference.opposed
    # more voices on one side change nothing: nobody is outvoted
    night.alert("LVA", 50, "c", identity="neutral", object_class="fighter", **where)
    (one,) = night.objects()
    assert one.identity is None
    assert one.differences[0].said == {"EST": "suspect", "FIN": "neutral", "LVA": "neutral"}


def test_nothing_known_is_no_difference_and_no_agreement():
    night = Night()
    night.alert("EST", 0, "a", icao24=1, identity="unknown")
    night.alert("FIN", 5, "b", icao24=1, identity="neutral")
    (one,) = night.objects()
    assert one.differences == ()
    assert one.identity is None


def test_a_hand_over_is_taken_up_by_the_one_account_that_begins_then():
    night = Night()
    facts = {"latitude_deg": 46.0, "longitude_deg": 21.0}
    night.alert("ROU", 0, "drone", **facts)
    night.alert("ROU", 60, "drone", expected_in="HUN", expected_ns=300 * SECOND_NS, **facts)
    (one,) = night.objects()
    assert one.expected_in == ("HUN",)
    night.alert("HUN", 320, "it", latitude_deg=46.1, longitude_deg=20.8)
    (one,) = night.objects()
    assert names(one) == {("ROU", "drone"), ("HUN", "it")}
    assert one.expected_in == ()
    assert one.links[0].reason == "hand-over"
    night.alert("HUN", 330, "other", latitude_deg=46.2, longitude_deg=20.9)
    assert len(night.objects()) == 3  # two may be it: a person has to say which
    night.say(
        "HUN", 400, Acknowledgement(nation="ROU", sequence=2, person="p", office="o", same_as="it")
    )
    joined = [one for one in night.objects() if len(one.accounts) == 2]
    assert [names(one) for one in joined] == [{("ROU", "drone"), ("HUN", "it")}]
    assert joined[0].links[0].reason == "a person's word"
    assert joined[0].accounts[0].acknowledged == (("HUN", "p", "o"),)


def test_one_address_in_two_places_is_not_joined_and_is_said():
    night = Night()
    night.alert("EST", 0, "a", icao24=7, latitude_deg=59.0, longitude_deg=26.0)
    night.alert("ROU", 10, "b", icao24=7, latitude_deg=45.0, longitude_deg=26.0)
    one, other = night.objects()
    assert one.elsewhere == (("ROU", "b"),)
    assert other.elsewhere == (("EST", "a"),)


def test_a_persons_word_joins_what_bears_two_addresses_and_the_difference_is_grave():
    night = Night()
    first = night.alert("EST", 0, "a", icao24=7, callsign="SAME1")
    night.alert("FIN", 0, "b", icao24=8, callsign="SAME1")
    assert len(night.objects()) == 2
    night.say(
        "FIN", 9, Acknowledgement(nation="EST", sequence=first, person="p", office="o", same_as="b")
    )
    (one,) = night.objects()
    assert one.icao24 is None
    assert one.differences[0].said == {"EST": "000007", "FIN": "000008"}
    assert one.differences[0].opposed


alerts = st.fixed_dictionaries(
    {
        "latitude_deg": st.sampled_from([None, 50.0, 50.2, 59.0]),
        "longitude_deg": st.sampled_from([None, 20.0, 26.0]),
        "icao24": st.sampled_from([None, 1, 2]),
        "callsign": st.sampled_from([None, "A1", " a1 ", "B2"]),
        "identity": st.sampled_from([None, "unknown", "neutral", "suspect"]),
        "expected_in": st.sampled_from([None, *NATIONS]),
        "expected_ns": st.sampled_from([None, 0, 500 * SECOND_NS]),
    }
)
rows = st.lists(
    st.tuples(
        st.sampled_from(NATIONS),
        st.integers(0, 5_000),
        st.sampled_from(["a", "b", "c"]),
        st.one_of(alerts, st.tuples(st.sampled_from(NATIONS), st.integers(1, 4))),
    ),
    max_size=14,
)


@settings(max_examples=150)
@given(rows, st.randoms())
def test_nothing_is_lost_or_chosen_whatever_the_order(rows: list, chance: random.Random):
    night = Night()
    for nation, at_s, incident, said in rows:
        if isinstance(said, dict):
            night.alert(nation, at_s, incident, **said)
        else:
            item = Acknowledgement(
                nation=said[0], sequence=said[1], person="p", office="o", same_as=incident
            )
            night.say(nation, at_s, item)
    found = night.objects()
    mixed = night.told + chance.sample(night.told, len(night.told) // 2)
    chance.shuffle(mixed)
    assert shared_objects(mixed, SETTINGS) == found
    # every alert is in exactly one object
    inside = [(s.nation, s.sequence) for one in found for a in one.accounts for s in a.statements]
    alerts_told = [(t.nation, t.sequence) for t in night.told if isinstance(t.body.item, Alert)]
    assert sorted(inside) == sorted(alerts_told)
    for one in found:
        said = {account.said("identity") for account in one.accounts} - {None}
        assert one.identity in said | {None}
        if len(said) > 1:
            assert one.identity is None
        if len(said - {"unknown"}) > 1:
            shown = " ".join(one.differences[0].said.values())
            assert all(value in shown for value in said - {"unknown"})
        addresses = {account.said("icao24") for account in one.accounts} - {None}
        words = {link.reason for link in one.links}
        assert len(addresses) < 2 or "a person's word" in words
        assert len(one.links) >= len(one.accounts) - 1
