"""What protects an aircraft that may be civil is not worn away by anything that others do or say."""

from typing import Any

import pytest

from vedette.model.act import Act
from vedette.model.report import AtsReport, FlightPlan, Sighting, Subject
from vedette.model.time import SECOND_NS

AIRLINER: dict[str, Any] = {
    "icao24": 0x4CA123, "mode3a": 0o1234, "emitter_category": "A3", "kinds": ("ads_b", "ssr"),
    "cooperative": True,
}  # fmt: skip


def words(sky: Any, says: Any, at_s: float, dated_s: float | None = None) -> AtsReport:
    dated_s = at_s if dated_s is None else dated_s
    return AtsReport(
        subject=Subject(track_id="one"), says=says, unit="EETT ACC",
        valid_ns=sky.START_NS + int(dated_s * SECOND_NS),
    )  # fmt: skip


def says(sky: Any, value: str, at_s: float) -> Act:
    return Act(
        act_id=f"{value} {at_s}", kind="set_identity", person="Ann", office="watch", track_id="one",
        valid_ns=sky.START_NS + int(at_s * SECOND_NS), value=value, words="seen",
    )  # fmt: skip


def test_no_number_of_sightings_makes_forget_that_air_traffic_services_know_it(sky: Any) -> None:
    seen = [
        Sighting(
            subject=Subject(track_id="one"), seen=f"a light, {number}", reporter="x",
            valid_ns=sky.START_NS + 30 * SECOND_NS + number,
        )
        for number in range(200)
    ]  # fmt: skip
    flight = sky(sky.Thing()).run(
        60,
        reports={20: [words(sky, "ours", 20)], 40: seen},
        acts={50: [says(sky, "suspect", 50), says(sky, "civil_excluded", 50)]},
    )
    found = flight.of()
    assert (found.identity, found.civil) == ("neutral", "confirmed")


def test_nor_does_any_number_of_other_words_of_theirs(sky: Any) -> None:
    later = [words(sky, "not_ours", 40, 40 + number / 100) for number in range(200)]
    flight = sky(sky.Thing()).run(60, reports={20: [words(sky, "ours", 20)], 40: later})
    assert flight.of().civil == "confirmed"


def test_a_contact_dated_ahead_answers_no_later_distress(sky: Any) -> None:
    flight = sky(sky.Thing()).run(
        60, reports={20: [words(sky, "radio_contact", 20, 3_600)], 40: [words(sky, "distress", 40)]}
    )
    assert flight.of().needs == ("emergency",)


@pytest.mark.parametrize("sent", [{"callsign": "GAF612"}, {"military_reply": "friend"}])
def test_what_anybody_can_send_does_not_take_away_that_it_was_civil(
    sky: Any, sent: dict[str, str]
) -> None:
    flight = sky(sky.Thing(callsign="EIN12A", **AIRLINER)).run(60)
    assert flight.of().civil == "confirmed"
    flight.things = [sky.Thing(**{"callsign": "EIN12A", **AIRLINER, **sent})]
    flight.run(120, acts={100: [says(sky, "civil_excluded", 100)]})
    assert flight.of().civil != "excluded"


def test_a_reply_in_the_tick_in_which_a_track_ends_in_another_ends_what_persons_said(
    sky: Any,
) -> None:
    speaks = sky.Thing(
        track_id="two", callsign="EIN12A", born_s=60, ends_s=60, merged_into="one", **AIRLINER
    )
    flight = sky(sky.Thing(), speaks).run(
        80, acts={40: [says(sky, "suspect", 40), says(sky, "civil_excluded", 40)]}
    )
    found = flight.of()
    assert (found.identity, found.civil) == ("unknown", "possible")
    assert any("civil evidence" in doubt for doubt in found.doubts)


def planned(sky: Any, **changes: Any) -> Any:
    """A plan along the way of a silent thing at 55 N 20 E that flies north at 230 m/s."""
    facts: dict[str, Any] = {
        "callsign": "FIN123", "departure": "EFHK", "destination": "EPWA",
        "departure_ns": sky.START_NS - 1_200 * SECOND_NS, "arrival_ns": sky.START_NS + 1_200 * SECOND_NS,
        "cruise_pressure_altitude_m": 10_600.0, "filed_ns": sky.START_NS - 7_200 * SECOND_NS,
        "route": ((52.5, 20.0), (54.0, 20.0), (57.5, 20.0)),
    }  # fmt: skip
    return FlightPlan(**(facts | changes))


def test_who_flies_silent_as_a_plan_says_cannot_be_called_no_civil_aircraft(sky: Any) -> None:
    flight = sky(sky.Thing()).run(
        60, reports={0: [planned(sky)]}, acts={50: [says(sky, "civil_excluded", 50)]}
    )
    one = flight.of()
    assert one.may_be_civil == ("plan",)
    assert one.flight_plan is None  # who it is nobody knows
    assert one.civil == "possible"
    assert any("as a filed flight plan says" in doubt for doubt in one.doubts)


@pytest.mark.parametrize(
    ("plan", "thing"),
    [
        ({"route": ((52.5, 21.0), (54.0, 21.0), (57.5, 21.0))}, {}),  # 64 km beside it
        ({"route": ((57.5, 20.0), (54.0, 20.0), (52.5, 20.0))}, {}),  # the other way
        ({"cruise_pressure_altitude_m": 8_000.0}, {}),
        ({"cruise_pressure_altitude_m": 12_500.0}, {}),
        ({}, {"velocity_mps": (230.0, 0.0)}),  # across it
        ({}, {"velocity_mps": (0.0, 600.0)}),  # as no civil aircraft flies
        ({"filed_ns": 1_758_265_080 * SECOND_NS + 3_600 * SECOND_NS}, {}),
        (
            {
                "departure_ns": 1_758_265_080 * SECOND_NS - 4_800 * SECOND_NS,
                "arrival_ns": 1_758_265_080 * SECOND_NS - 2_400 * SECOND_NS,
            },
            {},
        ),
    ],
)
def test_a_plan_elsewhere_or_at_another_time_says_nothing_of_it(
    sky: Any, plan: dict[str, Any], thing: dict[str, Any]
) -> None:
    flight = sky(sky.Thing(**thing)).run(60, reports={0: [planned(sky, **plan)]})
    assert flight.of().may_be_civil == ()


def test_the_way_along_a_route_does_not_depend_on_where_on_earth_it_lies(sky: Any) -> None:
    """The same flight and plan, moved around the earth, across 180 degrees too."""
    for east_deg in (0.0, 90.0, 159.9, 160.1, -120.0):
        longitude_deg = (20.0 + east_deg + 180.0) % 360.0 - 180.0
        route = tuple((latitude, longitude_deg) for latitude in (52.5, 54.0, 57.5))
        flight = sky(sky.Thing(longitude_deg=longitude_deg)).run(
            20, reports={0: [planned(sky, route=route)]}
        )
        assert flight.of().may_be_civil == ("plan",), longitude_deg


def test_what_speaks_is_told_apart_from_what_was_silent_all_along(sky: Any) -> None:
    spoke = sky(sky.Thing(**AIRLINER, silent_from_s=30.0)).run(120).of()
    assert "replied" in spoke.may_be_civil
    assert not spoke.cooperative
    assert sky(sky.Thing()).run(120).of().may_be_civil == ()


CALLSIGNS = {
    "none": None, "airline": "EIN12A", "business": "NJE123", "other": "HELLO",
    "military": "GAF612",
}  # fmt: skip
ADDRESSES = {"civil": 0x4CA123, "odd": 0xAE1234, "nobody's": 0x000001}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("callsign", CALLSIGNS)
def test_what_it_says_of_itself_speaks_for_a_civil_flight_unless_all_of_it_says_otherwise(
    sky: Any, address: str, callsign: str
) -> None:
    heard = sky.Thing(
        icao24=ADDRESSES[address], callsign=CALLSIGNS[callsign], kinds=("ads_b",), cooperative=True
    )
    found = sky(heard).run(30).of()
    civil_name = callsign in ("airline", "business")
    spoke = civil_name or (callsign != "military" and address != "odd")
    assert ("spoke" in found.may_be_civil) is spoke
    # to have proved one takes an address of a civil register as well
    assert (found.civil == "confirmed") is (spoke and address == "civil")
