"""The bundled sovereign layer: known points, known areas, no overlaps, and what the page draws of it."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import shapely
from pyproj import Geod

from vedette.airspace.display import display_geojson
from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.model.zone import Zone

GEOD = Geod(ellps="WGS84")
SHARED = Path(__file__).parents[2] / "../shared/data/boundaries"

POINTS = [
    ("Vaindloo", 59.817, 26.360, "sovereign:EST"),
    ("corridor in the Gulf of Finland", 59.850, 25.300, None),
    ("Ertholmene", 55.320, 15.187, "sovereign:DNK"),
    ("Gotska Sandön", 58.370, 19.250, "sovereign:SWE"),
    ("Snake Island", 45.255, 30.204, "sovereign:UKR"),
    ("Kaliningrad", 54.710, 20.510, "sovereign:RUS"),
    ("Suwałki", 54.100, 22.930, "sovereign:POL"),
    ("Simferopol", 44.950, 34.100, "sovereign:UKR"),
    ("Longyearbyen", 78.220, 15.630, "sovereign:NOR"),
    ("Kastellorizo", 36.148, 29.590, "sovereign:GRC"),
    ("Mariehamn", 60.100, 19.940, "sovereign:FIN"),
    ("Petrobaltic", 55.480, 18.180, None),
    ("Thule", 76.530, -68.700, "sovereign:DNK"),
    ("Wrangel Island", 71.240, -179.400, "sovereign:RUS"),
    ("Attu", 52.900, 172.900, "sovereign:USA"),
    ("Ceuta", 35.890, -5.310, "sovereign:ESP-outside-article-6"),
    ("Honolulu", 21.310, -157.860, "sovereign:USA-outside-article-6"),
    ("Cayenne", 4.930, -52.330, "sovereign:FRA-outside-article-6"),
    ("Saint-Pierre", 46.780, -56.180, "sovereign:FRA"),
    ("Büsingen", 47.696, 8.690, "sovereign:DEU"),
    ("Vatican", 41.9025, 12.4533, "sovereign:VAT"),
    ("Laayoune", 27.150, -13.200, None),
    ("Karavi, an islet that the coast lacks", 36.770, 23.602, "sovereign:GRC"),
]


def area_km2(shape: shapely.Geometry) -> float:
    parts = shapely.get_parts(shapely.orient_polygons(shape))
    return sum(GEOD.geometry_area_perimeter(part)[0] for part in parts) / 1e6


def state_at(index: ZoneIndex, latitude: float, longitude: float) -> list[str]:
    _, zones = index.locate(np.array([latitude]), np.array([longitude]), kinds={"sovereign"})
    return [index.zones[zone].zone_id for zone in zones]


@pytest.mark.parametrize(("name", "latitude", "longitude", "zone_id"), POINTS)
def test_a_known_place_lies_in_its_state(
    name: str, latitude: float, longitude: float, zone_id: str | None
) -> None:
    found = state_at(sovereign_airspace(), latitude, longitude)
    assert found == ([] if zone_id is None else [zone_id]), name


def test_the_limit_lies_six_to_seven_miles_north_of_vaindloo() -> None:
    index = sovereign_airspace()
    estonia = index.row_of("sovereign:EST")
    miles = np.arange(0.0, 12.0, 0.01)
    _, latitude, _ = GEOD.fwd(
        np.full(len(miles), 26.36), np.full(len(miles), 59.817), np.zeros(len(miles)), miles * 1852
    )
    rows, zones = index.locate(latitude, np.full(len(miles), 26.36), kinds={"sovereign"})
    last = miles[rows[zones == estonia].max()]
    assert 6.0 < last < 7.0


@pytest.mark.parametrize(
    ("zone_id", "official_km2"),
    [
        ("sovereign:POL", 322_719),
        ("sovereign:CZE", 78_871),
        ("sovereign:HUN", 93_025),
        ("sovereign:SVK", 49_035),
    ],
)
def test_an_area_is_within_a_thousandth_of_the_official_one(
    zone_id: str, official_km2: float
) -> None:
    """Poland's with its internal waters and territorial sea; the others have no sea."""
    index = sovereign_airspace()
    area = area_km2(index.geometries[index.row_of(zone_id)])
    assert area == pytest.approx(official_km2, rel=1e-3)


def test_sovereign_zones_do_not_overlap() -> None:
    index = sovereign_airspace()
    shapes = np.array(
        [g for g, z in zip(index.geometries, index.zones, strict=True) if z.kind == "sovereign"]
    )
    first, second = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    common = shapely.intersection(shapes[first], shapes[second])
    assert float(shapely.area(common).sum()) < 1e-8


def test_there_are_32_members_and_every_zone_says_where_it_is_from() -> None:
    zones = sovereign_airspace().zones
    assert len({zone.state for zone in zones if zone.member}) == 32
    assert all(zone.source and zone.boundary_sigma_m > 0 for zone in zones)
    assert all(zone.state and len(zone.state) == 3 for zone in zones if zone.kind == "sovereign")
    assert all(len(zone.claims) >= 2 and zone.note for zone in zones if zone.kind == "disputed")
    assert not any(zone.member for zone in zones if zone.kind == "disputed")


def test_a_member_has_one_boundary_across_its_parts() -> None:
    """Between Finland and Åland there is no border: the nearest one is the limit of the sea."""
    index = sovereign_airspace()
    finland = np.array([index.row_of("sovereign:FIN")])
    # between the main island of Åland and Kustavi, on the line between the two parts
    distance_m, _ = index.boundary(np.array([60.45]), np.array([20.95]), finland)
    assert distance_m[0] > 40_000


@pytest.mark.parametrize(
    ("zone_id", "latitude", "longitude"),
    [
        ("disputed:crimea", 44.95, 34.10),
        ("disputed:northern-cyprus", 35.25, 33.60),
        ("disputed:gibraltar", 36.14, -5.35),
        ("disputed:gulf-of-finland-east-of-vaindloo", 59.75, 26.66),
        ("disputed:ems-dollart", 53.4526, 6.8946),
        ("disputed:imia-kardak", 37.05, 27.15),
        ("disputed:piran-bay", 45.5293, 13.5041),
        ("disputed:greek-10-nm-airspace", 38.0, 25.02),
        ("disputed:base-area-akrotiri", 34.60, 32.97),
        ("disputed:rockall", 57.60, -13.69),
        ("disputed:western-sahara", 24.0, -14.0),
        ("disputed:golan", 33.0, 35.8),
    ],
)
def test_a_disputed_area_is_flagged_with_its_claims(
    zone_id: str, latitude: float, longitude: float
) -> None:
    index = sovereign_airspace()
    _, zones = index.locate(np.array([latitude]), np.array([longitude]), kinds={"disputed"})
    assert zone_id in {index.zones[zone].zone_id for zone in zones}


def test_the_aegean_limit_lies_six_miles_from_a_lonely_island() -> None:
    """Falkonera, 36.84 N 23.89 E, is 900 m long; the unrepaired source has 4.8 NM here."""
    index = sovereign_airspace()
    azimuth = np.arange(100.0, 181.0, 10.0)
    for miles, expected in ((5.7, True), (6.6, False)):
        x, y, _ = GEOD.fwd(
            np.full(9, 23.892), np.full(9, 36.838), azimuth, np.full(9, miles * 1852)
        )
        rows, _ = index.locate(y, x, kinds={"sovereign"})
        assert (len(rows) == 9) is expected
        assert (len(rows) == 0) is not expected


def test_the_drawn_outlines_are_small_and_name_their_zones() -> None:
    index = sovereign_airspace()
    data = display_geojson(index)
    assert len(data) < 1_500_000
    features = msgspec.json.decode(data)["features"]
    assert [f["properties"]["zone_id"] for f in features] == [z.zone_id for z in index.zones]
    for feature, geometry in zip(features, index.geometries, strict=True):
        drawn = shapely.from_geojson(msgspec.json.encode(feature["geometry"]))
        assert np.abs(np.subtract(drawn.bounds, geometry.bounds)).max() < 0.05


def test_the_outline_of_any_other_zone_is_drawn_from_its_own_geometry() -> None:
    sovereign = sovereign_airspace()
    zone = sovereign.zones[sovereign.row_of("sovereign:EST")]
    index = ZoneIndex.build([zone], [shapely.box(1, 2, 3, 4)])
    feature = msgspec.json.decode(display_geojson(index))["features"][0]
    drawn = shapely.from_geojson(msgspec.json.encode(feature["geometry"]))
    assert drawn.bounds == (1, 2, 3, 4)


@pytest.mark.parametrize("radius_deg", [0.002, 0.05, 0.4])
def test_a_small_zone_is_drawn_to_a_hundredth_of_its_size(radius_deg: float) -> None:
    circle = shapely.Point(12.65, 55.618).buffer(radius_deg, quad_segs=32)
    zone = Zone(zone_id="airport", kind="prohibited", name="", state=None, source="test")
    feature = msgspec.json.decode(display_geojson(ZoneIndex.build([zone], [circle])))["features"][0]
    drawn = shapely.from_geojson(msgspec.json.encode(feature["geometry"]))
    assert shapely.hausdorff_distance(drawn, circle) <= 0.02 * radius_deg + 2e-5


@pytest.mark.shared
def test_an_independent_build_of_the_same_source_agrees() -> None:
    """All members but Greece and Türkiye, which the other build repaired from another coast."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data/boundaries beside the checkout")
    import pyarrow.parquet as pq

    table = pq.read_table(SHARED / "nato_sovereign_airspace.parquet")
    shapes: dict[str, list[shapely.Geometry]] = {}
    for state, raw in zip(
        table.column("member").to_pylist(), table.column("geometry").to_pylist(), strict=True
    ):
        shapes.setdefault(state, []).append(shapely.make_valid(shapely.from_wkb(raw)))
    index = sovereign_airspace()
    for state in ("EST", "LVA", "LTU", "POL", "FIN", "SWE", "ROU", "NOR"):
        ours = index.geometries[index.row_of(f"sovereign:{state}")]
        other = shapely.union_all(shapes[state])
        apart = shapely.symmetric_difference(ours, other)
        polygons = [p for p in shapely.get_parts(apart) if p.geom_type == "Polygon"]
        apart_km2 = sum(abs(GEOD.geometry_area_perimeter(p)[0]) for p in polygons) / 1e6
        assert apart_km2 < 1e-3 * area_km2(ours), state
