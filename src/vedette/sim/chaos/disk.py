"""A disk that is full at some octet, and one that the power is taken from: the real record on both."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np

from vedette.engine.record import RecordStore
from vedette.model.errors import RecordError


class Room:
    """How many octets the disk still takes."""

    def __init__(self, octets: int | None) -> None:
        self.left = octets

    def take(self, wanted: int) -> int:
        """How many of them are taken."""
        if self.left is None:
            return wanted
        given = min(self.left, wanted)
        self.left -= given
        return given


class _Narrow:
    """A file of a disk with little room: what does not fit is cut off, and the writer is told."""

    def __init__(self, file: BinaryIO, room: Room) -> None:
        self._file, self._room = file, room

    def write(self, data: bytes) -> int:
        given = self._room.take(len(data))
        self._file.write(data[:given])
        if given < len(data):
            self._file.flush()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return given

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


class FailingStore(RecordStore):
    """A record whose disk has only so much room; keeps the lines that it was given, for the laws."""

    def __init__(self, folder: Path, room: Room) -> None:
        super().__init__(folder)
        self.given: list[bytes] = list(self.lines())
        self._raw = _Narrow(self._raw, room)  # type: ignore[assignment]
        self._entries = _Narrow(self._entries, room)  # type: ignore[assignment]

    def append_line(self, line: bytes) -> None:
        """Add one entry."""
        self.given.append(line)
        super().append_line(line)

    def lose_power(self, rng: np.random.Generator) -> None:
        """End as a machine ends whose power goes: of what was not made durable a part is on the disk."""
        path = self.segments()[-1]
        self._raw.flush()
        durable, size = self._durable, path.stat().st_size
        self._broken = "the power is gone"
        self.close()
        os.truncate(path, int(rng.integers(durable, size + 1)))
        if rng.integers(2):
            with self.entries_path.open("ab") as file:
                file.write(b'{"kind":"tra')

    def commit(self) -> None:
        """Make it durable."""
        super().commit()
        self._durable = self.segments()[-1].stat().st_size

    _durable = 0

    def gone(self) -> bool:
        """Let go of the files after a write that failed; whether closing kept quiet about it."""
        try:
            self.close()
        except RecordError:
            return False
        return True
