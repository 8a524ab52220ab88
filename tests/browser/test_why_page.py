"""The ledger of evidence and the map of interference on the page of a real run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import address_of

pytestmark = pytest.mark.browser
DECEIVED = Path(__file__).parents[1] / "identity" / "deceived.yaml"
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def deceived() -> Iterator[str]:
    process = subprocess.Popen(
        [
            sys.executable, "-m", "vedette", "watch", f"sim:{DECEIVED}", "--web", "127.0.0.1:0",
            "--speed", "20",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield address_of(process)
    process.terminate()
    process.communicate(timeout=60)


def test_a_track_says_why_and_the_map_where_navigation_is_disturbed(
    chromium: Any, deceived: str
) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(deceived)
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=PATIENCE_MS)
    row = page.get_by_text("SOUND1").first
    row.wait_for(timeout=PATIENCE_MS)
    row.click()
    card = page.get_by_test_id("track-card")
    card.get_by_text("Why: the ledger of evidence").click()
    ledger = card.get_by_test_id("ledger-of-evidence")
    ledger.get_by_text("Is it crewed civil aircraft?").wait_for(timeout=10_000)
    assert ledger.get_by_text("would change it").count() > 3
    page.wait_for_function(
        "async () => (await (await fetch('/api/interference')).json())"
        ".cells.some((cell) => cell.spoofed > 0)",
        timeout=PATIENCE_MS,
    )
    assert errors == []
    context.close()
