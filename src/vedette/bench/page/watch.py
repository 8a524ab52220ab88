"""A real watch of traffic in a process of its own, with its page, and what it costs."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from vedette.model.errors import SourceError

_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Watch:
    """``vedette watch`` of a feed, with more of its options; ended when left."""

    def __init__(self, feed: str, *options: str) -> None:
        words = ["watch", feed, "--web", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "vedette", *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.url = self._said()

    def _said(self) -> str:
        assert self.process.stderr is not None, "it is a pipe"
        told = []
        for line in self.process.stderr:
            told.append(line)
            found = re.search(r"the page is at (http://127\.0\.0\.1:\d+)", line)
            if found:
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return found.group(1)
        raise SourceError("the watch did not start: " + "".join(told)[-400:])

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def socket(self) -> "connect":
        """A connection to the page's socket; to be entered."""
        return connect(self.url.replace("http", "ws") + "/ws", max_size=1 << 26, compression=None)

    def resident_mb(self) -> float:
        """Memory of the process that is in use [MB]."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return float("nan")

    def cpu_s(self) -> float:
        """Time of all its threads on a processor so far [s]."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


async def until_shown(socket: ClientConnection, count: int, patience_s: float) -> int:
    """Tracks of the first picture with ``count`` of them, or of the last one that was waited for."""
    shown = 0
    until_s = time.monotonic() + patience_s
    while shown < count and time.monotonic() < until_s:
        message = await socket.recv()
        if isinstance(message, bytes):
            shown = picture(message)[1]
    return shown


def picture(frame: bytes) -> tuple[float, int, np.ndarray]:
    """Time [ms] of a frame, its tracks, and (n,) the ages of their last measurements [s]."""
    found = msgspec.msgpack.decode(frame)
    return found["now_ms"], found["n"], np.frombuffer(found["columns"]["age_s"][1], "<f4")
