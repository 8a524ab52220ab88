"""Recorded feeds: files played back in the order of their own times."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from vedette.engine.address import FeedAddress
from vedette.feeds.decoder import Chunk, Framer
from vedette.model.errors import SourceError
from vedette.model.time import day_start_ns as day_of

_PIECE: Final = 1 << 18


class FramedFile:
    """A file that a framer cuts into chunks; memory stays flat at any size."""

    def __init__(self, address: FeedAddress, day_start_ns: int | None) -> None:
        self.address = address
        self.path: Path = address.path
        self._day_start_ns = day_start_ns

    def _framer(self, head: bytes) -> Framer:
        day_ns = self._day_start_ns
        if self.address.decoder == "report":
            from vedette.feeds.reports import ReportFramer

            return ReportFramer()
        if self.address.transport == "pcap":
            from vedette.feeds.pcap import PcapFramer

            return PcapFramer()
        if day_ns is None:
            day_ns = day_of(int(self.path.stat().st_mtime_ns))
        if self.address.decoder == "beast":
            from vedette.feeds.mode_s.framers import BeastFileFramer

            return BeastFileFramer(day_ns)
        from vedette.feeds.asterix.framers import frame_file

        return frame_file(head, day_ns)

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Chunks in the order of the file, without the first ``skip`` ones."""
        return islice(self._all(), skip, None)

    def _all(self) -> Iterator[Chunk]:
        try:
            with self.path.open("rb") as file:
                head = file.read(_PIECE)
                framer = self._framer(head)
                piece = head
                while piece:
                    yield from framer.push(piece)
                    piece = file.read(_PIECE)
                yield from framer.finish()
        except OSError as error:
            raise SourceError(f"{self.address.url}: {error.strerror}") from error


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
                yield from islice(read_batches(file, notes=self.notes), skip, None)
        except SourceError as error:
            raise SourceError(f"{self.address.url}: {error}") from error


def open_recording(address: FeedAddress, day_start_ns: int | None) -> FramedFile | TableFile:
    """The Feed port of a recorded feed."""
    if address.decoder == "table":
        return TableFile(address)
    return FramedFile(address, day_start_ns)
