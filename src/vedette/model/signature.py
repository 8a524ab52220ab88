"""Ed25519 signatures of what people did (RFC 8032), as plain functions of bytes."""

from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def verify(data: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether a signature over ``data`` was made with the private half of ``public_key``.

    False for anything that is no key or no signature; never raises on bytes.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(data: bytes, private_key: bytes) -> bytes:
    """64 bytes of signature with a private key of 32 bytes.

    Raises:
        ValueError: the key has not 32 bytes.
    """
    return Ed25519PrivateKey.from_private_bytes(private_key).sign(data)


def public_key_of(private_key: bytes) -> bytes:
    """The 32 bytes that others need to check signatures.

    Raises:
        ValueError: the key has not 32 bytes.
    """
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def new_private_key() -> bytes:
    """32 bytes from the system's source of keys; for a command, never for a stage."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def to_base64(data: bytes) -> str:
    """Bytes as text."""
    return b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Text as bytes; empty where it is no base64."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""
