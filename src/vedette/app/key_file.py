"""Private keys as files: of a person in an office, of a party of a council. Never written over."""

import os
from pathlib import Path
from typing import Literal

import msgspec

from vedette.model.errors import RecordError
from vedette.model.signature import from_base64


class OfficeKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person's key in one office, as ``vedette office new`` writes it."""

    format: Literal["vedette-office-key/1"] = "vedette-office-key/1"
    office: str
    person: str
    public_key: str  # base64
    private_key: str  # base64

    @property
    def private(self) -> bytes:
        """32 bytes."""
        return from_base64(self.private_key)


def write_secret(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read.

    Raises:
        RecordError: it exists, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except FileExistsError as error:
        raise RecordError(f"{path} exists; a key is never written over") from error
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error


def read_office_key(path: Path) -> OfficeKey:
    """The key of a person in an office.

    Raises:
        RecordError: the file holds none.
    """
    try:
        key = msgspec.json.decode(path.read_bytes(), type=OfficeKey)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: no key of an office: {error}") from error
    if len(key.private) != 32:
        raise RecordError(f"{path}: the key has not 32 bytes")
    return key
