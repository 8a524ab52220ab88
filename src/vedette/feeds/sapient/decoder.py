"""SAPIENT messages of sensing nodes to plots; see docs/reference/feeds-sapient.md."""

import math
import re
import zlib
from functools import cache
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from pyproj import Geod, Transformer
from pyproj.exceptions import ProjError
from sapient_msg.bsi_flex_335_v2_0 import location_pb2 as loc
from sapient_msg.bsi_flex_335_v2_0 import range_bearing_pb2 as rb
from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from vedette.airspace.heights import hae_from_amsl
from vedette.feeds.decoder import Decoded
from vedette.feeds.sapient.framing import MESSAGE_MAX, PREFIX, Frame, cut_frames, is_json
from vedette.feeds.sapient.validation import Finding, check, check_json, read_message
from vedette.model.fault import Fault
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

NODES_MAX: Final = 4_096
_GEOD: Final = Geod(ellps="WGS84")
_KINDS: Final = {
    "NODE_TYPE_RADAR": "psr",
    "NODE_TYPE_ACOUSTIC": "acoustic",
    "NODE_TYPE_SEISMIC": "acoustic",
    "NODE_TYPE_HUMAN": "person",
    "NODE_TYPE_FUSION_NODE": "track",
}
# Words of a class or sub-class, most telling first, to classes here
_WORDS: Final = (
    (("uav", "uas", "drone", "unmanned"), "drone_small"),
    (("bird", "avian"), "bird"),
    (("balloon",), "balloon"),
)
_UTM: Final = re.compile("(0?[1-9]|[1-5][0-9]|60)([C-HJ-NP-Xc-hj-np-x])")
# Metres in one degree of a great circle
_DEGREE_M: Final = 111_195.0
_RADIAN_M: Final = math.degrees(_DEGREE_M)
_ANGLES: Final = {
    rb.RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M: (math.pi / 180.0, 1.0),
    rb.RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_M: (1.0, 1.0),
    rb.RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_KM: (math.pi / 180.0, 1_000.0),
    rb.RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_KM: (1.0, 1_000.0),
}

Row = dict[str, Any]


class Place(msgspec.Struct, frozen=True):
    """A place with its errors; height above the ellipsoid [m]."""

    latitude_deg: float
    longitude_deg: float
    height_hae_m: float | None = None
    sigma_m: float | None = None
    height_sigma_m: float | None = None


class Node(msgspec.Struct):
    """What a node has said of itself."""

    kind: str = "cuas"
    place: Place | None = None
    speed_scale: float = 1.0  # m/s in one unit of its velocities


class SapientDecoder:
    """Reads framed messages of any number of nodes; half a message waits.

    A chunk from a server holds whole messages, so it does not matter over which connection they came: a message
    names its node.
    """

    def __init__(self, feed_id: str, sensors: tuple[Sensor, ...] = ()) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults.
            sensors: sites; one named by a node's identifier stands in for what the node does not say.
        """
        self.feed_id = feed_id
        self._sites = {sensor.sensor_id: sensor for sensor in sensors}
        self._nodes: dict[str, Node] = {}
        self._rest = b""

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        kept = len(self._rest)
        if not kept and is_json(data):
            return self._decode_json(data, received_ns, raw_ref)
        decoded = Decoded()
        if kept and _is_whole(data):
            # the rest of what waits never came (a connection was lost), and nothing marks where a message begins:
            # joined to it, all that follows would be swallowed
            size = int.from_bytes(self._rest[:PREFIX], "little")
            why = Finding("", "out_of_range", f"{kept} octets of a message of {size}")
            frame = Frame(0, self._rest, is_message=False)
            self._fault(decoded, frame, kept, received_ns, [why], "truncated")
            self._rest, kept = b"", 0
        frames, settled = cut_frames(self._rest + data)
        self._rest = (self._rest + data)[settled:]
        rows: list[Row] = []
        for frame in frames:
            if not frame.is_message:
                size = int.from_bytes(frame.data[:PREFIX], "little")
                why = Finding(
                    "", "out_of_range", f"a length of {size} octets, not 1 to {MESSAGE_MAX}"
                )
                self._fault(decoded, frame, kept, received_ns, [why], "bad_length")
                continue
            message = read_message(frame.data)
            findings = [message] if isinstance(message, Finding) else check(message)
            if isinstance(message, Finding) or findings:
                self._fault(decoded, frame, kept, received_ns, findings, findings[0].reason)
                continue
            rows += self._hear(message, received_ns, raw_ref, decoded)
        if rows:
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)
        return decoded

    def _decode_json(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """One message in protobuf's JSON form."""
        decoded = Decoded()
        message, findings = check_json(data)
        if message is None or findings:
            frame = Frame(0, data, is_message=False)
            self._fault(decoded, frame, 0, received_ns, findings, findings[0].reason)
            return decoded
        rows = self._hear(message, received_ns, raw_ref, decoded)
        if rows:
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)
        return decoded

    def _hear(
        self, message: SapientMessage, received_ns: int, raw_ref: int, decoded: Decoded
    ) -> list[Row]:
        content = message.WhichOneof("content") or ""
        _count(decoded, content)
        node = self._node(message.node_id)
        if content == "registration":
            _register(node, message.registration)
        elif content == "status_report":
            if message.status_report.HasField("node_location"):
                node.place = place_of(message.status_report.node_location) or node.place
        elif content == "task":
            _count(decoded, "task refused")
        elif content == "detection_report":
            return self._detect(message, node, received_ns, raw_ref, decoded)
        return []

    def _node(self, node_id: str) -> Node:
        node = self._nodes.pop(node_id, None)
        if node is None:
            node = Node()
            site = self._sites.get(node_id)
            if site is not None:
                node.kind = site.kind
                node.place = Place(site.latitude_deg, site.longitude_deg, site.height_hae_m)
        self._nodes[node_id] = node  # the one heard last is last
        if len(self._nodes) > NODES_MAX:
            del self._nodes[next(iter(self._nodes))]
        return node

    def _detect(
        self,
        message: SapientMessage,
        node: Node,
        received_ns: int,
        raw_ref: int,
        decoded: Decoded,
    ) -> list[Row]:
        report = message.detection_report
        stamp = message.timestamp
        row: Row = {
            "sensor_id": message.node_id,
            "feed_id": self.feed_id,
            "raw_ref": raw_ref,
            "kind": node.kind,
            "valid_ns": int(stamp.seconds) * SECOND_NS + int(stamp.nanos),
            "received_ns": received_ns,
            # an object's identifier is a random number of 128 bits
            "track_number": zlib.crc32(report.object_id.encode()) & 0x7FFFFFFF,
        }
        if report.HasField("location"):
            place = place_of(report.location)
            if place is None:
                _count(decoded, "place that is none")
                return []
            row |= _columns(place)
        elif not _bear(report.range_bearing, node, row, decoded):
            return []
        if report.HasField("enu_velocity"):
            east = report.enu_velocity.east_rate * node.speed_scale
            north = report.enu_velocity.north_rate * node.speed_scale
            row["ground_speed_mps"] = math.hypot(east, north)
            row["track_angle_rad"] = math.atan2(east, north) % (2.0 * math.pi)
            if report.enu_velocity.HasField("up_rate"):
                row["vertical_rate_mps"] = report.enu_velocity.up_rate * node.speed_scale
        row["class_hint"], row["class_confidence"] = _class_of(report)
        return [row]

    def _fault(
        self,
        decoded: Decoded,
        frame: Frame,
        kept: int,
        received_ns: int,
        findings: list[Finding],
        reason: str,
    ) -> None:
        said = "; ".join(f"{one.path} {one.detail}".strip() for one in findings[:5])
        prefix = len(frame.data).to_bytes(PREFIX, "little") if frame.is_message else b""
        decoded.faults.append(
            Fault(
                feed_id=self.feed_id,
                received_ns=received_ns,
                reason=reason,
                detail=said,
                offset=max(0, frame.offset - kept),
                data=prefix + frame.data,
            )
        )


def _is_whole(data: bytes) -> bool:
    """Whether a chunk holds whole messages and nothing else."""
    frames, settled = cut_frames(data)
    return (
        bool(frames)
        and settled == len(data)
        and all(frame.is_message for frame in frames)
        and not isinstance(read_message(frames[0].data), Finding)
    )


def place_of(location: loc.Location) -> Place | None:
    """A location in WGS 84; None if it is nowhere or in a UTM zone that is none.

    Errors are in the units of their coordinate, metres in UTM.
    """
    x, y = location.x, location.y
    scale = 1.0
    if location.coordinate_system == loc.LOCATION_COORDINATE_SYSTEM_UTM_M:
        try:
            x, y = utm(location.utm_zone).transform(x, y, errcheck=True)
        except (ProjError, ValueError):
            return None
    elif location.coordinate_system == loc.LOCATION_COORDINATE_SYSTEM_LAT_LNG_RAD_M:
        x, y, scale = math.degrees(x), math.degrees(y), _RADIAN_M
    else:
        scale = _DEGREE_M
    if not (abs(y) <= 90.0 and abs(x) <= 180.0):
        return None
    sigma_m = None
    if location.HasField("x_error") and location.HasField("y_error"):
        narrow = math.cos(math.radians(y)) if scale != 1.0 else 1.0
        east_m, north_m = location.x_error * scale * narrow, location.y_error * scale
        sigma_m = math.sqrt((east_m**2 + north_m**2) / 2.0)
    height_m = height_sigma_m = None
    if location.HasField("z") and abs(location.z) < 100_000.0:
        height_m = location.z
        height_sigma_m = location.z_error if location.z_error > 0.0 else None
        if location.datum == loc.LOCATION_DATUM_WGS84_G:
            found = hae_from_amsl(np.array([y]), np.array([x]), np.array([height_m]))
            height_m = float(found[0][0])
            if not math.isfinite(height_m):
                height_m = None
    usable = sigma_m is not None and 0.0 < sigma_m < 1e6
    return Place(y, x, height_m, sigma_m if usable else None, height_sigma_m)


def utm(zone: str) -> Transformer:
    """From eastings and northings of a UTM zone (number and latitude band, "30U") to longitude and latitude.

    Raises:
        ValueError: there is no such zone.
    """
    found = _UTM.fullmatch(zone)
    if found is None:
        raise ValueError(f"no UTM zone {zone[:20]!r}")
    first = 32_600 if found[2].upper() >= "N" else 32_700  # EPSG codes of north and south
    return _from_utm(first + int(found[1]))


@cache  # of 120 codes
def _from_utm(code: int) -> Transformer:
    return Transformer.from_crs(code, 4326, always_xy=True)


def _columns(place: Place) -> Row:
    return {
        "latitude_deg": place.latitude_deg,
        "longitude_deg": place.longitude_deg,
        "position_sigma_m": place.sigma_m,
        "height_hae_m": place.height_hae_m,
        "height_sigma_m": place.height_sigma_m,
    }


def _bear(found: rb.RangeBearing, node: Node, row: Row, decoded: Decoded) -> bool:
    """Fill in what a range and a bearing say; False where they say nothing that can be used."""
    if found.datum != rb.RANGE_BEARING_DATUM_TRUE:
        # magnetic, grid and platform north need what the message does not say
        _count(decoded, "bearing not from true north")
        return False
    turn, metre = _ANGLES[found.coordinate_system]
    elevation = found.elevation * turn if found.HasField("elevation") else None
    if not found.HasField("azimuth"):
        _count(decoded, "bearing without azimuth")
        return False
    azimuth = found.azimuth * turn % (2.0 * math.pi)
    azimuth_sigma = found.azimuth_error * turn if found.azimuth_error > 0.0 else None
    row |= {"azimuth_rad": azimuth, "elevation_rad": elevation, "azimuth_sigma_rad": azimuth_sigma}
    if not found.HasField("range") or not 0.0 < found.range * metre < 1e6:
        if node.place is not None:
            row |= {
                "observer_latitude_deg": node.place.latitude_deg,
                "observer_longitude_deg": node.place.longitude_deg,
                "observer_height_hae_m": node.place.height_hae_m,
            }
        return True
    slant_m = found.range * metre
    range_sigma = found.range_error * metre if found.range_error > 0.0 else None
    row |= {"range_m": slant_m, "range_sigma_m": range_sigma}
    if node.place is None:
        return True
    ground_m = slant_m * math.cos(elevation or 0.0)
    longitude_deg, latitude_deg, _ = _GEOD.fwd(
        node.place.longitude_deg, node.place.latitude_deg, math.degrees(azimuth), ground_m
    )
    across_m = ground_m * (azimuth_sigma or 0.0)
    sigma_m = math.sqrt((across_m**2 + (range_sigma or 0.0) ** 2) / 2.0)
    row |= {"latitude_deg": latitude_deg, "longitude_deg": longitude_deg}
    row["position_sigma_m"] = sigma_m or None
    if elevation is not None and node.place.height_hae_m is not None:
        row["height_hae_m"] = node.place.height_hae_m + slant_m * math.sin(elevation)
    return True


def _register(node: Node, registration: Registration) -> None:
    name = Registration.NodeType.Name(registration.node_definition[0].node_type)
    node.kind = _KINDS.get(name, "cuas")
    for mode in registration.mode_definition:
        for definition in mode.detection_definition:
            units = definition.velocity_type.enu_velocity_units
            # SPEED_UNITS_KPH
            node.speed_scale = 1.0 / 3.6 if units.east_north_rate_units == 2 else 1.0


def _class_of(report: Any) -> tuple[str | None, float | None]:
    """The most probable class that has a name here."""
    best: tuple[str | None, float | None] = (None, None)
    for one in report.classification:
        words = [one.type, *(sub.type for sub in one.sub_class)]
        text = " ".join(words).lower()
        name = next((name for keys, name in _WORDS if any(key in text for key in keys)), None)
        confidence = one.confidence if one.HasField("confidence") else 0.5
        if name is not None and 0.0 <= confidence <= 1.0 and confidence > (best[1] or -1.0):
            best = name, float(confidence)
    return best


def _count(decoded: Decoded, key: str) -> None:
    decoded.counts[key] = decoded.counts.get(key, 0) + 1
