"""What the page itself costs with 5,000 live tracks on screen: its first picture, its frames, its answers."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from vedette.bench.page.chromium import chromium, open_page
from vedette.bench.page.traffic import Traffic
from vedette.bench.page.watch import Watch, until_shown
from vedette.bench.row import Note, Row

_AREA: Final = "page"
_TRACED: Final = ("toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline")
_TASKS: Final = ("RunTask", "ThreadControllerImpl::RunTask")


def rows(seed: int, quick: bool) -> Iterator[Row | Note]:
    """Figures for both maps, MapLibre without a graphics card; ``quick``: 300 tracks, 5 s each."""
    tracks, for_s = (300, 5.0) if quick else (5_000, 20.0)
    with Traffic(tracks, seed) as traffic, Watch(traffic.feed) as watch:
        shown = asyncio.run(_ready(watch, tracks))
        yield Note(f"{shown} tracks are shown")
        with chromium() as browser:
            for name, query in (
                ("plain map", "?map=plain"),
                ("MapLibre by software", "?map=webgl"),
            ):
                yield from _of_map(browser, watch, f"{name}, {shown} tracks", query, for_s)


async def _ready(watch: Watch, tracks: int) -> int:
    async with watch.socket() as socket:
        return await until_shown(socket, round(0.98 * tracks), 90.0)


def _of_map(browser: Any, watch: Watch, what: str, query: str, for_s: float) -> Iterator[Row]:
    first_ms = []
    for _ in range(3):  # each with an empty cache
        page = open_page(browser, f"{watch.url}/{query}")
        first_ms.append(page.evaluate("vd.ready"))
        page.context.close()
    yield Row(
        area=_AREA, name=f"first picture, {what}", value=float(np.median(first_ms)), unit="ms",
        target="< 1,000", note=f"from asking for the page; worst of {len(first_ms)}: {max(first_ms):.0f}",
    )  # fmt: skip
    page = open_page(browser, f"{watch.url}/{query}")
    page.keyboard.press("h")  # all tracks in the view
    page.wait_for_timeout(4_000)
    before = page.evaluate("vd.pictures")
    browser.start_tracing(page=page, categories=list(_TRACED))
    page.wait_for_timeout(1000 * for_s)
    frames, work_ms, longest_ms = _main_thread(browser.stop_tracing())
    pictures = page.evaluate("vd.pictures") - before
    note = f"{len(frames)} frames and {pictures} pictures in {for_s:g} s"
    for share, target in ((50, ""), (99, "< 8")):
        yield Row(
            area=_AREA, name=f"main thread, a frame, p{share}, {what}", unit="ms", target=target,
            value=float(np.percentile(frames, share)) if frames else float("nan"), note=note,
        )  # fmt: skip
    yield Row(
        area=_AREA, name=f"main thread, busy, {what}", value=work_ms / for_s / 10, unit="%", note="of the time"
    )  # fmt: skip
    yield Row(
        area=_AREA, name=f"main thread, longest task, {what}", value=longest_ms, unit="ms",
        note="whatever it did, also between frames",
    )  # fmt: skip
    yield Row(
        area=_AREA, name=f"paint of the tracks, {what}", unit="ms",
        value=float(page.locator("html").get_attribute("data-paint-ms") or "nan"),
        note="in a worker, as the page says it",
    )  # fmt: skip
    _use(page)
    answers = [duration for _, duration in page.evaluate("vd.answers")]
    yield Row(
        area=_AREA, name=f"interaction, longest, {what}", value=float(max(answers, default=0.0)), unit="ms",
        target="< 100", note=f"input to next paint; {len(answers)} of 16 ms or more, in steps of 8",
    )  # fmt: skip
    page.context.close()


def _use(page: Any) -> None:
    """What a person does: searches, walks the table, opens help and view, moves the map."""
    page.keyboard.press("/")
    page.keyboard.type("SIM00", delay=120)
    page.wait_for_timeout(600)
    page.get_by_test_id("track-row").first.click()
    page.wait_for_timeout(600)
    page.get_by_test_id("search").fill("")
    page.get_by_role("grid", name="Tracks").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "g", "h", "t", "t", "t", "?", "Escape"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    page.mouse.move(960, 500)
    for step in range(6):
        page.mouse.wheel(0, -200 if step % 2 else 200)
        page.wait_for_timeout(300)
    page.mouse.click(900, 480)
    page.wait_for_timeout(800)


def _main_thread(trace: bytes) -> tuple[list[float], float, float]:
    """Time on a processor [ms] of the main thread's tasks: those that drew a frame, all together, the longest."""
    events = json.loads(trace)["traceEvents"]
    drawn: dict[tuple[int, int], list[float]] = {}
    for event in events:
        if event["name"] == "FireAnimationFrame":
            drawn.setdefault((event["pid"], event["tid"]), []).append(event["ts"])
    if not drawn:
        return [], float("nan"), float("nan")
    thread = max(drawn, key=lambda key: len(drawn[key]))
    found: dict[str, list[tuple[float, float, float]]] = {}
    for event in events:
        if (event["pid"], event["tid"]) == thread and event["name"] in _TASKS and "dur" in event:
            found.setdefault(event["name"], []).append(
                (event["ts"], event["dur"], event.get("tdur", event["dur"]))
            )
    tasks = np.array(
        sorted(next((found[name] for name in _TASKS if name in found), [(0.0, 0.0, 0.0)]))
    )
    at = np.array(sorted(drawn[thread]))
    first = np.searchsorted(at, tasks[:, 0])
    last = np.searchsorted(at, tasks[:, 0] + tasks[:, 1])
    spent_ms = tasks[:, 2] / 1000
    return spent_ms[last > first].tolist(), float(spent_ms.sum()), float(spent_ms.max())
