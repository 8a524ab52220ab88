"""What people and listening devices saw or heard, as JSON lines: see docs/reference/feeds-people.md."""

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Annotated, Final, Literal

import msgspec
import pyarrow as pa
from pyproj import Geod

from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.lines import LineCutter, quarantine
from vedette.model.plot import PLOT
from vedette.model.report import Sighting, Subject
from vedette.model.sensor import Latitude, Longitude
from vedette.model.time import SECOND_NS

LINE_MAX: Final = 8_192
SOUND_MPS: Final = 340.0
# One sigma of a direction [rad], by how it was found. Ears alone err by 5 to 15 degrees on average (Oldfield and
# Parker, Perception 13, 1984); a pointing arm and a name for the direction add to both
BEARING_SIGMA: Final = {"seen": math.radians(10.0), "heard": math.radians(20.0)}
DEVICE_SIGMA: Final = math.radians(5.0)
# One sigma of the logarithm of a distance judged by eye over open ground; people agree within a factor of about
# 1.6 (Da Silva, American Journal of Psychology 98, 1985, gives the spread)
DISTANCE_SIGMA: Final = 0.5
# Where no distance is given: how far such objects usually are when somebody notices them, and the sigma of its
# logarithm; a judgement, wide enough to hold one kilometre and ten
USUAL_M: Final = {"seen": (3_000.0, 1.0), "heard": (1_500.0, 1.0)}
# Devices that are told apart by their own names, beside those of the sensors file: fusion has room for 256
# sensors, and a listening network may have ten thousand
DEVICES_MAX: Final = 128
_GEOD: Final = Geod(ellps="WGS84")
_UNREADABLE: Final = b'"sealed: not an observation that could be read"\n'
_UNKNOWN: Final = "of an observation that could not be read"

Text = Annotated[str, msgspec.Meta(max_length=500)]
Metres = Annotated[float, msgspec.Meta(gt=0, le=100_000)]


class Observation(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
    tag="observation",
):
    """What one person or device noticed: a direction from where it was, or a place.

    Attributes:
        valid_ns: when it was noticed [ns UTC].
        latitude_deg: of the observer, with ``longitude_deg``; needed with a bearing.
        bearing_deg: clockwise from true north.
        distance_m: as judged.
        object_latitude_deg: where the object was, with ``object_longitude_deg``: pointed out on a map.
        object_sigma_m: one sigma of that place on each axis.
        device: whether a listening device found it, not a person; ``bearing_sigma_deg`` is its own.
        what: in the observer's words.
        takes_for: the kind of object, where the observer names one.
        reporter: personal: sealed in the record.
    """

    valid_ns: Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]
    sense: Literal["seen", "heard"]
    what: Text = ""
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    reporter: Text = ""
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    bearing_deg: Annotated[float, msgspec.Meta(ge=0, le=360)] | None = None
    bearing_sigma_deg: Annotated[float, msgspec.Meta(gt=0, le=90)] | None = None
    distance_m: Metres | None = None
    object_latitude_deg: Latitude | None = None
    object_longitude_deg: Longitude | None = None
    object_sigma_m: Metres | None = None
    device: bool = False
    device_id: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    takes_for: Literal["drone_small", "helicopter_civil", "balloon", "bird"] | None = None


_decoder: Final = msgspec.json.Decoder(Observation)
_encode: Final = msgspec.json.Encoder().encode
_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def encode_observation(observation: Observation) -> bytes:
    """One observation as one line of JSON."""
    return _encode(observation) + b"\n"


def placed(observation: Observation) -> Observation | str:
    """The observation as a place with its sigma, the observer left out; or why it says none."""
    if observation.object_latitude_deg is not None and observation.object_longitude_deg is not None:
        sigma_m = observation.object_sigma_m or 1_000.0
        return _stripped(
            observation,
            observation.object_latitude_deg,
            observation.object_longitude_deg,
            sigma_m,
            observation.valid_ns,
        )
    if observation.latitude_deg is None or observation.longitude_deg is None:
        return "says neither where the object was nor where the observer was"
    if observation.bearing_deg is None:
        return "says neither where the object was nor in which direction"
    distance_m, spread = observation.distance_m, DISTANCE_SIGMA
    if distance_m is None:
        distance_m, spread = USUAL_M[observation.sense]
    sigma = DEVICE_SIGMA if observation.device else BEARING_SIGMA[observation.sense]
    if observation.bearing_sigma_deg is not None:
        sigma = math.radians(observation.bearing_sigma_deg)
    longitude_deg, latitude_deg, _ = _GEOD.fwd(
        observation.longitude_deg, observation.latitude_deg, observation.bearing_deg, distance_m
    )
    # along and across the line of sight, as one circle
    sigma_m = distance_m * math.sqrt((spread**2 + sigma**2) / 2.0)
    delay_ns = round(distance_m / SOUND_MPS * SECOND_NS) if observation.sense == "heard" else 0
    valid_ns = max(0, observation.valid_ns - delay_ns)
    return _stripped(observation, latitude_deg, longitude_deg, sigma_m, valid_ns)


def _stripped(
    found: Observation, latitude_deg: float, longitude_deg: float, sigma_m: float, valid_ns: int
) -> Observation:
    return Observation(
        valid_ns=valid_ns,
        sense=found.sense,
        what=found.what,
        confidence=found.confidence,
        reporter=found.reporter,
        object_latitude_deg=latitude_deg,
        object_longitude_deg=longitude_deg,
        object_sigma_m=min(sigma_m, 100_000.0),
        device=found.device,
        device_id=found.device_id,
        takes_for=found.takes_for,
    )


def redact(line: bytes) -> tuple[bytes, str] | None:
    """An observation without who made it and from where, and whose that is; None where nothing is personal.

    What is left gives the same plot. A line that cannot be read may name a person anywhere: all of it is sealed.
    """
    kept: list[bytes] = []
    whose: str | None = None
    for one in line.split(b"\n"):
        if not one.strip():
            continue
        try:
            found = _decoder.decode(one)
        except _ERRORS:
            kept.append(_UNREADABLE)
            whose = whose or _UNKNOWN
            continue
        place = placed(found)
        if isinstance(place, str):
            kept.append(_UNREADABLE)
            whose = whose or _UNKNOWN
        elif found.reporter or not found.device:
            whose = whose or found.reporter or "of an observer who gave no name"
            kept.append(encode_observation(msgspec.structs.replace(place, reporter="sealed")))
        else:
            kept.append(one + b"\n")
    return None if whose is None else (b"".join(kept), whose)


class PeopleDecoder:
    """Reads lines of JSON; each observation is a plot, and a sighting for whoever asks who it is."""

    def __init__(self, feed_id: str, listed: Iterable[str] = ()) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as the sensor of what people saw or heard.
            listed: devices of the sensors file.
        """
        self.feed_id = feed_id
        self._listed = frozenset(listed)
        self._devices: set[str] = set()  # others that are told apart
        self._lines = LineCutter(LINE_MAX)

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, reports, faults and counts of one chunk. Never raises, whatever the bytes are."""
        decoded = Decoded()
        rows: list[dict[str, object]] = []
        for line in self._lines.cut(data):
            if line.is_too_long:
                why = f"a line of more than {LINE_MAX} octets"
                quarantine(decoded, self.feed_id, received_ns, line, "bad_length", why)
                continue
            try:
                found = placed(_decoder.decode(line.data))
            except _ERRORS as error:
                wrong = isinstance(error, msgspec.ValidationError)
                reason = "out_of_range" if wrong else "bad_json"
                quarantine(decoded, self.feed_id, received_ns, line, reason, str(error))
                continue
            if isinstance(found, str):
                quarantine(decoded, self.feed_id, received_ns, line, "missing_item", found)
                continue
            kind = "acoustic" if found.device else "person"
            decoded.counts[kind] = decoded.counts.get(kind, 0) + 1
            rows.append(
                {
                    "sensor_id": self._sensor_of(found),
                    "feed_id": self.feed_id,
                    "raw_ref": raw_ref,
                    "kind": kind,
                    "valid_ns": found.valid_ns,
                    "received_ns": received_ns,
                    "latitude_deg": found.object_latitude_deg,
                    "longitude_deg": found.object_longitude_deg,
                    "position_sigma_m": found.object_sigma_m,
                    "class_hint": found.takes_for,
                    "class_confidence": None if found.takes_for is None else found.confidence,
                }
            )
            if found.what or found.reporter:
                decoded.reports.append(_sighting(found))
        if rows:
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)
        return decoded

    def _sensor_of(self, found: Observation) -> str:
        """A device by its name, as long as there are not too many; all further ones are one sensor together."""
        device = found.device_id if found.device else None
        if device is None:
            return self.feed_id
        if device in self._listed or device in self._devices:
            return device
        if len(self._devices) >= DEVICES_MAX:
            return f"{self.feed_id} devices"
        self._devices.add(device)
        return device


def _sighting(found: Observation) -> Sighting:
    return Sighting(
        subject=Subject(
            latitude_deg=found.object_latitude_deg,
            longitude_deg=found.object_longitude_deg,
            valid_ns=found.valid_ns,
            radius_m=2.0 * (found.object_sigma_m or 0.0) + 1_000.0,
        ),
        seen=found.what or f"{found.sense}, without words",
        reporter=found.reporter,
        valid_ns=found.valid_ns,
        confidence=found.confidence,
    )


class PeopleFramer:
    """Cuts a file into chunks of one observation, heard when it was made, in the order of the file."""

    def __init__(self) -> None:
        self._lines = LineCutter(LINE_MAX)
        self._latest_ns = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks of the lines that end in ``data``."""
        for line in self._lines.cut(data):
            with suppress(*_ERRORS):  # for the decoder to quarantine
                self._latest_ns = _decoder.decode(line.data).valid_ns
            yield Chunk(self._latest_ns, line.data + b"\n")

    def finish(self) -> Iterator[Chunk]:
        """The last line, if it has no end."""
        yield from self.push(b"\n")


def sniff(head: bytes) -> bool:
    """Whether a file that begins so has an observation on its first line."""
    try:
        _decoder.decode(head.lstrip().split(b"\n", 1)[0])
    except _ERRORS:
        return False
    return True
