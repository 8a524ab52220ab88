"""What a decoder says of bytes it could not use: never raised, always kept."""

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bytes that were quarantined, and why.

    ``reason`` is a short stable code that can be counted (``truncated``, ``bad_length``,
    ``unknown_category``, ``out_of_range``, ``bad_parity``); ``detail`` is for a person.
    """

    feed_id: str
    received_ns: int
    reason: str
    detail: str
    offset: int  # of the first bad byte within the chunk as received
    data: bytes  # the quarantined bytes themselves


class Repeated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Faults of one reason counted together once single ones would flood the record."""

    feed_id: str
    reason: str
    count: int
    since_ns: int
