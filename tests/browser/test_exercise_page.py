"""An exercise on the page: framed and marked, a person decides on it, and the review knows of it."""

import json
import os
import re
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
PATIENCE_MS = 600_000


def vedette(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "vedette", *words], check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Any]]:
    folder = tmp_path_factory.mktemp("exercise")
    vedette(
        "office", "new", "watch", "--role", "watch_supervisor", "--person", "Ann",
        "--offices", str(folder / "offices.json"), "--key", str(folder / "Ann.key"),
    )  # fmt: skip
    process = subprocess.Popen(
        [
            sys.executable, "-m", "vedette", "sim", "exercise", "three_tracks", "--speed", "1",
            "--web", "127.0.0.1:0", "--offices", str(folder / "offices.json"),
            "--record", str(folder / "record"),
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    url = address_of(process)
    yield url, folder, process
    process.terminate()
    process.communicate(timeout=60)


def test_an_exercise_is_marked_and_what_is_decided_in_it_is_reviewed(
    chromium: Any, night: tuple[str, Path, Any]
) -> None:
    url, folder, process = night
    context = chromium.new_context(
        viewport={"width": 1440, "height": 1000}, reduced_motion="reduce", timezone_id="UTC"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{url}/?map=plain")
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=PATIENCE_MS)
    assert page.get_by_test_id("mode").inner_text() == "EXERCISE"
    assert "EXERCISE" in page.get_by_test_id("banner").inner_text()
    assert page.title().startswith("EXERCISE")
    assert page.locator(".app.exercise").count() == 1

    found = page.get_by_test_id("incident").filter(has_text="Identify")
    found.first.wait_for(timeout=PATIENCE_MS)
    found.first.click()
    page.get_by_test_id("key-file").set_input_files(folder / "Ann.key")
    page.get_by_test_id("signer").get_by_text("Ann").wait_for(timeout=PATIENCE_MS)
    question = page.get_by_test_id("paper").filter(has_text=re.compile(r"^\s*M03\b"))
    question.get_by_role("button", name="Answer…").click()
    question.get_by_label("Your reason, in words").fill("hailed on the guard frequency")
    question.get_by_role("button", name="Accept").click()
    page.get_by_test_id("paper").filter(has_text="hailed on the guard frequency").wait_for(
        timeout=PATIENCE_MS
    )
    # nobody is asked to send aircraft out of an exercise
    assert not page.get_by_test_id("paper").filter(has_text=re.compile(r"^\s*M0[678]\b")).count()
    if os.environ.get("VEDETTE_PICTURES"):
        page.screenshot(path=PICTURES / "exercise.png")
    assert errors == []
    context.close()
    process.terminate()
    process.wait(timeout=60)

    record = Record(folder / "record")
    assert record.body.exercise
    assert verify(record).ok
    review = json.loads(vedette("sim", "review", str(folder / "record"), "--json"))["review"]
    taken = [one for one in review["decisions"] if one["status"] == "accepted"]
    assert [(one["measure"], one["people"]) for one in taken] == [("M03", ["Ann: accept"])]
    assert [stamp["person"] for stamp in review["stamps"]] == ["Ann"]
    assert review["stamps"][0]["unchecked"] == 1
