"""Floors and ceilings as publications write them: ``FL115``, ``2400FT AMSL``, ``SFC``, ``UNL``."""

import re
from typing import Final

from vedette.model.errors import ZoneError
from vedette.model.units import FLIGHT_LEVEL_M, FOOT_M
from vedette.model.zone import Datum, Limit

METRES: Final = {"ft": FOOT_M, "m": 1.0, "fl": FLIGHT_LEVEL_M, "sm": 10.0}
_GROUND: Final = frozenset({"gnd", "sfc", "ground", "surface", "floor", "agl", "msl"})
_UNLIMITED: Final = frozenset({"unl", "unlim", "unltd", "unlimited", "ceiling"})
_DATUMS: Final[dict[str, Datum]] = {
    "amsl": "amsl",
    "msl": "amsl",
    "alt": "amsl",
    "agl": "agl",
    "sfc": "agl",
    "gnd": "agl",
    "asfc": "agl",
    "hgt": "agl",
    "std": "pressure",
    "w84": "hae",
    "wgs84": "hae",
    "hae": "hae",
}
_LEVEL: Final = re.compile(r"fl\s*(\d{1,3})")
_HEIGHT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ft|m|sm)?\s*([a-z0-9]+)?")
_BEYOND: Final = 99_000.0  # feet or metres: a way to write "no limit"


def datum_of(reference: str) -> Datum | None:
    """Datum of a word like ``MSL``, ``SFC`` or ``STD``; None when it is none of them."""
    return _DATUMS.get(reference.strip().lower())


def read_limit(text: str, default: Datum = "amsl") -> Limit | None:
    """A written limit; None for the ground and for "unlimited", which ``floor`` and ``ceiling`` tell apart.

    Args:
        text: as published.
        default: datum of a height that names none.

    Raises:
        ZoneError: it is no limit that we know.

    >>> read_limit("FL100")
    Limit(height_m=3048.0, datum='pressure')
    """
    plain = " ".join(text.lower().replace(".", " . ").split()).replace(" . ", ".").rstrip(".")
    if plain in _GROUND or plain in _UNLIMITED:
        return None
    level = _LEVEL.fullmatch(plain)
    if level:
        return (
            None if int(level[1]) >= 999 else _limit(float(level[1]) * FLIGHT_LEVEL_M, "pressure")
        )
    height = _HEIGHT.fullmatch(plain)
    if height is None or (height[3] is not None and datum_of(height[3]) is None):
        raise ZoneError(f"{text!r} is no limit that is known here")
    if float(height[1]) >= _BEYOND:
        return None
    datum = default if height[3] is None else _DATUMS[height[3]]
    return _limit(float(height[1]) * METRES[height[2] or "ft"], datum)


def _limit(height_m: float, datum: Datum) -> Limit:
    return Limit(height_m=round(height_m, 3), datum=datum)


def floor(text: str, default: Datum = "amsl") -> Limit | None:
    """A written floor; None: down to the ground.

    Raises:
        ZoneError: it is no floor.
    """
    if text.strip().lower() in _UNLIMITED:
        raise ZoneError(f"the floor is {text.strip()}")
    limit = read_limit(text, default)
    return None if limit is not None and limit.datum == "agl" and limit.height_m == 0.0 else limit


def ceiling(text: str, default: Datum = "amsl") -> Limit | None:
    """A written ceiling; None: unlimited.

    Raises:
        ZoneError: it is no ceiling.
    """
    if text.strip().lower() in _GROUND:
        raise ZoneError(f"the ceiling is {text.strip()}")
    return read_limit(text, default)


def check_order(lower: Limit | None, upper: Limit | None) -> None:
    """Heights over different datums compare only at a place and time, so they pass.

    Raises:
        ZoneError: the floor is not below the ceiling.
    """
    if lower is None or upper is None or lower.datum != upper.datum:
        return
    if lower.height_m >= upper.height_m:
        raise ZoneError(
            f"the floor is not below the ceiling ({lower.height_m:g} m, {upper.height_m:g} m {upper.datum})"
        )
