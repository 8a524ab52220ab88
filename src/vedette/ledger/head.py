"""Signed tree heads: how long the log is, what it holds, and whose node says so."""

from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vedette.model.errors import RecordError


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tree head: hexadecimal root over ``size`` entries, signed by the node's Ed25519 key."""

    format: Literal[1] = 1
    size: int
    root: str
    public_key: str
    signature: str


def _statement(size: int, root: bytes) -> bytes:
    return b"vedette tree head 1\n" + str(size).encode() + b"\n" + root.hex().encode() + b"\n"


def sign_head(size: int, root: bytes, key: Ed25519PrivateKey) -> bytes:
    """The canonical bytes of a signed head."""
    head = Head(
        size=size,
        root=root.hex(),
        public_key=key.public_key().public_bytes_raw().hex(),
        signature=key.sign(_statement(size, root)).hex(),
    )
    return msgspec.json.encode(head, order="deterministic") + b"\n"


def read_head(data: bytes) -> Head:
    """The head in ``data``, its signature checked against the key that it names.

    Raises:
        RecordError: the bytes are not a canonical head, or the signature does not fit.
    """
    try:
        head = msgspec.json.decode(data, type=Head)
        root, public_key = bytes.fromhex(head.root), bytes.fromhex(head.public_key)
        signature = bytes.fromhex(head.signature)
    except (msgspec.DecodeError, ValueError) as error:
        raise RecordError(f"the tree head is not readable: {error}") from error
    if data != msgspec.json.encode(head, order="deterministic") + b"\n" or head.root != root.hex():
        raise RecordError("the tree head was changed: its bytes are not canonical")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            signature, _statement(head.size, root)
        )
    except (InvalidSignature, ValueError) as error:
        raise RecordError("the tree head was changed: its signature does not fit") from error
    if (head.public_key, head.signature) != (public_key.hex(), signature.hex()):
        raise RecordError("the tree head was changed: its bytes are not canonical")
    return head
