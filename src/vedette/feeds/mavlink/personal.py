"""Chunks of MAVLink without what is personal in them, as for ``vedette.feeds.remote_id.personal``."""

from vedette.feeds.mavlink.frames import (
    BasicIdPayload,
    Frame,
    MessagePackPayload,
    OperatorIdPayload,
    SelfIdPayload,
    SystemPayload,
    SystemUpdatePayload,
    cut_frames,
    encode_frame,
)
from vedette.feeds.remote_id.messages import PACK, REGISTRATION, VERSION, readable
from vedette.feeds.remote_id.personal import SEALED, blank_payload

MARK = SEALED.encode().ljust(23, b"\0")


def redact_frames(chunk: bytes) -> tuple[bytes, str] | None:
    """A chunk of whole frames without what is personal, and whose that is; None: nothing is personal.

    Signatures, which no longer hold, are left out, and so is what is no frame with Remote ID.
    """
    whose: str | None = None
    found: list[bytes] = []
    for cut in cut_frames(chunk + b"\xfe")[0]:
        if cut.frame is None:
            continue
        blank, owner = _blank(cut.frame)
        if owner is not None:
            whose = whose or owner or f"the operator of {cut.frame.system}/{cut.frame.component}"
        found.append(encode_frame(blank._replace(signature=b"")))
        if owner is not None:
            found.append(encode_frame(_mark(blank)))
    return None if whose is None else (b"".join(found), whose)


def _mark(frame: Frame) -> Frame:
    """A Self ID that says that something was taken out."""
    address = getattr(frame.payload, "id_or_mac", bytes(20))
    return frame._replace(payload=SelfIdPayload(0, 0, address, 0, MARK), signature=b"")


def _blank(frame: Frame) -> tuple[Frame, str | None]:
    payload = frame.payload
    if isinstance(payload, SystemPayload | SystemUpdatePayload):
        unplaced = payload._replace(
            operator_latitude=0, operator_longitude=0, operator_altitude_geo=-1000.0
        )
        return frame._replace(payload=unplaced), None if unplaced == payload else ""
    if isinstance(payload, OperatorIdPayload):
        return frame._replace(payload=payload._replace(operator_id=bytes(20))), readable(
            payload.operator_id
        )
    if isinstance(payload, SelfIdPayload):
        wordless = payload._replace(description=bytes(23))
        return frame._replace(payload=wordless), None if wordless == payload else ""
    if isinstance(payload, BasicIdPayload) and payload.id_type == REGISTRATION:
        return frame._replace(payload=payload._replace(uas_id=bytes(20))), readable(payload.uas_id)
    if isinstance(payload, MessagePackPayload):
        head = bytes((PACK << 4 | VERSION, payload.single_message_size, payload.msg_pack_size))
        data, whose = blank_payload(head + payload.messages)
        if whose is not None:
            messages = data[3:].ljust(225, b"\0")
            pack = payload._replace(msg_pack_size=data[2], messages=messages)
            return frame._replace(payload=pack), whose
    return frame, None
