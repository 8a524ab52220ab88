"""Two people in two browsers resolve an incident: each signs on their own page, and the record has both."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import address_of

from vedette.app.views import papers_of_record
from vedette.engine.record import Record
from vedette.engine.verification import verify

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_MS = 600_000
SMALL = Path(__file__).parents[1] / "sim" / "small.yaml"
PEOPLE = {
    "Ann": ("watch", "watch_supervisor"),
    "Cid": ("launch", "launch_authority"),
    "Dora": ("ats", "air_traffic_services"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Any]]:
    folder = tmp_path_factory.mktemp("desk")
    for person, (office, role) in PEOPLE.items():
        words = ["office", "new", office, "--role", role, "--person", person,
                 "--offices", str(folder / "offices.json"), "--key", str(folder / f"{person}.key")]  # fmt: skip
        subprocess.run([sys.executable, "-m", "vedette", *words], check=True, capture_output=True)
    process = subprocess.Popen(
        [
            # slower than the world: two people need a minute, and a busy machine more
            sys.executable, "-m", "vedette", "watch", f"sim:{SMALL}", "--speed", "0.4",
            "--web", "127.0.0.1:0",
            "--offices", str(folder / "offices.json"), "--record", str(folder / "record"),
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    url = address_of(process)
    yield url, folder, process
    process.terminate()
    process.communicate(timeout=60)


def sit_down(
    chromium: Any, url: str, folder: Path, person: str, incident_id: str | None = None
) -> tuple[Any, Any, list[str]]:
    """A browser of its own with the person's key on the page; the incident is open."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 1100}, reduced_motion="reduce", timezone_id="UTC"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{url}/?map=plain")
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=PATIENCE_MS)
    found = page.get_by_test_id("incident").filter(has_text="Identify")
    found.first.wait_for(timeout=PATIENCE_MS)
    (page.locator(f"#incident-{incident_id}") if incident_id else found.first).click()
    page.get_by_test_id("key-file").set_input_files(folder / f"{person}.key")
    page.get_by_test_id("signer").get_by_text(person).wait_for(timeout=PATIENCE_MS)
    return context, page, errors


def answer(page: Any, measure: str, words: str, button: str) -> None:
    paper = page.get_by_test_id("paper").filter(has_text=re.compile(rf"^\s*{measure}\b"))
    paper.get_by_role("button", name="Answer…").click()
    paper.get_by_label("Your reason, in words").fill(words)
    paper.get_by_role("button", name=button).click()


def test_two_people_in_two_browsers_decide_what_takes_two(
    chromium: Any, desk: tuple[str, Path, Any]
) -> None:
    url, folder, process = desk
    ann, ann_page, ann_errors = sit_down(chromium, url, folder, "Ann")
    chosen = ann_page.get_by_test_id("detail").locator(".id").inner_text().split()[0]
    cid, cid_page, cid_errors = sit_down(chromium, url, folder, "Cid", chosen)

    # while the machine still makes up its mind, each change begins the question anew
    ann_page.get_by_test_id("paper").filter(has_text="airliner, unknown").wait_for(
        timeout=PATIENCE_MS
    )
    # who may not accept is told so, and may refuse
    question = cid_page.get_by_test_id("paper").filter(has_text=re.compile(r"^\s*M05\b"))
    question.get_by_role("button", name="Answer…").click()
    assert question.get_by_role("button", name="Accept").is_disabled()
    question.get_by_role("button", name="Say nothing").click()

    answer(ann_page, "M06", "nobody knows it, no answer on guard", "Accept")
    ann_page.get_by_test_id("desk-heard").wait_for(timeout=PATIENCE_MS)
    seen = cid_page.get_by_test_id("paper").filter(has_text="nobody knows it")
    seen.wait_for(timeout=PATIENCE_MS)
    assert "Not decided" in seen.inner_text()
    answer(cid_page, "M06", "a pair may go and look", "Accept")
    cid_page.get_by_test_id("desk-heard").wait_for(timeout=PATIENCE_MS)
    decided = ann_page.get_by_test_id("paper").filter(has_text="a pair may go and look")
    decided.get_by_text("Accepted").wait_for(timeout=PATIENCE_MS)

    answer(cid_page, "M05", "the neighbour was told by telephone", "Refuse")
    no = ann_page.get_by_test_id("paper").filter(has_text="told by telephone")
    no.get_by_text("Refused").wait_for(timeout=PATIENCE_MS)
    ann_page.get_by_test_id("decision-clock").get_by_text("Enters Estonia").wait_for(
        timeout=PATIENCE_MS
    )
    if os.environ.get("VEDETTE_PICTURES"):
        decided.scroll_into_view_if_needed()
        ann_page.screenshot(path=PICTURES / "desk.png")
    assert ann_errors == cid_errors == []
    ann.close()
    cid.close()
    process.terminate()
    process.wait(timeout=60)

    record = Record(folder / "record")
    assert verify(record).ok
    papers = [paper for paper in papers_of_record(record) if paper["words"]]
    escort = next(paper for paper in papers if paper["measure"] == "M06")
    assert {word["person"] for word in escort["words"]} == {"Ann", "Cid"}
    statuses = {
        entry.body["status"]
        for entry in record.entries(("paper",))
        if entry.body["measure"] == "M06" and entry.body["incident_id"] == escort["incident_id"]
    }
    assert "accepted" in statuses
