"""Films shown to one page at its own time: a record's, or those of a watch that runs."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from vedette.app.api.message import Wanted
from vedette.app.film import Film
from vedette.model.time import SECOND_NS

STEP_S: Final = 0.1
_STILL_S: Final = 1.0  # a picture that does not move is sent again, so that a dead server is seen
SLOWEST, FASTEST = 0.25, 100.0
_NOTHING: Final[dict[str, dict[str, Any]]] = {
    "other_rules": {"type": "other_rules", "incidents": []},
    "incidents": {"type": "incidents", "incidents": []},
    "interference": {"type": "interference", "cells": []},
}


class Films(Protocol):
    """What can be shown: one film, or several one after the other. There must be a tick."""

    @property
    def first_ns(self) -> int:
        """Its first tick."""

    @property
    def last_ns(self) -> int:
        """Its last tick."""

    def film_at(self, now_ns: float) -> Film:
        """The film that holds a time."""


class Showing:
    """One page's time in films. Pure but for them: the clock is given to it."""

    def __init__(self, films: Films) -> None:
        self._films = films
        self.at_ns = float(films.first_ns)
        self.speed, self.playing = 1.0, False
        self._film: Film | None = None
        self._tick = -1
        self._sent: dict[str, int] = {}
        self._named: dict[int, dict[str, Any]] = {}

    def want(self, wanted: Wanted) -> None:
        """Take what a person asked for; a time that is not there is the nearest that is."""
        if wanted.at_ms is not None:
            self.at_ns = min(max(wanted.at_ms * 1e6, self._films.first_ns), self._films.last_ns)
        if wanted.speed is not None:
            self.speed = min(max(wanted.speed, SLOWEST), FASTEST)
        if wanted.playing is not None:
            self.playing = wanted.playing

    def pass_time(self, seconds: float) -> None:
        """Go on by so much of a person's time."""
        if self.playing:
            self.at_ns = min(
                self.at_ns + seconds * self.speed * SECOND_NS, float(self._films.last_ns)
            )

    def moved(self) -> bool:
        """Whether this time has another picture than the page was given last."""
        film = self._films.film_at(self.at_ns)
        return film is not self._film or film.at(self.at_ns) != self._tick

    def news(self) -> tuple[list[str], bytes | None]:
        """Messages and the picture that the page lacks at this time; no picture where it has it."""
        film = self._films.film_at(self.at_ns)
        if film is not self._film:  # what was sent of another film is of no version of this one
            self._film, self._tick = film, -1
            self._sent = dict.fromkeys(self._sent, -1)
        tick = film.at(self.at_ns)
        if tick == self._tick:
            return [], None
        texts = []
        names = film.names(tick)
        gone = [slot for slot in self._named if slot not in names]
        changed = [named for slot, named in names.items() if self._named.get(slot) != named]
        if gone or changed:
            texts.append(json.dumps({"type": "tracks", "tracks": changed, "gone": gone}))
        self._named = names
        kinds = set(film.kinds())
        for kind in [*kinds, *(kind for kind in self._sent if kind not in kinds)]:
            version = film.version(kind, tick) if kind in kinds else -1
            if version >= 0 and version != self._sent.get(kind):
                self._sent[kind] = version
                texts.append(film.message(kind, version))
            elif version < 0 and kind in self._sent:  # back before the first
                del self._sent[kind]
                texts.append(json.dumps(_NOTHING.get(kind, {"type": kind})))
        self._tick = tick
        return texts, film.frame(tick)

    def anew(self) -> None:
        """More is known of times that were shown: look again, also where time stands still."""
        self._tick = -1

    def again(self) -> bytes:
        """The picture of this time."""
        film = self._films.film_at(self.at_ns)
        return film.frame(film.at(self.at_ns))

    async def serve(
        self,
        socket: WebSocket,
        time: Callable[[], dict[str, Any]],
        more: Callable[[], list[str]] = list,
    ) -> None:
        """Show until the page goes; what is read from disk is read in a thread.

        Args:
            socket: of the page, accepted.
            time: makes the message of where the page is.
            more: makes what else there is to say, at each step.
        """
        gone = asyncio.ensure_future(self._listen(socket))
        clock = asyncio.get_running_loop().time
        before_s, sent_s, told = clock(), 0.0, ""
        try:
            while not gone.done():
                now_s = clock()
                self.pass_time(now_s - before_s)
                before_s = now_s
                last = more()
                texts: list[str] = []
                frame: bytes | None = None
                if self.moved():
                    texts, frame = await asyncio.to_thread(self.news)
                elif now_s - sent_s >= _STILL_S:
                    frame = await asyncio.to_thread(self.again)
                place = json.dumps(time())
                if place != told:
                    texts.append(place)
                    told = place
                for text in (*texts, *last):
                    await socket.send_text(text)
                if frame is not None:
                    sent_s = now_s
                    await socket.send_bytes(frame)
                await asyncio.wait({gone}, timeout=STEP_S)
        except (WebSocketDisconnect, RuntimeError):
            pass  # it went while we sent
        finally:
            gone.cancel()

    async def _listen(self, socket: WebSocket) -> None:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            try:
                self.want(msgspec.json.decode(message.get("text") or "", type=Wanted))
            except (msgspec.DecodeError, UnicodeDecodeError):
                return  # a page of ours says nothing else
