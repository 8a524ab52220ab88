"""The demonstration itself in a real Chromium: tracks move, the incident opens, the record verifies."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe
import pytest
from serving import address_of

from vedette.engine.record import Record
from vedette.engine.verification import verify

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_MS = 600_000  # the morning up to the incident, on a slow machine


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Any]]:
    record = tmp_path_factory.mktemp("demo") / "record"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "vedette", "demo", "--web", "127.0.0.1:0", "--speed", "60",
            "--record", str(record),
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    url = address_of(process)
    yield url, record, process
    process.terminate()
    process.communicate(timeout=60)


def seconds(page: Any) -> int:
    hours, minutes, rest = (
        page.get_by_test_id("clock").locator(".time").inner_text().rstrip("Z").split(":")
    )
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


def until(page: Any, what: Callable[[], bool]) -> None:
    """Wait for the page to show something, however busy the machine is."""
    for _ in range(PATIENCE_MS // 200):
        if what():
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"never: {page.get_by_test_id('clock').inner_text()}")


def test_what_has_passed_is_looked_back_at_while_the_watch_goes_on(
    chromium: Any, demo: tuple[str, Path, Any]
) -> None:
    url, _, _ = demo
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", timezone_id="UTC"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{url}?map=plain")
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=PATIENCE_MS)
    page.get_by_test_id("incident").first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(3000)
    assert page.get_by_test_id("not-live").count() == 0
    live = seconds(page)
    page.keyboard.press("b")
    sign = page.get_by_test_id("not-live")
    sign.wait_for(timeout=PATIENCE_MS)
    assert "NOT LIVE" in sign.inner_text()
    assert page.get_by_test_id("mode").inner_text() == "NOT LIVE"
    assert page.title().startswith("NOT LIVE")
    slider = page.get_by_test_id("time")
    slider.wait_for(timeout=PATIENCE_MS)
    slider.focus()
    page.keyboard.press("Home")  # to the first moment that is kept
    until(page, lambda: seconds(page) < live - 60)
    early = seconds(page)
    assert "ago" in sign.inner_text()
    assert page.get_by_test_id("incident").count() == 0  # nothing was open then
    page.wait_for_timeout(2500)
    assert seconds(page) == early  # it stands still, and the watch does not
    page.keyboard.press("Tab")
    page.get_by_test_id("speed").select_option("50")
    page.get_by_test_id("play").click()
    until(page, lambda: seconds(page) > early + 30)
    page.get_by_test_id("play").click()
    slider.focus()
    page.keyboard.press("End")
    page.get_by_test_id("incident").first.wait_for(timeout=PATIENCE_MS)
    page.get_by_test_id("incident").first.click()
    detail = page.get_by_test_id("detail")
    detail.get_by_text("To act: live again").first.wait_for(timeout=PATIENCE_MS)
    assert page.get_by_role("button", name="Acknowledge").count() == 0
    axe.check(page, "looking back")
    if os.environ.get("VEDETTE_PICTURES"):
        page.screenshot(path=PICTURES / "look-back.png")
    page.get_by_role("heading", name="Vedette").click()
    page.keyboard.press("n")
    sign.wait_for(state="detached", timeout=PATIENCE_MS)
    page.locator("[data-testid=link].live, [data-testid=link].ended").wait_for(timeout=PATIENCE_MS)
    until(page, lambda: seconds(page) >= live)
    assert page.get_by_test_id("timebar").count() == 0
    assert page.title() == "Vedette"
    assert errors == []
    context.close()


def test_the_morning_is_seen_and_its_incident_opens(
    chromium: Any, demo: tuple[str, Path, Any]
) -> None:
    url, record, process = demo
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", timezone_id="UTC"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=PATIENCE_MS)
    clock = page.get_by_test_id("clock")
    before = clock.inner_text().split()[0]
    jets = page.get_by_test_id("incident").filter(has_text="Escort")
    jets.first.wait_for(timeout=PATIENCE_MS)
    # the jets may have been there with the first picture: the clock goes on all the same
    clock.filter(has_not_text=before).wait_for(timeout=PATIENCE_MS)
    assert int(page.get_by_test_id("track-count").inner_text()) > 20
    jets.first.click()
    detail = page.get_by_test_id("detail")
    detail.get_by_text("R14").first.wait_for(timeout=PATIENCE_MS)
    text = detail.inner_text()
    assert "never" in text.lower()
    if os.environ.get("VEDETTE_PICTURES"):
        page.wait_for_timeout(3000)
        page.screenshot(path=PICTURES / "page.png")
        page.keyboard.press("r")
        page.get_by_test_id("rings-sensor").select_option(index=1)
        page.keyboard.press("Escape")
        page.keyboard.press("l")
        page.get_by_test_id("layer-coverage").check()
        page.keyboard.press("Escape")
        page.keyboard.press("e")
        page.get_by_test_id("profile").locator("svg").wait_for(timeout=PATIENCE_MS)
        page.wait_for_timeout(4000)
        page.keyboard.press("f")  # keeps the jet in the middle
        page.wait_for_timeout(2500)
        page.screenshot(path=PICTURES / "map-tools.png")
    assert errors == []
    context.close()
    process.terminate()
    process.wait(timeout=60)
    assert process.returncode == 0
    assert verify(Record(record)).ok
