"""The demonstration itself in a real Chromium: tracks move, the incident opens, the record verifies."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    before = clock.inner_text()
    jets = page.get_by_test_id("incident").filter(has_text="Escort")
    jets.first.wait_for(timeout=PATIENCE_MS)
    assert clock.inner_text() != before
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
