"""The page in a real Chromium, against a seeded mock of its server."""

import json
import re
import struct
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe import AXE, check

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def test_nothing_leaves_this_machine_and_nothing_goes_wrong(visit: Open) -> None:
    seen = visit(base="webgl", settled=True)
    hosts = {
        urlsplit(url).hostname for url in seen.requests if not url.startswith(("data:", "blob:"))
    }
    assert hosts == {"127.0.0.1"}
    assert seen.errors == []  # a broken CSP would speak here
    assert seen.page.get_by_test_id("link").inner_text().endswith("Receiving")
    assert "RECONSTRUCTION" in seen.page.get_by_test_id("banner").inner_text()


@pytest.mark.parametrize("base", ["webgl", "plain"])
def test_tracks_are_drawn_and_move(visit: Open, base: str) -> None:
    seen = visit(base=base, settled=True)
    page = seen.page
    assert page.locator("html").get_attribute("data-map") == base
    canvas = page.locator("canvas.tracks")
    confirmed = int((seen.world.status != 0).sum())
    assert int(page.get_by_test_id("track-count").inner_text()) == confirmed
    clock = page.get_by_test_id("clock")
    before, first = clock.inner_text(), pixels(canvas)
    assert len(set(first)) > 20  # not one colour: something is drawn
    page.wait_for_timeout(3500)
    assert clock.inner_text() != before
    assert pixels(canvas) != first
    assert seen.errors == []


def test_a_browser_that_cannot_paint_in_a_worker_paints_in_the_page(visit: Open) -> None:
    seen = visit()
    page = seen.page
    assert page.locator("canvas.vectors").count() == 0  # the worker's image has them
    page.add_init_script("window.Plain = OffscreenCanvas; delete window.OffscreenCanvas")
    page.goto(f"{seen.url}/?map=plain")
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=90_000)
    page.evaluate("() => { window.OffscreenCanvas = window.Plain }")  # to read the pixels with
    for canvas in ("canvas.tracks", "canvas.vectors"):
        assert len(set(pixels(page.locator(canvas)))) > 1, canvas
    assert seen.errors == []


def pixels(canvas: Any) -> bytes:
    """What is on a canvas, read back by the page itself."""
    data = canvas.evaluate(
        """(c) => { const copy = new OffscreenCanvas(c.width, c.height).getContext('2d')
            copy.drawImage(c, 0, 0)
            return Array.from(new Uint32Array(
                copy.getImageData(0, 0, c.width, c.height).data.buffer).filter((v) => v)) }"""
    )
    return struct.pack(f"<{len(data)}I", *data)


def test_an_incident_says_what_who_where_why_and_what_is_not_permitted(visit: Open) -> None:
    seen = visit()
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    detail = page.get_by_test_id("detail")
    text = detail.inner_text()
    for wanted in (
        "military aircraft",
        "Identify",
        "Inside without known authority",
        "still inside",
        "R14",
        "Hail on 121.5",
        "CAOC",
        "hail 60 s",
        "M14, the force question",
        "Withheld",
        "No reply to any interrogation",
        "Would change it",
        "radar-north",
    ):
        assert wanted.lower() in text.lower(), wanted
    assert "closed" in page.get_by_test_id("force").inner_text()
    assert re.search(r"\d+ to \d+ s", text)  # the interval stands beside the figure
    page.get_by_test_id("incident").filter(has_text="MCK417").click()
    assert page.get_by_test_id("output").inner_text() == "Assist"
    assert "never" in page.get_by_test_id("force").inner_text()


def test_what_is_only_expected_is_not_told_as_what_is(visit: Open) -> None:
    page = visit().page
    row = page.get_by_test_id("incident").filter(has_text="MCK417")
    assert "Inside Estonia" in row.inner_text()  # though Finland is expected next
    row.click()
    expected = page.locator("section", has=page.get_by_test_id("expected"))
    text = expected.inner_text()
    assert "Expected in Finland".lower() in text.lower()
    assert "93" in text
    for wrong in ("still inside", "was inside", "Depth", "Time"):
        assert wrong.lower() not in text.lower()


def test_an_acknowledgement_is_posted_with_name_and_words_and_shown(visit: Open) -> None:
    seen = visit()
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    page.keyboard.press("a")
    page.keyboard.type("K. Saar")
    page.keyboard.press("Tab")
    page.keyboard.type("watch supervisor")
    page.keyboard.press("Tab")
    page.keyboard.type("seen, hailing")
    page.keyboard.press("Enter")
    page.get_by_test_id("acknowledged").filter(has_text="Acknowledged by K. Saar").wait_for(
        timeout=15_000
    )
    assert seen.world.acts == [
        {
            "kind": "acknowledge",
            "incident_id": "I-3f21a",
            "person": "K. Saar",
            "office": "watch supervisor",
            "words": "seen, hailing",
        }
    ]


def test_the_picture_is_on_its_way_before_the_page_s_code_is_read(visit: Open) -> None:
    seen = visit()
    page = seen.page.context.new_page()
    sockets: list[str] = []
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)  # and let it wait

    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.route("**/assets/index-*.js", hold)
    with page.expect_websocket(timeout=20_000):
        page.goto(f"{seen.url}/?map=plain", wait_until="commit")
    while not held:
        page.wait_for_timeout(50)
    assert page.get_by_test_id("clock").count() == 0
    held[0].continue_()
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=90_000)
    assert page.get_by_test_id("track-count").inner_text() != "0"
    assert len(sockets) == 1  # and the page took it


def test_silence_and_a_lost_connection_are_said_at_once(visit: Open) -> None:
    seen = visit()
    page, world = seen.page, seen.world
    world.muted = True
    # "late" first, "lost" once it has been silent for ten seconds
    page.get_by_test_id("notice").filter(has_text="Nothing heard for").wait_for(timeout=8_000)
    page.get_by_test_id("link").filter(has_text="Connection lost").wait_for(timeout=14_000)
    assert "not the present" in page.get_by_test_id("notice").inner_text()
    world.muted = False
    page.get_by_test_id("link").filter(has_text="Receiving").wait_for(timeout=8_000)
    world.refusing = True
    page.get_by_test_id("link").filter(has_text="Connection lost").wait_for(timeout=8_000)
    assert "Connection lost" in page.get_by_test_id("notice").inner_text()
    world.refusing = False
    page.get_by_test_id("link").filter(has_text="Receiving").wait_for(timeout=15_000)


def test_a_dead_feed_is_named(visit: Open) -> None:
    seen = visit()
    seen.world.dead_feed = True
    seen.page.get_by_test_id("dead-feed").filter(has_text="radar-east").wait_for(timeout=8_000)
    row = seen.page.get_by_test_id("feeds").locator("li").filter(has_text="radar-east")
    assert "dead" in row.inner_text()
    assert "3 faults" in seen.page.get_by_test_id("feeds").inner_text()


def test_a_feed_that_loses_data_is_named_while_it_does(visit: Open) -> None:
    seen = visit()
    row = seen.page.get_by_test_id("feeds").locator("li").filter(has_text="radar-north")
    row.get_by_text(re.compile("1.?204 datagrams lost")).wait_for(timeout=8_000)
    assert not seen.page.get_by_test_id("losing-feed").count()  # it was a minute ago
    seen.world.losing_feed = True
    said = seen.page.get_by_test_id("losing-feed").filter(has_text="Data lost: radar-north")
    said.wait_for(timeout=8_000)
    row.get_by_role("button").click()
    assert "datagrams that came too fast, last at" in row.inner_text()


def test_plots_for_which_there_was_no_time_are_said(visit: Open) -> None:
    seen = visit()
    assert not seen.page.get_by_test_id("overload").count()
    seen.world.spared = 31_000
    said = re.compile("Overload: 31.?000 plots not used")
    seen.page.get_by_test_id("overload").filter(has_text=said).wait_for(timeout=8_000)


def test_whether_allies_are_heard_is_said_where_they_are_not(visit: Open) -> None:
    seen = visit()
    assert not seen.page.get_by_test_id("isolated").count()
    for isolated, words in ((True, "Cut off from allies"), (None, "Allies heard: not known")):
        seen.world.isolated = isolated
        seen.page.get_by_test_id("isolated").filter(has_text=words).wait_for(timeout=8_000)


def test_a_biased_radar_is_shown_with_what_it_is_wrong_by(visit: Open) -> None:
    page = visit().page
    rows = page.get_by_test_id("bias")
    rows.filter(has_text="biased").wait_for(timeout=8_000)
    assert "+121 ± 12 m" in rows.filter(has_text="biased").inner_text()
    alone = rows.filter(has_text="coast")
    assert "not compared" in alone.inner_text()
    alone.get_by_role("button").click()
    assert "0 plots held against tracks" in alone.inner_text()


def test_texts_from_outside_stay_text(visit: Open) -> None:
    seen = visit(hostile=True)
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    assert "<script>" in page.get_by_test_id("detail").inner_text()
    page.get_by_test_id("search").fill("<img")
    row = page.get_by_test_id("track-row").first
    assert "<img src=x" in row.inner_text()
    row.click()
    page.wait_for_timeout(1500)
    assert page.evaluate("window.pwned") is None
    assert page.locator("#app img[src='x']").count() == 0
    assert seen.errors == []


def test_the_table_filters_and_is_walked_by_keys(visit: Open) -> None:
    seen = visit()
    page = seen.page
    page.keyboard.press("/")
    page.keyboard.type("mck417")
    page.get_by_test_id("filtered").filter(has_text="1 of").wait_for(timeout=5_000)
    page.get_by_test_id("search").fill("military")
    page.get_by_test_id("filtered").filter(has_text="3 of").wait_for(timeout=5_000)
    page.get_by_role("grid", name="Tracks").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("[role=row][aria-selected=true]").count() == 1
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")


@pytest.mark.parametrize("theme", ["dark", "light", "night"])
def test_axe_finds_nothing(visit: Open, theme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm ci in ui/ brings it")
    seen = visit(theme=theme, base="webgl" if theme == "dark" else "plain")
    page = seen.page
    page.locator("[data-testid=incident]").filter(has_text="#3F21A").click()
    page.get_by_test_id("proposal").first.wait_for()
    page.locator("summary").first.click()
    check(page, f"{theme}, incident open")
    page.get_by_test_id("acknowledge").click()
    check(page, f"{theme}, acknowledging")
    page.get_by_test_id("view").click()
    page.get_by_role("dialog").wait_for()
    check(page, f"{theme}, view")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Help").click()
    page.get_by_role("dialog").wait_for()
    check(page, f"{theme}, help")
    page.keyboard.press("Escape")
    seen.world.refusing = True
    page.get_by_test_id("notice").wait_for(timeout=10_000)
    check(page, f"{theme}, connection lost")


def test_figures_are_shown_as_a_person_chose_and_the_page_remembers_it(
    visit: Open, tmp_path: Path
) -> None:
    seen = visit()
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    place = page.locator("dt", has_text="Position").locator("+ dd")
    assert "′N" in place.inner_text()
    page.get_by_test_id("view").click()
    page.get_by_label("MGRS").check()
    page.get_by_label("Metres, km/h").check()
    page.get_by_label("Night vision").check()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert re.fullmatch(r"\d+[A-Z] [A-Z]{2} \d{4} \d{4}", place.inner_text())
    assert page.locator("dt", has_text="Speed").locator("+ dd").inner_text().endswith("km/h")
    assert page.locator("html").get_attribute("data-theme") == "night"
    seen.shoot(tmp_path, "night")
    page.goto(f"{seen.url}/?map=plain")
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=90_000)
    assert page.locator("html").get_attribute("data-theme") == "night"
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    assert page.locator("dt", has_text="Speed").locator("+ dd").inner_text().endswith("km/h")
    assert seen.errors == []


@pytest.mark.parametrize(("width", "height", "theme"), [(1280, 720, "dark"), (1440, 900, "light")])
def test_the_layout_holds(visit: Open, tmp_path: Path, width: int, height: int, theme: str) -> None:
    seen = visit(base="webgl", width=width, height=height, theme=theme, settled=True)
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    page.wait_for_timeout(1500)
    picture = seen.shoot(tmp_path, f"{theme}-{width}x{height}")
    assert struct.unpack(">II", picture[16:24]) == (width, height)
    size = json.loads(
        page.evaluate(
            "JSON.stringify([document.documentElement.scrollWidth, document.documentElement.scrollHeight])"
        )
    )
    assert size == [width, height]  # nothing spills over
    boxes = [page.locator(name).bounding_box() for name in ("aside.left", "main", "aside.right")]
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"] + 0.5
    assert boxes[1]["width"] >= 0.4 * width
    assert page.get_by_test_id("acknowledge").is_visible()


def test_five_thousand_tracks_stay_fluid(visit: Open) -> None:
    seen = visit(tracks=5000)
    page = seen.page
    page.wait_for_timeout(4000)
    # painted in the worker, so that the page is free to answer; how long it takes `vedette bench page` says
    assert float(page.locator("html").get_attribute("data-paint-ms")) > 0
    assert page.locator("canvas.vectors").count() == 0
    clock = page.get_by_test_id("clock")
    before, first = clock.inner_text(), pixels(page.locator("canvas.tracks"))
    assert len(set(first)) > 20
    page.get_by_test_id("search").fill("squawk-that-is-none")
    page.get_by_test_id("filtered").filter(has_text="0 of").wait_for(timeout=3_000)
    page.get_by_test_id("search").fill("")
    page.wait_for_timeout(2_500)
    assert clock.inner_text() != before
    assert pixels(page.locator("canvas.tracks")) != first
    assert seen.errors == []
