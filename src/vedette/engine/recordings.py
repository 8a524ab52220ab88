"""Recorded feeds: files played back in the order of their own times."""

import gzip
import shlex
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, cast

from vedette.engine.address import FeedAddress
from vedette.feeds.decoder import Chunk, Framer
from vedette.feeds.formats import HEAD, codec
from vedette.feeds.pace import Pace
from vedette.model.errors import SourceError
from vedette.model.time import day_start_ns as day_of

_PIECE: Final = 1 << 18
_GZIP: Final = b"\x1f\x8b\x08"


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file in pieces of at most 256 KiB, the first of at least ``HEAD`` where there is as much.

    A gzip file comes unpacked, whatever its name; memory stays that of a piece.

    Raises:
        SourceError: it cannot be read; says why.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file
            while piece := stream.read(_PIECE):
                yield piece
    except EOFError as error:
        raise SourceError(
            f"{path}: the gzip file is cut short; what is left of it: gzip -dc {shlex.quote(str(path))} > FILE"
        ) from error
    except (OSError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise SourceError(f"{path}: {reason}") from error


def day_of_file(path: Path) -> int:
    """The beginning of the day on which a file was written [ns UTC].

    Raises:
        SourceError: it cannot be read; says why.
    """
    try:
        return day_of(path.stat().st_mtime_ns)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error


class FramedFile:
    """A file that a framer cuts into chunks; memory stays flat at any size."""

    def __init__(self, address: FeedAddress, day_start_ns: int | None) -> None:
        self.address = address
        self.notes: list[str] = []  # how its times were read, for a person
        self._day_start_ns = day_start_ns

    def _framer(self, head: bytes) -> Framer:
        if self.address.transport == "pcap":
            from vedette.feeds.pcap import PcapFramer

            return PcapFramer()
        day_ns = self._day_start_ns
        if day_ns is None:
            day_ns = day_of_file(self.address.path)
        return codec(self.address.decoder).framer(head[:HEAD], day_ns)

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Chunks in the order of the file, without the first ``skip`` ones."""
        return islice(self._all(), skip, None)

    def _all(self) -> Iterator[Chunk]:
        pace: Pace[Chunk] = Pace()
        for chunk in self._framed():
            # a framer that has found no time yet says 0
            for heard_ns, part in pace.push(chunk, chunk.received_ns or None):
                yield part._replace(received_ns=heard_ns)
        for heard_ns, part in pace.finish():
            yield part._replace(received_ns=heard_ns)

    def _framed(self) -> Iterator[Chunk]:
        framer: Framer | None = None
        for piece in pieces_of(self.address.path):
            if framer is None:
                framer = self._framer(piece)
            yield from framer.push(piece)
        if framer is not None:
            yield from framer.finish()
            self.notes += [note] if (note := getattr(framer, "note", "")) else []


class TableFile:
    """A trajectory table, a slice of time a chunk."""

    def __init__(self, address: FeedAddress) -> None:
        self.address = address
        self.notes: list[str] = []  # how its columns were read, for a person

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Slices in order of time, without the first ``skip`` ones.

        Raises:
            SourceError: the file is no table with time and position.
        """
        from vedette.feeds.table import read_batches

        try:
            with self.address.path.open("rb") as file:
                table: BinaryIO = file
                if (
                    file.read(len(_GZIP)) == _GZIP
                ):  # held whole, as a table wants to be read from its end
                    table = BytesIO(b"".join(pieces_of(self.address.path)))
                yield from islice(read_batches(table, notes=self.notes), skip, None)
        except SourceError as error:
            raise SourceError(f"{self.address.url}: {error}") from error


def open_recording(address: FeedAddress, day_start_ns: int | None) -> FramedFile | TableFile:
    """The Feed port of a recorded feed."""
    if address.decoder == "table":
        return TableFile(address)
    return FramedFile(address, day_start_ns)
