"""A real Chromium for the page's tests, or one clear line why there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from mock_server import STATIC, MockServer
from mock_world import MockWorld

# Software WebGL, fixed colours and font rendering: the same pixels wherever the packages are the same.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu-compositing",
    "--disable-dev-shm-usage",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--disable-font-subpixel-positioning",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PLACES = ("/usr/lib/chromium/chromium", "/usr/lib/chromium-browser/chromium-browser")
READY_MS = 90_000  # software rendering on a busy machine


def find_chromium() -> str | None:
    """Where Chromium is; where CI is set and it is missing, Debian's is installed once."""
    wished = os.environ.get("VEDETTE_CHROMIUM")
    if wished:
        return wished
    for place in PLACES:
        if Path(place).exists():
            return place
    if os.environ.get("CI") and shutil.which("apt-get") and os.geteuid() == 0:
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *words], capture_output=True, check=False)
        return next((place for place in PLACES if Path(place).exists()), None)
    return shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")  # no longer: its event loop would be in the way of other tests
def chromium() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
    path = find_chromium()
    if path is None:
        pytest.skip(
            "browser tests need Chromium: apt-get install chromium, or set VEDETTE_CHROMIUM"
        )
    if not (STATIC / "index.html").exists():
        pytest.skip("the page is not built: pip install -e . builds it")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One page, the server behind it, and what it did that a test wants to know of."""

    page: Any
    world: MockWorld
    url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def shoot(self, folder: Path, name: str) -> bytes:
        """A picture of the page, kept in ``folder`` for people to look at."""
        return bytes(self.page.screenshot(path=folder / f"{name}.png"))


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """Opens the page on a mock server of its own and waits until the first picture is drawn."""
    undo: list[Callable[[], object]] = []

    def open_page(
        *,
        base: str = "plain",
        width: int = 1280,
        height: int = 720,
        theme: str = "dark",
        settled: bool = False,
        **settings: Any,
    ) -> Visit:
        server = MockServer(MockWorld(**settings)).__enter__()
        undo.append(server.__exit__)
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        undo.append(context.close)
        page = context.new_page()
        found = Visit(page=page, world=server.world, url=server.url)
        page.on("request", lambda request: found.requests.append(request.url))
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        page.on(
            "console", lambda said: found.errors.append(said.text) if said.type == "error" else None
        )
        # The plain map unless a test is about the WebGL one: software WebGL is slow to start.
        page.goto(f"{server.url}/?theme={theme}&map={base}")
        # By selector: the page's CSP forbids the evaluation that wait_for_function needs.
        page.locator("html[data-ready='1']").wait_for(state="attached", timeout=READY_MS)
        if settled:
            page.locator("html[data-settled='1']").wait_for(state="attached", timeout=READY_MS)
        return found

    yield open_page
    for step in reversed(undo):
        step()
