"""Zones in space, time and height, against asking each zone by itself."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace.activity import active, place_of
from vedette.airspace.volumes import PointHeights, Volumes
from vedette.model.errors import ShapeError, ZoneError
from vedette.model.time import DAY_NS
from vedette.model.zone import Hours, Limit, Zone

HOUR_NS = DAY_NS // 24
SHAPES = [
    shapely.box(0, 50, 1, 51),
    shapely.box(0.5, 50.5, 2, 52),
    shapely.Point(1, 51).buffer(0.7),
]

limits = st.one_of(
    st.none(),
    st.builds(
        Limit,
        height_m=st.integers(0, 9).map(lambda k: 1000.0 * k),
        datum=st.sampled_from(("hae", "amsl", "agl", "pressure")),
    ),
)
instants = st.one_of(st.none(), st.integers(0, 72).map(lambda h: h * HOUR_NS))
zones_of = st.builds(
    Zone,
    zone_id=st.just("z"),
    kind=st.just("danger"),
    name=st.just(""),
    state=st.none(),
    source=st.just(""),
    floor=limits,
    ceiling=limits,
    valid_from_ns=instants,
    valid_to_ns=instants,
    known_from_ns=instants,
    known_to_ns=instants,
    dormant=st.integers(0, 5).map(lambda k: k == 0),
    schedule=st.lists(
        st.builds(
            Hours,
            start=st.sampled_from(("06:00", "20:00")),
            end=st.sampled_from(("12:00", "02:00")),
        ),
        max_size=2,
    ).map(tuple),
)


def inside(zone: Zone, heights: tuple[float, ...]) -> bool:
    by_datum = dict(zip(("hae", "amsl", "agl", "pressure"), heights, strict=True))
    low = zone.floor is None or not by_datum[zone.floor.datum] < zone.floor.height_m
    return low and (
        zone.ceiling is None or not by_datum[zone.ceiling.datum] >= zone.ceiling.height_m
    )


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(zones_of, st.integers(0, 2)), max_size=12),
    st.integers(0, 71),
    st.one_of(st.none(), st.integers(0, 71)),
    st.integers(0, 2**31),
)
def test_volumes_hold_what_each_zone_would_say_by_itself(
    drawn: list[tuple[Zone, int]], hour: int, known_hour: int | None, seed: int
) -> None:
    zones = [zone for zone, _ in drawn]
    shapes = [SHAPES[k] for _, k in drawn]
    volumes = Volumes.build(zones, shapes, 0, 4 * DAY_NS)
    at_ns = hour * HOUR_NS + 7
    known_ns = None if known_hour is None else known_hour * HOUR_NS + 11
    now = volumes.at(at_ns, known_ns)
    chance = np.random.default_rng(seed)
    y, x = chance.uniform(49.5, 52.5, 20), chance.uniform(-0.5, 2.5, 20)
    heights = chance.uniform(0, 10_000, (20, 4))
    heights[chance.uniform(size=heights.shape) < 0.2] = np.nan
    rows, found = now.locate(y, x, PointHeights(*heights.T))
    expected = {
        (p, k)
        for p in range(20)
        for k, (zone, shape) in enumerate(zip(zones, shapes, strict=True))
        if active(zone, at_ns, place_of(shape), known_ns)
        and inside(zone, tuple(heights[p]))
        and _planar(shape, x[p], y[p])
    }
    assert set(zip(rows.tolist(), found.tolist(), strict=True)) == expected
    assert np.all(np.diff(rows) >= 0)
    again = volumes.at(min(now.until_ns, 4 * DAY_NS) - 1, known_ns)
    if now.until_ns > at_ns + 1:
        np.testing.assert_array_equal(again.rows, now.rows)


def _planar(shape: shapely.Geometry, x: float, y: float) -> bool:
    """Boxes bulge by less than a degree's thousandth here; points that near to a border are moved off."""
    from vedette.airspace.index import ZoneIndex

    zone = Zone(zone_id="s", kind="other", name="", state=None, source="")
    return len(_indices.setdefault(id(shape), ZoneIndex.build([zone], [shape])).locate(
        np.array([y]), np.array([x]))[0]) > 0  # fmt: skip


_indices: dict[int, object] = {}


def test_volumes_with_one_outline_share_it() -> None:
    zone = Zone(zone_id="a", kind="danger", name="", state=None, source="")
    copies = [shapely.box(0, 50, 1, 51) for _ in range(50)]
    volumes = Volumes.build([zone] * 50, copies, 0, DAY_NS)
    assert (len(volumes), len(volumes.shapes)) == (50, 1)
    rows, zones = volumes.at(5).locate(np.array([50.5]), np.array([0.5]))
    assert zones.tolist() == list(range(50))
    assert set(rows.tolist()) == {0}


def test_too_many_volumes_and_bad_shapes_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    often = tuple(Hours(start=f"{h:02d}:00", end=f"{h:02d}:30") for h in range(24))
    zone = Zone(zone_id="a", kind="danger", name="", state=None, source="", schedule=often)
    with pytest.raises(ShapeError):
        Volumes.build([zone], [], 0, DAY_NS)
    volumes = Volumes.build([zone], [SHAPES[0]], 0, 10 * DAY_NS)
    assert len(volumes) == 240
    monkeypatch.setattr("vedette.airspace.volumes.VOLUMES_MAX", 1000)
    with pytest.raises(ZoneError, match="more than 1000"):
        Volumes.build([zone], [SHAPES[0]], 0, 100 * DAY_NS)
