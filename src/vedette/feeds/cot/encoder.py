"""Plots as Cursor on Target events, for other people's maps.

An event says where something is and, at most, that it is a friend or a neutral. There is no way here to write an
affiliation that calls something a foe, a task, or anything that is not an object of the air.
"""

import math
from typing import Any, Final, Literal
from xml.sax.saxutils import quoteattr

from takproto.proto import TakMessage

from vedette.feeds.cot.events import MESH, STREAM, UNKNOWN, Event
from vedette.model.time import format_utc

Affiliation = Literal["pending", "unknown", "neutral", "friend"]
AFFILIATIONS: Final[dict[Affiliation, str]] = {
    "pending": "p",
    "unknown": "u",
    "neutral": "n",
    "friend": "f",
}
REMARK: Final = "not for weapons use"


def event_of(
    row: dict[str, Any], uid: str, stale_ns: int, affiliation: Affiliation = "unknown"
) -> Event:
    """The event of a plot or track with a place (a row of a table).

    Raises:
        KeyError: another affiliation.
    """
    angle = row.get("track_angle_rad")
    return Event(
        uid=uid,
        type=f"a-{AFFILIATIONS[affiliation]}-A",
        how="h-e" if row.get("kind") == "person" else "m-f",
        start_ns=row["valid_ns"],
        stale_ns=stale_ns,
        latitude_deg=row["latitude_deg"],
        longitude_deg=row["longitude_deg"],
        hae_m=row.get("height_hae_m"),
        ce_m=row.get("position_sigma_m"),
        le_m=row.get("height_sigma_m"),
        course_deg=None if angle is None else math.degrees(angle) % 360.0,
        speed_mps=row.get("ground_speed_mps"),
        callsign=row.get("callsign"),
    )


def encode_xml(event: Event) -> bytes:
    """One event as XML.

    Raises:
        ValueError: a type that this program does not write.
    """
    _permitted(event)

    def number(value: float | None) -> str:
        return repr(UNKNOWN if value is None else value)

    stale_ns = event.start_ns if event.stale_ns is None else event.stale_ns
    times = f'time="{format_utc(event.start_ns)}" start="{format_utc(event.start_ns)}"'
    detail = f"<remarks>{REMARK}</remarks>"
    if event.course_deg is not None and event.speed_mps is not None:
        detail += f'<track course="{event.course_deg!r}" speed="{event.speed_mps!r}"/>'
    if event.callsign is not None:
        detail += f"<contact callsign={quoteattr(event.callsign)}/>"
    return (
        f'<event version="2.0" uid={quoteattr(event.uid)} type="{event.type}" how="{event.how}" '
        f'{times} stale="{format_utc(stale_ns)}">'
        f'<point lat="{event.latitude_deg!r}" lon="{event.longitude_deg!r}" '
        f'hae="{number(event.hae_m)}" ce="{number(event.ce_m)}" le="{number(event.le_m)}"/>'
        f"<detail>{detail}</detail></event>"
    ).encode()


def encode_protobuf(event: Event, *, stream: bool) -> bytes:
    """One event as TAK protobuf with the header of a stream or of a datagram.

    Raises:
        ValueError: a type that this program does not write.
    """
    _permitted(event)
    message = TakMessage()
    found = message.cotEvent
    found.uid, found.type, found.how = event.uid, event.type, event.how
    found.sendTime = found.startTime = event.start_ns // 1_000_000
    found.staleTime = (event.start_ns if event.stale_ns is None else event.stale_ns) // 1_000_000
    found.lat, found.lon = event.latitude_deg, event.longitude_deg
    for name, value in (("hae", event.hae_m), ("ce", event.ce_m), ("le", event.le_m)):
        setattr(found, name, UNKNOWN if value is None else value)
    found.detail.xmlDetail = f"<remarks>{REMARK}</remarks>"
    if event.course_deg is not None and event.speed_mps is not None:
        found.detail.track.course, found.detail.track.speed = event.course_deg, event.speed_mps
    if event.callsign is not None:
        found.detail.contact.callsign = event.callsign
    body: bytes = message.SerializeToString(deterministic=True)
    if not stream:
        return MESH + body
    size, head = len(body), bytearray((STREAM,))
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(head) + bytes((size,)) + body


def _permitted(event: Event) -> None:
    allowed = {f"a-{letter}-A" for letter in AFFILIATIONS.values()}
    if event.type not in allowed:
        raise ValueError(f"events of type {event.type!r} are not written here")
