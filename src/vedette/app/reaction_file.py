"""A register of reactions as a file: read whole, locked while lines are added."""

import fcntl
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from vedette.council.reactions.reaction import Entry
from vedette.council.reactions.register import Register, next_lines, read_register
from vedette.model.errors import RecordError


def read_file(path: Path) -> Register:
    """The register in a file.

    Raises:
        RecordError: the file cannot be read.
    """
    try:
        return read_register(path.read_bytes())
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error


def check_file(path: Path) -> None:
    """See that a file is a register, or may become one.

    Raises:
        RecordError: it cannot be read, or has lines of which none is an entry.
    """
    register = read_file(path)
    if register.set_aside and len(register.set_aside) == register.lines:
        raise RecordError(
            f"{path} is no register of reactions (line 1: {register.set_aside[0].reason}); 'vedette reaction add' "
            "writes one"
        )


def add_to_file(path: Path, entries_after: Callable[[Register], Iterable[Entry]]) -> Register:
    """Add entries that are made from the register as it stands; the register before them.

    Nobody else adds between reading and writing. A new file is made where there is none.

    Raises:
        RecordError: the file cannot be written, does not verify, or would set an entry aside: nothing is added.
    """
    try:
        file = path.open("a+b")
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)  # closing it unlocks
        file.seek(0)
        data = file.read()
        register = read_register(data)
        try:
            lines = next_lines(register, entries_after(register))
        except RecordError as error:
            raise RecordError(f"{path}: {error}") from error
        start = b"" if not data or data.endswith(b"\n") else b"\n"  # copied without its end
        file.write(start + b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    return register
