"""SAPIENT messages as a sensing node sends them, and the answers of a fusion node. Tasks are never encoded."""

import math
from collections.abc import Sequence
from typing import Any, Final

from sapient_msg.bsi_flex_335_v2_0 import location_pb2 as loc
from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from vedette.feeds.sapient.framing import encode_frame
from vedette.feeds.sapient.validation import VERSION
from vedette.model.time import SECOND_NS

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(time_ns: int, number: int) -> str:
    """An identifier of a time (48 bits of milliseconds) and a number (80 bits)."""
    value = (time_ns // 1_000_000 & (1 << 48) - 1) << 80 | number & (1 << 80) - 1
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -5, -5))


def message(node_id: str, time_ns: int) -> SapientMessage:
    """A message without content."""
    found = SapientMessage(node_id=node_id)
    found.timestamp.seconds, found.timestamp.nanos = divmod(time_ns, SECOND_NS)
    return found


def framed(found: SapientMessage) -> bytes:
    """A message as it goes over TCP."""
    return encode_frame(found.SerializeToString(deterministic=True))


def registration(
    node_id: str, time_ns: int, *, node_type: str = "RADAR", name: str = ""
) -> SapientMessage:
    """The registration of a node that reports detections as latitude and longitude, and takes no tasks."""
    found = message(node_id, time_ns)
    body = found.registration
    body.icd_version = VERSION
    body.name = name or node_type.lower()
    body.node_definition.add(node_type=Registration.NodeType.Value(f"NODE_TYPE_{node_type}"))
    body.capabilities.add(category="detection", type="position")
    interval = body.status_definition.status_interval
    interval.units, interval.value = Registration.TimeUnits.Value("TIME_UNITS_SECONDS"), 10.0
    mode = body.mode_definition.add(mode_name="watch")
    mode.mode_type = Registration.ModeType.Value("MODE_TYPE_PERMANENT")
    mode.settle_time.units, mode.settle_time.value = interval.units, 0.0
    mode.task.concurrent_tasks = 0
    region = mode.task.region_definition
    region.region_type.append(Registration.RegionType.Value("REGION_TYPE_AREA_OF_INTEREST"))
    area = region.region_area.add()
    area.location_units = loc.LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
    area.location_datum = loc.LOCATION_DATUM_WGS84_E
    body.config_data.add(manufacturer="unknown", model="unknown")
    return found


def status(
    node_id: str, time_ns: int, latitude_deg: float, longitude_deg: float, height_hae_m: float
) -> SapientMessage:
    """A node says where it stands and that it works."""
    found = message(node_id, time_ns)
    body = found.status_report
    body.report_id, body.mode = ulid(time_ns, 1), "watch"
    body.system = body.DESCRIPTOR.enum_types_by_name["System"].values_by_name["SYSTEM_OK"].number
    body.info = body.DESCRIPTOR.enum_types_by_name["Info"].values_by_name["INFO_NEW"].number
    _place(body.node_location, latitude_deg, longitude_deg, height_hae_m)
    return found


def detection(node_id: str, row: dict[str, Any]) -> SapientMessage:
    """A plot with a place (a row of a plot table) as a detection report."""
    found = message(node_id, row["valid_ns"])
    body = found.detection_report
    number = row.get("track_number") or 0
    body.report_id, body.object_id = ulid(row["valid_ns"], number + 1), ulid(0, number)
    _place(body.location, row["latitude_deg"], row["longitude_deg"], row.get("height_hae_m"))
    sigma_m = row.get("position_sigma_m")
    if sigma_m is not None:
        narrow = max(math.cos(math.radians(row["latitude_deg"])), 1e-6)
        body.location.x_error = sigma_m / 111_195.0 / narrow
        body.location.y_error = sigma_m / 111_195.0
    if row.get("height_sigma_m") is not None:
        body.location.z_error = row["height_sigma_m"]
    speed, angle = row.get("ground_speed_mps"), row.get("track_angle_rad")
    if speed is not None and angle is not None:
        body.enu_velocity.east_rate = speed * math.sin(angle)
        body.enu_velocity.north_rate = speed * math.cos(angle)
        if row.get("vertical_rate_mps") is not None:
            body.enu_velocity.up_rate = row["vertical_rate_mps"]
    return found


def alert(node_id: str, time_ns: int, words: str) -> SapientMessage:
    """A node's warning in words."""
    found = message(node_id, time_ns)
    found.alert.alert_id = ulid(time_ns, 2)
    found.alert.description = words
    return found


def registration_ack(node_id: str, time_ns: int, reasons: Sequence[str]) -> SapientMessage:
    """The answer to a registration: accepted, unless there are reasons why not."""
    found = message(node_id, time_ns)
    found.registration_ack.acceptance = not reasons
    found.registration_ack.ack_response_reason.extend(reasons)
    return found


def alert_ack(node_id: str, time_ns: int, alert_id: str) -> SapientMessage:
    """The answer to an alert: it was heard."""
    found = message(node_id, time_ns)
    found.alert_ack.alert_id = alert_id
    states = found.alert_ack.DESCRIPTOR.enum_types_by_name["AlertAckStatus"]
    found.alert_ack.alert_ack_status = states.values_by_name["ALERT_ACK_STATUS_ACCEPTED"].number
    return found


def task_refusal(node_id: str, time_ns: int, task_id: str, reason: str) -> SapientMessage:
    """The only answer to a task."""
    found = message(node_id, time_ns)
    found.task_ack.task_id = task_id
    states = found.task_ack.DESCRIPTOR.enum_types_by_name["TaskStatus"]
    found.task_ack.task_status = states.values_by_name["TASK_STATUS_REJECTED"].number
    found.task_ack.reason.append(reason)
    return found


def error(node_id: str, time_ns: int, packet: bytes, reasons: Sequence[str]) -> SapientMessage:
    """The answer to a message that cannot be used."""
    found = message(node_id, time_ns)
    found.error.packet = packet[:65_536]
    found.error.error_message.extend(reasons)
    return found


def _place(
    found: loc.Location, latitude_deg: float, longitude_deg: float, height_hae_m: float | None
) -> None:
    found.x, found.y = longitude_deg, latitude_deg
    if height_hae_m is not None:
        found.z = height_hae_m
    found.coordinate_system = loc.LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
    found.datum = loc.LOCATION_DATUM_WGS84_E
