"""How well a border is known, stretch by stretch; whose airspace; each side's reading."""

import numpy as np
import pytest
import shapely

from vedette.airspace.authority import authority_over
from vedette.airspace.geo_file import read_geo, write_geojson, write_geoparquet
from vedette.airspace.index import ZoneIndex
from vedette.airspace.readings import readings
from vedette.airspace.sovereign import sovereign_airspace
from vedette.airspace.states import alpha3, facts, state_of_location
from vedette.model.zone import Border, Hours, Zone


def square(*border: Border) -> tuple[Zone, shapely.Polygon]:
    zone = Zone(
        zone_id="a",
        kind="danger",
        name="a",
        state=None,
        source="s",
        boundary_sigma_m=7.0,
        border=border,
    )
    return zone, shapely.Polygon([(0, 50), (4, 50), (4, 52), (0, 52)])


def test_each_side_has_its_own_accuracy() -> None:
    zone, shape = square(
        Border(first=1, sigma_m=100.0, basis="east"),
        Border(first=2, sigma_m=500.0, basis="north and west"),
    )
    index = ZoneIndex.build([zone], [shape])
    y, x = np.array([50.1, 51.0, 51.9, 51.0]), np.array([2.0, 3.9, 2.0, 0.1])
    near = index.nearest(y, x, np.zeros(4, dtype=np.int64))
    assert near.sigma_m.tolist() == [7.0, 100.0, 500.0, 500.0]
    assert near.basis == ["", "east", "north and west", "north and west"]
    distance_m, azimuth_rad = index.boundary(y, x, np.zeros(4, dtype=np.int64))
    np.testing.assert_array_equal(distance_m, near.distance_m)
    np.testing.assert_array_equal(azimuth_rad, near.azimuth_rad)


def test_stretches_count_through_parts_and_holes_in_any_order_of_parts() -> None:
    """Parts are sorted in space inside the index; vertices are counted as they are in the geometry."""
    far = shapely.box(20, 50, 21, 51)
    near = shapely.Polygon(
        shapely.box(0, 50, 4, 52).exterior.coords, [shapely.box(1, 50.5, 2, 51).exterior.coords]
    )
    stretches = (
        Border(first=0, sigma_m=1.0),
        Border(first=5, sigma_m=2.0),
        Border(first=10, sigma_m=3.0),
    )
    zone = Zone(zone_id="a", kind="danger", name="", state=None, source="", border=stretches)
    index = ZoneIndex.build([zone], [shapely.MultiPolygon([far, near])])
    y, x = np.array([50.5, 51.9, 50.75]), np.array([20.9, 3.0, 1.5])
    assert index.nearest(y, x, np.zeros(3, dtype=np.int64)).sigma_m.tolist() == [1.0, 2.0, 3.0]


def test_borders_and_hours_survive_both_file_formats() -> None:
    zone, shape = square(Border(first=1, sigma_m=100.0, basis="east"))
    timed = Zone(
        zone_id="b",
        kind="uas",
        name="n",
        state="EST",
        source="s",
        schedule=(
            Hours(days=("mon",), start="sunset-30", end="02:00", first="2025-09-01", excluded=True),
        ),
        dormant=True,
        part_of="whole",
    )
    for write in (write_geojson, write_geoparquet):
        zones, _, problems = read_geo(write([zone, timed], [shape, shape]), "x")
        assert problems == []
        assert zones == [zone, timed]


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone_id", "basis"),
    [
        (59.90, 26.36, "sovereign:EST", "territorial sea limit"),
        (57.60, 26.60, "sovereign:EST", "land border"),
        (54.45, 19.65, "sovereign:POL", "land border"),
        (55.70, 12.76, "sovereign:DNK", "line at sea"),
        (49.30, 13.60, "sovereign:CZE", "land border"),
        (69.80, 31.50, "sovereign:NOR", "line at sea"),
    ],
)
def test_a_sovereign_border_says_what_it_was_drawn_from(
    latitude: float, longitude: float, zone_id: str, basis: str
) -> None:
    index = sovereign_airspace()
    near = index.nearest(
        np.array([latitude]), np.array([longitude]), np.array([index.row_of(zone_id)])
    )
    assert near.basis == [basis]
    assert 30.0 < near.sigma_m[0] < 300.0


def test_every_member_has_its_policing_and_every_kind_its_law() -> None:
    index = sovereign_airspace()
    for zone in index.zones:
        over = authority_over(zone)
        assert over.law
        assert set(over.law_sources) <= set(over.sources)
        if zone.member:
            assert over.policing
            assert over.policed_by
            assert over.operations_centre
            assert over.article_6 == "inside the area of Article 6"
    outside = authority_over(index.zones[index.row_of("sovereign:ESP-outside-article-6")])
    assert outside.article_6 == "outside the area of Article 6"
    assert outside.policing is None
    assert authority_over(index.zones[index.row_of("sovereign:RUS")]).article_6 == "not a member"
    assert len(facts().members) == 32


def test_powers_come_from_the_shipped_rules_with_their_sources() -> None:
    index = sovereign_airspace()
    poland = authority_over(index.zones[index.row_of("sovereign:POL")])
    assert {power.objects for power in poland.powers} == {
        "crewed civil",
        "crewed military",
        "uncrewed",
    }
    for power in poland.powers:
        assert set(power.sources) <= set(poland.sources)
    assert authority_over(index.zones[index.row_of("sovereign:ALB")]).powers == ()


def test_a_disputed_place_has_the_reading_of_each_side() -> None:
    index = sovereign_airspace()
    y, x = (
        np.array([44.95, 59.4, 55.48]),
        np.array([34.10, 24.8, 18.18]),
    )  # Crimea, Tallinn, open sea
    found = readings(index, y, x)
    assert {(r.reader, r.state) for r in found if r.row == 0} == {
        ("default", "UKR"),
        ("UKR", "UKR"),
        ("RUS", "RUS"),
    }
    assert [(r.reader, r.state) for r in found if r.row == 1] == [("default", "EST")]
    assert [(r.reader, r.state) for r in found if r.row == 2] == [("default", None)]


def test_akrotiri_is_claimed_by_nobody_in_the_layer_and_named() -> None:
    found = readings(sovereign_airspace(), np.array([34.59]), np.array([32.98]))
    assert {r.state for r in found if r.reader == "default"} == {None}
    assert {"GBR", "CYP"} <= {r.state for r in found}


def test_codes_of_states() -> None:
    assert [alpha3(c) for c in ("GB", "RU", "EST", "QQ")] == ["GBR", "RUS", "EST", None]
    assert [state_of_location(i) for i in ("EETT", "KZBW", "UKBV", "ZZZZ")] == [
        "EST",
        "USA",
        "UKR",
        None,
    ]
