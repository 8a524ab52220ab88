"""The way from a sensor to us: silent sensors, cut links, loss and delay."""

from collections.abc import Iterator
from itertools import islice
from typing import Protocol

import numpy as np

from vedette.feeds.decoder import Chunk
from vedette.model.time import SECOND_NS
from vedette.sim.scenario import Link
from vedette.sim.values import Window


class Emitter(Protocol):
    """What a simulated sensor is to the engine: the Feed port."""

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Chunks in order of time, without the first ``skip`` ones."""
        ...


class Troubled:
    """The Feed port of a sensor that is out at times, behind a link that is not sound."""

    def __init__(
        self,
        emitter: Emitter,
        outages: tuple[Window, ...],
        link: Link | None,
        start_ns: int,
        seed: list[int],
    ) -> None:
        """Put them together.

        Args:
            emitter: the sensor.
            outages: when it sends nothing.
            link: the way to us; None for a sound one.
            start_ns: of the scenario.
            seed: of what is lost.
        """
        self._emitter, self._outages, self._link = emitter, outages, link
        self._start_ns, self._seed = start_ns, seed

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """What arrives, in order of time, without the first ``skip`` chunks."""
        sent = (one for one in self._emitter.chunks(0) if not self._within(one, self._outages))
        return islice(self._arriving(sent, self._link) if self._link else sent, skip, None)

    def _within(self, chunk: Chunk, windows: tuple[Window, ...]) -> bool:
        at_s = (chunk.received_ns - self._start_ns) / SECOND_NS
        return any(begin_s <= at_s < end_s for begin_s, end_s in windows)

    def _arriving(self, sent: Iterator[Chunk], link: Link) -> Iterator[Chunk]:
        rng = np.random.default_rng(self._seed)
        found = []
        for chunk in sent:
            lost = rng.random() < link.loss
            at_ns = chunk.received_ns
            for begin_s, end_s in sorted(link.cut):
                if begin_s <= (at_ns - self._start_ns) / SECOND_NS < end_s:
                    lost |= not link.held
                    at_ns = self._start_ns + round(end_s * SECOND_NS)
            if not lost:
                found.append(chunk._replace(received_ns=at_ns + round(link.delay_s * SECOND_NS)))
        yield from sorted(found, key=lambda chunk: chunk.received_ns)
