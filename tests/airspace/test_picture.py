"""Map pictures: well-formed, with what is in them, for zones anywhere."""

import re

import numpy as np
import pytest
import shapely
from lxml import etree

from vedette.airspace.basemap import border_lines, land
from vedette.airspace.difference import differences
from vedette.airspace.picture import HEIGHT, WIDTH, picture_svg
from vedette.model.zone import Limit, Zone


def zone(zone_id: str, **fields: object) -> Zone:
    return Zone(
        zone_id=zone_id, kind="danger", name=f"Name & <{zone_id}>", state=None, source="", **fields
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(24, 58, 26, 59),
        shapely.box(178, 60, 182, 62),
        shapely.MultiPolygon([shapely.box(178, 60, 180, 62), shapely.box(-180, 60, -178, 62)]),
        shapely.box(-180, 80, 180, 90),
        shapely.Point(10, 50).buffer(0.001),
    ],
)
def test_a_picture_is_well_formed_and_shows_the_zone(shape: shapely.Geometry) -> None:
    svg = picture_svg(
        [zone("D-1", ceiling=Limit(height_m=3048.0, datum="pressure"))], [shape], "a & b"
    )
    root = etree.fromstring(svg.encode())
    assert (root.get("width"), root.get("height")) == (str(WIDTH), str(HEIGHT))
    drawn = [p for p in root.iter("{*}path") if p.find("{*}title") is not None]
    assert len(drawn) == 1
    assert "GND – FL100" in svg
    numbers = np.array([float(n) for n in re.findall(r"-?\d+\.?\d*", drawn[0].get("d"))]).reshape(
        -1, 2
    )
    inside = (numbers >= -1).all(axis=1) & (numbers <= (WIDTH + 1, HEIGHT + 1)).all(axis=1)
    assert inside.any()


def test_the_same_zones_give_the_same_picture() -> None:
    pair = [zone("a"), zone("b")], [shapely.box(0, 50, 1, 51), shapely.box(1, 50, 2, 51)]
    marks = [(50.5, 0.5, "here")]
    assert picture_svg(*pair, "t", marks) == picture_svg(*pair, "t", marks)
    assert "here" in picture_svg(*pair, "t", marks)


def test_the_base_map_is_land_and_sea() -> None:
    ground = land()
    assert ground.is_valid
    assert [bool(shapely.contains_xy(ground, *p)) for p in ((13.4, 52.5), (-40.0, 45.0))] == [
        True,
        False,
    ]
    assert border_lines().length > 100


def test_differences_say_what_changed_and_how_far() -> None:
    square = shapely.box(0, 50, 1, 51)
    old = [zone("same"), zone("gone"), zone("moved"), zone("renamed")], [square] * 4
    new = (
        [zone("same"), zone("moved"), zone("renamed", note="new"), zone("fresh")],
        [square, shapely.box(0, 50, 1.01, 51), square, square],
    )
    found = {d.zone_id: d for d in differences(old, new)}
    assert {k: d.change for k, d in found.items()} == {
        "gone": "removed",
        "moved": "changed",
        "renamed": "changed",
        "fresh": "added",
    }
    assert found["moved"].moved_m == pytest.approx(
        715.0, rel=0.01
    )  # 0.01 degrees of longitude at 50 N
    assert found["moved"].only_old_km2 == pytest.approx(0.0, abs=0.2)
    assert found["moved"].only_new_km2 == pytest.approx(78.8, rel=0.02)
    assert found["renamed"].fields == {"note": ("", "new")}
    assert differences(old, old) == []
