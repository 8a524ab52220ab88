"""The time line of reactions on the page: read, walked through by keys, and nothing hidden."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import vedette
from vedette.app.reaction_file import read_file
from vedette.app.reaction_json import page_json
from vedette.app.reaction_occasions import occasions_of_file
from vedette.council.reactions.reaction import Actor, Retraction, Source
from vedette.council.reactions.register import Register

pytestmark = pytest.mark.browser
DATA = Path(vedette.__file__).parent / "data" / "reactions"


def shown() -> dict[str, Any]:
    """The example, with one entry retracted and one given to two parties."""
    read = read_file(DATA / "september-2025.jsonl")
    again = next(one for one in read.reactions if one.reaction_id == "ee-2")
    other = msgspec.structs.replace(again, reaction_id="ee-9", actor=Actor(party="BLR"))
    gone = Retraction(
        reaction_id="x", recorded_ns=again.recorded_ns, recorded_by="A", retracts="dk-1", whose="source",
        reason="nothing was found", source=Source(publisher="p", address="a", date="2026"),
    )  # fmt: skip
    register = Register(reactions=(*read.reactions, other), retractions=(gone,))
    told = occasions_of_file(DATA / "september-2025-occasions.jsonl")
    return {"register": "september-2025.jsonl", **page_json(register, told)}


def test_the_time_line_is_read_and_walked_through(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    found = visit(reactions=shown())
    page = found.page
    page.get_by_test_id("reactions-open").click()
    dialog = page.get_by_test_id("reactions")
    dialog.get_by_text("Attribution contradicted").wait_for()
    rows = dialog.locator("button.row")
    assert rows.count() == 17 + 6
    assert "2^(-(t - t0) / H)" in dialog.inner_text()
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert dialog.locator("dl").count() == 1
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert dialog.locator("dl").inner_text().count("Source") == 1
    struck = dialog.locator("li.gone", has_text="retracted:")
    struck.locator("button.row").click()
    assert "by its source: nothing was found" in struck.inner_text()
    dialog.locator("select").select_option("DNK")
    assert rows.count() == 2
    found.shoot(tmp_path, "reactions")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert found.errors == []


def test_without_a_register_there_is_no_button(visit: Callable[..., Any]) -> None:
    assert visit().page.get_by_test_id("reactions-open").count() == 0
