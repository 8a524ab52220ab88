"""Accessibility of what is on screen, by axe-core and the rules of WCAG 2.2 AA."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[2] / "ui/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def check(page: Any, when: str, within: str = "html") -> None:
    """Fail with all that axe finds in part of a page."""
    # By the debugger, which the page's CSP does not bind; a script tag would be refused.
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "([part, tags]) => axe.run(part, { runOnly: { type: 'tag', values: tags } })",
        [within, WCAG],
    )
    told = [
        f"{v['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
        for v in found["violations"]
        for node in v["nodes"]
    ]
    assert not told, f"{when}:\n" + "\n".join(told)
