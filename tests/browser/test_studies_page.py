"""The page of studies in a real Chromium: every kind of answer, its choices, tables, keys and palettes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe
import pytest
from click.testing import CliRunner
from serving import address_of

from vedette.app.commands.sim import group as sim

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WAIT_MS = 30_000
JET = "a jet that clips the edge and leaves"
FEW = ["--worlds", "200"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = Path(os.environ.get("VEDETTE_ANSWERS") or tmp_path_factory.mktemp("answers"))
    if "VEDETTE_ANSWERS" not in os.environ:
        for words in (
            ["study", "estonia-september-2025", *FEW, "--sensitivity"],
            ["study", "zagreb-2022", *FEW],
            ["compare", "estonia-september-2025", *FEW],
            ["map", "--state", "EST", "--state", "FIN", "--worlds", "50"],
            ["calibrate", *FEW],
            ["play", "drones", *FEW],
        ):
            file = folder / f"{'-'.join(words[:2]).strip('-')}.answer.json"
            done = CliRunner().invoke(sim, [*words, "--out", str(file)])
            assert done.exit_code == 0, done.output
        (folder / "torn.answer.json").write_text("<img src=x onerror=alert(1)>")
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "sim", "page", str(folder), "--web", "127.0.0.1:0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield f"{address_of(process)}/studies.html"
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en-GB"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}?theme=dark")
    page.get_by_test_id("title").wait_for(timeout=WAIT_MS)
    yield page
    assert errors == []
    context.close()


def to(page: Any, kind: int, table: str) -> Any:
    page.get_by_test_id("kind").nth(kind).click()
    found = page.get_by_test_id(table)
    found.wait_for(timeout=WAIT_MS)
    return found


def test_a_study_with_a_change_shows_both_and_what_is_assumed(page: Any) -> None:
    if "VEDETTE_ANSWERS" not in os.environ:
        fault = page.get_by_test_id("fault").inner_text()
        assert "torn.answer.json" in fault
    page.get_by_test_id("file").select_option(
        label="Three MiG-31 over the Gulf of Finland for twelve minutes"
    )
    page.get_by_role("heading", name="Three MiG-31").wait_for(timeout=WAIT_MS)
    row = page.get_by_test_id("steps").locator("tr", has_text="looked at")
    before = row.inner_text()
    assert "%" in before
    assert "[" in before
    page.get_by_test_id("change").select_option("patrol")
    page.get_by_test_id("changed").wait_for()
    assert row.inner_text() != before
    if os.environ.get("VEDETTE_PICTURES"):
        page.locator("html[data-map='drawn']").wait_for(state="attached", timeout=WAIT_MS)
        page.screenshot(path=PICTURES / "studies-page.png")
    page.get_by_test_id("step").select_option("public_warned")
    assert "public warned" in page.locator("#late").inner_text()
    assert "change=patrol" in page.url
    assert page.get_by_test_id("indices").locator("tbody tr").count() > 3
    assert "the way along the gulf is drawn" in page.get_by_test_id("assumed").inner_text()
    axe.check(page, "a study")
    page.reload()
    page.get_by_test_id("changed").wait_for(timeout=WAIT_MS)  # the address says what is shown


def test_rules_on_the_same_draws_and_the_published_beside_the_model(page: Any) -> None:
    ways = to(page, 1, "ways")
    assert ways.locator("tbody tr").count() == 14
    page.get_by_test_id("rule").select_option("silence of 2 h")
    assert "not yet heard" in page.get_by_test_id("rule-card").inner_text()
    gone = ways.inner_text()
    page.get_by_test_id("within").select_option("24")
    assert ways.inner_text() != gone
    axe.check(page, "ways")
    rows = to(page, 3, "calibration").locator("tbody tr")
    whole = rows.count()
    page.get_by_label("misfits", exact=True).check()
    assert 0 < rows.count() < whole
    assert all("misfit" in text for text in rows.all_inner_texts())
    axe.check(page, "calibration")


def test_the_edge_by_keys_by_pointer_and_in_words(page: Any) -> None:
    to(page, 2, "states")
    if page.get_by_test_id("file").count():  # more than one edge
        page.get_by_test_id("file").select_option(label=JET)
    page.get_by_role("heading", name=JET).wait_for(timeout=WAIT_MS)
    page.locator("html[data-map='drawn']").wait_for(state="attached", timeout=WAIT_MS)
    first = page.locator("[data-testid=place][tabindex='0']")
    first.focus()
    told = page.get_by_test_id("card").inner_text()
    assert "alert:" in told
    page.keyboard.press("ArrowRight")
    assert page.get_by_test_id("card").inner_text() != told
    page.get_by_label("patrol", exact=True).check()
    assert "a patrol is up" in page.get_by_test_id("posture").inner_text()
    page.get_by_test_id("state").select_option("EST")
    places = page.get_by_test_id("places").locator("tbody tr")
    assert places.count() > 3
    places.nth(1).get_by_role("button").click()
    assert "Estonia" in page.get_by_test_id("card").inner_text()
    axe.check(page, "the edge")
    if os.environ.get("VEDETTE_PICTURES"):
        page.get_by_test_id("state").select_option("")
        # the row that was clicked lies below the map
        page.get_by_test_id("title").evaluate(
            "one => { for (; one; one = one.parentElement) one.scrollTop = 0 }"
        )
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)
        for seen in (page.get_by_test_id("title"), page.get_by_role("list", name="Key of the map")):
            box = seen.bounding_box()
            assert 0 <= box["y"] < box["y"] + box["height"] <= 900
        page.screenshot(path=PICTURES / "studies-edge.png")


def test_a_play_book_in_night_palette_and_every_view_by_key_alone(page: Any) -> None:
    page.keyboard.press("5")
    page.get_by_test_id("moves").wait_for(timeout=WAIT_MS)
    page.get_by_test_id("play-posture").select_option("ask")
    assert page.get_by_test_id("rungs").locator("tbody tr").count() == 10
    assert "No forecast" in page.locator("main").inner_text()
    page.get_by_test_id("theme").click()
    page.get_by_test_id("theme").click()
    assert page.locator("html[data-theme='night']").count() == 1
    axe.check(page, "a play-book at night")
    page.locator("h1").click()
    page.keyboard.press("1")
    title = page.get_by_test_id("title")
    page.get_by_test_id("steps").wait_for(timeout=WAIT_MS)
    before = title.inner_text()
    page.keyboard.press("j")
    page.wait_for_selector(f"h2:not(:has-text({before!r}))[data-testid=title]")


def test_it_fits_a_phone_speaks_ukrainian_and_prints_on_white(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_test_id("language").select_option("uk")
    page.get_by_role("heading", name="Дослідження").wait_for(timeout=WAIT_MS)
    for kind, table in enumerate(("steps", "ways", "states", "calibration", "postures")):
        to(page, kind, table)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, table
    axe.check(page, "a phone in Ukrainian")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("html[data-theme='light']").count() == 1
    assert not page.get_by_test_id("controls").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("html[data-theme='dark']").count() == 1
