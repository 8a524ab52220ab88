"""Plots to Beast bytes, as a receiver near the aircraft would give them."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.feeds.mode_s import _squitters as q
from vedette.feeds.mode_s._frames import frame
from vedette.feeds.mode_s._names import BLANK, pack
from vedette.model.columns import flags, floats, integers, strings
from vedette.model.plot import EMERGENCIES
from vedette.model.time import DAY_NS, SECOND_NS

Integers = NDArray[np.int64]

PERIOD_NS: Final = {  # how often a message is sent at most, DO-260B 2.2.3.3
    q.IDENTIFICATION: 5_000_000_000,
    q.STATUS: 5_000_000_000,
    q.OPERATIONAL: 2_500_000_000,
}
EMERGENCY_PERIOD_NS: Final = 800_000_000
ORDER: Final = (q.OPERATIONAL, q.IDENTIFICATION, q.STATUS, q.VELOCITY, q.PLACE)
SPACING_NS: Final = 200_000  # a message takes 120 µs
HEAD_START_NS: Final = (
    1_000_000_000  # a counter cannot be below 0 for what comes before the first place
)
SIGNAL: Final = 128
CATEGORIES: Final = {
    f"{letter}{digit}": 8 * i + digit for i, letter in enumerate("ABCD") for digit in range(8)
}
NEVER: Final = -(1 << 62)
_IGNORED: Final = -1


class BeastEncoder:
    """Sends what aircraft say of themselves as DF17 messages, at the rates of a real transponder.

    Each row with a place gives a position message, even and odd in turn for each aircraft, after a
    velocity message (in the air) and, when due or changed, operational status (where NACp is known),
    identification (where callsign or category is) and emergency with identity code (where squawk is).
    A receiver has a place from the second row of an aircraft on, as in life.
    """

    def __init__(self, origin_ns: int | None = None, *, gps: bool = False) -> None:
        """Prepare for a stream whose 12 MHz counter stood at 1 s at ``origin_ns``; None: at the first row.

        ``gps``: messages bear the second of the day and nanoseconds instead, as a Radarcape's do.
        """
        self._origin_ns, self._gps = origin_ns, gps
        self._row_of: dict[int, int] = {}
        self._odd = np.zeros(0, np.int64)
        self._sent_ns = np.zeros((0, 5), np.int64)
        self._said = np.zeros((0, 5), np.int64)  # name, category, squawk, emergency, NACp sent last

    def encode(self, plots: pa.Table, *, slow: bool = False) -> bytes:
        """Beast frames of the rows of a plot table that have an address and a place, by time.

        Used: valid_ns, icao24 (or, for aircraft without one, track_number as an anonymous address),
        latitude_deg, longitude_deg, pressure_altitude_m, height_hae_m, ground_speed_mps, track_angle_rad,
        vertical_rate_mps, callsign, emitter_category, mode3a, emergency, nic (null: 8), nac_p (null: no
        operational status), sil, on_ground.

        Args:
            plots: the rows; their times must not go back from one call to the next.
            slow: send the slow messages of every row now, due or not.
        """
        placed = pc.and_(
            pc.is_valid(plots["latitude_deg"]),
            pc.or_(pc.is_valid(plots["icao24"]), pc.is_valid(plots["track_number"])),
        )
        plots = plots.filter(pc.and_(placed, pc.is_valid(plots["longitude_deg"])))
        if plots.num_rows == 0:
            return b""
        plots = plots.sort_by("valid_ns")
        whole, real, times_ns = _columns(plots)
        if self._origin_ns is None:
            self._origin_ns = int(times_ns[0])
        known = self._known(whole)
        which, rows = [], []
        for row, index in enumerate(known.tolist()):
            whole[row, q.ODD] = self._odd[index]
            self._odd[index] ^= 1
            for form in ORDER:
                if self._due(form, index, whole[row], int(times_ns[row]), slow):
                    which.append(form)
                    rows.append(row)
        # The place is stamped with its own time, the messages that go with it just before
        sent = np.array(rows, np.int64)
        after = np.searchsorted(sent, sent, side="right") - 1 - np.arange(len(sent))
        heard_ns = times_ns[sent] - after * SPACING_NS
        messages = np.empty((len(sent), 14), np.uint8)
        q.compose(np.array(which, np.int64), sent, whole, real, messages)
        if self._gps:
            stamps = ((heard_ns % DAY_NS // SECOND_NS) << 30) | heard_ns % SECOND_NS
        else:
            stamps = (heard_ns - self._origin_ns + HEAD_START_NS) * 12 // 1_000
        return _framed(messages, stamps)

    def _known(self, whole: Integers) -> Integers:
        keys = (whole[:, q.ADDRESS] | (whole[:, q.ANONYMOUS] << 24)).tolist()
        known = np.array([self._row_of.setdefault(key, len(self._row_of)) for key in keys])
        new = len(self._row_of) - len(self._odd)
        if new:
            self._odd = np.append(self._odd, np.zeros(new, np.int64))
            self._sent_ns = np.vstack([self._sent_ns, np.full((new, 5), NEVER)])
            self._said = np.vstack([self._said, np.full((new, 5), _IGNORED)])
        return known

    def _due(self, form: int, index: int, row: Integers, now_ns: int, slow: bool) -> bool:
        if form == q.PLACE:
            return True
        if form == q.VELOCITY:
            return bool(row[q.ON_GROUND] != 1)
        said = self._said[index]
        period_ns = PERIOD_NS[form]
        if form == q.IDENTIFICATION:
            wanted = bool(row[q.NAME] != BLANK or row[q.CATEGORY] >= 0)
            changed = said[0] != row[q.NAME] or said[1] != row[q.CATEGORY]
            said_now = {0: row[q.NAME], 1: row[q.CATEGORY]}
        elif form == q.STATUS:
            wanted = bool(row[q.SQUAWK] >= 0 or row[q.EMERGENCY] > 0)
            changed = said[2] != row[q.SQUAWK] or said[3] != row[q.EMERGENCY]
            said_now = {2: row[q.SQUAWK], 3: row[q.EMERGENCY]}
            if row[q.EMERGENCY] > 0:
                period_ns = EMERGENCY_PERIOD_NS
        else:
            wanted = bool(row[q.NAC_P] >= 0)
            quality = row[q.NAC_P] | ((row[q.SIL] + 1) << 4) | ((row[q.NIC] + 1) << 8)
            quality |= (row[q.ON_GROUND] == 1) << 16
            changed = said[4] != quality
            said_now = {4: quality}
        due = slow or changed or now_ns - self._sent_ns[index, form] >= period_ns
        if not (wanted and due):
            return False
        for column, value in said_now.items():
            said[column] = value
        self._sent_ns[index, form] = now_ns
        return True


def _framed(messages: NDArray[np.uint8], stamps: Integers) -> bytes:
    out = np.empty(46 * len(messages), np.uint8)
    size = frame(messages, np.full(len(messages), 14), stamps, SIGNAL, out)
    return out[:size].tobytes()


def _columns(plots: pa.Table) -> tuple[Integers, NDArray[np.float64], Integers]:
    size = plots.num_rows
    whole, real = np.empty((size, q.WHOLE), np.int64), np.empty((size, q.REAL))
    address = integers(plots, "icao24", missing=-1)
    number = integers(plots, "track_number", missing=0) & 0xFFFFFF
    whole[:, q.ANONYMOUS] = address < 0
    whole[:, q.ADDRESS] = np.where(address < 0, number, address)
    for column, name in (
        (q.SQUAWK, "mode3a"),
        (q.NIC, "nic"),
        (q.NAC_P, "nac_p"),
        (q.SIL, "sil"),
    ):
        whole[:, column] = integers(plots, name, missing=-1)
    whole[:, q.ON_GROUND] = flags(plots, "on_ground")
    whole[:, q.NAME] = [
        BLANK if name is None else pack(name) for name in strings(plots, "callsign")
    ]
    whole[:, q.CATEGORY] = [
        CATEGORIES.get(name, -1) if name is not None else -1
        for name in strings(plots, "emitter_category")
    ]
    whole[:, q.EMERGENCY] = [
        EMERGENCIES.index(name) if name in EMERGENCIES else -1
        for name in strings(plots, "emergency")
    ]
    for column, name in (
        (q.LATITUDE, "latitude_deg"),
        (q.LONGITUDE, "longitude_deg"),
        (q.PRESSURE, "pressure_altitude_m"),
        (q.HAE, "height_hae_m"),
        (q.SPEED, "ground_speed_mps"),
        (q.TRACK, "track_angle_rad"),
        (q.CLIMB, "vertical_rate_mps"),
    ):
        real[:, column] = floats(plots, name)
    return whole, real, integers(plots, "valid_ns", missing=0)
