"""A record on the page: any moment of it again, at any pace, as known then and as known at its end."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import address_of

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
from small_world import record_small

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("replay") / "record"
    named = os.environ.get("VEDETTE_PICTURES_OF")  # a record for the picture of the documentation
    if named:
        folder = Path(named)
    else:
        record_small(folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "ledger", "page", str(folder), "--web", "127.0.0.1:0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield address_of(process)
    process.terminate()
    assert process.wait(timeout=60) == 0


def seconds(page: Any) -> int:
    text = page.get_by_test_id("clock").locator(".time").inner_text()
    hours, minutes, rest = text.rstrip("Z").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


def until(page: Any, what: Callable[[], bool]) -> None:
    """Wait for the page to show something, however busy the machine is."""
    for _ in range(PATIENCE_MS // 100):
        if what():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never: {page.get_by_test_id('clock').inner_text()}")


def test_a_record_is_shown_at_any_time_of_it(replay: str, chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("response", lambda found: errors.append(found.url) if found.status == 404 else None)
    page.goto(f"{replay}/?map=plain")  # the word of patience leads here by itself
    done = page.get_by_test_id("replayed")
    done.get_by_text("✓ The replay is what the ledger says").wait_for(timeout=PATIENCE_MS)
    assert page.get_by_test_id("mode").inner_text() == "REPLAY"
    assert "nothing here happens now" in page.get_by_test_id("banner").inner_text()
    first = seconds(page)

    # nothing is known at the beginning; as known at the end there is an incident
    assert page.locator("[id^=incident-]").count() == 0
    page.get_by_text("As known at the end").click()
    page.locator("[id^=incident-]").first.wait_for(timeout=PATIENCE_MS)
    page.locator("[id^=incident-]").first.click()
    page.get_by_text("As known then").click()

    # to where it began, by the keyboard
    page.get_by_text("As known at the end").click()
    page.locator("[id^=incident-]").first.click()
    page.get_by_test_id("origin").click()
    until(page, lambda: seconds(page) > first)
    began = seconds(page)
    page.get_by_text("As known then").click()
    page.locator("[id^=incident-]").first.wait_for(timeout=PATIENCE_MS)
    assert page.get_by_test_id("acknowledge").count() == 0
    page.locator("main canvas").first.click(position={"x": 5, "y": 5})
    page.keyboard.press(".")
    until(page, lambda: seconds(page) == began + 10)
    page.keyboard.press(",")
    until(page, lambda: seconds(page) == began)
    page.wait_for_timeout(3000)  # longer than a live page may be without a picture
    assert seconds(page) == began
    assert page.get_by_test_id("link").inner_text().endswith("Receiving")  # it stands still, alive
    if AXE.exists():
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("() => axe.run()")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    if os.environ.get("VEDETTE_PICTURES"):
        page.get_by_test_id("time").focus()
        for _ in range(60):
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(3000)
        page.screenshot(path=PICTURES / "replay.png")

    # its ledger, proven in the browser
    page.get_by_test_id("ledger").click()
    page.get_by_test_id("ledger-kind").select_option("incident")
    row = page.get_by_test_id("ledger-entries").locator("li button", has_text="incident").first
    row.click()
    page.get_by_test_id("proof").get_by_text("✓ Entry").wait_for(timeout=PATIENCE_MS)
    assert "incident" in page.get_by_test_id("ledger-line").inner_text()
    if AXE.exists():
        found = page.evaluate("() => axe.run()")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    if os.environ.get("VEDETTE_PICTURES"):
        page.screenshot(path=PICTURES / "ledger.png")
    page.keyboard.press("Escape")

    # at a hundred times its pace it soon comes to the end, and stays there
    page.get_by_test_id("speed").select_option("100")
    page.get_by_test_id("play").click()
    page.locator("[data-testid=play][aria-label=Pause]").wait_for(timeout=PATIENCE_MS)
    until(page, lambda: seconds(page) > began + 10)
    assert errors == []
    page.close()
