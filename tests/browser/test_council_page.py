"""Thirty-two delegations, three in browsers of their own: one consents, one breaks a silence, one looks on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from serving import address_of

from vedette.app.commands.council import group
from vedette.app.matter_file import read_matter, replayed
from vedette.council.decision import populations

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_MS = 60_000
TEXT = "The Council has been told of the night.\nIt stays seized of the matter."
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
ALLIES = sorted(populations("nato"))


def run(*words: str) -> None:
    result = CliRunner().invoke(group, list(words))
    assert result.exit_code == 0, (words, result.output, result.exception)


def page_over(folder: Path) -> Iterator[tuple[str, Path]]:
    """A page of the matters in a folder, as long as it is needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", "council", "page", str(folder), "--web", "127.0.0.1:0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield f"{address_of(process)}/council.html", folder
    process.terminate()
    assert process.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A page that serves a text under silence, half of the allies heard, and a file that is no matter."""
    folder = tmp_path_factory.mktemp("council")
    keys = folder / "keys"
    for party in (*ALLIES, "CHAIR"):
        run("key", party, "--out", str(keys))
    matter = str(folder / "night.jsonl")

    def by(party: str) -> list[str]:
        return ["--key", str(keys / f"{party}.key"), "--person", f"Head of {party}"]

    (folder / "text").write_text(TEXT.replace("seized", "informed"), encoding="utf-8")
    run("open", matter, "--keys", str(keys), "--kind", "declaration", "--title", "Statement on the night",
        *by("EST"))  # fmt: skip
    run("put", matter, str(folder / "text"), *by("EST"))
    run("object", matter, "--reason", "too weak", *by("POL"))
    (folder / "text").write_text(TEXT, encoding="utf-8")
    run("put", matter, str(folder / "text"), *by("EST"))
    run(
        "place", matter, "--deadline", "2112-01-01T12:00", "--zone", "Europe/Brussels", *by("CHAIR")
    )
    for party in ALLIES[:15]:
        run("consent", matter, *by(party))
    run("abstain", matter, *by("TUR"))
    (folder / "other.jsonl").write_text("x\n")
    yield from page_over(folder)


def sit_down(chromium: Any, url: str, folder: Path, party: str) -> tuple[Any, list[str]]:
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, timezone_id="UTC")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.get_by_test_id("key-file").set_input_files(
        folder / "keys" / f"{party}.key", timeout=PATIENCE_MS
    )
    page.get_by_test_id("party").wait_for(timeout=PATIENCE_MS)
    page.locator("input[name=person]").fill(f"Head of {party}")
    return page, errors


def test_delegations_in_browsers_answer_and_all_see_it(
    chromium: Any, council: tuple[str, Path]
) -> None:
    url, folder = council
    usa, usa_errors = sit_down(chromium, url, folder, "USA")
    hun, hun_errors = sit_down(chromium, url, folder, "HUN")
    watcher, watcher_errors = sit_down(chromium, url, folder, "CHAIR")
    assert "Under silence" in watcher.get_by_test_id("status").inner_text()
    assert "01 JAN 2112 11:00:00Z" in watcher.get_by_test_id("deadline").inner_text()
    assert "Europe/Brussels" in watcher.get_by_test_id("deadline").inner_text()
    assert watcher.get_by_test_id("states").locator("li").count() == 32
    assert watcher.get_by_test_id("states").locator("li.yes").count() == 15
    assert watcher.get_by_test_id("changes").locator("li").count() == 2
    assert "no matter file" in watcher.get_by_role("alert").first.inner_text()
    # the chair has no voice in a text
    assert watcher.get_by_role("button", name="Consent", exact=True).count() == 0
    # an objection needs its reason
    assert hun.get_by_role("button", name="Object").is_disabled()
    usa.get_by_role("button", name="Consent", exact=True).click()
    usa.get_by_test_id("said").wait_for(timeout=PATIENCE_MS)
    usa.get_by_role("button", name="Consent", exact=True).click()
    usa.get_by_test_id("refusal").get_by_text("consented already").wait_for(timeout=PATIENCE_MS)
    if os.environ.get("VEDETTE_PICTURES"):
        watcher.screenshot(path=PICTURES / "council.png")
    hun.locator("textarea").fill("our parliament has not been heard")
    hun.get_by_role("button", name="Object").click()
    hun.get_by_test_id("said").wait_for(timeout=PATIENCE_MS)
    # one more, and one less: who objects no longer consents
    watcher.get_by_test_id("objection").get_by_text("our parliament").wait_for(timeout=PATIENCE_MS)
    assert "In talks" in watcher.get_by_test_id("status").inner_text()
    assert watcher.get_by_test_id("deadline").count() == 0
    assert watcher.get_by_test_id("states").locator("li.yes").count() == 15
    if AXE.exists():
        watcher.evaluate(AXE.read_text("utf-8"))
        found = watcher.evaluate("() => axe.run()")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    hun.get_by_role("button", name="Lift our objection").click()
    watcher.get_by_test_id("objection").wait_for(state="detached", timeout=PATIENCE_MS)
    assert usa_errors == hun_errors == watcher_errors == []
    file = read_matter(folder / "night.jsonl")
    state = replayed(file, file.receipts, file.latest_ns)
    assert state.status == "talks"  # a broken silence takes a new placement
    assert "USA" in state.consented(state.current)
    assert [one.party for one in state.objections] == ["POL", "HUN"]


def test_a_key_of_nobody_here_may_not_act_and_a_bad_file_is_said_to_be_one(
    chromium: Any, council: tuple[str, Path], tmp_path: Path
) -> None:
    url, folder = council
    run("key", "EST", "--out", str(tmp_path / "keys"))
    page = chromium.new_context(timezone_id="UTC").new_page()
    page.goto(url)
    page.get_by_test_id("key-file").set_input_files(folder / "text", timeout=PATIENCE_MS)
    page.get_by_test_id("refusal").get_by_text("holds no key").wait_for(timeout=PATIENCE_MS)
    page.get_by_test_id("key-file").set_input_files(tmp_path / "keys" / "EST.key")
    page.get_by_text("may not act in this matter").wait_for(timeout=PATIENCE_MS)
    assert page.get_by_role("button", name="Consent", exact=True).count() == 0
    # nor over HTTP, nor from a page of another origin
    matter = json.loads(page.request.get(url.replace("council.html", "api/council")).text())[
        "matters"
    ][0]
    act = {"act": "e30=", "public_key": matter["keys"]["EST"][0], "signature": ""}
    where = url.replace("council.html", "api/council/night.jsonl/acts")
    before = (folder / "night.jsonl").read_bytes()
    assert page.request.post(where, data=act).status == 403
    assert page.request.post(where, data=act, headers={"X-Vedette": "1"}).status == 409
    assert page.request.post(where, data={}, headers={"X-Vedette": "1"}).status == 400
    elsewhere = url.replace("council.html", "api/council/..%2fnight.jsonl/acts")
    assert page.request.post(elsewhere, data=act, headers={"X-Vedette": "1"}).status in (404, 405)
    assert (folder / "night.jsonl").read_bytes() == before


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A page over what the drill of a broken chain leaves."""
    folder = tmp_path_factory.mktemp("drilled") / "matters"
    run("drill", "--out", str(folder))
    yield from page_over(folder)


def test_a_shield_shows_what_it_covers_and_ends_when_one_leaves(
    chromium: Any, drilled: tuple[str, Path]
) -> None:
    url, folder = drilled
    page, errors = sit_down(chromium, url, folder, "DEU")
    page.get_by_test_id("matter").filter(has_text="After the night").click()
    assert "SVK" in page.get_by_test_id("contradiction").inner_text(timeout=PATIENCE_MS)
    page.get_by_test_id("matter").filter(has_text="eastern border").click()
    page.get_by_test_id("in-force").get_by_text("✓ In force").wait_for(timeout=PATIENCE_MS)
    page.get_by_test_id("cover").wait_for(timeout=PATIENCE_MS)
    assert page.get_by_test_id("cover").locator("tbody tr").count() == 5
    assert "nobody is on alert" in page.get_by_test_id("without").inner_text()
    page.locator("summary").click()
    drawn = page.get_by_test_id("map")
    drawn.evaluate("image => image.decode()")
    assert drawn.evaluate("image => image.naturalWidth") > 500
    if AXE.exists():
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("() => axe.run()")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    if os.environ.get("VEDETTE_PICTURES"):
        page.screenshot(path=PICTURES / "shield.png")
    page.locator("textarea").fill("our parliament has decided so")
    page.get_by_role("button", name="Leave: it ends for all").click()
    page.get_by_test_id("in-force").get_by_text("✕ Not in force").wait_for(timeout=PATIENCE_MS)
    assert "DEU left" in page.get_by_test_id("in-force").inner_text()
    assert page.get_by_test_id("states").locator("li.left").count() == 1
    assert page.get_by_role("button", name="Leave: it ends for all").count() == 0
    assert errors == []


def test_thirty_two_delegations_at_one_screen_agree_to_a_text_put_there(
    chromium: Any, drilled: tuple[str, Path]
) -> None:
    """A text is put in the page while another reads the one before; then all say yes, each with its key."""
    url, folder = drilled
    est, est_errors = sit_down(chromium, url, folder, "EST")
    fra, fra_errors = sit_down(chromium, url, folder, "FRA")
    for page in (est, fra):
        page.get_by_test_id("matter").filter(has_text="After the night").click()
        page.get_by_test_id("title").get_by_text("After the night").wait_for(timeout=PATIENCE_MS)
    fra.locator("textarea[name=words]").fill("not in our words")
    fra.get_by_role("button", name="Object").click()
    fra.get_by_test_id("said").wait_for(timeout=PATIENCE_MS)
    est.get_by_test_id("objection").wait_for(timeout=PATIENCE_MS)
    est.get_by_text("More: a text, silence").click()
    est.locator("textarea[name=text]").fill("We have been told. <b>We</b> say what we know.")
    est.get_by_role("button", name="Put this version").click()
    est.get_by_test_id("said").wait_for(timeout=PATIENCE_MS)
    # who was reading the version before signs nothing until the new one is read
    fra.get_by_test_id("moved").wait_for(timeout=PATIENCE_MS)
    assert fra.get_by_role("button", name="Consent", exact=True).is_disabled()
    fra.get_by_role("button", name="I have read version").click()
    est.get_by_role("button", name="I have read version").click()
    for party in ALLIES:
        est.get_by_role("button", name="Put the key away").click()
        est.get_by_test_id("key-file").set_input_files(folder / "keys" / f"{party}.key")
        est.locator("input[name=person]").fill(f"Head of {party}")
        est.get_by_role("button", name="Consent", exact=True).click()
        est.get_by_test_id("said").wait_for(timeout=PATIENCE_MS)
        est.get_by_test_id("states").locator(f"li.yes:has-text('{party}')").wait_for(
            timeout=PATIENCE_MS
        )
    fra.get_by_test_id("status").get_by_text("Agreed by everybody").wait_for(timeout=PATIENCE_MS)
    assert "<b>We</b>" in fra.get_by_test_id("text").inner_text()
    assert est_errors == fra_errors == []
    file = read_matter(folder / "declaration.jsonl")
    state = replayed(file, file.receipts, file.latest_ns)
    assert (state.status, state.agreed_by) == ("agreed", "consent")
    assert file.broken_sights == ()
