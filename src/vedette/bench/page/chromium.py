"""A Chromium to measure the page in, and what it says of itself."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from vedette.model.errors import SettingError

_PLACES: Final = ("/usr/lib/chromium/chromium", "/usr/lib/chromium-browser/chromium-browser")
# software WebGL, as on a machine without a graphics card; it draws in a process of its own
_FLAGS: Final = (
    "--no-sandbox", "--disable-gpu-compositing", "--disable-dev-shm-usage", "--use-gl=angle",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
    "--enable-precise-memory-info", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
# counts pictures, notes when the first is drawn, and how long the page takes to answer a person
_COUNTERS: Final = """
window.vd = {ready: null, pictures: 0, answers: []}
new MutationObserver(() => {
  if (vd.ready === null && document.documentElement.dataset.ready === '1') vd.ready = performance.now()
}).observe(document, {attributes: true, subtree: true, attributeFilter: ['data-ready']})
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) vd.answers.push([one.name, one.duration])
}).observe({type: 'event', durationThreshold: 16})
const Plain = WebSocket
window.WebSocket = class extends Plain {
  constructor(...words) {
    super(...words)
    this.addEventListener('message', (event) => { if (typeof event.data !== 'string') vd.pictures++ })
  }
}
"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of Playwright's.

    Raises:
        SettingError: Playwright or Chromium is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise SettingError("this part needs playwright: pip install playwright") from error
    path = os.environ.get("VEDETTE_CHROMIUM") or next(
        (place for place in _PLACES if Path(place).exists()), shutil.which("chromium")
    )
    if path is None:
        raise SettingError("this part needs Chromium: install it, or set VEDETTE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        browser.close()


def open_page(browser: Any, url: str) -> Any:
    """The page in a context of its own, once its first picture is drawn."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, timezone_id="UTC")
    page = context.new_page()
    page.add_init_script(_COUNTERS)
    page.goto(url)
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=90_000)
    return page
