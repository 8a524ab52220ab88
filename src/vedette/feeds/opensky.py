"""OpenSky state vectors as JSON (``/states/all``); their CSV and Parquet forms go through ``table``."""

from collections.abc import Iterator
from math import pi
from typing import Any, Final

import msgspec
import pyarrow as pa

from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.documents import BLANK, DocumentReader, whole_or_pushed
from vedette.feeds.lines import Line, quarantine
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

DOCUMENT_MAX: Final = 32 << 20  # all of the world at once has 4 MB
AIRCRAFT_MAX: Final = 65_536
FIELDS: Final = (17, 18)  # the last, the category, only where it was asked for
_TIME_MAX_S: Final = 4_102_444_800
AHEAD_S: Final = 60  # a place cannot be newer than the answer, but for clocks that differ a little
SET_BACK_S: Final = 60  # an answer that is older by so much: the network's clock was set back
_KINDS: Final = ("ads_b", "track", "mlat", "track")  # position_source: ADS-B, ASTERIX, MLAT, FLARM
# category 2 to 20 of the network to the emitter categories of DO-260B
_CATEGORIES: Final = (
    *(None, "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B3", "B4", None, "B6"),
    *("B7", "C1", "C2", "C3", "C4", "C5"),
)


class States(msgspec.Struct, kw_only=True):
    """One answer of the network."""

    time: int
    states: list[msgspec.Raw] | None


class State(msgspec.Struct, array_like=True):
    """One state vector, in the network's order and units."""

    icao24: str
    callsign: str | None
    origin_country: str | None
    time_position: int | None
    last_contact: int | None
    longitude: float | None
    latitude: float | None
    baro_altitude: float | None  # m
    on_ground: bool | None
    velocity: float | None  # m/s
    true_track: float | None  # degrees
    vertical_rate: float | None  # m/s
    sensors: list[int] | None
    geo_altitude: float | None  # m
    squawk: str | None
    spi: bool | None
    position_source: int | None
    category: int | None = None


_states: Final = msgspec.json.Decoder(States)
_state: Final = msgspec.json.Decoder(State)
_encode: Final = msgspec.json.Encoder().encode
_ERRORS: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


class OpenSkyDecoder:
    """Reads answers, however the stream is cut; a place already given is not given again."""

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: its id stands for the network.
        """
        self.feed_id = feed_id
        self._sensor_id = feed_id if sensor is None else sensor.sensor_id
        self._reader = DocumentReader(DOCUMENT_MAX)
        self._last: dict[str, int] = {}  # when the place given last was heard [s]
        self._now_s = 0  # of the last answer

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        decoded = Decoded()
        rows: list[dict[str, object]] = []
        for document in whole_or_pushed(self._reader, data, _is_one):
            line = Line(max(0, document.offset), document.data)
            try:
                found = _states.decode(document.data)
            except _ERRORS as error:
                if document.data.strip(BLANK):
                    quarantine(decoded, self.feed_id, received_ns, line, "bad_json", str(error))
                continue
            decoded.counts["answer"] = decoded.counts.get("answer", 0) + 1
            if found.time < self._now_s - SET_BACK_S:
                self._last.clear()  # by the times that were wrong, no place would be new for as long
            self._now_s = found.time
            for raw in found.states or ():
                try:
                    row = self._plot(_state.decode(raw), found.time)
                except (*_ERRORS, ValueError) as error:
                    part = Line(line.offset, bytes(raw))
                    reason = "out_of_range"
                    quarantine(decoded, self.feed_id, received_ns, part, reason, str(error))
                    continue
                key = "state" if row is not None else "state without a new place"
                decoded.counts[key] = decoded.counts.get(key, 0) + 1
                if row is not None:
                    rows.append(row | {"received_ns": received_ns, "raw_ref": raw_ref})
        if rows:
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)
        return decoded

    def _plot(self, found: State, now_s: int) -> dict[str, object] | None:
        address = found.icao24.strip()
        if len(address) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in address):
            raise ValueError(f"no address {found.icao24[:20]!r}")
        if found.latitude is None or found.longitude is None or found.time_position is None:
            return None
        if not (abs(found.latitude) <= 90.0 and abs(found.longitude) <= 180.0):
            raise ValueError(f"({found.latitude}, {found.longitude}) is no place on Earth")
        if not 0 <= found.time_position < _TIME_MAX_S:
            raise ValueError(f"{found.time_position} s is no time")
        if found.time_position > now_s + AHEAD_S:
            raise ValueError(f"a place of {found.time_position} s in an answer of {now_s} s")
        before = self._last.pop(address, -1)
        self._last[address] = max(before, found.time_position)
        if len(self._last) > AIRCRAFT_MAX:
            del self._last[next(iter(self._last))]
        if found.time_position <= before:
            return None
        source = found.position_source or 0
        number = found.category or 0
        track = found.true_track
        return {
            "sensor_id": self._sensor_id,
            "feed_id": self.feed_id,
            "kind": _KINDS[source] if 0 <= source < len(_KINDS) else "track",
            "valid_ns": found.time_position * SECOND_NS,
            "latitude_deg": found.latitude,
            "longitude_deg": found.longitude,
            "pressure_altitude_m": _within(found.baro_altitude, -2_000.0, 40_000.0),
            "height_hae_m": _within(found.geo_altitude, -2_000.0, 40_000.0),
            "ground_speed_mps": _within(found.velocity, 0.0, 2_000.0),
            "track_angle_rad": None if track is None or not 0 <= track <= 360 else track * pi / 180,
            "vertical_rate_mps": _within(found.vertical_rate, -300.0, 300.0),
            "icao24": int(address, 16) or None,
            "callsign": (found.callsign or "").strip()[:8] or None,
            "mode3a": _squawk(found.squawk),
            "emitter_category": _CATEGORIES[number] if 0 <= number < len(_CATEGORIES) else None,
            "on_ground": found.on_ground,
        }


def _within(value: float | None, low: float, high: float) -> float | None:
    return value if value is not None and low <= value <= high else None


def _squawk(text: str | None) -> int | None:
    if text is None or len(text) != 4 or any(digit not in "01234567" for digit in text):
        return None
    return int(text, 8)


def _is_one(data: bytes) -> bool:
    try:
        _states.decode(data)
    except _ERRORS:
        return False
    return True


def encode_states(states: list[State], time_s: int) -> bytes:
    """One answer of the network."""
    return _encode({"time": time_s, "states": states}) + b"\n"


class OpenSkyFramer:
    """A file of answers: one a chunk, heard at the time that it states."""

    def __init__(self) -> None:
        self._reader = DocumentReader(DOCUMENT_MAX)
        self._latest_ns = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Answers that end in ``data``."""
        for document in self._reader.push(data):
            yield from self._chunk(document.data)

    def finish(self) -> Iterator[Chunk]:
        """What has not ended."""
        rest = self._reader.rest
        if rest.strip(BLANK):
            yield from self._chunk(rest)

    def _chunk(self, document: bytes) -> Iterator[Chunk]:
        try:
            time_s = _states.decode(document).time
        except _ERRORS:
            time_s = -1
        if 0 <= time_s < _TIME_MAX_S:
            self._latest_ns = time_s * SECOND_NS
        yield Chunk(self._latest_ns, document + b"\n")


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is an answer of the network."""
    text = head[:4_096].lstrip(BLANK)
    return text.startswith(b"{") and b'"states"' in text and b'"time"' in text


def as_states(rows: list[dict[str, Any]]) -> list[State]:
    """Plots with a place (rows of a plot table) as state vectors."""
    found = []
    for row in rows:
        second = row["valid_ns"] // SECOND_NS
        angle = row.get("track_angle_rad")
        category = row.get("emitter_category")
        found.append(
            State(
                icao24=f"{row.get('icao24') or 0:06x}",
                callsign=row.get("callsign"),
                origin_country=None,
                time_position=second,
                last_contact=second,
                longitude=row["longitude_deg"],
                latitude=row["latitude_deg"],
                baro_altitude=row.get("pressure_altitude_m"),
                on_ground=row.get("on_ground"),
                velocity=row.get("ground_speed_mps"),
                true_track=None if angle is None else angle * 180.0 / pi,
                vertical_rate=row.get("vertical_rate_mps"),
                sensors=None,
                geo_altitude=row.get("height_hae_m"),
                squawk=None if row.get("mode3a") is None else f"{row['mode3a']:04o}",
                spi=False,
                position_source={"ads_b": 0, "mlat": 2}.get(row["kind"], 1),
                category=_CATEGORIES.index(category) if category in _CATEGORIES else 0,
            )
        )
    return found
