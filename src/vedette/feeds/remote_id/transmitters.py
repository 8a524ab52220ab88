"""What is known of each transmitter of Remote ID, and the plots and reports that follow from it.

Drones send their identity, place and operator in separate messages; they are merged by the address of the
transmitter. Everything here is a claim of the drone's own: nothing is verified.
"""

import math
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.feeds.decoder import Decoded
from vedette.feeds.remote_id.messages import (
    AIRBORNE,
    EMERGENCY,
    GROUND,
    HOUR_TENTHS,
    REGISTRATION,
    SERIAL,
    SESSION,
    SYSTEM_FAILURE,
    UTM_UUID,
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    Refused,
    SelfId,
    System,
    decode_message,
    unpack,
)
from vedette.model.fault import Fault
from vedette.model.plot import no_plots, plots
from vedette.model.report import RemotePilot
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

TRANSMITTERS_MAX: Final = 4_096
FORGET_NS: Final = 300 * SECOND_NS  # addresses change; an old identity is not another drone's
TENTH_NS: Final = SECOND_NS // 10
HOUR_NS: Final = HOUR_TENTHS * TENTH_NS
STALE_NS: Final = 60 * SECOND_NS  # an older time is a clock that is wrong, not a late message
AHEAD_NS: Final = 2 * SECOND_NS
REPEAT_NS: Final = SECOND_NS  # the same octets within it are one measurement sent again
UNPLACED_NS: Final = 5 * SECOND_NS  # between plots of a drone that gives no position
# Position error where the drone states none, and no site does [m per axis]: no bound
SIGMA_M: Final = 100.0
OPERATOR_MOVED_M: Final = 10.0
FAULTS_MAX: Final = 32  # single ones of a reason in a chunk; the others are one fault together
EARTH_M: Final = 6_371_000.0
PLACES: Final[tuple[Literal["takeoff", "live", "fixed"], ...]] = ("takeoff", "live", "fixed")
# How sure the claimed type of an aircraft makes its class; anybody may send any type
DECLARED, UNDECLARED_TYPE = 0.7, 0.5
DRONES: Final = frozenset((1, 2, 3, 4, 5, 6, 13))
BALLOONS: Final = frozenset((8, 9, 10))  # free, captive, airship
NO_CLASS: Final = frozenset((7, 11, 12, 14))  # kite, parachute, rocket, obstacle: no class has them
KIND: Final = pa.scalar("remote_id")
EMPTY: Final = no_plots()
NAMES: Final[dict[type[Message], str]] = {
    BasicId: "basic id",
    Location: "location",
    Authentication: "authentication",
    SelfId: "self id",
    System: "system",
    OperatorId: "operator id",
}


class Fix(NamedTuple):
    """One statement of where a drone is, in units of the plot table; unknown is None."""

    key: object  # equal for the same statement sent twice
    tenths: int | None = None  # of a second after the hour
    valid_ns: int | None = None  # where the time is known in full
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    position_sigma_m: float | None = None
    pressure_altitude_m: float | None = None
    height_hae_m: float | None = None
    height_sigma_m: float | None = None
    ground_speed_mps: float | None = None
    track_angle_rad: float | None = None
    vertical_rate_mps: float | None = None
    status: int = 0


class Operator(NamedTuple):
    """What a drone says of its operator; unknown is None."""

    operator_id: str | None = None
    registration: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    height_hae_m: float | None = None
    place: Literal["takeoff", "live", "fixed"] | None = None
    words: str | None = None


class _Row(NamedTuple):
    """A plot in the making, with what was known of the drone when it came."""

    fix: Fix
    valid_ns: int
    number: int
    remote_id: str | None
    ua_type: int


class _Transmitter:
    """One address, as long as it is heard."""

    def __init__(self, number: int, heard_ns: int) -> None:
        self.number = number
        self.heard_ns = heard_ns
        self.ids: dict[int, str] = {}
        self.ua_type = 0
        self.fix: Fix | None = None
        self.shown: tuple[object, int] | None = None
        self.shown_ns = 0
        self.unplaced_ns: int | None = None
        self.operator = Operator()
        self.told: tuple[Operator, str | None] = (Operator(), None)

    @property
    def remote_id(self) -> str | None:
        """The most lasting id that names the aircraft alone."""
        for kind in (SERIAL, SESSION, UTM_UUID):
            if kind in self.ids:
                return self.ids[kind]
        return None


class Transmitters:
    """Merges what each transmitter says, and gathers what one chunk gives.

    Bounded: beyond ``TRANSMITTERS_MAX`` the one heard longest ago is forgotten and counted.
    """

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: its id, and its ``range_sigma_m`` as position error where the drone states none.
        """
        self.feed_id = feed_id
        self.sensor_id = feed_id if sensor is None else sensor.sensor_id
        self._sigma_m = SIGMA_M if sensor is None else sensor.range_sigma_m
        self._known: dict[str, _Transmitter] = {}
        self._numbers = 0
        self._rows: list[_Row] = []
        self._decoded = Decoded(plots=EMPTY)
        self._faults: dict[str, int] = {}
        self._rest: dict[str, list[tuple[int, bytes]]] = {}

    # ---- what one chunk gives

    def count(self, name: str, number: int = 1) -> None:
        """Count a kind of message."""
        counts = self._decoded.counts
        counts[name] = counts.get(name, 0) + number

    def fault(self, why: Refused, data: bytes, offset: int, received_ns: int) -> None:
        """Quarantine octets."""
        seen = self._faults[why.reason] = self._faults.get(why.reason, 0) + 1
        if seen > FAULTS_MAX:
            self._rest.setdefault(why.reason, []).append((offset, data))
        else:
            self._add_fault(why, data, offset, received_ns)

    def _add_fault(self, why: Refused, data: bytes, offset: int, received_ns: int) -> None:
        self._decoded.faults.append(
            Fault(
                feed_id=self.feed_id,
                received_ns=received_ns,
                reason=why.reason,
                detail=why.detail,
                offset=max(0, offset),
                data=data,
            )
        )

    def take(self, received_ns: int, raw_ref: int) -> Decoded:
        """All since the last time."""
        for reason, spans in self._rest.items():
            why = Refused(reason, f"{len(spans)} more of {reason} in this chunk, joined")
            self._add_fault(why, b"".join(data for _, data in spans), spans[0][0], received_ns)
        decoded, rows = self._decoded, self._rows
        self._decoded, self._rows, self._faults, self._rest = Decoded(plots=EMPTY), [], {}, {}
        if rows:
            decoded.plots = self._plots(rows, received_ns, raw_ref)
        return decoded

    # ---- what transmitters say

    def hear(self, name: str, data: bytes, heard_ns: int, offset: int, received_ns: int) -> None:
        """A message or a pack of one transmitter.

        Args:
            name: address of the transmitter.
            data: the octets; what follows a whole message or pack is ignored.
            heard_ns: when the receiver heard it.
            offset: of the octets within the chunk.
            received_ns: of the chunk.
        """
        if data[:1] and data[0] >> 4 == 15:
            self.count("message pack")
            parts, refused = unpack(data)
            offsets = range(offset + 3, offset + 3 + 25 * len(parts), 25)
            if refused is not None:
                self.fault(refused, data, offset, received_ns)
        else:
            parts, offsets = [data[:25]], range(offset, offset + 1)
        messages: list[Message] = []
        for part, at in zip(parts, offsets, strict=True):
            message = decode_message(part)
            if isinstance(message, Refused):
                self.fault(message, part, at, received_ns)
                continue
            self.count(NAMES[type(message)])
            wrong = _wrong(message)
            if wrong is not None:
                self.fault(Refused("out_of_range", wrong), part, at, received_ns)
            messages.append(message)
        if messages:
            self.merge(name, messages, heard_ns)

    def merge(self, name: str, messages: list[Message], heard_ns: int) -> None:
        """Messages of one transmitter; a pack's identity counts for its place wherever it stands."""
        one = self._transmitter(name, heard_ns)
        fixes: list[Fix] = []
        for message in messages:
            if isinstance(message, Location):
                fixes.append(_fix(message))
            elif isinstance(message, BasicId):
                self.identify(one, message.id_type, message.text, message.ua_type)
            elif isinstance(message, System):
                one.operator = _at(one.operator, message)
            elif isinstance(message, OperatorId):
                one.operator = one.operator._replace(operator_id=message.text)
            elif isinstance(message, SelfId):
                one.operator = one.operator._replace(words=message.text)
        for fix in fixes:
            self.place(one, fix, heard_ns)
        self.tell(one, heard_ns)

    def state(
        self,
        name: str,
        heard_ns: int,
        *,
        ids: dict[int, str],
        ua_type: int | None,
        fixes: list[Fix],
        operator: Callable[[Operator], Operator] | None = None,
    ) -> None:
        """The same for what comes in other forms than the 25 octets.

        Args:
            name: of the transmitter or flight.
            heard_ns: when the receiver heard it.
            ids: of the aircraft, by type.
            ua_type: of the aircraft; None: not said.
            fixes: in order.
            operator: makes what is known now from what was known.
        """
        one = self._transmitter(name, heard_ns)
        for kind, text in ids.items():
            self.identify(one, kind, text, one.ua_type if ua_type is None else ua_type)
        if ua_type is not None:
            one.ua_type = ua_type
        for fix in fixes:
            self.place(one, fix, heard_ns)
        if operator is not None:
            one.operator = operator(one.operator)
        self.tell(one, heard_ns)

    def seal(self, name: str, heard_ns: int) -> None:
        """Note that what one says of its operator was taken out before it came here."""
        one = self._transmitter(name, heard_ns)
        one.operator = one.operator._replace(words="sealed")
        self.tell(one, heard_ns)

    def _transmitter(self, name: str, heard_ns: int) -> _Transmitter:
        one = self._known.pop(name, None)
        if one is None or heard_ns - one.heard_ns > FORGET_NS:
            self._numbers = self._numbers % 0x7FFFFFFF + 1
            one = _Transmitter(self._numbers, heard_ns)
        one.heard_ns = max(one.heard_ns, heard_ns)
        self._known[name] = one  # the order is that of the last time heard
        if len(self._known) > TRANSMITTERS_MAX:
            del self._known[next(iter(self._known))]
            self.count("transmitters forgotten")
        return one

    def identify(self, one: _Transmitter, kind: int, text: str | None, ua_type: int) -> None:
        """Note an id of the aircraft; a registration may be a person's and is not the plot's."""
        one.ua_type = ua_type
        if text is None:
            return
        if kind == REGISTRATION:
            one.operator = one.operator._replace(registration=text)
        elif kind in (SERIAL, SESSION, UTM_UUID):
            if one.ids.get(kind, text) != text:
                self.count("identity changed")
            one.ids[kind] = text

    def place(self, one: _Transmitter, fix: Fix, heard_ns: int) -> None:
        """A plot of a statement, unless it is one that was sent again."""
        valid_ns = fix.valid_ns
        if valid_ns is None and fix.tenths is not None:
            valid_ns = resolve_ns(fix.tenths, heard_ns)
            if valid_ns is None:
                self.count("time not believed")
        if fix.status == SYSTEM_FAILURE:
            self.count("remote id failure declared")
        is_again = one.fix is not None and fix.key == one.fix.key
        if is_again and one.shown is not None:
            is_again = one.shown[0] == valid_ns and (
                valid_ns is not None or abs(heard_ns - one.shown_ns) < REPEAT_NS
            )
        if is_again:
            self.count("repeated location")
            return
        one.fix, one.shown, one.shown_ns = fix, (valid_ns, heard_ns), heard_ns
        if fix.latitude_deg is None:
            self.count("location without position")
            if one.unplaced_ns is not None and abs(heard_ns - one.unplaced_ns) < UNPLACED_NS:
                return
            one.unplaced_ns = heard_ns
        true_ns = heard_ns if valid_ns is None else valid_ns
        self._rows.append(_Row(fix, true_ns, one.number, one.remote_id, one.ua_type))

    def tell(self, one: _Transmitter, heard_ns: int) -> None:
        """A report of the operator, if there is news of him."""
        operator, remote_id = one.operator, one.remote_id
        told, told_id = one.told
        if operator == Operator() or (remote_id == told_id and not _is_news(operator, told)):
            return
        one.told = operator, remote_id
        self._decoded.reports.append(
            RemotePilot(
                sensor_id=self.sensor_id,
                track_number=one.number,
                remote_id=remote_id,
                valid_ns=max(0, heard_ns),
                **operator._asdict(),
            )
        )
        self.count("operator")

    # ---- plots

    def _plots(self, rows: list[_Row], received_ns: int, raw_ref: int) -> pa.Table:
        size = len(rows)
        fixes = [row.fix for row in rows]
        hints = [class_hint(row.ua_type) for row in rows]
        sigmas = [
            None if fix.latitude_deg is None else fix.position_sigma_m or self._sigma_m
            for fix in fixes
        ]
        return plots(
            sensor_id=[self.sensor_id] * size,
            kind=pa.repeat(KIND, size),
            valid_ns=[row.valid_ns for row in rows],
            received_ns=np.full(size, received_ns),
            latitude_deg=[fix.latitude_deg for fix in fixes],
            longitude_deg=[fix.longitude_deg for fix in fixes],
            position_sigma_m=sigmas,
            pressure_altitude_m=[fix.pressure_altitude_m for fix in fixes],
            height_hae_m=[fix.height_hae_m for fix in fixes],
            height_sigma_m=[fix.height_sigma_m for fix in fixes],
            ground_speed_mps=[fix.ground_speed_mps for fix in fixes],
            track_angle_rad=[fix.track_angle_rad for fix in fixes],
            vertical_rate_mps=[fix.vertical_rate_mps for fix in fixes],
            remote_id=[row.remote_id for row in rows],
            emergency=["general" if fix.status == EMERGENCY else None for fix in fixes],
            on_ground=[{GROUND: True, AIRBORNE: False}.get(fix.status) for fix in fixes],
            track_number=[row.number for row in rows],
            class_hint=[name for name, _ in hints],
            class_confidence=[sure for _, sure in hints],
            feed_id=[self.feed_id] * size,
            raw_ref=np.full(size, raw_ref),
        )


def class_hint(ua_type: int) -> tuple[str | None, float | None]:
    """Class of an object by the type that it declares, and how sure that is.

    Args:
        ua_type: code of the Basic ID message; 0 is undeclared, 15 other.
    """
    if ua_type in BALLOONS:
        return "balloon", DECLARED
    if ua_type in NO_CLASS:
        return None, None
    return "drone_small", DECLARED if ua_type in DRONES else UNDECLARED_TYPE


def resolve_ns(tenths: int, heard_ns: int) -> int | None:
    """The instant nearest to ``heard_ns`` that is so many tenths of a second after a full hour.

    None where that is more than a minute ago or more than two seconds ahead: a drone must send
    positions no older than a second, so its clock is wrong. An instant ahead is that of receipt.
    """
    if tenths > HOUR_TENTHS:
        return None
    instant_ns = heard_ns - heard_ns % HOUR_NS + tenths * TENTH_NS
    if instant_ns - heard_ns > HOUR_NS // 2:
        instant_ns -= HOUR_NS
    elif heard_ns - instant_ns > HOUR_NS // 2:
        instant_ns += HOUR_NS
    if not -AHEAD_NS <= heard_ns - instant_ns <= STALE_NS:
        return None
    return min(instant_ns, heard_ns)


def _fix(location: Location) -> Fix:
    return Fix(
        key=location,
        tenths=location.timestamp if location.timestamp <= HOUR_TENTHS else None,
        latitude_deg=location.latitude_deg,
        longitude_deg=location.longitude_deg,
        position_sigma_m=location.position_sigma_m,
        pressure_altitude_m=location.pressure_altitude_m,
        height_hae_m=location.height_hae_m,
        height_sigma_m=location.height_sigma_m,
        ground_speed_mps=location.ground_speed_mps,
        track_angle_rad=location.track_angle_rad,
        vertical_rate_mps=location.vertical_rate_mps,
        status=location.status,
    )


def _at(operator: Operator, system: System) -> Operator:
    is_placed = system.is_placed
    is_known = is_placed and system.location_type < len(PLACES)
    return operator._replace(
        latitude_deg=system.latitude_deg,
        longitude_deg=system.longitude_deg,
        height_hae_m=system.height_hae_m,
        place=PLACES[system.location_type] if is_known else None,
    )


def _wrong(message: Message) -> str | None:
    if isinstance(message, Location):
        return message.wrong()
    if isinstance(message, System) and not message.is_placed:
        return "position of the operator" if message.latitude or message.longitude else None
    return None


def _is_news(new: Operator, old: Operator) -> bool:
    """Whether anything changed but the last digits of a position."""
    if new == old:
        return False
    moving = (new.latitude_deg, new.longitude_deg, old.latitude_deg, old.longitude_deg)
    still = old._replace(
        latitude_deg=new.latitude_deg,
        longitude_deg=new.longitude_deg,
        height_hae_m=new.height_hae_m,
    )
    if new != still or None in moving:
        return True
    lat, lon, lat_0, lon_0 = (math.radians(degrees or 0.0) for degrees in moving)
    east, north = (lon - lon_0) * math.cos(lat), lat - lat_0
    return math.hypot(east, north) * EARTH_M >= OPERATOR_MOVED_M
