"""From octets of radars to pages at the size of a large picture, and at three times what is expected."""

import asyncio
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import msgspec
import numpy as np

from vedette.bench.page.traffic import METRES_A_DEGREE, Circles
from vedette.bench.page.watch import Watch, picture
from vedette.bench.row import Note, Row
from vedette.feeds.asterix.encoder import encode_cat048, split_blocks
from vedette.model.columns import Floats, Integers
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

AREA: Final = "end_to_end"
PERIOD_S: Final = 5.0
STEP_S: Final = 0.1
DARK: Final = 20  # fly into Latvia from the sea, and answer nobody
DARK_SPEED_MPS: Final = 250.0
WARM_S: Final = 40.0  # tracks are confirmed and memory has its size


def run(*, seed: int = 1, quick: bool = False) -> Iterator[Row | Note]:
    """What a page has of 10,000 aircraft under 25 radars, and under 75: how late, what is lost, who is told of.

    Args:
        seed: of the traffic.
        quick: 200 aircraft and 4 radars, a few seconds.
    """
    aircraft, loads = (200, (4,)) if quick else (10_000, (25, 75))
    for radars in loads:
        yield Note(f"end to end: {aircraft:,} aircraft under {radars} radars ...")
        yield from _loaded(aircraft, radars, seed, 8.0 if quick else 60.0, 4.0 if quick else WARM_S)


class _Air(NamedTuple):
    """Aircraft that circle, and behind them the dark ones that fly straight."""

    circles: Circles
    level_m: Floats
    dark_deg: Floats  # (DARK, 2) where they begin


def _air(count: int, seed: int) -> _Air:
    rng = np.random.default_rng(seed)
    # where the coast runs north, 13 km off the territorial sea
    rows = np.linspace(56.45, 56.85, DARK)
    return _Air(
        Circles.drawn(count, rng, (55.0, 18.0), (60.0, 28.0)),
        rng.choice(np.arange(8_400.0, 12_301.0, 300.0), count),
        np.column_stack((rows, np.full(DARK, 20.42))),
    )


def _radars(count: int) -> tuple[Sensor, ...]:
    side = int(np.ceil(np.sqrt(count)))
    return tuple(
        Sensor(
            sensor_id=f"radar-{k}", kind="mode_s", sac=1 + k // 256, sic=k % 256, period_s=PERIOD_S,
            latitude_deg=55.5 + 4.0 * (k // side) / side, longitude_deg=19.0 + 8.0 * (k % side) / side,
        )
        for k in range(count)
    )  # fmt: skip


def _places(air: _Air, which: Integers, since_s: float) -> Floats:
    """(n, 3) latitude, longitude, height of aircraft, the dark ones numbered from the end of the others on."""
    count = len(air.level_m)
    circling, dark = which[which < count], which[which >= count] - count
    latitude, longitude, _ = air.circles.at(circling, since_s)
    east = DARK_SPEED_MPS * since_s / (METRES_A_DEGREE * np.cos(np.radians(air.dark_deg[dark, 0])))
    return np.concatenate(
        (
            np.column_stack((latitude, longitude, air.level_m[circling])),
            np.column_stack(
                (air.dark_deg[dark, 0], air.dark_deg[dark, 1] + east, np.full(len(dark), 9_000.0))
            ),
        )
    )


def _datagrams(
    air: _Air, radars: tuple[Sensor, ...], number: int, since_s: float, now_ns: int, rng: np.random.Generator
) -> Iterator[bytes]:  # fmt: skip
    """What all radars send in one step; each sees every aircraft once a turn."""
    turns, count = round(PERIOD_S / STEP_S), len(air.level_m)
    for k, radar in enumerate(radars):
        which = np.arange((number + 7 * k) % turns, count + DARK, turns)
        where = geodetic_to_polar(
            (radar.latitude_deg, radar.longitude_deg, radar.height_hae_m),
            _places(air, which, since_s),
        )
        which, where = (
            which[where[:, 0] < radar.range_max_m],
            where[where[:, 0] < radar.range_max_m],
        )
        dark, n = which >= count, len(which)
        named = list(zip(which.tolist(), dark.tolist(), strict=True))
        height = np.append(air.level_m, np.full(DARK, np.nan))[which]
        table = plots(
            sensor_id=[radar.sensor_id] * n,
            kind=np.where(dark, "psr", "mode_s").tolist(),
            valid_ns=np.full(n, now_ns), received_ns=np.full(n, now_ns),
            range_m=where[:, 0] + radar.range_sigma_m * rng.standard_normal(n),
            azimuth_rad=(where[:, 1] + radar.azimuth_sigma_rad * rng.standard_normal(n)) % (2.0 * np.pi),
            pressure_altitude_m=height,
            icao24=[None if d else 0x460000 + w for w, d in named],
            mode3a=[None if d else w % 0o6000 + 0o1000 for w, d in named],
        )  # fmt: skip
        yield from split_blocks(encode_cat048(table, radar))


def _send(
    port: int,
    aircraft: int,
    radars: tuple[Sensor, ...],
    seed: int,
    for_s: float,
    ready: Event,
    sent: Any,
) -> None:
    """Radars in a process of their own, all of whose datagrams are made before the first is sent.

    ``sent`` becomes the steps that were.
    """
    air, rng = _air(aircraft, seed), np.random.default_rng(seed)
    steps = round(for_s / STEP_S)

    def made(number: int, begin_ns: int) -> list[bytes]:
        at_ns = begin_ns + round(number * STEP_S * SECOND_NS)
        return list(_datagrams(air, radars, number, number * STEP_S, at_ns, rng))

    made(0, 0)  # compiles
    begun_s = time.monotonic()
    for number in range(5):
        made(number, 0)
    wait_s = 3.0 + 1.5 * steps * (time.monotonic() - begun_s) / 5.0
    begin_ns, blocks = 0, list[list[bytes]]()
    while (
        begin_ns < time.time_ns()
    ):  # their times are in them: where making took longer, they are made anew
        begin_ns = time.time_ns() + round(wait_s * SECOND_NS)
        blocks = [made(number, begin_ns) for number in range(steps)]
        wait_s *= 2.0
    ready.set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number, each in enumerate(blocks):
            time.sleep(max(0.0, number * STEP_S - (time.time_ns() - begin_ns) / SECOND_NS))
            for block in each:
                sender.sendto(block, ("127.0.0.1", port))
            sent.value = number + 1


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _loaded(aircraft: int, count: int, seed: int, for_s: float, warm_s: float) -> Iterator[Row]:
    radars, port = _radars(count), _free_port()
    spawn = multiprocessing.get_context("spawn")
    ready, sent = spawn.Event(), spawn.Value("q", 0)
    with tempfile.TemporaryDirectory(prefix="vedette-end-") as folder:
        sites = Path(folder) / "sites.json"
        sites.write_bytes(msgspec.json.encode(radars))
        sender = spawn.Process(
            target=_send, args=(port, aircraft, radars, seed, warm_s + for_s + 30.0, ready, sent)
        )
        sender.start()
        try:
            while not ready.wait(1.0):
                assert sender.is_alive(), "the radars' process has said why it ended"
            with Watch(f"asterix+udp://127.0.0.1:{port}", "--sensors", str(sites)) as watch:
                heard = asyncio.run(_listen(watch, warm_s, for_s))
                feed = httpx.get(f"{watch.url}/api/feeds").json()[0]
                told = httpx.get(f"{watch.url}/api/incidents").json()
                steps = sent.value
        finally:
            sender.kill()
    what = f"{aircraft:,} aircraft, {count} radars"
    lost = feed["lost"] / max(1, feed["lost"] + feed["chunks"])
    rate = feed["plots"] / max(1.0, steps * STEP_S)
    note = f"{rate:,.0f} plots/s read; {len(heard.late_ms)} pictures in {for_s:g} s; client and radars beside it"
    for share in (50, 99):
        yield Row(
            area=AREA, name=f"tick to page, p{share}, {what}", unit="ms", note=note,
            value=float(np.percentile(heard.late_ms, share)), target="< 250" if share == 99 else "",
        )  # fmt: skip
    yield Row(
        area=AREA,
        name=f"seconds from picture to picture, p99, {what}",
        unit="s",
        value=heard.gap_s,
        note="1 where it keeps up",
    )
    yield Row(
        area=AREA,
        name=f"plots not used, {what}",
        unit="%",
        value=100.0 * heard.spared,
        note="while it was listened to",
    )
    yield Row(
        area=AREA, name=f"datagrams lost, {what}", unit="%", value=100.0 * lost,
        note=f"{feed['lost']:,} of {feed['lost'] + feed['chunks']:,}, told on the page",
    )  # fmt: skip
    yield Row(area=AREA, name=f"tracks shown, {what}", unit="", value=float(heard.shown))
    inside = sum(not incident["object"].get("icao24") for incident in told)
    yield Row(
        area=AREA, name=f"dark aircraft told of, {what}", unit="", value=float(inside), target=str(DARK),
        note=f"{len(told)} incidents in all",
    )  # fmt: skip


class _Heard(NamedTuple):
    late_ms: Floats
    gap_s: float
    shown: int
    spared: float  # share of the plots


async def _listen(watch: Watch, warm_s: float, for_s: float) -> _Heard:
    late_ms, came_s, read, spared, shown = [], [], [], [], 0
    async with watch.socket() as client:
        begin_s = time.monotonic()
        while (now_s := time.monotonic()) < begin_s + warm_s + for_s:
            message = await client.recv()
            if now_s < begin_s + warm_s:
                continue
            if not isinstance(message, bytes):
                told = msgspec.json.decode(message)
                if told["type"] == "feeds":
                    read.append(sum(feed["plots"] for feed in told["feeds"]))
                    spared.append(told["spared"])
                continue
            now_ms = time.time_ns() / 1e6
            told_ms, shown, _ = picture(message)
            late_ms.append(now_ms - told_ms)
            came_s.append(now_ms / 1e3)
    share = sum(spared[1:]) / max(1, read[-1] - read[0])
    return _Heard(np.array(late_ms), float(np.percentile(np.diff(came_s), 99)), shown, share)
