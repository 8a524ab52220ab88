"""The journal of a node: one line after the other, durable before anything that depends on it is said."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.model.errors import RecordError


class Journal:
    """Writing side of a journal file; opening it mends the end that a crash tore."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RecordError(f"{path} is being written by another process") from error
        size = path.stat().st_size
        whole = sum(len(line) + 1 for line in self.lines())
        self.torn_bytes = size - whole
        if self.torn_bytes:
            os.truncate(path, whole)
            os.fsync(self._file.fileno())
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)  # a new name is durable with its folder
        finally:
            os.close(handle)

    def lines(self) -> Iterator[bytes]:
        """Whole lines, without their ends."""
        return read_journal(self.path)

    def append(self, lines: Sequence[bytes]) -> None:
        """Make lines durable."""
        if lines:
            self._file.write(b"".join(line + b"\n" for line in lines))
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def read_journal(path: Path) -> Iterator[bytes]:
    """Whole lines of a journal, without their ends; none where there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line[:-1]
