"""When zones are active: schedules as stretches, the sun against an independent almanac, two times."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace.activity import Place, active, stretches
from vedette.airspace.sun import ALTITUDE_DEG, Event, sun_event_ns
from vedette.model.time import DAY_NS, parse_utc
from vedette.model.zone import Hours, Zone

TALLINN = Place(59.4, 24.8)
HOUR_NS = DAY_NS // 24


def zone(**fields: object) -> Zone:
    return Zone(zone_id="D1", kind="danger", name="", state=None, source="", **fields)  # type: ignore[arg-type]


def on(at: str, known: str | None = None, **fields: object) -> bool:
    known_ns = None if known is None else parse_utc(known)
    return active(zone(**fields), parse_utc(at), TALLINN, known_ns)


def test_validity_is_closed_at_the_start_and_open_at_the_end() -> None:
    ends = {
        "valid_from_ns": parse_utc("2025-01-01T06:00Z"),
        "valid_to_ns": parse_utc("2025-01-01T08:00Z"),
    }
    assert [on(f"2025-01-01T{t}Z", **ends) for t in ("05:59:59", "06:00", "07:59:59", "08:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    hours = (Hours(days=("fri",), start="22:00", end="02:00"),)  # 2025-09-19 is a Friday
    assert on("2025-09-19T23:00Z", schedule=hours)
    assert on("2025-09-20T01:59Z", schedule=hours)
    assert not on("2025-09-20T02:00Z", schedule=hours)
    assert not on("2025-09-20T23:00Z", schedule=hours)


def test_an_end_that_equals_the_start_is_a_day_later() -> None:
    hours = (Hours(start="00:00", end="00:00"),)
    assert all(on(f"2025-09-19T{h:02d}:30Z", schedule=hours) for h in range(24))


def test_yearly_dates_wrap_the_new_year() -> None:
    hours = (Hours(first="10-01", last="07-31", utc_offset_min=-240),)
    assert on("2025-12-24T12:00Z", schedule=hours)
    assert on("2025-07-31T12:00Z", schedule=hours)
    assert not on("2025-09-15T12:00Z", schedule=hours)
    assert not on("2025-10-01T03:59Z", schedule=hours)  # still September on that clock
    assert on("2025-10-01T04:00Z", schedule=hours)


def test_excluded_hours_win() -> None:
    hours = (Hours(), Hours(start="06:30", end="15:30", excluded=True))
    assert on("2025-09-19T06:00Z", schedule=hours)
    assert not on("2025-09-19T12:00Z", schedule=hours)


def test_a_dormant_zone_is_never_active_and_what_was_not_known_does_not_count() -> None:
    assert not on("2025-09-19T12:00Z", dormant=True)
    later = {"known_from_ns": parse_utc("2025-09-19T10:00Z")}
    assert on("2025-09-19T12:00Z", **later)
    assert not on("2025-09-19T12:00Z", known="2025-09-19T09:59Z", **later)
    corrected = {"known_to_ns": parse_utc("2025-09-19T10:00Z")}
    assert not on("2025-09-19T12:00Z", **corrected)
    assert on("2025-09-19T12:00Z", known="2025-09-19T09:59Z", **corrected)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            Hours,
            days=st.lists(st.sampled_from(("mon", "wed", "sat", "sun")), unique=True).map(tuple),
            start=st.integers(0, 23).map(lambda h: f"{h:02d}:00"),
            end=st.integers(0, 23).map(lambda h: f"{h:02d}:30"),
            excluded=st.booleans(),
        ),
        max_size=4,
    ),
    st.integers(0, 9 * 24),
)
def test_stretches_hold_exactly_the_instants_that_are_active(hours: list[Hours], hour: int) -> None:
    """Two ways to the same answer: stretches of ten days, and the zone asked at one instant."""
    start_ns = parse_utc("2025-09-15T00:00Z")
    timed = zone(schedule=tuple(hours))
    found = stretches(timed, TALLINN, start_ns, start_ns + 10 * DAY_NS)
    assert all(a[1] < b[0] for a, b in pairwise(found))
    at_ns = start_ns + hour * HOUR_NS + HOUR_NS // 4
    assert any(a <= at_ns < b for a, b in found) == active(timed, at_ns, TALLINN)


@pytest.mark.parametrize("latitude", [-33.9, 0.0, 41.0, 51.5, 59.4, 64.1])
@pytest.mark.parametrize("event", ["dawn", "sunrise", "sunset", "dusk"])
def test_the_sun_agrees_with_an_independent_almanac(latitude: float, event: Event) -> None:
    almanac = pytest.importorskip("astral.sun")
    observer = pytest.importorskip("astral").Observer(latitude, 24.8, 0.0)
    seen = 0
    for day in range(0, 365, 23):
        date = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)
        ours = sun_event_ns(event, parse_utc(date.isoformat()), latitude, 24.8)
        if ours is None:
            continue
        seen += 1
        moment = datetime.fromtimestamp(ours / 1e9, UTC)
        height_deg = almanac.elevation(observer, moment, with_refraction=False)
        assert abs(height_deg - ALTITUDE_DEG[event]) < 0.02
        assert (event in ("dawn", "sunrise")) == (
            almanac.elevation(observer, moment + timedelta(minutes=5), False) > height_deg
        )
    assert seen >= 10


def test_where_the_sun_does_not_set_hours_to_sunset_last() -> None:
    north = Place(70.0, 25.0)
    daylight = zone(schedule=(Hours(start="sunrise", end="sunset"),))
    assert active(daylight, parse_utc("2025-06-21T23:30Z"), north)
    assert not active(daylight, parse_utc("2025-12-21T12:00Z"), north)
