"""Chunks of Remote ID without what is personal in them, for a record that must not show it.

What is taken out: operator ids, registrations, positions and heights of operators, their words. What of a
chunk cannot be read may hold such data and is taken out with it. The decoder reads the result: it gives the
same plots, and a report of an operator whose ``words`` are "sealed".
"""

from typing import Any, Final

import msgspec

from vedette.feeds.documents import DocumentReader
from vedette.feeds.remote_id.carried import DJI, FRENCH, ODID, Carried
from vedette.feeds.remote_id.messages import (
    PACK,
    REGISTRATION,
    BasicId,
    OperatorId,
    Refused,
    SelfId,
    System,
    decode_message,
    encode_message,
    unpack,
)
from vedette.feeds.remote_id.packets import PacketReader, cut_packets, encode_plain
from vedette.feeds.remote_id.vendors import blank_dji, blank_french

SEALED: Final = "sealed"
UNREADABLE: Final = "of what could not be read"
_PERSONAL: Final = frozenset(
    (
        "operator",
        "operator_id",
        "operator_location",
        "operator_altitude",
        "operator_details",
        "operation_description",
        "registration_id",
        "registration_number",
        "auth_data",
    )
)


def blank_payload(data: bytes) -> tuple[bytes, str | None]:
    """A message or a pack with personal fields unknown, and whose they are; None: nothing was personal.

    What cannot be read comes out as zeros of the same length.
    """
    is_pack = len(data) >= 3 and data[0] >> 4 == PACK
    parts = unpack(data)[0] if is_pack else [data[:25]]
    kept: list[bytes] = []
    whose: str | None = None
    for part in parts:
        message = decode_message(part)
        blank, owner = part, None
        if isinstance(message, Refused):
            blank, owner = part[:1] + bytes(max(0, len(part) - 1)), ""
        elif isinstance(message, System):
            if message.latitude or message.longitude or message.geodetic_altitude:
                owner = ""
            unknown = msgspec.structs.replace(message, latitude=0, longitude=0, geodetic_altitude=0)
            blank = encode_message(unknown)
        elif isinstance(message, OperatorId):
            owner = message.text
            unnamed = msgspec.structs.replace(message, operator_id=bytes(20), reserved=bytes(3))
            blank = encode_message(unnamed)
        elif isinstance(message, SelfId):
            owner = None if message.text is None else ""
            blank = encode_message(msgspec.structs.replace(message, description=bytes(23)))
        elif isinstance(message, BasicId) and message.id_type == REGISTRATION:
            owner = message.text
            blank = encode_message(msgspec.structs.replace(message, uas_id=bytes(20)))
        whose = whose or owner if owner is not None else whose
        kept.append(blank)
    head = data[:3] if is_pack else b""
    left = data[len(head) + 25 * len(parts) :]
    if any(left):
        whose = whose or ""
    return (data, None) if whose is None else (head + b"".join(kept) + bytes(len(left)), whose)


def redact_packets(chunk: bytes) -> tuple[bytes, str] | None:
    """A chunk of whole packets without what is personal, and whose that is; None: nothing is personal.

    What is left is no longer in frames of its radio, whose check values would not hold.
    """
    reader = PacketReader()
    cuts, settled = cut_packets(chunk)
    whose: str | None = UNREADABLE if settled < len(chunk) else None
    found: list[bytes] = []
    for cut in cuts:
        if cut.link is None:
            whose = whose or UNREADABLE
            continue
        read = reader.read(cut.link, cut.data)
        if read.refused or reader.waits:
            whose = whose or UNREADABLE
        for carried in read.carried:
            blank, owner = _blank(carried)
            if owner is not None:
                whose = whose or owner or f"the operator of {carried.transmitter}"
            left = carried._replace(data=blank)
            found.append(encode_plain(left, is_sealed=owner is not None))
    return None if whose is None else (b"".join(found), whose)


def _blank(carried: Carried) -> tuple[bytes, str | None]:
    if carried.form == ODID:
        return blank_payload(carried.data)
    blank = {DJI: blank_dji, FRENCH: blank_french}[carried.form](carried.data)
    return blank, None if blank == carried.data else ""


def redact_json(chunk: bytes) -> tuple[bytes, str] | None:
    """The same for a chunk of whole JSON objects."""
    whose: str | None = None
    found: list[bytes] = []
    documents = DocumentReader()
    for document in documents.push(chunk):
        blank, owner = _blank_object(document.data)
        if owner is not None:
            whose = whose or owner
        found.append(blank)
    if documents.rest.strip():
        whose = whose or "of what could not be read"
    return None if whose is None else (b"\n".join(found) + b"\n", whose)


def _blank_object(data: bytes) -> tuple[bytes, str | None]:
    try:
        found: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b'"sealed"', UNREADABLE
    if not isinstance(found, dict) or not {"message", "details", "flights"} & set(found):
        return b'"sealed"', UNREADABLE
    owners: list[str] = []
    try:
        kept = _without(found, owners)
    except RecursionError:  # JSON may be read deeper than it can be walked
        return b'"sealed"', UNREADABLE
    details = kept.get("details")
    if owners and isinstance(details, dict):
        details["operation_description"] = SEALED
    if isinstance(found.get("message"), str):
        try:
            blank, whose = blank_payload(bytes.fromhex(found["message"]))
        except ValueError:
            return b'"sealed"', UNREADABLE
        if whose is not None:
            kept |= {"message": blank.hex(), "sealed": True}
            owners.append(whose or f"the operator of {found.get('transmitter')}")
    return (msgspec.json.encode(kept), owners[0]) if owners else (data, None)


def _without(value: Any, owners: list[str]) -> Any:
    """A JSON value without personal fields at any depth; notes whose they were."""
    if isinstance(value, list):
        return [_without(item, owners) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) & _PERSONAL:
        owners.append(str(value.get("operator_id") or f"the operator of flight {value.get('id')}"))
    return {k: _without(item, owners) for k, item in value.items() if k not in _PERSONAL}
