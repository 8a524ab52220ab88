"""What travels between nodes: entries of logs, pictures, beats and key statements, each signed.

A nation's log is one chain for all members. The header of an entry names the digest of the header before,
so that every member holds every header, and two members that compare one digest compare the whole past.
The body goes to those alone to whom it is released; others see that an entry exists and for whom. Its
digest is salted, so that a short body cannot be guessed from it.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec

from vedette.alliance.charter import (
    Count,
    Digest,
    Instant,
    Nation,
    Signature,
    Statement,
)
from vedette.alliance.items import Body, ReleasedTrack
from vedette.model.signature import sign

BODY_MAX: Final = 65_536
MESSAGE_MAX: Final = 262_144
TRACKS_MAX: Final = 500  # of one message
_Sequence = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
_KeyNumber = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed of an entry, and what every member may see of it."""

    charter: str
    nation: Nation
    key_number: _KeyNumber
    sequence: _Sequence  # 1, 2, 3 ... of this nation's log
    previous: Annotated[
        bytes, msgspec.Meta(max_length=32)
    ]  # digest of the header before; empty for 1
    to: tuple[Nation, ...]  # to whom its body is released, sorted; empty: every member
    content: Digest  # of salt and body


class EntryMessage(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="entry"
):
    """An entry on its way: the header as signed, and the body where it is released to the reader."""

    header: Annotated[bytes, msgspec.Meta(max_length=8_192)]
    signature: Signature
    body: Annotated[bytes, msgspec.Meta(max_length=BODY_MAX)] | None = None
    salt: Annotated[bytes, msgspec.Meta(max_length=32)] | None = None


class Picture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tracks released to one nation. A later picture replaces an earlier one; none is sent again."""

    charter: str
    nation: Nation
    key_number: _KeyNumber
    to: Nation
    boot: Count
    number: Count  # grows with every picture of a boot, to anybody
    made_ns: Instant
    shed: Count  # tracks withheld from this reader since the boot because its link was thin or cut
    tracks: Annotated[tuple[ReleasedTrack, ...], msgspec.Meta(max_length=TRACKS_MAX)]


class Beat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sign of life to every member: how far the sender has read each log, which is also what it asks for.

    ``seen`` holds, for each nation and for the sender itself, the last entry and its digest; ``ask`` names
    entries whose header the sender wants to see because others hold another one.
    """

    charter: str
    nation: Nation
    key_number: _KeyNumber
    boot: Count
    number: Count
    made_ns: Instant
    seen: dict[Nation, tuple[Count, Annotated[bytes, msgspec.Meta(max_length=32)], int]]
    ask: Annotated[tuple[tuple[Nation, Count], ...], msgspec.Meta(max_length=64)] = ()


class SignedMessage(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="signed"
):
    """A picture, a beat or a key statement as signed."""

    kind: Literal["picture", "beat", "statement"]
    data: Annotated[bytes, msgspec.Meta(max_length=MESSAGE_MAX)]
    signature: Signature


Message = EntryMessage | SignedMessage
_encode = msgspec.json.Encoder(order="deterministic").encode
_pack = msgspec.msgpack.Encoder().encode
_unpack: Final[msgspec.msgpack.Decoder[Message]] = msgspec.msgpack.Decoder(Message)
_read_header: Final = msgspec.json.Decoder(Header)
_read_body: Final = msgspec.json.Decoder(Body)
_read_signed: Final[dict[str, Callable[[bytes], Picture | Beat | Statement]]] = {
    "picture": msgspec.msgpack.Decoder(Picture).decode,
    "beat": msgspec.msgpack.Decoder(Beat).decode,
    "statement": msgspec.json.Decoder(Statement).decode,
}


def pack(message: Message) -> bytes:
    """The octets of a message."""
    return _pack(message)


def unpack(data: bytes) -> Message | str:
    """The message in some octets, or why there is none."""
    if len(data) > MESSAGE_MAX:
        return f"a message of {len(data)} octets"
    try:
        return _unpack.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"no message: {error}"


def header_bytes(header: Header) -> bytes:
    """What the key of the node signs."""
    return _encode(header)


def digest_of(header: bytes) -> bytes:
    """The name of an entry: SHA-256 of its header as signed."""
    return sha256(header).digest()


def content_of(body: bytes, salt: bytes) -> bytes:
    """What the header says of the body."""
    return sha256(b"vedette entry 1\n" + len(salt).to_bytes(1) + salt + body).digest()


def body_bytes(body: Body) -> bytes:
    """Canonical bytes of a body."""
    return _encode(body)


def read_header(data: bytes) -> Header | str:
    """The header in signed bytes, or why there is none."""
    try:
        header = _read_header.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return str(error)
    return header if _encode(header) == data else "the header is not in its canonical form"


def read_body(data: bytes) -> Body | str:
    """The body in some bytes, or why there is none."""
    try:
        return _read_body.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return str(error)


def signed_bytes(value: Picture | Beat | Statement) -> bytes:
    """The ``data`` of a signed message."""
    return _encode(value) if isinstance(value, Statement) else _pack(value)


def read_signed(message: SignedMessage) -> Picture | Beat | Statement | str:
    """The content of a signed message, or why there is none."""
    try:
        return _read_signed[message.kind](message.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return str(error)


def to_sign(kind: str, data: bytes) -> bytes:
    """The bytes under the signature of a signed message: never those of another kind."""
    return b"vedette " + kind.encode() + b" 1\n" + data


def signed(value: Picture | Beat | Statement, private_key: bytes) -> bytes:
    """A picture, beat or key statement as it travels, signed."""
    kind: Literal["picture", "beat", "statement"] = (
        "picture"
        if isinstance(value, Picture)
        else "beat"
        if isinstance(value, Beat)
        else "statement"
    )
    data = signed_bytes(value)
    signature = sign(to_sign(kind, data), private_key)
    return pack(SignedMessage(kind=kind, data=data, signature=signature))
