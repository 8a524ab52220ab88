"""OPEN_DRONE_ID messages of MAVLink 2 to plots; see docs/reference/feeds-mavlink.md."""

import math
from typing import Final

from vedette.feeds.decoder import Decoded
from vedette.feeds.mavlink.frames import (
    LAYOUTS,
    ArmStatusPayload,
    AuthenticationPayload,
    BasicIdPayload,
    Cut,
    Frame,
    LocationPayload,
    MessagePackPayload,
    OperatorIdPayload,
    SelfIdPayload,
    SystemPayload,
    SystemUpdatePayload,
    cut_frames,
    message_number,
)
from vedette.feeds.remote_id.messages import (
    HALF_WIDTH_95,
    HORIZONTAL_M,
    HOUR_TENTHS,
    PACK,
    RADIUS_95,
    VERSION,
    VERTICAL_M,
    BasicId,
    OperatorId,
    Refused,
    SelfId,
    is_place,
)
from vedette.feeds.remote_id.transmitters import PLACES, Fix, Operator, Transmitters
from vedette.model.sensor import Sensor

DETAILS: Final = {
    "bad_checksum": "the check value does not hold",
    "unknown_flags": "a frame with flags that must be understood and are not",
    "garbage": "octets that are no frame",
}
UNKNOWN_M: Final = -1_000.0
UNKNOWN_DIRECTION, UNKNOWN_SPEED, UNKNOWN_CLIMB, UNKNOWN_TIME = 36_100, 25_500, 6_300, 65_535.0


class MavlinkDecoder:
    """Reads frames of MAVLink 2, cut anywhere; half a frame waits for the rest.

    A drone is told apart by the address that came with it, or else by the sender's system and component.
    """

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: the receiver: its id, and its ``range_sigma_m`` as position error where the drone
                states none.
        """
        self.feed_id = feed_id
        self._transmitters = Transmitters(feed_id, sensor)
        self._rest = b""

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, reports, faults and counts of one chunk. Never raises, whatever the bytes are."""
        kept = len(self._rest)
        stretch = self._rest + data
        cuts, settled = cut_frames(stretch)
        self._rest = stretch[settled:]
        for cut in cuts:
            if cut.frame is not None:
                self._take(cut, cut.frame, kept, received_ns)
            elif cut.kind in DETAILS:
                why = Refused(cut.kind, DETAILS[cut.kind])
                self._transmitters.fault(why, cut.data, cut.offset - kept, received_ns)
            else:
                self._transmitters.count(cut.kind)
        return self._transmitters.take(received_ns, raw_ref)

    def _take(self, cut: Cut, frame: Frame, kept: int, received_ns: int) -> None:
        heard, payload = self._transmitters, frame.payload
        number = message_number(cut.data)
        if number is not None:
            heard.count(LAYOUTS[number].name)
        if frame.signature:
            heard.count("signature not verified")
        if isinstance(payload, ArmStatusPayload):
            return
        name = f"{frame.system}/{frame.component}"
        if not isinstance(payload, SystemUpdatePayload) and any(payload.id_or_mac):
            name = payload.id_or_mac.rstrip(b"\0").hex()
        if isinstance(payload, MessagePackPayload):
            head = bytes((PACK << 4 | VERSION, payload.single_message_size, payload.msg_pack_size))
            offset = cut.offset - kept
            heard.hear(name, head + payload.messages, received_ns, offset, received_ns)
            return
        wrong = self._merge(name, payload, received_ns)
        if wrong:
            why = Refused("out_of_range", ", ".join(wrong))
            heard.fault(why, cut.data, cut.offset - kept, received_ns)

    def _merge(
        self,
        name: str,
        payload: BasicIdPayload
        | LocationPayload
        | AuthenticationPayload
        | SelfIdPayload
        | SystemPayload
        | OperatorIdPayload
        | SystemUpdatePayload,
        heard_ns: int,
    ) -> list[str]:
        heard = self._transmitters
        wrong: list[str] = []
        if isinstance(payload, BasicIdPayload):
            message = BasicId(
                id_type=payload.id_type, ua_type=payload.ua_type, uas_id=payload.uas_id
            )
            heard.merge(name, [message], heard_ns)
        elif isinstance(payload, SelfIdPayload):
            kind, text = payload.description_type, payload.description
            heard.merge(name, [SelfId(kind=kind, description=text)], heard_ns)
        elif isinstance(payload, OperatorIdPayload):
            message_of = OperatorId(kind=payload.operator_id_type, operator_id=payload.operator_id)
            heard.merge(name, [message_of], heard_ns)
        elif isinstance(payload, LocationPayload):
            fix = _fix(payload, wrong)
            heard.state(name, heard_ns, ids={}, ua_type=None, fixes=[fix])
        elif isinstance(payload, SystemPayload | SystemUpdatePayload):
            north, east = payload.operator_latitude, payload.operator_longitude
            placed = is_place(north, east)
            if not placed and (north or east):
                wrong.append("position of the operator")
            kind = PLACES.index("live")
            if isinstance(payload, SystemPayload):
                kind = payload.operator_location_type
            height_m = _altitude_m(payload.operator_altitude_geo, wrong)

            def known(operator: Operator) -> Operator:
                return operator._replace(
                    latitude_deg=north / 1e7 if placed else None,
                    longitude_deg=east / 1e7 if placed else None,
                    height_hae_m=height_m,
                    place=PLACES[kind] if placed and kind < len(PLACES) else None,
                )

            heard.state(name, heard_ns, ids={}, ua_type=None, fixes=[], operator=known)
        return wrong


def _fix(payload: LocationPayload, wrong: list[str]) -> Fix:
    north, east = payload.latitude, payload.longitude
    placed = is_place(north, east)
    if not placed and (north or east):
        wrong.append(f"position ({north / 1e7:.5f}, {east / 1e7:.5f})")
    direction, speed, climb = payload.direction, payload.speed_horizontal, payload.speed_vertical
    if direction > 36_000 and direction != UNKNOWN_DIRECTION:
        wrong.append(f"direction {direction / 100} degrees")
    if speed > UNKNOWN_SPEED:
        wrong.append(f"speed {speed / 100} m/s")
    if abs(climb) > 6_200 and climb != UNKNOWN_CLIMB:
        wrong.append(f"vertical speed {climb / 100} m/s")
    time_s = payload.timestamp
    tenths: int | None = None
    if 0.0 <= time_s <= HOUR_TENTHS / 10:
        tenths = round(time_s * 10)
    elif time_s != UNKNOWN_TIME:
        wrong.append(f"time {time_s} s after the hour")
    hae_m = _altitude_m(payload.altitude_geodetic, wrong)
    pressure_m = _altitude_m(payload.altitude_barometric, wrong)
    vertical = 0 if pressure_m is None else payload.barometer_accuracy
    if hae_m is not None:
        vertical = payload.vertical_accuracy
    return Fix(
        key=payload,
        tenths=tenths,
        latitude_deg=north / 1e7 if placed else None,
        longitude_deg=east / 1e7 if placed else None,
        position_sigma_m=_sigma_m(payload.horizontal_accuracy, HORIZONTAL_M, RADIUS_95),
        pressure_altitude_m=pressure_m,
        height_hae_m=hae_m,
        height_sigma_m=_sigma_m(vertical, VERTICAL_M, HALF_WIDTH_95),
        ground_speed_mps=speed / 100 if speed < UNKNOWN_SPEED else None,
        track_angle_rad=math.radians(direction / 100 % 360) if direction <= 36_000 else None,
        vertical_rate_mps=climb / 100 if abs(climb) <= 6_200 else None,
        status=payload.status,
    )


def _altitude_m(value: float, wrong: list[str]) -> float | None:
    if value == UNKNOWN_M:
        return None
    if not UNKNOWN_M < value <= 31_767.5:
        wrong.append(f"altitude {value} m")
        return None
    return value


def _sigma_m(code: int, bounds_m: tuple[float, ...], factor: float) -> float | None:
    return bounds_m[code - 1] / factor if 1 <= code <= len(bounds_m) else None
