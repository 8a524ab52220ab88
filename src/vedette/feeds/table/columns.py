"""Which column of a trajectory table means what, and in which unit.

Names settle the unit; where one name is used for two, the table's other columns settle it, and what was
taken is noted. A name whose unit nothing settles is not used. See docs/reference/feeds-table.md.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from vedette.model.errors import shortened
from vedette.model.units import FLIGHT_LEVEL_M, FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS

DEGREE: Final = 0.017453292519943295  # rad


class Column(NamedTuple):
    """A column that is used: its name in the table and the factor to our unit."""

    name: str
    factor: float = 1.0


# For each field of a plot: names in order of preference, with the factor to its unit
NUMBERS: Final[dict[str, dict[str, float]]] = {
    "latitude_deg": {"latitude_deg": 1.0, "latitude": 1.0, "lat": 1.0},
    "longitude_deg": {"longitude_deg": 1.0, "longitude": 1.0, "lon": 1.0, "lng": 1.0, "long": 1.0},
    "position_sigma_m": {"position_sigma_m": 1.0},
    "pressure_altitude_m": {
        "pressure_altitude_m": 1.0,
        "baroaltitude": 1.0,  # OpenSky
        "baro_altitude": 1.0,
        "baroaltitude_m": 1.0,
        "altitude_m": 1.0,
        "altitude_ft": FOOT_M,
        "alt_ft": FOOT_M,
        "alt_baro": FOOT_M,  # readsb
        "flight_level": FLIGHT_LEVEL_M,
        "altitude": FOOT_M,  # traffic
    },
    "height_hae_m": {
        "height_hae_m": 1.0,
        "geoaltitude_m": 1.0,
        "geo_altitude_m": 1.0,
        "geoaltitude_ft": FOOT_M,
        "alt_geom": FOOT_M,  # readsb
        "alt_m": 1.0,
        "geoaltitude": 1.0,  # OpenSky; in feet beside "altitude"
        "geo_altitude": 1.0,
    },
    "height_sigma_m": {"height_sigma_m": 1.0},
    "ground_speed_mps": {
        "ground_speed_mps": 1.0,
        "groundspeed_mps": 1.0,
        "gs_ms": 1.0,
        "gs_mps": 1.0,
        "velocity": 1.0,  # OpenSky
        "groundspeed": KNOT_MPS,  # traffic
        "groundspeed_kt": KNOT_MPS,
        "gs_kt": KNOT_MPS,
        "gs": KNOT_MPS,  # readsb
    },
    "track_angle_rad": {
        "track_angle_rad": 1.0,
        "track": DEGREE,
        "track_deg": DEGREE,
        "true_track": DEGREE,
        "heading": DEGREE,  # OpenSky means the track over ground by it
    },
    "vertical_rate_mps": {
        "vertical_rate_mps": 1.0,
        "vertrate": 1.0,  # OpenSky
        "vertical_rate_ftmin": FOOT_PER_MINUTE_MPS,
        "baro_rate": FOOT_PER_MINUTE_MPS,  # readsb
        "vertical_rate": FOOT_PER_MINUTE_MPS,  # traffic; in m/s beside "velocity"
    },
    "nic": {"nic": 1.0},
    "nac_p": {"nac_p": 1.0, "nacp": 1.0},
    "sil": {"sil": 1.0},
    "class_confidence": {"class_confidence": 1.0},
}
TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "icao24": ("icao24", "hex", "icao", "icao_address"),
    "callsign": ("callsign", "flight"),
    "mode3a": ("mode3a", "squawk"),
    "emitter_category": ("emitter_category", "category"),
    "emergency": ("emergency",),
    "class_hint": ("class_hint",),
    "on_ground": ("on_ground", "onground"),
    "track_number": ("track_number", "track_id", "flight_id", "serial", "object_id"),
}
TIMES: Final = (
    "valid_ns",
    "timestamp",
    "time",
    "time_utc",
    "datetime",
    "time_ns",
    "time_us",
    "time_ms",
    "time_s",
    "timestamp_ns",
    "timestamp_us",
    "timestamp_ms",
    "timestamp_s",
)
PLACED: Final = ("lastposupdate", "last_position", "time_position")  # when the place was heard
UNSETTLED: Final = ("alt", "height", "elevation", "speed", "spd", "vs", "climb")
NEVER_NULL: Final = ("latitude_deg", "longitude_deg")


class Columns(NamedTuple):
    """The columns of one table that are used."""

    time: str
    placed: str | None
    numbers: dict[str, Column]
    texts: dict[str, str]
    notes: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """All of them, in the order of the fields."""
        found = [self.time, *([self.placed] if self.placed else [])]
        found += [column.name for column in self.numbers.values()] + list(self.texts.values())
        return list(dict.fromkeys(found))


def find_columns(names: Iterable[str]) -> Columns | None:
    """What the columns of a table mean; None without a time or a place.

    Names are compared without case. ``notes`` has a sentence for all that could be misread.
    """
    given = {name.strip().lower(): name for name in reversed(list(names))}
    time = next((given[name] for name in TIMES if name in given), None)
    numbers: dict[str, Column] = {}
    for field, known in NUMBERS.items():
        for name, factor in known.items():
            if name in given:
                numbers[field] = Column(given[name], factor)
                break
    if time is None or not all(field in numbers for field in NEVER_NULL):
        return None
    notes: list[str] = []
    _settle(given, numbers, notes)
    texts = {
        field: next(given[name] for name in known if name in given)
        for field, known in TEXTS.items()
        if any(name in given for name in known)
    }
    placed = next((given[name] for name in PLACED if name in given), None)
    columns = Columns(time, placed, numbers, texts, ())
    used = set(columns.names)
    notes.extend(
        f'column "{given[name]}" is not used: nothing says its unit or datum '
        "(name it altitude_m, alt_ft, gs_ms, groundspeed, ...)"
        for name in UNSETTLED
        if name in given and given[name] not in used
    )
    unused = sorted(set(given.values()) - used - {given[n] for n in UNSETTLED if n in given})
    if unused:
        notes.append(shortened(f"columns not used: {', '.join(unused)}"))
    return columns._replace(notes=tuple(notes))


def _settle(given: dict[str, str], numbers: dict[str, Column], notes: list[str]) -> None:
    """Units of names that are used for two, by the columns beside them."""

    def taken(field: str) -> str:
        return numbers[field].name.strip().lower() if field in numbers else ""

    def set_unit(field: str, factor: float, words: str) -> None:
        numbers[field] = Column(numbers[field].name, factor)
        notes.append(f'column "{numbers[field].name}" is read as {words}')

    if taken("pressure_altitude_m") == "altitude":
        set_unit("pressure_altitude_m", FOOT_M, "pressure altitude in feet")
    elif taken("pressure_altitude_m") == "altitude_m":
        set_unit("pressure_altitude_m", 1.0, "pressure altitude in metres")
    if taken("height_hae_m") in ("geoaltitude", "geo_altitude"):
        if "altitude" in given:
            set_unit(
                "height_hae_m", FOOT_M, 'height above the ellipsoid in feet, as beside "altitude"'
            )
        else:
            set_unit("height_hae_m", 1.0, "height above the ellipsoid in metres")
    elif taken("height_hae_m") == "alt_m":
        set_unit("height_hae_m", 1.0, "height above the ellipsoid in metres")
    if taken("vertical_rate_mps") == "vertical_rate":
        if taken("ground_speed_mps") == "velocity":
            set_unit("vertical_rate_mps", 1.0, 'metres a second, as beside "velocity"')
        else:
            set_unit("vertical_rate_mps", FOOT_PER_MINUTE_MPS, "feet a minute")
    if taken("track_angle_rad") == "heading":
        set_unit("track_angle_rad", DEGREE, "track over ground in degrees")
