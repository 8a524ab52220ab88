"""The page of a node: two real nodes tell of one object and differ, a third is never heard, a link is cut."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import address_of

sys.path.insert(0, str(Path(__file__).parents[1] / "alliance"))
from real_nodes import alliance, free_port, reroute

from vedette.alliance.items import Alert, Item
from vedette.engine.alliance.folder import pretty
from vedette.engine.alliance.hub import config_of
from vedette.engine.alliance.runner import NodeRunner, Spooled
from vedette.engine.alliance.server import Server
from vedette.sim.cut_link import CutLink

pytestmark = pytest.mark.browser
pytest.importorskip("nats", reason="needs the extra 'alliance'")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 60_000
RULES = b"""
format: vedette-release/1
alerts:
  - name: all
    to: [EST, FIN, LVA]
    fields: [causes, position, icao24, callsign, identity, class, states, expected]
"""
HOSTILE_TEXT = "<img src=x onerror=alert(1)>"


def say(folder: Path, name: str, item: Item) -> None:
    (folder / "spool").mkdir(exist_ok=True)
    part = folder / "spool" / f"{name}.part"
    part.write_bytes(pretty(Spooled(key=name, item=item)))
    part.rename(part.with_suffix(".json"))


class Alliance:
    """Two nodes and a hub that run in a thread of their own, over a link that can be cut."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.fault: BaseException | None = None

    def __enter__(self) -> "Alliance":
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(60)
        assert self.fault is None

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._link.cut)

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        port = free_port()
        alliance(self.root, port, RULES)
        self._link = CutLink(port)
        reroute(self.root / "FIN", await self._link.start())
        hub = Server(self.root / "hub" / "nats", config_of(self.root / "hub"))
        await hub.start()
        runners = [NodeRunner(self.root / name) for name in ("EST", "FIN")]
        tasks = [asyncio.create_task(runner.run()) for runner in runners]
        self._ready.set()
        await self._end.wait()
        for runner in runners:
            runner.stop.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        self.fault = next((one for one in found if isinstance(one, BaseException)), None)
        hub.stop()
        self._link.close()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alliance]:
    with Alliance(tmp_path_factory.mktemp("alliance")) as running:
        yield running


def facts(**more: Any) -> dict[str, Any]:
    return {
        "revision": 1, "status": "open", "latitude_deg": 59.2, "longitude_deg": 26.1, "icao24": 0x155A01,
        "object_class": "fighter",
    } | more  # fmt: skip


def test_what_two_nations_tell_of_one_object_and_how_their_link_stands(
    chromium: Any, nodes: Alliance
) -> None:
    est, fin = nodes.root / "EST", nodes.root / "FIN"
    say(est, "1", Alert(incident_id="E-1", identity="suspect", **facts()))
    say(
        fin,
        "1",
        Alert(incident_id="F-1", identity="neutral", expected_in="LVA", expected_ns=0, **facts()),
    )
    civil = facts(icao24=0x4CA8B2, callsign="NVR41K", object_class="airliner", identity="neutral")
    say(est, "2", Alert(incident_id="E-2", **civil))
    say(fin, "2", Alert(incident_id="F-2", **civil))
    say(est, "3", Alert(incident_id="E-3", **facts(icao24=None, callsign=HOSTILE_TEXT)))
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "node", "page", str(est), "--web", "127.0.0.1:0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address_of(process)}/nodes.html")
        page.get_by_test_id("difference").wait_for(timeout=PATIENCE_MS)
        said = page.get_by_test_id("difference").inner_text()
        assert "Opposed in identity" in said
        assert "EST says suspect" in said  # in the order in which the nations told of it
        assert "FIN says neutral" in said
        page.get_by_test_id("object").nth(2).wait_for(timeout=PATIENCE_MS)
        assert "Latvia" in page.get_by_test_id("expected").inner_text()
        assert page.get_by_test_id("object").count() == 3
        assert page.locator("h3", has_text=HOSTILE_TEXT).count() == 1
        assert page.get_by_text("All say neutral").count() == 1
        page.locator("tr.well, tr.behind").filter(has_text="FIN").wait_for(timeout=PATIENCE_MS)
        assert page.locator("tr.never").filter(has_text="LVA").count() == 1
        page.get_by_test_id("object").locator("summary").first.click()
        if AXE.exists():
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate("() => axe.run()")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
        if os.environ.get("VEDETTE_PICTURES"):
            page.screenshot(path=PICTURES / "nodes.png")
        nodes.cut()
        page.locator("tr.silent").filter(has_text="FIN").wait_for(timeout=PATIENCE_MS)
        assert page.get_by_test_id("object").count() == 3  # what was told is still shown
        assert errors == []
        page.close()
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0
