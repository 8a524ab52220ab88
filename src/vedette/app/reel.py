"""The films of a watch that runs: what its pages were told, while there is room; the oldest is forgotten first."""

import errno
import os
import shutil
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

from vedette.app.film import Film

MOST_OCTETS: Final = 1_000_000_000  # an hour of 5,000 tracks, half a day of 500
_SPARE_OCTETS: Final = 2_000_000_000  # left free: the record matters more
_FILM_OCTETS: Final = 32_000_000
_FILM_TICKS: Final = 3_600


class Reel:
    """Grows in one thread; any other may look: what it finds stays readable as long as it holds it.

    Once there is a tick there always is one.
    """

    def __init__(
        self,
        folder: Path | None = None,
        most_octets: int = MOST_OCTETS,
        film_octets: int = _FILM_OCTETS,
    ) -> None:
        """Begin.

        Args:
            folder: where the files lie, without a name there; None: where temporary files do.
            most_octets: that all films take together; the film that grows is kept whatever it takes.
            film_octets: after which a new one begins.
        """
        self._folder, self._most, self._each = folder, most_octets, film_octets
        self._films: tuple[Film, ...] = ()
        self._torn = False  # the newest film lacks a part of a tick, and grows no more
        self._names: dict[int, dict[str, Any]] = {}
        self._latest: dict[str, dict[str, Any]] = {}
        self.marks: dict[str, dict[str, Any]] = {}  # when each incident began, by its id

    def __bool__(self) -> bool:
        """Whether there is a tick."""
        return bool(self._films)

    @property
    def first_ns(self) -> int:
        """The oldest tick that is kept."""
        return self._films[0].first_ns

    @property
    def last_ns(self) -> int:
        """The newest."""
        return self._films[-1].last_ns

    def film_at(self, now_ns: float) -> Film:
        """The film that holds a time: the last that begins before it, else the first."""
        films = self._films
        return next((film for film in reversed(films) if film.first_ns <= now_ns), films[0])

    def add(
        self, now_ns: int, frame: bytes, names: list[dict[str, Any]], messages: dict[str, Any]
    ) -> None:
        """Take what one tick told, as ``Film.add``.

        Raises:
            OSError: there is no room. What was kept is there, and the next tick begins a new film.
        """
        for message in names:
            for slot in message["gone"]:
                self._names.pop(slot, None)
            self._names |= {named["slot"]: named for named in message["tracks"]}
        self._latest |= messages
        for incident in messages.get("incidents", {}).get("incidents", ()):
            self.marks.setdefault(
                incident["incident_id"],
                {
                    "incident_id": incident["incident_id"], "at_ms": now_ns / 1e6,
                    "track_id": incident["object"]["track_id"],
                },
            )  # fmt: skip
        film = self._films[-1] if self._films and not self._torn else None
        if film is not None and film.octets < self._each and len(film) < _FILM_TICKS:
            self._torn = True
            film.add(now_ns, frame, names, messages)
            self._torn = False
            return
        if shutil.disk_usage(self._folder or gettempdir()).free < _SPARE_OCTETS:
            if len(self._films) < 2:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._films = self._films[1:]
        film = Film(self._folder)
        whole = {"type": "tracks", "tracks": list(self._names.values()), "gone": []}
        film.add(now_ns, frame, [whole], self._latest)
        films = (*self._films, film)
        while len(films) > 1 and sum(one.octets for one in films) + self._each > self._most:
            films = films[1:]  # its file goes with the last that still shows it
        self._films, self._torn = films, False
