"""The page in each of its languages, in a real Chromium."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "ui/src/messages"
Open = Callable[..., Any]


def said(code: str, text: str) -> str:
    messages = json.loads((MESSAGES / f"{code}.json").read_text())["messages"]
    return str(messages[text])


@pytest.fixture
def chosen(visit: Open) -> Callable[[str], Any]:
    """The page after a person has chosen a language in the dialog."""

    def choose(code: str) -> Any:
        seen = visit(width=1280, theme="light")
        page = seen.page
        page.get_by_test_id("view").click()
        page.get_by_test_id("language").select_option(code)
        page.get_by_test_id("unreviewed").wait_for(timeout=10_000)
        return seen

    return choose


@pytest.mark.parametrize("code", ["fr", "de", "pl", "et", "uk"])
def test_a_language_is_chosen_marked_and_shown_with_english_where_it_alarms(
    chosen: Callable[[str], Any], code: str
) -> None:
    seen = chosen(code)
    page = seen.page
    page.keyboard.press("Escape")
    assert page.locator("html").get_attribute("lang") == code
    page.get_by_test_id("translation").filter(has_text=code.upper()).wait_for()
    page.get_by_test_id("incident").filter(has_text="#3F21A").click()
    output = page.get_by_test_id("output")
    assert output.inner_text().split() == [*said(code, "Identify").split(), "Identify"]
    english = page.get_by_test_id("not-permitted").first
    assert english.get_attribute("lang") == "en"  # the words of a rule are not ours to translate
    # nothing of the head is cut or pushed out of the window
    assert page.locator("header").first.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")
    assert seen.errors == []
    seen.world.refusing = True  # the server is gone
    page.get_by_test_id("notice").filter(has_text="Nothing heard for").wait_for(timeout=20_000)


def test_it_is_kept_in_the_browser_and_other_pages_speak_it(visit: Open) -> None:
    seen = visit()
    page = seen.page
    page.goto(f"{seen.url}/?lang=et&map=plain")
    page.locator("html[lang='et']").wait_for(state="attached")
    page.goto(f"{seen.url}/?map=plain")
    page.locator("html[lang='et']").wait_for(state="attached")
    page.get_by_role("heading", name=said("et", "Incidents"), exact=True).wait_for()
    page.goto(f"{seen.url}/council.html")
    page.get_by_role("heading", name=said("et", "Council"), exact=True).wait_for(timeout=10_000)
    page.goto(f"{seen.url}/?lang=en&map=plain")
    page.get_by_role("heading", name="Incidents", exact=True).wait_for()
    assert page.get_by_test_id("translation").count() == 0
