"""From signing in to a decision by keys alone, in a world whose every text tries to be markup."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from serving import address_of

from vedette.app.views import papers_of_record
from vedette.engine.record import Record

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_MS = 300_000
AXE = Path(__file__).parents[2] / "ui/node_modules/axe-core/axe.min.js"
SMALL = Path(__file__).parents[1] / "sim" / "small.yaml"
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>{{7*7}}\'"</p>'


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Any]]:
    """A world that is over: what it asks stays as it is while somebody looks for the keys."""
    folder = tmp_path_factory.mktemp("keys")
    world = yaml.safe_load(SMALL.read_text())
    world["label"] = f"SIMULATED {HOSTILE}"
    world["reports"][0]["report"] |= {"seen": HOSTILE, "reporter": HOSTILE}
    (folder / "world.yaml").write_text(yaml.safe_dump(world))
    corners = [[24.0, 59.0], [24.2, 59.0], [24.2, 59.1], [24.0, 59.1], [24.0, 59.0]]
    zone = {
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [corners]},
        "properties": {"name": HOSTILE, "zone_id": "Z1", "kind": "restricted", "source": HOSTILE,
                       "lower": "GND", "upper": "FL100"},
    }  # fmt: skip
    (folder / "zones.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [zone]})
    )
    subprocess.run(
        [sys.executable, "-m", "vedette", "office", "new", "watch", "--role", "watch_supervisor",
         "--person", f"Ann {HOSTILE}", "--title", f"Watch {HOSTILE}",
         "--offices", str(folder / "offices.json"), "--key", str(folder / "Ann.key")],
        check=True, capture_output=True,
    )  # fmt: skip
    token = subprocess.run(
        [sys.executable, "-m", "vedette", "account", "new", "ann", "--person", f"Ann {HOSTILE}",
         "--office", "watch", "--role", "operator", "--role", "desk", "--role", "auditor",
         "--accounts", str(folder / "accounts.json")],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    (folder / "token").write_text(token)
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "watch", f"sim:{folder / 'world.yaml'}", "--speed", "max",
         "--web", "127.0.0.1:0", "--accounts", str(folder / "accounts.json"),
         "--offices", str(folder / "offices.json"),
         "--zones", str(folder / "zones.geojson"), "--record", str(folder / "record")],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield address_of(process), folder, process
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def sat(chromium: Any, watch: tuple[str, Path, Any]) -> Iterator[tuple[Any, list[str]]]:
    """A page that nobody touches with a pointer."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1100}, timezone_id="UTC")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    # from the beginning: the browser is told to ask us, and not a person, before a key is pressed
    page.on("filechooser", lambda chooser: chooser.set_files(watch[1] / "Ann.key"))
    page.goto(f"{watch[0]}/")
    assert page.url.endswith("/sign-in")
    if AXE.exists():
        page.evaluate(AXE.read_text())
        assert page.evaluate("axe.run()")["violations"] == []
    if os.environ.get("VEDETTE_PICTURES"):
        page.screenshot(path=PICTURES / "sign-in.png")
    # what is typed before the field has the focus goes nowhere
    field = page.locator("input[name='token']:focus")
    field.wait_for()
    page.keyboard.type("vedette.ann.wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="no token").wait_for()
    field.wait_for()
    page.keyboard.type((watch[1] / "token").read_text())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{watch[0]}/")
    page.goto(f"{watch[0]}/?map=plain")
    page.get_by_test_id("link").filter(has_text="Data ended").wait_for(timeout=PATIENCE_MS)
    assert all(
        "401" in error for error in errors
    )  # of the wrong token, told in the browser's own time
    errors.clear()
    yield page, errors
    context.close()


def focus(page: Any) -> dict[str, Any]:
    """What has the focus, and whether a person sees that it has."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const one = document.activeElement, style = getComputedStyle(one)
          const paper = one.closest('[data-testid=paper]')
          return {
            tag: one.tagName, test: one.dataset.testid ?? '', name: one.getAttribute('name') ?? '',
            text: one.innerText ?? '', paper: paper ? paper.innerText.trim().slice(0, 3) : '',
            seen: style.outlineStyle !== 'none' || style.boxShadow !== 'none',
          }
        }"""
    )
    return found


def tab_to(page: Any, key: str = "Tab", **wanted: str) -> None:
    """Press a key until the focus is where it is wanted; every stop on the way can be seen."""
    for _ in range(250):
        page.keyboard.press(key)
        now = focus(page)
        assert now["seen"] or now["tag"] in ("BODY", "HTML"), now
        if all(value in now[name] for name, value in wanted.items()):
            return
    raise AssertionError(f"no key leads to {wanted}")


def answer(page: Any, measure: str, words: str, button: str) -> None:
    tab_to(page, test="", paper=measure, text="Answer")
    page.keyboard.press("Enter")
    assert focus(page)["name"] == "reason"
    page.keyboard.type(words)
    tab_to(page, text=button)
    page.keyboard.press("Enter")
    page.get_by_test_id("paper").filter(has_text=words).wait_for(timeout=PATIENCE_MS)


def decided(page: Any, words: str, status: str) -> None:
    paper = page.get_by_test_id("paper").filter(has_text=words)
    paper.get_by_text(status, exact=True).wait_for(timeout=PATIENCE_MS)


def test_from_the_alert_to_the_decision_by_keys_alone(
    sat: tuple[Any, list[str]], watch: tuple[str, Path, Any]
) -> None:
    page, errors = sat
    folder = watch[1]
    incidents = page.get_by_test_id("incident")
    incidents.first.wait_for(timeout=PATIENCE_MS)
    page.keyboard.press("j")  # the next incident; there is one
    page.get_by_test_id("paper").first.wait_for(timeout=PATIENCE_MS)
    # acknowledged, in words
    page.keyboard.press("a")
    assert focus(page)["name"] == "person"
    page.keyboard.type("Somebody else")  # it is whoever is signed in, and nobody else
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(f"seen {HOSTILE}")
    page.keyboard.press("Enter")
    page.get_by_test_id("acknowledged").filter(has_text="Acknowledged by Ann").wait_for(
        timeout=PATIENCE_MS
    )
    # the evidence, open
    tab_to(page, tag="SUMMARY")
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() >= 1
    # the desk: the key from its file
    tab_to(page, test="key-file")
    page.keyboard.press("Enter")
    page.get_by_test_id("signer").get_by_text("Ann").wait_for(timeout=PATIENCE_MS)
    # a no stands whatever others say; a yes that fills its seat decides
    answer(page, "M03", "nobody answers on guard", "Refuse")
    decided(page, "nobody answers on guard", "Refused")
    answer(page, "M05", f"the neighbour must know {HOSTILE}", "Accept")
    decided(page, "the neighbour must know", "Accepted")
    words = [
        (word["kind"], word["words"])
        for paper in papers_of_record(Record(folder / "record"))
        for word in paper["words"]
    ]
    assert ("reject", "nobody answers on guard") in words
    assert ("accept", f"the neighbour must know {HOSTILE}") in words
    assert errors == []


def test_whatever_is_told_is_shown_as_text(sat: tuple[Any, list[str]]) -> None:
    page, errors = sat
    assert HOSTILE in page.get_by_test_id("banner").inner_text()  # what the world says of itself
    assert HOSTILE in page.get_by_test_id("acknowledged").inner_text()  # who acknowledged
    assert HOSTILE in page.get_by_test_id("questions").inner_text()  # who signs, in which words
    page.get_by_test_id("ledger").click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_test_id("ledger-kind").select_option("act")
    acts = page.locator("strong", has_text=re.compile("^act$"))  # and not what was listed before
    dialog.get_by_test_id("ledger-entries").get_by_role("button").filter(has=acts).first.click()
    line = dialog.get_by_test_id("ledger-line")
    line.filter(has_text="<script>").wait_for(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    page.get_by_test_id("search").fill("<img")
    page.wait_for_timeout(500)
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("#app script").count() == 0
    assert errors == []  # a policy that was broken would speak here


def test_who_is_revoked_is_out_and_is_told(
    sat: tuple[Any, list[str]], watch: tuple[str, Path, Any]
) -> None:
    page, _ = sat
    words = ["account", "revoke", "ann", "--accounts", str(watch[1] / "accounts.json")]
    subprocess.run([sys.executable, "-m", "vedette", *words], check=True, capture_output=True)
    page.wait_for_url(f"{watch[0]}/sign-in", timeout=PATIENCE_MS)
    assert page.request.get(f"{watch[0]}/api/incidents").status == 401
