"""An hour with 5,000 tracks: whether the server, the page or what it shows grows."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from vedette.bench.page.chromium import chromium, open_page
from vedette.bench.page.traffic import Traffic
from vedette.bench.page.watch import Watch, picture, until_shown
from vedette.bench.row import Note, Row, Table

_AREA: Final = "page"
_WARM: Final = 1 / 6  # of the time, in which caches fill, is left out of the slopes


class _Sample(NamedTuple):
    at_s: float
    server_mb: float
    heap_mb: float
    nodes: float
    listeners: float
    sent: int  # pictures that a client which does nothing else had
    received: int  # pictures that the browser had


class _Count:
    """A client in a thread of its own that counts pictures."""

    def __init__(self, watch: Watch, tracks: int) -> None:
        self.pictures, self.shown, self._tracks, self._watch = 0, 0, tracks, watch
        self.ready, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), daemon=True)
        self._thread.start()

    async def _listen(self) -> None:
        async with self._watch.socket() as socket:
            self.shown = await until_shown(socket, round(0.98 * self._tracks), 90.0)
            self.ready.set()
            while not self._stop.is_set():
                try:
                    message = await asyncio.wait_for(socket.recv(), 2.0)
                except TimeoutError:
                    continue
                if isinstance(message, bytes):
                    self.pictures += 1
                    self.shown = picture(message)[1]

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)


def rows(seed: int, quick: bool) -> Iterator[Row | Note | Table]:
    """Figures at intervals, and their slopes; ``quick``: 300 tracks, a minute."""
    tracks, for_s, every_s = (300, 60.0, 5.0) if quick else (5_000, 3_600.0, 60.0)
    with (
        tempfile.TemporaryDirectory(prefix="vedette-soak-") as folder,
        Traffic(tracks, seed) as traffic,
        Watch(traffic.feed, "--record", str(Path(folder) / "record")) as watch,
    ):
        count = _Count(watch, tracks)
        count.ready.wait(100)
        with chromium() as browser:
            page = open_page(browser, watch.url)
            page.keyboard.press("h")
            asks = page.context.new_cdp_session(page)
            asks.send("Performance.enable")
            samples: list[_Sample] = []
            begun_s = time.monotonic()
            while (spent_s := time.monotonic() - begun_s) < for_s:
                samples.append(_sample(spent_s, watch, page, asks, count))
                yield Note(_line(samples[-1], count.shown))
                page.wait_for_timeout(1000 * every_s)
            samples.append(_sample(time.monotonic() - begun_s, watch, page, asks, count))
        count.stop()
        yield from _figures(samples, count.shown)


def _sample(at_s: float, watch: Watch, page: Any, asks: Any, count: _Count) -> _Sample:
    asks.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in asks.send("Performance.getMetrics")["metrics"]}
    return _Sample(
        at_s=at_s,
        server_mb=watch.resident_mb(),
        heap_mb=told["JSHeapUsedSize"] / 1e6,
        nodes=told["Nodes"],
        listeners=told["JSEventListeners"],
        sent=count.pictures,
        received=page.evaluate("vd.pictures"),
    )


def _line(one: _Sample, shown: int) -> str:
    return (
        f"{one.at_s:6.0f} s  server {one.server_mb:.1f} MB, heap {one.heap_mb:.1f} MB, {one.nodes:.0f} nodes, "
        f"{one.listeners:.0f} listeners, {one.received} pictures, {shown} tracks"
    )


def _figures(samples: list[_Sample], shown: int) -> Iterator[Row | Table]:
    values = np.array(samples, dtype=np.float64)
    warm = values[values[:, 0] >= _WARM * values[-1, 0]]
    hours = warm[:, 0] / 3_600.0
    over = f"{values[-1, 0] / 60:.0f} min, {shown} tracks"
    for column, name, unit in (
        (1, "server, memory in use", "MB"),
        (2, "page, JavaScript heap after collection", "MB"),
        (3, "page, DOM nodes", ""),
        (4, "page, listeners", ""),
    ):
        slope = float(np.polyfit(hours, warm[:, column], 1)[0])
        yield Row(
            area=_AREA, name=f"{name}, growth, {over}", value=slope, unit=f"{unit or 1}/h",
            note=f"{warm[0, column]:.1f} after {warm[0, 0] / 60:.0f} min, {warm[-1, column]:.1f} at the end, "
            f"{warm[:, column].min():.1f} to {warm[:, column].max():.1f}",
        )  # fmt: skip
    sent, received = (values[-1, k] - values[0, k] for k in (5, 6))
    yield Row(
        area=_AREA, name=f"pictures of the page, {over}", value=float(received / values[-1, 0]), unit="1/s",
        target="1", note="fewer where the machine is too slow for the watch",
    )  # fmt: skip
    yield Row(
        area=_AREA, name=f"pictures that the page missed, {over}", value=float(sent - received), unit="",
        target="≤ 1", note=f"{received:.0f} of {sent:.0f}, beside a client that does nothing else",
    )  # fmt: skip
    step = max(1, len(samples) // 12)
    yield Table(
        area=_AREA, name=f"soak, {over}",
        columns=("s", "server MB", "heap MB", "nodes", "listeners", "sent", "received"),
        rows=tuple(tuple(float(value) for value in one) for one in samples[::step]),
    )  # fmt: skip
