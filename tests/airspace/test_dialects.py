"""Files of others: their columns in our words."""

from collections import Counter

import msgspec
import pytest
import shapely

from vedette.airspace.zone_file import read_zones
from vedette.model.zone import Limit


def collection(*properties: dict[str, object], shape: object = None) -> bytes:
    geometry = msgspec.Raw(shapely.to_geojson(shape or shapely.box(0, 50, 1, 51)).encode())
    features = [{"type": "Feature", "properties": p, "geometry": geometry} for p in properties]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


UK = {
    "id": "GB/x/1",
    "country": "GB",
    "name": "X",
    "category": "R-TEMP",
    "lower": "SFC",
    "lower_ref": "SFC",
    "upper": "FL115",
    "upper_ref": "STD",
}


def test_charts_of_soaring_pilots_have_categories_and_limits() -> None:
    (zone,), _, problems = read_zones(collection(UK), "a")
    assert problems == []
    assert (zone.zone_id, zone.kind, zone.state, zone.floor) == ("GB/x/1", "temporary", "GBR", None)
    assert zone.ceiling == Limit(height_m=3505.2, datum="pressure")


def test_names_that_come_again_are_numbered_and_bad_limits_are_named() -> None:
    zones, _, problems = read_zones(collection(UK, UK, {**UK, "upper": "sky"}), "a")
    assert [z.zone_id for z in zones] == ["GB/x/1", "GB/x/1#2"]
    assert "'sky' is no limit" in problems[0]


def test_a_ring_that_repeats_itself_is_mended_and_a_bow_tie_is_not() -> None:
    spike = shapely.Polygon([(0, 50), (1, 50), (1, 51), (2, 51), (1, 51), (0, 51)])
    zones, shapes, problems = read_zones(collection(UK, shape=spike), "a")
    assert len(zones) == 1
    assert "mended" in problems[0]
    assert shapes[0].area == pytest.approx(1.0)
    bow_tie = shapely.Polygon([(0, 50), (1, 51), (1, 50), (0, 51)])
    zones, _, problems = read_zones(collection(UK, shape=bow_tie), "a")
    assert zones == []
    assert "not valid" in problems[0]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "kinds"),
    [
        ("airspace_uk_cc0.geojson", 1064, {"danger": 110, "atz": 108, "restricted": 28, "ctr": 30}),
        ("fir_eurocontrol_nm.geojson", 150, {"fir": 118, "uir": 26}),
        ("fir_world_ead2015.parquet", 336, {"fir": 271, "uir": 65}),
    ],
)
def test_the_shared_sets_load_whole(shared, name: str, count: int, kinds: dict[str, int]) -> None:
    zones, shapes, problems = read_zones(shared(f"data/airspace/{name}"), name)
    assert (len(zones), problems) == (count, [])
    assert kinds.items() <= Counter(z.kind for z in zones).items()
    assert all(shape.is_valid for shape in shapes)


@pytest.mark.shared
def test_the_firs_lie_where_their_indicators_say(shared) -> None:
    import numpy as np

    from vedette.airspace.index import ZoneIndex

    name = "fir_eurocontrol_nm.geojson"
    zones, shapes, _ = read_zones(shared(f"data/airspace/{name}"), name)
    index = ZoneIndex.build(zones, shapes)
    for latitude, longitude, zone_id in (
        (59.4, 24.8, "FIR:EETTFIR"),
        (52.2, 21.0, "FIR:EPWWFIR"),
        (44.4, 26.1, "FIR:LRBBFIR"),
    ):
        _, found = index.locate(np.array([latitude]), np.array([longitude]), kinds={"fir"})
        assert zone_id in {zones[k].zone_id for k in found}
        assert zones[index.row_of(zone_id)].state is not None
