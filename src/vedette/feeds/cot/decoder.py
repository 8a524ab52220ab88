"""Cursor on Target events of the air to plots; see docs/reference/feeds-cot.md."""

import math
import re
import zlib
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from vedette.feeds.cot.events import (
    MESH,
    STREAM,
    Event,
    Piece,
    UnreadableError,
    cut_events,
    read_protobuf,
    read_xml,
)
from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.lines import Line, quarantine
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor

_AIR: Final = re.compile(r"a-[a-z]-A(-.*)?")
# What a type says of the kind of object, where that has a name here and speaks for nobody's guilt
_HINTS: Final = (
    (re.compile(r"a-.-A-[CM](-.*)?-L\b.*"), "balloon", 0.6),
    (re.compile(r"a-.-A-M-F-Q\b.*|a-.-A-C-F-q\b.*"), "drone_small", 0.4),
    (re.compile(r"a-.-A-C-H\b.*"), "helicopter_civil", 0.6),
)
_XML: Final = (b"<?xml", b"<event")
SIGMA_UNSTATED_M: Final = 500.0  # of a place without a circular error; a person's is worse
SIGMA_PERSON_M: Final = 2_000.0


class CotDecoder:
    """Reads a stream of events; half an event waits."""

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: its id stands for whoever sends.
        """
        self.feed_id = feed_id
        self._sensor_id = feed_id if sensor is None else sensor.sensor_id
        self._rest = b""

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        decoded = Decoded()
        if self._rest and _begins_anew(self._rest, data):
            self._take([Piece(0, self._rest, "garbage")], 0, received_ns, raw_ref, decoded)
            self._rest = b""  # what waited will not be completed
        kept = len(self._rest)
        stretch = self._rest + data
        pieces, settled = cut_events(stretch, kept)
        self._rest = stretch[settled:]
        self._take(pieces, kept, received_ns, raw_ref, decoded)
        return decoded

    def _take(
        self, pieces: list[Piece], kept: int, received_ns: int, raw_ref: int, decoded: Decoded
    ) -> None:
        rows: list[dict[str, object]] = []
        for piece in pieces:
            line = Line(max(0, piece.offset - kept), piece.data)
            if piece.form == "garbage":
                why = "octets that are no event"
                quarantine(decoded, self.feed_id, received_ns, line, "garbage", why)
                continue
            try:
                event = (read_xml if piece.form == "xml" else read_protobuf)(piece.data)
            except UnreadableError as error:
                quarantine(decoded, self.feed_id, received_ns, line, "bad_event", str(error))
                continue
            is_air = _AIR.fullmatch(event.type) is not None
            is_stale = event.stale_ns is not None and event.stale_ns < event.start_ns
            key = "stale event" if is_stale else "air event" if is_air else "other event"
            decoded.counts[key] = decoded.counts.get(key, 0) + 1
            if is_air and not is_stale:
                row = self._plot(event)
                rows.append(row | {"received_ns": received_ns, "raw_ref": raw_ref})
        if rows:
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)

    def _plot(self, event: Event) -> dict[str, object]:
        is_person = event.how.startswith("h")
        unstated_m = SIGMA_PERSON_M if is_person else SIGMA_UNSTATED_M
        hint = next((one for one in _HINTS if one[0].fullmatch(event.type)), None)
        course = event.course_deg
        return {
            "sensor_id": self._sensor_id,
            "feed_id": self.feed_id,
            "kind": "person" if is_person else "track",
            "valid_ns": event.start_ns,
            "latitude_deg": event.latitude_deg,
            "longitude_deg": event.longitude_deg,
            "position_sigma_m": event.ce_m or unstated_m,
            "height_hae_m": event.hae_m,
            "height_sigma_m": event.le_m if event.hae_m is not None else None,
            "ground_speed_mps": event.speed_mps,
            "track_angle_rad": None if course is None else math.radians(course),
            "callsign": event.callsign[:8] if event.callsign else None,
            "track_number": zlib.crc32(event.uid.encode("utf-8", "replace")) & 0x7FFFFFFF,
            "class_hint": None if hint is None else hint[1],
            "class_confidence": None if hint is None else hint[2],
        }


def _begins_anew(rest: bytes, data: bytes) -> bool:
    """Whether octets are no end of the event that waits: a datagram's, or XML where protobuf was to go on.

    A length alone, of four octets, would else swallow a megabyte of sound events.
    """
    return data.startswith(MESH) or (rest[0] == STREAM and data.lstrip().startswith(_XML))


class CotFramer:
    """Cuts a file into chunks of one event, in their order, each heard when it says that it began."""

    def __init__(self) -> None:
        self._rest = b""
        self._latest_ns = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks completed by the next piece of the file."""
        stretch = self._rest + data
        pieces, settled = cut_events(stretch, len(self._rest))
        self._rest = stretch[settled:]
        for piece in pieces:
            try:
                if piece.form != "garbage":
                    event = (read_xml if piece.form == "xml" else read_protobuf)(piece.data)
                    self._latest_ns = event.start_ns
            except UnreadableError:
                pass  # for the decoder to quarantine
            yield Chunk(self._latest_ns, piece.data)

    def finish(self) -> Iterator[Chunk]:
        """What has not ended."""
        rest, self._rest = self._rest, b""
        if rest.strip():
            yield Chunk(self._latest_ns, rest)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so begins with an event."""
    if head[:1] != bytes((STREAM,)) and b"<event" not in head[:1_024]:
        return False
    pieces, _ = cut_events(head)
    if not pieces or pieces[0].form == "garbage":
        return False
    try:
        (read_xml if pieces[0].form == "xml" else read_protobuf)(pieces[0].data)
    except UnreadableError:
        return False
    return True
