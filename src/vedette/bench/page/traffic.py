"""Aircraft that circle for as long as they are asked to, told as BaseStation lines to whoever connects."""

import asyncio
import threading
import time
from contextlib import suppress
from typing import Final, NamedTuple

import numpy as np

from vedette.feeds.sbs import Message, encode_line
from vedette.model.columns import Floats, Integers
from vedette.model.time import SECOND_NS

EVERY_S: Final = 5.0  # each aircraft is heard once in so long: the turn of a fast radar
STEP_S: Final = 0.1
METRES_A_DEGREE: Final = 111_195.0


class Circles(NamedTuple):
    """(n,) aircraft that circle, each about a centre of its own."""

    centre_deg: Floats  # (n, 2)
    radius_m: Floats
    speed_mps: Floats
    begin_rad: Floats

    @classmethod
    def drawn(
        cls, count: int, rng: np.random.Generator, low_deg: tuple[float, float], high_deg: tuple[float, float]
    ) -> "Circles":  # fmt: skip
        """By chance, with centres between two places, as airliners are fast."""
        return cls(
            rng.uniform(low_deg, high_deg, (count, 2)),
            rng.uniform(15_000.0, 60_000.0, count),
            rng.uniform(180.0, 250.0, count),
            rng.uniform(0.0, 2 * np.pi, count),
        )

    def at(self, which: Integers, since_s: float) -> tuple[Floats, Floats, Floats]:
        """Latitudes and longitudes [degrees] of some of them, and their courses [rad]."""
        angle = self.begin_rad[which] + self.speed_mps[which] / self.radius_m[which] * since_s
        north_m = self.radius_m[which] * np.cos(angle)
        east_m = self.radius_m[which] * np.sin(angle)
        latitude = self.centre_deg[which, 0] + north_m / METRES_A_DEGREE
        longitude = self.centre_deg[which, 1] + east_m / (
            METRES_A_DEGREE * np.cos(np.radians(latitude))
        )
        return latitude, longitude, angle + np.pi / 2


class Traffic:
    """``count`` aircraft with callsigns and codes over the Baltic Sea, in a thread of this process."""

    def __init__(self, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.count = count
        self.port = 0
        self._circles = Circles.drawn(count, rng, (55.0, 15.0), (63.0, 30.0))
        self._level_ft = 1000 * rng.integers(28, 41, count)
        self._ready, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> "Traffic":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)

    @property
    def feed(self) -> str:
        """Where a watch hears it."""
        return f"sbs+tcp://127.0.0.1:{self.port}"

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._tell, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        while not self._stop.is_set():
            await asyncio.sleep(0.2)
        server.close()

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        turns = round(EVERY_S / STEP_S)
        number = 0
        due_s = time.monotonic()
        with suppress(ConnectionError):
            while not self._stop.is_set():
                writer.write(
                    self.lines(np.arange(number % turns, self.count, turns), time.time_ns())
                )
                await writer.drain()
                number += 1
                due_s += STEP_S
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        writer.close()

    def lines(self, which: np.ndarray, now_ns: int) -> bytes:
        """Lines of some of the aircraft as they are at an instant, dated to the millisecond."""
        now_ns = now_ns // 1_000_000 * 1_000_000
        latitude, longitude, course = self._circles.at(which, now_ns % (86_400 * SECOND_NS) / 1e9)
        course_deg, speed_mps = np.degrees(course) % 360.0, self._circles.speed_mps
        return b"".join(
            encode_line(
                Message(
                    3, 0x460000 + k, now_ns, callsign=f"SIM{k:04d}", squawk=f"{k % 0o6000 + 0o1000:04o}",
                    altitude_ft=float(self._level_ft[k]),
                    ground_speed_kt=float(speed_mps[k]) / 0.514444, track_deg=float(course_deg[i]),
                    latitude_deg=float(latitude[i]), longitude_deg=float(longitude[i]),
                )
            )
            for i, k in enumerate(which.tolist())
        )  # fmt: skip
