"""Limits as publications write them."""

import pytest

from vedette.airspace.limits import ceiling, floor, read_limit
from vedette.model.errors import ZoneError
from vedette.model.zone import Limit


@pytest.mark.parametrize(
    ("text", "height_m", "datum"),
    [
        ("FL115", 3505.2, "pressure"),
        ("FL 65", 1981.2, "pressure"),
        ("1500 ft", 457.2, "amsl"),
        ("2400FT AMSL", 731.52, "amsl"),
        ("500FT AGL", 152.4, "agl"),
        ("1525 M", 1525.0, "amsl"),
        ("3950 ft AGL", 1203.96, "agl"),
        ("820FT ASFC", 249.936, "agl"),
    ],
)
def test_a_written_limit_has_its_height_and_datum(text: str, height_m: float, datum: str) -> None:
    assert read_limit(text) == Limit(height_m=height_m, datum=datum)


def test_the_ground_is_no_floor_and_no_end_is_no_ceiling() -> None:
    for text in ("GND", "SFC", "0FT AGL"):
        assert floor(text) is None
    for text in ("UNL", "Unlimited", "FL999", "99999FT AMSL"):
        assert ceiling(text) is None


@pytest.mark.parametrize("text", ["", "soon", "FL1150", "1500 furlongs", "1500 ft XYZ"])
def test_what_is_no_limit_is_an_error(text: str) -> None:
    with pytest.raises(ZoneError):
        read_limit(text)


def test_a_floor_without_end_and_a_ceiling_on_the_ground_are_errors() -> None:
    with pytest.raises(ZoneError):
        floor("UNL")
    with pytest.raises(ZoneError):
        ceiling("GND")
