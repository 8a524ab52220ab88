"""SBS-1 BaseStation lines (port 30003): see docs/reference/feeds-sbs.md."""

import re
from calendar import timegm
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa

from vedette.feeds.decoder import Decoded
from vedette.feeds.lines import LineCutter, TimedLineFramer, quarantine
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.units import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS

LINE_MAX: Final = 1_024
FIELDS: Final = 22
AIRCRAFT_MAX: Final = 65_536
SLOW_NS: Final = 60 * SECOND_NS  # how long a callsign and a squawk are believed
FAST_NS: Final = 10 * SECOND_NS  # how long a velocity is
OTHER_KINDS: Final = ("SEL", "ID", "AIR", "STA", "CLK")  # status lines of the receiver: counted
LEVELS_FT: Final = (-1_500.0, 150_000.0)
SPEED_MAX_KT: Final = 2_500.0
_SECOND: Final = re.compile(r"(\d{4})/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)")
_FRACTION: Final = re.compile(r"\.\d{1,6}")
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f]{6}")
_SQUAWK: Final = re.compile("[0-7]{4}")
_FLAGS: Final = {"-1": True, "1": True, "0": False}  # -1 is true; some programs write 1


class _State(msgspec.Struct):
    """What one aircraft said last, and when [ns]."""

    callsign: str | None = None
    callsign_ns: int = 0
    squawk: int | None = None
    squawk_ns: int = 0
    speed_mps: float | None = None
    track_rad: float | None = None
    climb_mps: float | None = None
    velocity_ns: int = 0


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
        ground_speed_kt=_number(fields[12], 0.0, SPEED_MAX_KT),
        track_deg=_number(fields[13], 0.0, 360.0),
        latitude_deg=_number(fields[14], -90.0, 90.0),
        longitude_deg=_number(fields[15], -180.0, 180.0),
        vertical_rate_fpm=_number(fields[16], -40_000.0, 40_000.0),
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
        self._aircraft: dict[int, _State] = {}

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        decoded = Decoded()
        rows: list[dict[str, object]] = []
        for line in self._lines.cut(data):
            if line.is_too_long:
                detail = f"a line of more than {LINE_MAX} octets is no message"
                quarantine(decoded, self.feed_id, received_ns, line, "bad_length", detail)
                continue
            try:
                message = read_line(line.data)
            except ValueError as error:
                quarantine(decoded, self.feed_id, received_ns, line, "bad_line", str(error))
                continue
            kind = message if isinstance(message, str) else f"MSG,{message.kind}"
            decoded.counts[kind] = decoded.counts.get(kind, 0) + 1
            if isinstance(message, Message):
                row = self._hear(message)
                if row is not None:
                    row["received_ns"], row["raw_ref"] = received_ns, raw_ref
                    rows.append(row)
        if rows:
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)
        return decoded

    def _hear(self, message: Message) -> dict[str, object] | None:
        state = self._aircraft.pop(message.icao24, None) or _State()
        self._aircraft[message.icao24] = state  # the one heard last is last
        if len(self._aircraft) > AIRCRAFT_MAX:
            del self._aircraft[next(iter(self._aircraft))]
        now_ns = message.valid_ns
        if message.callsign is not None:
            state.callsign, state.callsign_ns = message.callsign, now_ns
        if message.squawk is not None:
            state.squawk, state.squawk_ns = int(message.squawk, 8), now_ns
        if message.ground_speed_kt is not None and message.track_deg is not None:
            state.speed_mps = message.ground_speed_kt * KNOT_MPS
            state.track_rad = message.track_deg * 3.141592653589793 / 180.0
            climb = message.vertical_rate_fpm
            state.climb_mps = None if climb is None else climb * FOOT_PER_MINUTE_MPS
            state.velocity_ns = now_ns
        if message.latitude_deg is None or message.longitude_deg is None:
            return None
        slow, fast = now_ns - SLOW_NS, now_ns - FAST_NS
        level = message.altitude_ft
        is_fresh = fast <= state.velocity_ns <= now_ns
        return {
            "sensor_id": self._sensor_id,
            "feed_id": self.feed_id,
            "kind": "ads_b",
            "valid_ns": now_ns,
            "latitude_deg": message.latitude_deg,
            "longitude_deg": message.longitude_deg,
            "pressure_altitude_m": None if level is None else level * FOOT_M,
            "ground_speed_mps": state.speed_mps if is_fresh else None,
            "track_angle_rad": state.track_rad if is_fresh else None,
            "vertical_rate_mps": state.climb_mps if is_fresh else None,
            "icao24": message.icao24 or None,
            "mode3a": state.squawk if slow <= state.squawk_ns <= now_ns else None,
            "callsign": state.callsign if slow <= state.callsign_ns <= now_ns else None,
            "emergency": "general" if message.emergency else None,
            "on_ground": message.on_ground,
        }


class SbsFramer(TimedLineFramer):
    """Cuts a file into chunks of lines of one second, at the times that the lines state."""

    def __init__(self) -> None:
        super().__init__(_generated_ns, slice_ns=SECOND_NS, start_ns=0, most=LINE_MAX)


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
