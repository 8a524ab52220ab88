"""How late 1, 50 and 200 clients have what a receiver heard, and what they cost the server."""

import asyncio
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from vedette.bench.page.traffic import Traffic
from vedette.bench.page.watch import Watch, picture, until_shown
from vedette.bench.row import Note, Row

_AREA: Final = "page"


class _Heard(NamedTuple):
    late_ms: np.ndarray  # of every picture of every client: when it came, after the tick it shows
    bytes_ms: (
        np.ndarray
    )  # of measurements that a picture is the first to show: when it came, after them
    pictures: np.ndarray  # (clients,) pictures that each got
    cpu: float  # of one core


def rows(seed: int, quick: bool) -> Iterator[Row | Note]:
    """Figures for each number of clients; ``quick``: 300 tracks and at most 20 clients, 5 s each."""
    tracks, counts, for_s = (300, (1, 20), 5.0) if quick else (5_000, (1, 50, 200), 30.0)
    with Traffic(tracks, seed) as traffic, Watch(traffic.feed) as watch:
        shown = asyncio.run(_ready(watch, tracks))
        yield Note(f"{shown} tracks are shown")
        for count in counts:
            heard = asyncio.run(_listen(watch, count, for_s))
            what = f"{count} clients, {shown} tracks"
            note = (
                f"{int(heard.pictures.sum())} pictures in {for_s:g} s; clients on the same machine"
            )
            for share in (50, 99):
                yield Row(
                    area=_AREA, name=f"bytes to client, p{share}, {what}", unit="ms", note=note,
                    value=float(np.percentile(heard.bytes_ms, share)),
                )  # fmt: skip
                yield Row(
                    area=_AREA, name=f"tick to client, p{share}, {what}", unit="ms",
                    target="< 250" if share == 99 else "",
                    value=float(np.percentile(heard.late_ms, share)),
                )  # fmt: skip
            yield Row(
                area=_AREA, name=f"fewest pictures of a client, {what}", unit="",
                value=float(heard.pictures.min()), note=f"most {heard.pictures.max()}",
            )  # fmt: skip
            yield Row(area=_AREA, name=f"server, {what}", value=100 * heard.cpu, unit="% of a core")
            yield Row(
                area=_AREA, name=f"server, on a processor for a picture, {what}", unit="ms",
                value=1_000 * heard.cpu * for_s / max(1.0, float(heard.pictures.max())),
                note="of all its threads, whatever else the machine does",
            )  # fmt: skip
        yield Row(area=_AREA, name="server, memory in use", value=watch.resident_mb(), unit="MB")


async def _ready(watch: Watch, tracks: int) -> int:
    async with watch.socket() as socket:
        return await until_shown(socket, round(0.98 * tracks), 90.0)


async def _listen(watch: Watch, count: int, for_s: float) -> _Heard:
    late_ms: list[list[float]] = [[] for _ in range(count)]
    ages_s: list[np.ndarray] = []

    async def one(number: int, until_s: float) -> None:
        async with watch.socket() as socket:
            while time.monotonic() < until_s:
                message = await socket.recv()
                now_ms = time.time_ns() / 1e6
                if not isinstance(message, bytes):
                    continue
                shown_ms, _, age_s = picture(message)
                late_ms[number].append(now_ms - shown_ms)
                if number == 0:
                    ages_s.append(age_s[(age_s >= 0.0) & (age_s < 1.0)])

    begun_s, before_s = time.monotonic(), watch.cpu_s()
    await asyncio.gather(*(one(number, begun_s + for_s) for number in range(count)))
    cpu = (watch.cpu_s() - before_s) / (time.monotonic() - begun_s)
    late = np.concatenate([np.array(values[1:]) for values in late_ms])  # the first was an old one
    ages_ms = 1000.0 * np.concatenate(ages_s)
    some = np.random.default_rng(1).choice(ages_ms, min(len(ages_ms), 2_000), replace=False)
    return _Heard(
        late, np.add.outer(late, some).ravel(), np.array([len(values) for values in late_ms]), cpu
    )
