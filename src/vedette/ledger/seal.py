"""Sealing of personal data: encrypted in the record, readable with a key that can be destroyed.

AES-SIV (RFC 5297) needs no nonce: the same text under the same key gives the same box, so a replay gives
the same bytes. Whoever destroys the key erases the data for good; hashes and proofs over the box stay valid.
"""

import base64
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY_SIZE: Final = 64
_CONTEXT: Final = b"vedette sealed 1"


class Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A box and the name of the key that opens it."""

    key: str
    box: bytes


def seal(key_id: str, key: bytes, text: bytes) -> Sealed:
    """Encrypt ``text``; ``key`` has ``KEY_SIZE`` bytes."""
    return Sealed(key=key_id, box=AESSIV(key).encrypt(text, [_CONTEXT, key_id.encode()]))


def unseal(sealed: Sealed, key: bytes) -> bytes | None:
    """The text of a box; None where the key does not open it."""
    try:
        return AESSIV(key).decrypt(sealed.box, [_CONTEXT, sealed.key.encode()])
    except InvalidTag:
        return None


class SealedChunk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chunk as the input log keeps it: what anybody may read, and the original in a box.

    The stages see ``data`` only, so that a run replays bit for bit after the key was destroyed.
    """

    data: bytes  # the chunk with its personal fields blanked
    sealed: Sealed  # the chunk as received


def seal_chunk(key_id: str, key: bytes, original: bytes, redacted: bytes) -> bytes:
    """Payload of a sealed chunk in the input log."""
    chunk = SealedChunk(data=redacted, sealed=seal(key_id, key, original))
    return msgspec.json.encode(chunk, order="deterministic")


def read_chunk(payload: bytes) -> SealedChunk:
    """The sealed chunk in a payload.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return msgspec.json.decode(payload, type=SealedChunk)


def as_field(sealed: Sealed) -> dict[str, str]:
    """The ``sealed`` part of an entry."""
    return {"key": sealed.key, "box": base64.b64encode(sealed.box).decode()}


def unseal_field(field: dict[str, str], key: bytes) -> bytes | None:
    """The original bytes behind an entry; None where the key does not open them."""
    return unseal(Sealed(key=field["key"], box=base64.b64decode(field["box"])), key)
