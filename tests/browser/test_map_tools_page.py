"""Layers, filters, go-to, measure, rings, views, profile, sensors, print and phone, in a real Chromium."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe import AXE, check

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def overlay(page: Any) -> tuple[int, int]:
    """How many pixels are drawn between the base map and the tracks, and a checksum over them all."""
    count, checksum = page.locator("canvas.overlay").evaluate(
        """(c) => { const p = new Uint32Array(
                        c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)
                    let [n, sum] = [0, 0]
                    for (const v of p) { n += v ? 1 : 0; sum = (Math.imul(sum, 31) + v) | 0 }
                    return [n, sum] }"""
    )
    return count, checksum


def middle(page: Any) -> str:
    """Where the map looks, as the measure tool names it."""
    page.keyboard.press("m")
    page.get_by_test_id("anchor-from").get_by_role("button", name="Middle of the map").click()
    found = str(page.get_by_test_id("anchor-title-from").inner_text())
    page.get_by_test_id("panel-measure").get_by_role("button", name="Clear").click()
    page.keyboard.press("Escape")
    return found


def test_a_filter_is_unmistakable_never_hides_an_open_incident_and_ends_with_the_page(
    visit: Open, tmp_path: Path
) -> None:
    seen = visit(settled=True)
    page = seen.page
    page.keyboard.press("l")
    page.get_by_test_id("layer-coverage").check()
    before = overlay(page)
    page.get_by_test_id("coverage-height").select_option("9144")
    page.wait_for_timeout(1500)
    assert overlay(page) != before
    page.get_by_test_id("tab-tracks").click()
    for identity in ("neutral", "unknown", "pending", "friend", "assumed_friend"):
        page.get_by_test_id(f"filter-{identity}").click()
    # all that is left is in an open incident: three jets and the airliner
    page.get_by_test_id("filter-notice").filter(has_text="4 of 164 tracks shown").wait_for()
    seen.shoot(tmp_path, "filtered")
    page.get_by_test_id("filter-none").click()
    page.get_by_test_id("filter-notice").wait_for(state="detached")
    page.get_by_test_id("filter-source").select_option("foreign")
    page.get_by_test_id("filter-notice").filter(has_text="17 of 164 tracks shown").wait_for()
    page.get_by_test_id("filter-none").click()
    page.get_by_test_id("filter-low").fill("400")
    page.get_by_test_id("filter-low").press("Enter")
    page.get_by_test_id("filter-notice").wait_for()
    page.keyboard.press("Escape")  # closes the panel, though a field of it has the focus
    page.get_by_test_id("panel-layers").wait_for(state="detached")
    assert page.get_by_test_id("filter-notice").is_visible()
    page.goto(f"{seen.url}/?map=plain")
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=90_000)
    assert page.get_by_test_id("filter-notice").count() == 0
    page.keyboard.press("l")
    assert page.get_by_test_id("layer-coverage").is_checked()  # layers are kept
    assert seen.errors == []


def test_go_to_finds_what_a_watch_asks_for(visit: Open) -> None:
    seen = visit()
    page = seen.page
    for text, wanted in (
        ("35V LF 7252 9491", "59°28.4′N 024°45.0′E"),
        ("592824N 0244500E", "59°28.4′N 024°45.0′E"),
        ("EETN", "59°24.8′N 024°50.0′E"),
        ("Pärnu", "58°25."),  # its airport comes first
    ):
        page.keyboard.press("G")
        page.keyboard.type(text)
        page.get_by_test_id("goto-item").first.wait_for()
        page.keyboard.press("Enter")
        page.get_by_test_id("goto").wait_for(state="detached")
        assert middle(page).startswith(wanted), text
    page.keyboard.press("G")
    page.keyboard.type("latvia")  # the state of an incident
    page.get_by_test_id("goto-item").filter(has_text="MCK417").click()
    assert "MCK417" in page.get_by_test_id("detail").inner_text()
    page.keyboard.press("G")
    page.keyboard.type("there is no such thing")
    page.get_by_test_id("goto").get_by_text("Nothing is known by this name").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("G")
    page.keyboard.type("EER1")
    page.keyboard.press("Enter")
    card = page.get_by_test_id("zone-card")
    card.get_by_test_id("zone-now").filter(has_text="active until 13:30:00Z").wait_for()
    text = card.inner_text()
    for wanted in ("restricted area", "Estonia", "FL095", "1\u202f000 ft above mean sea level"):
        assert wanted in text
    assert "Mon–Fri 06:00–16:30 UTC+3" in text
    assert "± 80 m" in text
    page.get_by_test_id("search").fill("latvia mck417")
    page.get_by_test_id("filtered").filter(has_text="1 of").wait_for(timeout=5_000)
    assert seen.errors == []


def test_a_measure_follows_its_track_and_rings_stand_around_a_sensor(visit: Open) -> None:
    seen = visit()
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    page.keyboard.press("m")
    page.get_by_test_id("anchor-from").get_by_role("button", name="Selected track").click()
    page.get_by_test_id("anchor-to").get_by_role("textbox").fill("EETN")
    page.keyboard.press("Enter")
    told = page.get_by_test_id("measured")
    told.wait_for()
    first = told.inner_text()
    assert re.search(r"\d+\.\d NM", first)
    assert "at the speed of #3F21A" in first
    page.wait_for_timeout(4000)
    assert told.inner_text() != first
    page.get_by_test_id("panel-measure").get_by_role("button", name="Clear").click()
    box = page.get_by_test_id("map").bounding_box()
    for x in (0.2, 0.4):  # two points of the map
        page.mouse.click(box["x"] + x * box["width"], box["y"] + 0.9 * box["height"])
    assert "NM" in told.inner_text()
    page.keyboard.press("Escape")
    before = overlay(page)[0]
    page.keyboard.press("r")
    page.get_by_test_id("rings-sensor").select_option("north")
    page.get_by_test_id("rings-step").fill("10")
    page.get_by_test_id("rings-count").fill("6")
    page.get_by_test_id("rings-count").press("Enter")
    page.wait_for_timeout(1500)
    assert overlay(page)[0] > before + 500
    assert seen.errors == []


def test_views_are_saved_shown_by_their_keys_and_travel_as_text(visit: Open) -> None:
    seen = visit()
    page = seen.page
    home = middle(page)
    page.keyboard.press("v")
    page.keyboard.press("Tab")
    page.get_by_test_id("view-name").fill("Home")
    page.keyboard.press("Enter")
    page.get_by_test_id("view-1").filter(has_text="Home").wait_for()
    page.get_by_test_id("panel-views").get_by_text("Export and import").click()
    page.get_by_test_id("panel-views").get_by_role("button", name="Write out").click()
    text = json.loads(page.get_by_test_id("views-text").input_value())
    assert text["format"] == "vedette-views/1"
    riga = {"name": "Riga", "latitude_deg": 56.95, "longitude_deg": 24.1}
    filters = {**text["views"][0]["filters"], "identities": ["neutral"]}
    text["views"].append({**text["views"][0], **riga, "filters": filters})
    page.get_by_test_id("views-text").fill(json.dumps(text))
    page.get_by_test_id("views-import").click()
    page.get_by_test_id("view-2").filter(has_text="Riga").wait_for()
    page.get_by_test_id("views-text").fill("{}")
    page.get_by_test_id("views-import").click()
    page.get_by_role("alert").filter(has_text="This is no text of saved views").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.get_by_test_id("filter-notice").wait_for()
    assert middle(page) == "56°57.0′N 024°06.0′E"
    page.keyboard.press("1")
    page.get_by_test_id("filter-notice").wait_for(state="detached")
    assert middle(page) == home
    assert seen.errors == []


def test_the_profile_shows_a_track_against_the_zones_ahead(visit: Open, tmp_path: Path) -> None:
    seen = visit()
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    page.keyboard.press("e")
    strip = page.get_by_test_id("profile")
    strip.locator("svg").wait_for(timeout=30_000)  # the first may have a kernel compiled
    text = strip.inner_text()
    assert "FL210 pressure" in text
    assert "ft ellipsoid" in text
    assert "TALLINN TMA" in strip.locator("svg").text_content()
    zones = strip.locator("ul").text_content()
    assert "EED3: ground – FL250, asleep, in" in zones
    assert strip.locator(".band").count() == 1
    page.get_by_test_id("profile-time").click()
    assert re.search(r"\d\d:\d\dZ", strip.locator("svg").text_content())
    seen.shoot(tmp_path, "profile")
    page.keyboard.press("e")
    strip.wait_for(state="detached")
    assert seen.errors == []


def test_a_dead_sensor_is_marked_where_it_stands(visit: Open) -> None:
    seen = visit()
    page = seen.page
    page.keyboard.press("G")
    page.keyboard.type("east")
    page.get_by_test_id("goto-item").filter(has_text="sensor").click()
    page.wait_for_timeout(1200)
    before = overlay(page)
    assert before[0] > 50  # sites are drawn
    seen.world.dead_feed = True
    page.get_by_test_id("dead-feed").wait_for(timeout=8_000)
    page.wait_for_timeout(1200)
    assert overlay(page) != before


def test_an_incident_is_printed_black_on_white_with_its_map(visit: Open, tmp_path: Path) -> None:
    seen = visit(theme="night")
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    page.wait_for_timeout(1200)
    # Chromium's own printing says beforeprint, as a person's does
    (tmp_path / "incident.pdf").write_bytes(page.pdf(format="A4"))
    page.emulate_media(media="print")
    sheet = page.get_by_test_id("print-sheet")
    assert sheet.is_visible()
    assert not page.locator(".app").is_visible()
    text = sheet.inner_text()
    for wanted in ("#3F21A", "military aircraft", "still inside", "R14", "M14, the force question",
                   "No reply to any interrogation", "radar-north", "RECONSTRUCTION"):  # fmt: skip
        assert wanted in text, wanted
    size = sheet.locator("img.picture").evaluate("(i) => [i.naturalWidth, i.naturalHeight]")
    assert size == [1400, 800]
    colours = sheet.evaluate(
        "(s) => [getComputedStyle(s).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    seen.shoot(tmp_path, "print")
    assert seen.errors == []


OVERLAPS = """(row) => {
    const lines = [...row.querySelectorAll('.who > *, .when > *')].flatMap((text) => {
        const range = document.createRange()
        range.selectNodeContents(text)
        return [...range.getClientRects()].map((r) => [text, r]) })
    return lines.flatMap(([a, r], k) => lines.slice(k + 1)
        .filter(([b, q]) => a !== b && r.left < q.right - 1 && q.left < r.right - 1
            && r.top < q.bottom - 4 && q.top < r.bottom - 4)
        .map(([b]) => `${a.textContent} / ${b.textContent}`)) }"""


def test_a_phone_shows_incidents_first_and_one_part_at_a_time(visit: Open, tmp_path: Path) -> None:
    seen = visit(width=390, height=844)
    page = seen.page
    rows = page.get_by_test_id("incident")
    assert rows.first.is_visible()
    assert not page.get_by_test_id("map").is_visible()
    for k in range(rows.count()):
        box = rows.nth(k).bounding_box()
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    seen.shoot(tmp_path, "phone")
    page.set_viewport_size({"width": 320, "height": 700})
    assert rows.count() == 5
    for k in range(rows.count()):  # the smallest phone: no text runs into another
        assert rows.nth(k).evaluate(OVERLAPS) == []
    page.set_viewport_size({"width": 390, "height": 844})
    rows.filter(has_text="#3F21A").click()
    page.wait_for_timeout(500)
    assert page.get_by_test_id("output").bounding_box()["y"] < 500  # it was led to
    page.get_by_test_id("pane-map").click()
    assert page.get_by_test_id("map").is_visible()
    assert not rows.first.is_visible()
    page.get_by_test_id("tool-layers").click()
    panel = page.get_by_test_id("panel-layers").bounding_box()
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= 390
    page.get_by_test_id("pane-tracks").click()
    page.get_by_test_id("track-row").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert seen.errors == []


@pytest.mark.parametrize(
    ("base", "width", "height", "percent"), [("plain", 2560, 1440, 250), ("webgl", 1280, 720, 125)]
)
def test_a_wall_is_read_from_afar_and_what_is_clicked_is_what_is_seen(
    visit: Open, tmp_path: Path, base: str, width: int, height: int, percent: int
) -> None:
    seen = visit(base=base, width=width, height=height, settled=True)
    page = seen.page
    letters = page.locator(".clock .time")
    usual = letters.bounding_box()["height"]
    page.get_by_test_id("view").click()
    page.get_by_test_id("scale-300").check()  # more than there is room for: as much as there is
    page.keyboard.press("Escape")
    wanted = usual * percent / 100
    assert letters.bounding_box()["height"] == pytest.approx(wanted, rel=0.1)
    size = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert size == [width, height]
    page.get_by_test_id("search").fill("BTI700")
    page.get_by_test_id("track-row").first.click()
    page.get_by_test_id("search").evaluate("(e) => e.blur()")
    page.keyboard.press("f")  # keeps the track in the middle of the map
    page.wait_for_timeout(2500)
    seen.shoot(tmp_path, f"wall-{base}")
    box = page.get_by_test_id("map").bounding_box()
    title = page.get_by_test_id("track-card").locator("strong").inner_text()
    page.mouse.click(box["x"] + 0.5 * box["width"] + 150, box["y"] + 0.9 * box["height"])
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.get_by_test_id("track-card").locator("strong").inner_text() == title
    assert seen.errors == []


def test_axe_finds_nothing_in_the_tools_of_the_map(visit: Open) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm ci in ui/ brings it")
    seen = visit()
    page = seen.page
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    page.keyboard.press("e")
    page.get_by_test_id("profile").locator("svg").wait_for(timeout=30_000)
    page.keyboard.press("G")
    page.keyboard.type("tallinn")
    page.get_by_test_id("goto-item").first.wait_for()
    check(page, "go-to", "main")
    page.keyboard.press("Enter")
    page.get_by_test_id("zone-card").wait_for()
    for key, name in (("m", "measure"), ("v", "views")):
        page.keyboard.press(key)
        page.get_by_test_id(f"panel-{name}").wait_for()
        check(page, name, "main")
        page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.get_by_test_id("layer-coverage").check()
    page.get_by_test_id("tab-tracks").click()
    page.get_by_test_id("filter-neutral").click()
    for theme in ("dark", "light", "night"):
        check(page, f"filter, profile and zone, {theme}", "main")
        page.get_by_test_id("panel-layers").locator("h2").click()
        page.keyboard.press("t")
    assert seen.errors == []
