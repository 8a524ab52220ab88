"""Thirty-two real nodes with real servers, half of them cut off for 60 s, some killed, and the hub too."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from vedette.alliance.messages import read_body, read_header
from vedette.alliance.state import Limits, Own, Taken, read_lines
from vedette.bench.row import Note, Row
from vedette.engine.alliance.folder import Invitation, create, join, pretty, read_as
from vedette.engine.alliance.hub import admit, config_of
from vedette.engine.alliance.journal import read_journal
from vedette.engine.alliance.server import Server, end_orphan
from vedette.model.time import SECOND_NS
from vedette.sim.alliance import NATIONS
from vedette.sim.cut_link import CutLink

TRACKS: Final = 20  # of each nation, to every other
PICTURE_S: Final = 4  # a turn of a radar
ALERT_S: Final = 8.0  # a nation's alerts are so far apart
LIMITS: Final = Limits(beat_s=2.0, lost_s=10.0, resend_s=3.0)  # 32 nodes share two cores here


class Times:
    """What happened when [ns]."""

    settled_ns = 0
    cut_ns = 0
    heal_ns = 0
    end_ns = 0


def rows(seed: int, quick: bool) -> Iterator[Row | Note]:
    """Figures of one run; ``quick``: six nodes and a cut of 8 s."""
    del seed
    count, cut_s = (6, 8.0) if quick else (32, 60.0)
    root = Path(tempfile.mkdtemp(prefix="vedette-alliance-"))
    try:
        scene = _Scene(root, NATIONS[:count], cut_s)
        asyncio.run(scene.run())
        yield from scene.rows()
    finally:
        shutil.rmtree(root, ignore_errors=True)


class _Scene:
    def __init__(self, root: Path, names: tuple[str, ...], cut_s: float) -> None:
        self.root, self.names, self.cut_s = root, names, cut_s
        self.times = Times()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.memory: dict[str, list[float]] = {"node": [], "leaf": [], "hub": []}
        self.hub: Server | None = None
        self.killed = 0
        self.load = (
            0.0  # of the machine: with other work beside it every figure is a wait for a core
        )

    async def run(self) -> None:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
        names = ", ".join(self.names)
        rules = (
            "format: vedette-release/1\n"
            f"tracks: [{{name: all, to: [{names}], fields: [velocity, height, callsign]}}]\n"
            f"alerts: [{{name: all, to: [{names}], fields: [position, icao24]}}]\n"
        )
        cards = [create(self.root / name, name) for name in self.names]
        admit(
            self.root / "hub", cards, keeper=self.names[0], host="127.0.0.1", port=port, plain=False
        )
        links = []
        for index, name in enumerate(self.names):
            join(
                self.root / name, read_as(self.root / "hub" / f"{name}.invitation.json", Invitation)
            )
            (self.root / name / "release.yaml").write_text(rules)
            (self.root / name / "limits.json").write_bytes(pretty(LIMITS))
            if index % 2:  # every second nation can be cut off
                link = CutLink(port)
                links.append(link)
                self._reroute(name, await link.start())
        self.hub = Server(self.root / "hub" / "nats", config_of(self.root / "hub"))
        await self.hub.start()
        try:
            for name in self.names:
                self._start(name)
                await asyncio.sleep(0.3)
            await self._settled()
            self.times.settled_ns = time.time_ns()
            await asyncio.sleep(15)
            self.times.cut_ns = time.time_ns()
            for link in links:
                link.cut()
            await asyncio.sleep(self.cut_s / 3)
            victims = self.names[2:5]
            for name in victims:
                self.processes[name].kill()
                self.processes[name].wait()
                self.killed += 1
            hub_process = self.hub.process
            assert hub_process is not None, "the hub was started"
            hub_process.kill()
            hub_process.wait()
            self.killed += 1
            await asyncio.sleep(3)
            await self.hub.start()
            for name in victims:
                self._start(name)
            await asyncio.sleep(self.cut_s * 2 / 3 - 3)
            self._measure_memory()
            self.times.heal_ns = time.time_ns()
            for link in links:
                link.heal()
            await asyncio.sleep(20)
            self.times.end_ns = time.time_ns()
            self.load = os.getloadavg()[0]
            await asyncio.sleep(20)  # what is still under way arrives, or is lost
        finally:
            for process in self.processes.values():
                process.send_signal(signal.SIGTERM)
            for process in self.processes.values():
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            for name in self.names:
                end_orphan((self.root / name / "nats").resolve())
            self.hub.stop()
            for link in links:
                link.close()

    def _reroute(self, name: str, port: int) -> None:
        path = self.root / name / "invitation.json"
        invitation = read_as(path, Invitation)
        path.write_bytes(pretty(msgspec.structs.replace(invitation, hub=f"127.0.0.1:{port}")))

    def _start(self, name: str) -> None:
        with (self.root / name / "out").open("ab") as out:
            self.processes[name] = subprocess.Popen(  # noqa: S603 - ourselves
                [
                    sys.executable, "-m", "vedette.bench.alliance._node",
                    str(self.root / name), str(TRACKS), str(PICTURE_S), str(ALERT_S),
                ],
                stdout=out, stderr=out, env=dict(os.environ),
            )  # fmt: skip

    def _status(self, name: str) -> dict[str, Any]:
        path = self.root / name / "status.json"
        return msgspec.json.decode(path.read_bytes()) if path.exists() else {}

    async def _settled(self) -> None:
        """Until every node hears every other."""
        for _ in range(120):
            await asyncio.sleep(2)
            ages = [
                peer["heard_s"]
                for name in self.names
                for peer in self._status(name).get("peers", {}).values()
            ]
            whole = len(ages) == len(self.names) * (len(self.names) - 1)
            if whole and all(age is not None and age < 5 for age in ages):
                return

    def _measure_memory(self) -> None:
        assert self.hub is not None, "the hub was made"
        assert self.hub.process is not None, "the hub runs"
        self.memory["hub"].append(_resident_mb(self.hub.process.pid))
        for name, process in self.processes.items():
            self.memory["node"].append(_resident_mb(process.pid))
            pid = int((self.root / name / "nats" / "nats.pid").read_text())
            self.memory["leaf"].append(_resident_mb(pid))

    def rows(self) -> Iterator[Row | Note]:
        """What the journals say."""
        own: dict[tuple[str, int], int] = {}
        taken: dict[tuple[str, str, int], list[int]] = {}
        for name in self.names:
            for line in read_lines(read_journal(self.root / name / "journal" / "alliance.jsonl")):
                if not isinstance(line, Own | Taken):
                    continue
                header = read_header(line.message.header)
                body = read_body(line.message.body or b"")
                assert not isinstance(header, str), "an entry has its header"
                assert not isinstance(body, str), "every alert is released to all here"
                if isinstance(line, Own):
                    own[header.nation, header.sequence] = body.made_ns
                else:
                    key = (name, header.nation, header.sequence)
                    taken.setdefault(key, []).append(line.at_ns)
        times = self.times
        lost = doubled = 0
        late, quick = [], []
        for (nation, sequence), made_ns in own.items():
            for reader in self.names:
                if reader == nation:
                    continue
                came = taken.get((reader, nation, sequence), [])
                doubled += max(0, len(came) - 1)
                if not came:
                    lost += made_ns < times.end_ns - 5 * SECOND_NS
                elif made_ns < times.heal_ns <= came[0]:
                    late.append((came[0] - times.heal_ns) / SECOND_NS)
                elif times.settled_ns < made_ns < times.cut_ns - SECOND_NS:
                    quick.append((came[0] - made_ns) / 1e6)
        area, count = "alliance", len(self.names)
        note = f"{count} nodes, {len(own)} entries, {self.killed} processes killed, load {self.load:.0f}"
        yield Row(area=area, name="entries lost", value=lost, unit="", target="0", note=note)
        yield Row(area=area, name="entries doubled", value=doubled, unit="", target="0")
        longest_s = max(late, default=0.0)
        yield Row(
            area=area, name=f"convergence after {self.cut_s:g} s", value=longest_s, unit="s",
            target="< 5", note=f"{len(late)} entries came after the cut",
        )  # fmt: skip
        for share in (50, 99):
            value = float(np.percentile(quick, share)) if quick else float("nan")
            yield Row(area=area, name=f"entry made to taken, p{share}", value=value, unit="ms")
        for what, values in self.memory.items():
            yield Row(area=area, name=f"memory of a {what}", value=max(values), unit="MB")
        shed = [
            peer["we_shed"]
            for name in self.names
            for peer in self._status(name).get("peers", {}).values()
        ]
        yield Row(
            area=area, name="tracks shed, counted", value=sum(shed), unit="",
            note=f"{TRACKS} every {PICTURE_S} s from each to each; none is sent over a cut link",
        )  # fmt: skip


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")
