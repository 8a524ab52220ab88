"""SBS-1 BaseStation lines (port 30003): see docs/reference/feeds-sbs.md."""

import math
import re
from calendar import timegm
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.feeds import _sbs
from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.lines import LineCutter, TimedLineFramer, quarantine
from vedette.model.columns import Integers, from_columns
from vedette.model.plot import PLOT, no_plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.units import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS

LINE_MAX: Final = 1_024
FIELDS: Final = _sbs.FIELDS
AIRCRAFT_MAX: Final = 65_536
SLOW_NS: Final = 60 * SECOND_NS  # how long a callsign and a squawk are believed
FAST_NS: Final = 10 * SECOND_NS  # how long a velocity is
AHEAD_NS: Final = (
    86_400 * SECOND_NS
)  # no clock is so wrong by its time zone: a later time is a wrong date
OTHER_KINDS: Final = ("SEL", "ID", "AIR", "STA", "CLK")  # status lines of the receiver: counted
LEVELS_FT: Final = (-1_500.0, 150_000.0)
SPEED_KT: Final = (0.0, 2_500.0)
TRACK_DEG: Final = (0.0, 360.0)
LATITUDE_DEG: Final = (-90.0, 90.0)
LONGITUDE_DEG: Final = (-180.0, 180.0)
CLIMB_FPM: Final = (-40_000.0, 40_000.0)
_BOUNDS: Final = np.array([LEVELS_FT, SPEED_KT, TRACK_DEG, LATITUDE_DEG, LONGITUDE_DEG, CLIMB_FPM])
_SECOND: Final = re.compile(r"(\d{4})/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)")
_FRACTION: Final = re.compile(r"\.\d{1,6}")
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f]{6}")
_SQUAWK: Final = re.compile("[0-7]{4}")
_NUL: Final = b"\xff"  # for a NUL in a name, which ends where the first NUL stands
_FLAGS: Final = {"-1": True, "1": True, "0": False}  # -1 is true; some programs write 1


class Message(NamedTuple):
    """One MSG line in its units; None where a field is empty."""

    kind: int  # transmission type 1 to 8
    icao24: int
    valid_ns: int
    callsign: str | None = None
    altitude_ft: float | None = None
    ground_speed_kt: float | None = None
    track_deg: float | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    vertical_rate_fpm: float | None = None
    squawk: str | None = None
    emergency: bool | None = None
    on_ground: bool | None = None


class _WrongError(ValueError):
    """A line that is no message; the text says why."""


def instant_ns(date: str, time: str) -> int | None:
    """The instant of ``2018/04/03`` and ``12:30:59.123``, taken as UTC; None if they are none."""
    second_ns, fraction = _second_ns(date, time[:8]), time[8:]
    if second_ns is None or not fraction:
        return second_ns
    if _FRACTION.fullmatch(fraction) is None:
        return None
    return second_ns + int(fraction[1:].ljust(9, "0"))


@lru_cache(64)  # a thousand lines of one second are common
def _second_ns(date: str, time: str) -> int | None:
    found = _SECOND.fullmatch(f"{date},{time}")
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    if not (1970 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24):
        return None
    if minute > 59 or second > 60:
        return None
    return timegm((year, month, day, hour, minute, second)) * SECOND_NS


def encode_line(message: Message) -> bytes:
    """One line, as a receiver writes it."""
    seconds, rest_ns = divmod(message.valid_ns, SECOND_NS)
    import_time = _civil(seconds)
    stamp = f"{import_time[0]},{import_time[1]}.{rest_ns // 1_000_000:03d}"
    fields = ["MSG", str(message.kind), "1", "1", f"{message.icao24:06X}", "1", stamp, stamp]
    fields += [
        message.callsign or "",
        *(
            "" if value is None else f"{value:g}" if digits is None else f"{value:.{digits}f}"
            for value, digits in (
                (message.altitude_ft, 0),
                (message.ground_speed_kt, 1),
                (message.track_deg, 1),
                (message.latitude_deg, 5),
                (message.longitude_deg, 5),
                (message.vertical_rate_fpm, 0),
            )
        ),
        message.squawk or "",
        "",
        *("" if flag is None else "-1" if flag else "0" for flag in (message.emergency, None)),
        "" if message.on_ground is None else "-1" if message.on_ground else "0",
    ]
    return ",".join(fields).encode() + b"\r\n"


def _civil(seconds: int) -> tuple[str, str]:
    days, left = divmod(seconds, 86_400)
    # days since 1 March of year 0, in eras of 400 years (the usual civil calendar)
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    date = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return (
        f"{year + 400 * era + (month <= 2):04d}/{month:02d}/{date:02d}",
        f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}",
    )


def read_line(line: bytes) -> Message | str:
    """A MSG line; or the kind of another sort of line.

    Raises:
        ValueError: it is neither; the text says why.
    """
    try:
        fields = line.decode("ascii").strip().split(",")
    except UnicodeDecodeError as error:
        raise _WrongError("octets that are no text") from error
    if fields[0] in OTHER_KINDS:
        return fields[0]
    if fields[0] != "MSG":
        raise _WrongError(f"a line begins with MSG, not {fields[0][:20]!r}")
    if len(fields) < FIELDS - 12 or len(fields) > FIELDS:
        raise _WrongError(f"{len(fields)} fields where there are {FIELDS}")
    fields += [""] * (FIELDS - len(fields))
    if fields[1] not in ("1", "2", "3", "4", "5", "6", "7", "8"):
        raise _WrongError(f"no transmission type {fields[1][:20]!r}")
    if _ADDRESS.fullmatch(fields[4]) is None:
        raise _WrongError(f"no address {fields[4][:20]!r}")
    valid_ns = instant_ns(fields[6], fields[7])
    if valid_ns is None:
        raise _WrongError(f"no time {fields[6][:20]} {fields[7][:20]}")
    return Message(
        kind=int(fields[1]),
        icao24=int(fields[4], 16),
        valid_ns=valid_ns,
        callsign=fields[10].strip().upper()[:8] or None,
        altitude_ft=_number(fields[11], *LEVELS_FT),
        ground_speed_kt=_number(fields[12], *SPEED_KT),
        track_deg=_number(fields[13], *TRACK_DEG),
        latitude_deg=_number(fields[14], *LATITUDE_DEG),
        longitude_deg=_number(fields[15], *LONGITUDE_DEG),
        vertical_rate_fpm=_number(fields[16], *CLIMB_FPM),
        squawk=fields[17] if _SQUAWK.fullmatch(fields[17]) else None,
        emergency=_flag(fields[19]),
        on_ground=_flag(fields[21]),
    )


def _number(text: str, low: float, high: float) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise _WrongError(f"{text[:20]!r} is no number") from error
    if not low <= value <= high:
        raise _WrongError(f"{value:g} is not between {low:g} and {high:g}")
    return value


def _flag(text: str) -> bool | None:
    return _FLAGS.get(text.strip())


class SbsDecoder:
    """Reads lines; a position gives a plot with what its aircraft said shortly before."""

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: the receiver: its id.
        """
        self.feed_id = feed_id
        self._sensor_id = feed_id if sensor is None else sensor.sensor_id
        self._lines = LineCutter(LINE_MAX)
        self._slot_of: dict[int, int] = {}  # by address, the one heard last is last
        self._names = np.zeros(0, dtype=np.uint64)
        self._held = np.zeros((0, _sbs.HELD), dtype=np.int64)
        self._motion = np.zeros((0, _sbs.MOTION))

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        return self.decode_each([Chunk(received_ns, data)], [raw_ref])[0][0]

    def decode_each(
        self, chunks: Sequence[Chunk], raw_refs: Sequence[int]
    ) -> tuple[list[Decoded], pa.Table]:
        """What each of several chunks gave, read at once, and all plots."""
        found = [Decoded() for _ in chunks]
        lines = self._lines.cut_each([chunk.data for chunk in chunks])
        heard = _Heard(lines.data, lines.ends)
        of = lines.chunk.tolist()
        for at in np.flatnonzero(heard.status == _sbs.UNSURE).tolist():
            decoded, line = found[of[at]], lines.line(at)
            received_ns = chunks[of[at]].received_ns
            if line.is_too_long:
                detail = f"a line of more than {LINE_MAX} octets is no message"
                quarantine(decoded, self.feed_id, received_ns, line, "bad_length", detail)
                continue
            try:
                message = read_line(line.data)
            except ValueError as error:
                quarantine(decoded, self.feed_id, received_ns, line, "bad_line", str(error))
                continue
            if isinstance(message, Message):
                heard.put(at, message)
            else:
                decoded.counts[message] = decoded.counts.get(message, 0) + 1
        received = np.array([chunk.received_ns for chunk in chunks], dtype=np.int64)
        for at in np.flatnonzero(
            (heard.status > 0) & (heard.valid_ns > received[lines.chunk] + AHEAD_NS)
        ).tolist():
            ahead_ns = int(heard.valid_ns[at] - received[of[at]])
            detail = f"its time is {_days(ahead_ns)} after that of what was heard with it"
            quarantine(
                found[of[at]],
                self.feed_id,
                int(received[of[at]]),
                lines.line(at),
                "wild_time",
                detail,
            )
            heard.status[at] = 0
        kinds = np.zeros((len(chunks), 9), dtype=np.int64)
        np.add.at(kinds, (lines.chunk, np.maximum(heard.status, 0)), 1)
        for decoded, counts in zip(found, kinds.tolist(), strict=True):
            more = {f"MSG,{kind}": count for kind, count in enumerate(counts) if kind and count}
            decoded.counts.update(more)
        heard.keep(lines.chunk)
        table, chunk = self._plots(heard, received, np.array(raw_refs, dtype=np.int64))
        edges = np.searchsorted(chunk, np.arange(len(chunks) + 1)).tolist()
        for decoded, (begin, end) in zip(found, pairwise(edges), strict=True):
            if begin < end:
                decoded.plots = table.slice(begin, end - begin)
        return found, table

    def _slots(self, addresses: list[int]) -> tuple[Integers, Integers]:
        """(n,) where each aircraft is remembered, and (n,) 1 where that is a new one's place."""
        slot_of, slots = self._slot_of, list[int]()
        new = np.zeros(len(addresses), dtype=np.int64)
        for at, address in enumerate(addresses):
            slot = slot_of.pop(address, -1)
            if slot < 0:
                new[at] = 1
                slot = len(slot_of)
                if slot >= AIRCRAFT_MAX:
                    slot = slot_of.pop(next(iter(slot_of)))
            slot_of[address] = slot
            slots.append(slot)
        if len(slot_of) > len(self._names):
            room = 2 * len(slot_of) - len(self._names)
            self._names = np.concatenate((self._names, np.zeros(room, dtype=np.uint64)))
            self._held = np.concatenate((self._held, np.zeros((room, _sbs.HELD), dtype=np.int64)))
            self._motion = np.concatenate((self._motion, np.zeros((room, _sbs.MOTION))))
        return np.array(slots, dtype=np.int64), new

    def _plots(
        self, heard: "_Heard", received_ns: Integers, raw_refs: Integers
    ) -> tuple[pa.Table, Integers]:
        """A plot of each message with a place, and (k,) the chunk of each."""
        count = len(heard.valid_ns)
        slots, new = self._slots(heard.codes[:, _sbs.ICAO24].tolist())
        placed, squawks = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
        said, moved = np.empty(count, dtype=np.uint64), np.empty((count, _sbs.MOTION))
        many = _sbs.hear(
            slots, new, heard.valid_ns, heard.names, heard.values, heard.codes, SLOW_NS, FAST_NS,
            self._names, self._held, self._motion, placed, said, squawks, moved,
        )  # fmt: skip
        if not many:
            return no_plots(), placed[:0]
        placed, said, squawks, moved = placed[:many], said[:many], squawks[:many], moved[:many]
        values, codes, chunk = heard.values[placed], heard.codes[placed], heard.chunk[placed]
        icao24, on_ground = codes[:, _sbs.ICAO24], codes[:, _sbs.ON_GROUND]
        columns = {
            "sensor_id": pa.repeat(self._sensor_id, many),
            "feed_id": pa.repeat(self.feed_id, many),
            "kind": pa.repeat("ads_b", many),
            "valid_ns": heard.valid_ns[placed],
            "received_ns": received_ns[chunk],
            "raw_ref": raw_refs[chunk],
            "latitude_deg": values[:, _sbs.LATITUDE],
            "longitude_deg": values[:, _sbs.LONGITUDE],
            "pressure_altitude_m": values[:, _sbs.ALTITUDE] * FOOT_M,
            "ground_speed_mps": moved[:, 0] * KNOT_MPS,
            "track_angle_rad": moved[:, 1] * 3.141592653589793 / 180.0,
            "vertical_rate_mps": moved[:, 2] * FOOT_PER_MINUTE_MPS,
            "icao24": pa.array(icao24.astype(np.uint32), mask=icao24 == 0),
            "mode3a": pa.array(squawks.astype(np.uint16), mask=squawks < 0),
            "callsign": _texts(said),
            "on_ground": pa.array(on_ground == 1, mask=on_ground < 0),
        }
        if (codes[:, _sbs.EMERGENCY] == 1).any():
            shown = codes[:, _sbs.EMERGENCY] == 1
            columns["emergency"] = pa.array(np.where(shown, "general", ""), mask=~shown)
        return from_columns(PLOT, columns), chunk


def _texts(names: NDArray[np.uint64]) -> pa.Array:
    """(n,) names of up to eight letters; null where there is none."""
    octets = names.view("S8")
    if (names.view(np.uint8) == _NUL[0]).any():
        return pa.array(
            [name.replace(_NUL, b"\0").decode() or None for name in octets.tolist()], pa.string()
        )
    return pa.array(octets, pa.binary(), mask=names == 0).cast(pa.string())


def _days(span_ns: int) -> str:
    days = span_ns / AHEAD_NS
    return f"{days:.1f} days" if days < 365.25 else f"{days / 365.25:.1f} years"


class _Heard:
    """Messages of many lines in columns."""

    def __init__(self, data: bytes, ends: Integers) -> None:
        count = len(ends)
        self.status, self.valid_ns = np.empty(count, dtype=np.int64), np.empty(count, np.int64)
        self.names = np.empty(count, dtype=np.uint64)
        self.values = np.empty((count, _sbs.VALUES))
        self.codes = np.empty((count, _sbs.CODES), dtype=np.int64)
        self.chunk = np.empty(0, dtype=np.int64)  # of each message
        _sbs.read_lines(
            np.frombuffer(data, dtype=np.uint8), ends, _BOUNDS, self.status, self.valid_ns,
            self.names.view(np.uint8).reshape(count, 8), self.values, self.codes,
        )  # fmt: skip

    def put(self, at: int, message: Message) -> None:
        """A message that was read on its own."""
        self.status[at], self.valid_ns[at] = message.kind, message.valid_ns
        name = (message.callsign or "").encode().replace(b"\0", _NUL)
        self.names[at] = np.frombuffer(name.ljust(8, b"\0"), dtype=np.uint64)[0]
        for column, value in enumerate(
            (
                message.altitude_ft, message.ground_speed_kt, message.track_deg,
                message.latitude_deg, message.longitude_deg, message.vertical_rate_fpm,
            )
        ):  # fmt: skip
            self.values[at, column] = math.nan if value is None else value
        self.codes[at] = (
            message.icao24,
            -1 if message.squawk is None else int(message.squawk, 8),
            -1 if message.emergency is None else message.emergency,
            -1 if message.on_ground is None else message.on_ground,
        )

    def keep(self, chunk: Integers) -> None:
        """Leave only the messages, and note the chunk of each."""
        is_one = self.status > 0
        self.chunk = chunk[is_one]
        if not is_one.all():
            self.valid_ns, self.names = self.valid_ns[is_one], self.names[is_one]
            self.values, self.codes = self.values[is_one], self.codes[is_one]


class SbsFramer(TimedLineFramer):
    """Cuts a file into chunks of lines of one second, at the times that the lines state."""

    def __init__(self) -> None:
        super().__init__(_generated_ns, slice_ns=SECOND_NS, start_ns=None, most=LINE_MAX)


def _generated_ns(line: bytes) -> int | None:
    """When a message was generated; when it was logged may be the day of a replay."""
    fields = line.decode("ascii", "replace").split(",")
    return instant_ns(fields[6], fields[7]) if len(fields) > 7 else None


def sniff(head: bytes) -> bool:
    """Whether a file that begins so has a BaseStation message on one of its first lines."""
    for line in head[:8_192].split(b"\n")[:8]:
        try:
            if isinstance(read_line(line), Message):
                return True
        except ValueError:
            continue
    return False
