"""What the page of a run was sent, tick by tick, kept so that any moment of it can be shown again."""

import json
from bisect import bisect_right
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

Named = dict[str, Any]  # a track's slot with its names, as the page is told them


class _Piece(NamedTuple):
    begin: int
    size: int


class Film:
    """Grows by one tick after the other in one thread; any other may look at what is there.

    The pieces lie in a temporary file; in memory are where they begin, and the names of tracks.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Begin.

        Args:
            folder: where its file lies, which has no name there; None: where temporary files do.
        """
        self._file = TemporaryFile(prefix="vedette-film-", dir=folder)  # noqa: SIM115  # as long as the film
        self._end = 0
        self._frames: list[_Piece] = []
        self._versions: dict[str, tuple[list[int], list[_Piece]]] = {}
        self._latest: dict[str, bytes] = {}
        self._names: dict[int, tuple[list[int], list[Named | None]]] = {}
        self.times_ns: list[int] = []  # of the ticks; grows last, so that what it counts is there

    @property
    def octets(self) -> int:
        """How many it takes."""
        return self._end

    @property
    def first_ns(self) -> int:
        """Its first tick; there must be one."""
        return self.times_ns[0]

    @property
    def last_ns(self) -> int:
        """Its last tick; there must be one."""
        return self.times_ns[-1]

    def film_at(self, now_ns: float) -> "Film":
        """Itself, as it holds every moment that it knows of."""
        del now_ns
        return self

    def __len__(self) -> int:
        """Ticks."""
        return len(self.times_ns)

    def add(
        self, now_ns: int, frame: bytes, names: list[dict[str, Any]], messages: dict[str, Any]
    ) -> None:
        """Take what one tick sent.

        Args:
            now_ns: of the tick.
            frame: the picture.
            names: messages of type ``tracks``: what was named anew and what has gone.
            messages: the other messages by type; what did not change may be left out.
        """
        tick = len(self.times_ns)
        for message in names:
            for slot in message["gone"]:
                self._name(slot, tick, None)
            for named in message["tracks"]:
                self._name(named["slot"], tick, named)
        for kind, message in messages.items():
            self.note(kind, tick, message)
        self._frames.append(self._write(frame))
        self.times_ns.append(now_ns)

    def note(self, kind: str, tick: int, message: dict[str, Any]) -> None:
        """A message that holds from a tick on; for each type in the order of the ticks."""
        data = json.dumps(message).encode()
        if self._latest.get(kind) == data:
            return
        self._latest[kind] = data
        ticks, pieces = self._versions.setdefault(kind, ([], []))
        pieces.append(self._write(data))
        ticks.append(tick)

    def _name(self, slot: int, tick: int, named: Named | None) -> None:
        ticks, values = self._names.setdefault(slot, ([], []))
        values.append(named)
        ticks.append(tick)

    def _write(self, data: bytes) -> _Piece:
        self._file.seek(self._end)
        self._file.write(data)
        self._file.flush()
        piece = _Piece(self._end, len(data))
        self._end += len(data)
        return piece

    def _read(self, piece: _Piece) -> bytes:
        import os

        return os.pread(self._file.fileno(), piece.size, piece.begin)

    def at(self, now_ns: float) -> int:
        """The last tick at or before a time; the first where there is none. There must be one."""
        return max(0, bisect_right(self.times_ns, now_ns) - 1)

    def frame(self, tick: int) -> bytes:
        """The picture of a tick."""
        return self._read(self._frames[tick])

    def kinds(self) -> list[str]:
        """Types of messages that were sent at some time."""
        return list(self._versions)

    def version(self, kind: str, tick: int) -> int:
        """Which message of a type held at a tick; -1: none yet."""
        return bisect_right(self._versions[kind][0], tick) - 1

    def message(self, kind: str, version: int) -> str:
        """A message, as text."""
        return self._read(self._versions[kind][1][version]).decode()

    def names(self, tick: int) -> dict[int, Named]:
        """Tracks of a tick by slot."""
        found = {}
        for slot, (ticks, values) in list(self._names.items()):
            k = bisect_right(ticks, tick, hi=min(len(ticks), len(values))) - 1
            if k >= 0 and (named := values[k]) is not None:
                found[slot] = named
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
