"""The lines of a matter: a header that says who takes part, then receipts, each naming the line before."""

from hashlib import sha256
from typing import Final

import msgspec

FORMAT: Final = "vedette-matter/2"


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """First line of a matter file: who takes part. Every act signs the digest of the roster."""

    format: str
    matter_id: str
    roster: dict[str, str]
    deputies: dict[str, tuple[str, ...]] = {}  # further keys of a party
    keeper: str | None = None  # the party that keeps the file and signs its export


def line_digest(line: bytes) -> str:
    """What the next line names this one by: SHA-256, hexadecimal."""
    return sha256(line).hexdigest()
