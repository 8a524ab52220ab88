"""The form for what a person noticed, sent by a real browser under our own policy."""

import threading
import time
from typing import Any

import axe
import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette

from vedette.app.guard import Guard
from vedette.app.report_form import ReportForm
from vedette.app.web import report_routes

pytestmark = pytest.mark.browser


def test_a_report_is_taken_from_a_browser_and_what_it_says_stays_text(chromium: Any) -> None:
    heard: list[bytes] = []

    def hear(line: bytes) -> bool:
        heard.append(line)
        return True

    app = Guard(Starlette(routes=report_routes(ReportForm(hear))), frozenset({"127.0.0.1"}))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/report"
    page = chromium.new_page()
    page.goto(f"{url}?lang=uk")
    axe.check(page, "the form in Ukrainian")
    page.get_by_label("Широта").fill("x")
    page.get_by_label("Довгота").fill("24.7")
    page.get_by_role("button", name="Надіслати").click()
    page.get_by_role("status").filter(has_text="не є числом").wait_for()
    page.get_by_role("link", name="English").click()
    page.get_by_label("Latitude").fill("59.4")
    page.get_by_label("Longitude").fill("<b>24.7</b>")
    page.get_by_label("What was it like").fill("<script>window.pwned=1</script>")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("status").filter(has_text="<b>24.7</b>").wait_for()
    page.get_by_label("Latitude").fill("59.4")
    page.get_by_label("Longitude").fill("24.7")
    page.get_by_label("What was it like").fill("<script>window.pwned=1</script>")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("status").filter(has_text="Thank you").wait_for()
    assert page.evaluate("window.pwned") is None
    assert msgspec.json.decode(heard[0])["what"] == "<script>window.pwned=1</script>"
    page.close()
    server.should_exit = True
    thread.join(5)
