"""readsb and tar1090 JSON: ``aircraft.json`` snapshots and trace files; see docs/reference/feeds-readsb.md."""

import math
import zlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pyarrow as pa

from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.documents import BLANK, DocumentReader, whole_or_pushed
from vedette.feeds.lines import Line, quarantine
from vedette.feeds.mode_s.accuracy import sigma_m
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.units import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS

DOCUMENT_MAX: Final = 32 << 20  # half of what an item of a record holds
AIRCRAFT_MAX: Final = 65_536
STILL_NS: Final = 5 * SECOND_NS  # the same place again after so long is a new report
SET_BACK_NS: Final = (
    60 * SECOND_NS
)  # a snapshot that is older by so much: the receiver's clock was set back
_INFLATED_MAX: Final = 256 << 20
_GZIP: Final = b"\x1f\x8b"
_TIME_MAX_S: Final = 4_102_444_800.0
_EMERGENCIES: Final = {
    "general": "general", "lifeguard": "medical", "minfuel": "minimum_fuel",
    "nordo": "no_communication", "unlawful": "unlawful_interference", "downed": "downed",
    "none": "none",
}  # fmt: skip
# Where a position came from
_KINDS: Final = (
    *(("adsb", "ads_b"), ("adsr", "ads_b"), ("mlat", "mlat"), ("mode_s", "mode_s")),
    *(("tisb", "track"), ("adsc", "track"), ("other", "track")),
)
STALE, GEOMETRIC_RATE, GEOMETRIC_LEVEL = 1, 4, 8  # flags of a trace row


class Aircraft(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One aircraft of a snapshot, in readsb's units: feet, knots, degrees, seconds."""

    hex: str
    type: str | None = None
    flight: str | None = None
    alt_baro: float | str | None = None  # "ground"
    alt_geom: float | None = None
    gs: float | None = None
    track: float | None = None
    baro_rate: float | None = None
    geom_rate: float | None = None
    squawk: str | None = None
    emergency: str | None = None
    category: str | None = None
    lat: float | None = None
    lon: float | None = None
    nic: int | None = None
    nac_p: int | None = None
    sil: int | None = None
    seen_pos: float | None = None
    seen: float | None = None


class Snapshot(msgspec.Struct, kw_only=True):
    """A whole ``aircraft.json``; aircraft are read one by one, so that a bad one does not cost the others."""

    now: float
    aircraft: list[msgspec.Raw]


class Trace(msgspec.Struct, kw_only=True):
    """A trace file: one aircraft, a row for each point."""

    icao: str
    timestamp: float
    trace: list[msgspec.Raw]


_snapshot: Final = msgspec.json.Decoder(Snapshot)
_aircraft: Final = msgspec.json.Decoder(Aircraft)
_trace: Final = msgspec.json.Decoder(Trace)
_row: Final = msgspec.json.Decoder(list[Any])
_encode: Final = msgspec.json.Encoder().encode
_ERRORS: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


class _UnusableError(ValueError):
    """An aircraft or a row that cannot be; the text says why."""


class ReadsbDecoder:
    """Reads documents, however the stream is cut; a place already given is not given again."""

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: the receiver: its id.
        """
        self.feed_id = feed_id
        self._sensor_id = feed_id if sensor is None else sensor.sensor_id
        self._reader = DocumentReader(DOCUMENT_MAX)
        self._last: dict[str, tuple[int, float, float]] = {}  # time and place given last
        self._now_ns = 0  # of the last snapshot

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        decoded = Decoded()
        rows: list[dict[str, object]] = []
        for document in whole_or_pushed(self._reader, data, _is_one):
            line = Line(max(0, document.offset), document.data)
            if document.is_object:
                self._take(line, received_ns, rows, decoded)
            elif document.data.strip(BLANK):
                why = "no JSON object"
                quarantine(decoded, self.feed_id, received_ns, line, "bad_json", why)
        if rows:
            for row in rows:
                row |= {
                    "sensor_id": self._sensor_id,
                    "feed_id": self.feed_id,
                    "raw_ref": raw_ref,
                    "received_ns": received_ns,
                }
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)
        return decoded

    def _take(
        self, line: Line, received_ns: int, rows: list[dict[str, object]], decoded: Decoded
    ) -> None:
        try:
            snapshot = _snapshot.decode(line.data)
        except _ERRORS as error:
            self._take_trace(line, received_ns, rows, decoded, str(error))
            return
        if not 0.0 <= snapshot.now < _TIME_MAX_S:
            why = f"now {snapshot.now} is no time"
            quarantine(decoded, self.feed_id, received_ns, line, "out_of_range", why)
            return
        _count(decoded, "snapshot")
        now_ns = round(snapshot.now * SECOND_NS)
        if now_ns < self._now_ns - SET_BACK_NS:
            self._last.clear()  # by the times that were wrong, no place would be new for as long
        self._now_ns = now_ns
        for raw in snapshot.aircraft:
            part = Line(line.offset, bytes(raw))
            try:
                row = self._plot(_aircraft.decode(raw), now_ns)
            except (*_ERRORS, _UnusableError) as error:
                quarantine(decoded, self.feed_id, received_ns, part, "out_of_range", str(error))
                continue
            _count(decoded, "aircraft" if row is not None else "aircraft without a new place")
            if row is not None:
                rows.append(row)

    def _take_trace(
        self,
        line: Line,
        received_ns: int,
        rows: list[dict[str, object]],
        decoded: Decoded,
        problem: str,
    ) -> None:
        try:
            trace = _trace.decode(line.data)
            if not 0.0 <= trace.timestamp < _TIME_MAX_S:
                raise _UnusableError(f"timestamp {trace.timestamp} is no time")
        except (*_ERRORS, _UnusableError) as error:
            is_trace = b'"trace"' in line.data[:4096]
            detail = str(error) if is_trace else problem
            quarantine(decoded, self.feed_id, received_ns, line, "bad_json", detail)
            return
        for raw in trace.trace:
            try:
                row = self._plot(_of_trace(trace, _row.decode(raw)), None)
            except (*_ERRORS, _UnusableError, TypeError, ValueError) as error:
                part = Line(line.offset, bytes(raw))
                quarantine(decoded, self.feed_id, received_ns, part, "out_of_range", str(error))
                continue
            _count(decoded, "trace point" if row is not None else "stale trace point")
            if row is not None:
                rows.append(row)

    def _plot(self, found: Aircraft, now_ns: int | None) -> dict[str, object] | None:
        text = found.hex.removeprefix("~")
        if len(text) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in text):
            raise _UnusableError(f"no address {found.hex[:20]!r}")
        if found.lat is None or found.lon is None:
            return None
        latitude_deg, longitude_deg = found.lat, found.lon
        if not (abs(latitude_deg) <= 90.0 and abs(longitude_deg) <= 180.0):
            raise _UnusableError(f"({latitude_deg}, {longitude_deg}) is no place on Earth")
        age_s = found.seen_pos or 0.0
        if not 0.0 <= age_s < 86_400.0:
            raise _UnusableError(f"seen_pos {age_s}")
        # a trace point has its own time in ``seen``
        valid_ns = (
            round((found.seen or 0.0) * SECOND_NS)
            if now_ns is None
            else now_ns - round(age_s * SECOND_NS)
        )
        key = found.hex if found.type is None else f"{found.hex} {found.type}"
        last = self._last.pop(key, None)
        place = (valid_ns, latitude_deg, longitude_deg)
        if last is not None:
            later_ns = valid_ns - last[0]
            # two snapshots round the age of one place differently, by less than a tenth of a second
            if later_ns < SECOND_NS // 10 or (last[1:] == place[1:] and later_ns < STILL_NS):
                self._last[key] = last
                return None
        self._last[key] = place
        if len(self._last) > AIRCRAFT_MAX:
            del self._last[next(iter(self._last))]
        is_icao = not found.hex.startswith("~")
        address = int(text, 16)
        on_ground = found.alt_baro == "ground"
        return {
            "kind": _kind(found.type),
            "valid_ns": valid_ns,
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "position_sigma_m": _sigma_m(found.nac_p),
            "pressure_altitude_m": _scaled(found.alt_baro, FOOT_M, -2_000.0, 150_000.0),
            "height_hae_m": _scaled(found.alt_geom, FOOT_M, -2_000.0, 150_000.0),
            "ground_speed_mps": _scaled(found.gs, KNOT_MPS, 0.0, 4_000.0),
            "track_angle_rad": _scaled(found.track, math.pi / 180.0, 0.0, 360.0),
            "vertical_rate_mps": _scaled(
                found.geom_rate if found.baro_rate is None else found.baro_rate,
                FOOT_PER_MINUTE_MPS,
                -60_000.0,
                60_000.0,
            ),
            "icao24": address if is_icao and address else None,
            "track_number": None if is_icao else address,
            "mode3a": _squawk(found.squawk),
            "callsign": (found.flight or "").strip()[:8] or None,
            "emitter_category": _category(found.category),
            "nic": _small(found.nic, 15),
            "nac_p": _small(found.nac_p, 15),
            "sil": _small(found.sil, 3),
            "emergency": _EMERGENCIES.get(found.emergency or ""),
            "on_ground": True if on_ground else None if found.alt_baro is None else False,
        }


def _of_trace(trace: Trace, row: list[Any]) -> Aircraft:
    """A trace row: seconds after, latitude, longitude, altitude, speed, track, flags, climb, the rest by name."""
    if len(row) < 8:
        raise _UnusableError(f"a row of {len(row)} values, not 9 or more")
    instant_s = trace.timestamp + float(row[0])
    if not 0.0 <= instant_s < _TIME_MAX_S:
        raise _UnusableError(f"{instant_s} s is no time")
    details = row[8] if len(row) > 8 and isinstance(row[8], dict) else {}
    known = {name: details[name] for name in _FROM_DETAILS if name in details}
    flags = row[6] if isinstance(row[6], int) else 0
    place = (None, None) if flags & STALE else (row[1], row[2])
    level = {"alt_geom": row[3]} if flags & GEOMETRIC_LEVEL else {"alt_baro": row[3]}
    point: dict[str, Any] = {
        **known,
        "hex": trace.icao,
        "lat": place[0],
        "lon": place[1],
        "gs": row[4],
        "track": row[5],
        "seen": instant_s,
        "geom_rate" if flags & GEOMETRIC_RATE else "baro_rate": row[7],
        **level,
    }
    if len(row) > 9 and isinstance(row[9], str):
        point["type"] = row[9]
    if len(row) > 10 and row[10] is not None:
        point["alt_geom"] = row[10]
    return msgspec.convert(point, Aircraft)


_FROM_DETAILS: Final = (
    *("flight", "squawk", "emergency", "category", "nic", "nac_p", "sil", "alt_geom"),
)


def _scaled(value: float | str | None, factor: float, low: float, high: float) -> float | None:
    """A value in our unit; null where it is not a number or cannot be."""
    if value is None or isinstance(value, str) or not low <= value <= high:
        return None
    return value * factor


def _kind(said: str | None) -> str:
    return next((kind for start, kind in _KINDS if (said or "").startswith(start)), "ads_b")


def _sigma_m(nac_p: int | None) -> float | None:
    return None if nac_p is None or not 0 <= nac_p <= 11 else float(sigma_m(0, nac_p))


def _small(value: int | None, most: int) -> int | None:
    return value if value is not None and 0 <= value <= most else None


def _squawk(text: str | None) -> int | None:
    if text is None or len(text) != 4 or any(digit not in "01234567" for digit in text):
        return None
    return int(text, 8)


def _category(text: str | None) -> str | None:
    is_one = text is not None and len(text) == 2 and text[0] in "ABCD" and text[1] in "01234567"
    return text if is_one else None


def _count(decoded: Decoded, key: str) -> None:
    decoded.counts[key] = decoded.counts.get(key, 0) + 1


def encode_snapshot(rows: list[dict[str, Any]], now_ns: int) -> bytes:
    """An ``aircraft.json`` of plots (rows of a plot table) as a receiver would state them at ``now_ns``."""
    names = {ours: theirs for theirs, ours in _EMERGENCIES.items()}
    found = []
    for row in rows:
        address = row.get("icao24")
        number = row.get("track_number") or 0
        level = _unscaled(row.get("pressure_altitude_m"), FOOT_M)
        found.append(
            Aircraft(
                hex=f"~{number & 0xFFFFFF:06x}" if address is None else f"{address:06x}",
                type={"mlat": "mlat"}.get(row["kind"], "adsb_icao"),
                flight=row.get("callsign"),
                alt_baro="ground" if row.get("on_ground") else level,
                alt_geom=_unscaled(row.get("height_hae_m"), FOOT_M),
                gs=_unscaled(row.get("ground_speed_mps"), KNOT_MPS),
                track=_unscaled(row.get("track_angle_rad"), math.pi / 180.0),
                baro_rate=_unscaled(row.get("vertical_rate_mps"), FOOT_PER_MINUTE_MPS),
                squawk=None if row.get("mode3a") is None else f"{row['mode3a']:04o}",
                emergency=names.get(row.get("emergency") or ""),
                category=row.get("emitter_category"),
                lat=row["latitude_deg"],
                lon=row["longitude_deg"],
                nic=row.get("nic"),
                nac_p=row.get("nac_p"),
                sil=row.get("sil"),
                seen_pos=max(0.0, (now_ns - row["valid_ns"]) / SECOND_NS),
            )
        )
    return _encode({"now": now_ns / SECOND_NS, "messages": 0, "aircraft": found}) + b"\n"


def _unscaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value / factor


class ReadsbFramer:
    """A file of one or more documents; a trace is cut into chunks of its rows, in their order of time.

    A document is kept until its end, at most ``DOCUMENT_MAX`` octets of it; gzip, as web servers keep traces,
    is unpacked.
    """

    def __init__(self) -> None:
        self._reader = DocumentReader(DOCUMENT_MAX)
        self._inflate: Any = None
        self._inflated = 0
        self._begun = False

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks of the documents that end in ``data``."""
        if not self._begun and data:
            self._begun = True
            if data.startswith(_GZIP):
                self._inflate = zlib.decompressobj(31)
        if self._inflate is not None:
            try:
                data = self._inflate.decompress(data, _INFLATED_MAX - self._inflated + 1)
            except zlib.error:
                self._inflate = None  # what cannot be unpacked is shown as it is
            else:
                self._inflated += len(data)
        for document in self._reader.push(data):
            yield from _cut(document.data)

    def finish(self) -> Iterator[Chunk]:
        """What has not ended."""
        rest = self._reader.rest
        if rest.strip():
            yield from _cut(rest)


def _is_one(data: bytes) -> bool:
    """Whether octets are one snapshot or trace; what is in them is told where they are read."""
    for decoder in (_snapshot, _trace):
        try:
            decoder.decode(data)
        except _ERRORS:
            continue
        return True
    return False


def _cut(document: bytes) -> Iterator[Chunk]:
    if not document.strip():
        return
    try:
        snapshot = _snapshot.decode(document)
        yield Chunk(_ns(snapshot.now), document + b"\n")
        return
    except _ERRORS:
        pass
    try:
        trace = _trace.decode(document)
    except _ERRORS:
        yield Chunk(0, document + b"\n")
        return
    head = {"icao": trace.icao, "timestamp": trace.timestamp}
    latest_ns = 0
    for raw in trace.trace:
        try:
            latest_ns = _ns(trace.timestamp + float(_row.decode(raw)[0]))
        except (*_ERRORS, TypeError, ValueError, IndexError):
            pass  # for the decoder to quarantine
        yield Chunk(latest_ns, _encode({**head, "trace": [raw]}) + b"\n")


def _ns(instant_s: float) -> int:
    return round(instant_s * SECOND_NS) if 0.0 <= instant_s < _TIME_MAX_S else 0


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a snapshot or a trace, or a gzip file of one."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, 8_192)
        except zlib.error:
            return False
    text = head[:8_192].lstrip()
    if not text.startswith(b"{"):
        return False
    is_snapshot = b'"aircraft"' in text and b'"now"' in text
    return is_snapshot or (b'"trace"' in text and b'"timestamp"' in text and b'"icao"' in text)
