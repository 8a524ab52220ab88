"""What the conversions of the categories share: outcomes, places, heights, codes and names."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.feeds.asterix import layout
from vedette.feeds.asterix._kernels import FIELD_MONITOR, NO_DETECTION, PLOT, SERVICE, TEST
from vedette.feeds.asterix.records import MISSING, Records
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.plot import EMERGENCIES
from vedette.model.units import FLIGHT_LEVEL_M, FOOT_M, NAUTICAL_MILE_M

__all__ = ["FIELD_MONITOR", "NAUTICAL_MILE_M", "NO_DETECTION", "PLOT", "SERVICE", "TEST"]

_SHIFTS: Final = np.arange(42, -6, -6)
LEVELS: Final = (-15.0, 1500.0)  # flight levels that I062/136 states as possible
EMERGENCY_NAMES: Final = pa.array(EMERGENCIES)  # in the order of I021/200 and I062/080


class Converted(NamedTuple):
    """What records say, as columns of plots; rows that are no plots may hold anything.

    Attributes:
        outcome: (n,) PLOT, NO_DETECTION, FIELD_MONITOR, TEST or SERVICE.
        ticks: (n,) time of day [1/128 s]; MISSING: as received.
        wrap_ticks: after how many ticks the time begins again.
        false: (n,) a value that cannot be true: no record of this edition, or a broken one.
        columns: of plots, by name.
        cartesian_m: (n, 2) east and north of the site; the plot's place if it is not NaN.
        at_site: (n,) whether the place needs a site.
    """

    outcome: Integers
    ticks: Integers
    false: Flags
    columns: dict[str, Floats | Integers | pa.Array]
    wrap_ticks: int = layout.TICKS_PER_DAY
    cartesian_m: Floats | None = None
    at_site: Flags | None = None


class Category(NamedTuple):
    """One category: the values to read of it and how they become plots."""

    wanted: tuple[str, ...]
    convert: Callable[[Records], Converted]


def service(records: Records, *, ticks: str | None) -> Converted:
    """Records that are counted and give no plots."""
    count = len(records.marks)
    time = records.raw(ticks) if ticks else np.full(count, MISSING)
    return Converted(np.full(count, SERVICE), time, bad_time(time), {})


def bad_time(ticks: Integers) -> Flags:
    """(n,) times of day that are none."""
    wrong: Flags = (ticks != MISSING) & ((ticks < 0) | (ticks >= layout.TICKS_PER_DAY))
    return wrong


def bad_place(latitude_deg: Floats, longitude_deg: Floats) -> Flags:
    """(n,) places that are nowhere."""
    wrong: Flags = (np.abs(latitude_deg) > 90.0) | (np.abs(longitude_deg) > 180.0)
    return wrong


def bad_level(level_fl: Floats) -> Flags:
    """(n,) flight levels that no aircraft has."""
    wrong: Flags = (level_fl < LEVELS[0]) | (level_fl > LEVELS[1])
    return wrong


def level_m(level_fl: Floats, garbled: Flags) -> Floats:
    """(n,) pressure altitude [m], NaN where it was not validated or is garbled."""
    return np.where(garbled | bad_level(level_fl), np.nan, level_fl * FLIGHT_LEVEL_M)


def height_m(feet: Floats) -> Floats:
    """(n,) heights [m] of feet; the greatest code means "greater than", which is no measurement."""
    return np.where(feet >= 32_767 * 6.25, np.nan, feet * FOOT_M)


def optional(values: Integers, allowed: Flags, kind: pa.DataType) -> pa.Array:
    """Integers as ``kind``; null where absent or not allowed."""
    known = (values != MISSING) & allowed
    return pa.array(np.where(known, values, 0), pa.int64(), mask=~known).cast(kind)


def squawk(code: Integers, trusted: Flags) -> pa.Array:
    """Mode 3/A codes, null where not validated or garbled."""
    return optional(code, trusted, pa.uint16())


def address(values: Integers, allowed: Flags) -> pa.Array:
    """ICAO addresses; 0 is none."""
    return optional(values, allowed & (values > 0), pa.uint32())


def callsigns(codes: Integers, allowed: Flags) -> pa.Array:
    """Eight characters of six bits each; null if one of them is none, or all are blank."""
    known = (codes != MISSING) & allowed
    held = np.where(known, codes, 0)
    characters = layout.CHARACTERS[held[:, None] >> _SHIFTS & 63]
    sound = known & characters.all(axis=1)
    ends = np.where(characters != ord(" "), np.arange(1, 9), 0).max(axis=1, initial=0)
    return texts(characters, np.where(sound & (ends > 0), ends, -1))


def texts(characters: NDArray[np.uint8], lengths: Integers) -> pa.Array:
    """Callsigns from (n, 8) characters; null where the length is negative."""
    missing = lengths < 0
    if missing.all():
        return pa.nulls(len(lengths), pa.string())
    held = np.where(missing, 0, lengths)
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(held, out=offsets[1:])
    packed = characters[np.arange(8) < held[:, None]]
    known = None if not missing.any() else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.StringArray.from_buffers(
        len(lengths), pa.py_buffer(offsets), pa.py_buffer(packed), known
    )


def ground(on: Integers) -> pa.Array:
    """Whether on the ground; null where not said."""
    known = on != MISSING
    return pa.array(np.where(known, on, 0) == 1, mask=~known)


def velocity(east_mps: Floats, north_mps: Floats) -> dict[str, Floats | Integers]:
    """Ground speed and track angle of a velocity."""
    return {
        "ground_speed_mps": np.hypot(east_mps, north_mps),
        "track_angle_rad": np.mod(np.arctan2(east_mps, north_mps), 2.0 * np.pi),
    }


def outcomes(
    count: int,
    *,
    test: Flags | None = None,
    monitor: Flags | None = None,
    none: Flags | None = None,
    service: Flags | None = None,
) -> Integers:
    """What becomes of each record; a later reason goes before an earlier one."""
    found = np.full(count, PLOT)
    for flags, outcome in ((none, NO_DETECTION), (monitor, FIELD_MONITOR), (test, TEST)):
        if flags is not None:
            found[flags] = outcome
    if service is not None:
        found[service] = SERVICE
    return found
