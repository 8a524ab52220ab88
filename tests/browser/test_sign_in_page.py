"""Every page sends a browser that is signed out to sign in, in its language, and has it back afterwards."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import axe
import pytest
from serving import address_of

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
PAGES = {
    "council.html": ["council", "page"],
    "nodes.html": ["node", "page"],
    "studies.html": ["sim", "page"],
}


def vedette(*words: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "vedette", *words], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_sends_who_is_signed_out_to_sign_in_and_has_them_back(
    chromium: Any, tmp_path: Path, name: str
) -> None:
    accounts, folder = tmp_path / "accounts.json", tmp_path / "folder"
    folder.mkdir()
    person = ["--person", "A. Person", "--office", "watch", "--accounts", str(accounts)]
    token = vedette("account", "new", "ann", "--role", "viewer", *person)
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette", *PAGES[name], str(folder), "--web", "127.0.0.1:0",
         "--accounts", str(accounts)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    context = chromium.new_context(locale="pl-PL")
    page = context.new_page()
    try:
        url = address_of(process)
        page.goto(f"{url}/{name}")
        assert page.url == f"{url}/sign-in?to=/{name}"
        assert page.locator("html[lang=pl]").count() == 1  # as the browser wishes
        page.get_by_role("link", name="Français").click()
        page.wait_for_url(f"{url}/sign-in?to=%2F{name}&lang=fr")
        axe.check(page, "signing in, in French")
        page.get_by_label("Votre jeton").fill("vedette.ann.wrong")
        page.get_by_role("button", name="Se connecter").click()
        page.get_by_role("alert").filter(has_text="n’est pas un jeton").wait_for()
        page.get_by_label("Votre jeton").fill(token)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(f"{url}/{name}?lang=fr**")
        page.locator("html[lang=fr]").wait_for(state="attached", timeout=PATIENCE_MS)
        page.wait_for_timeout(500)
        vedette("account", "revoke", "ann", "--accounts", str(accounts))
        page.wait_for_url(f"{url}/sign-in?to=%2F{name}&lang=fr", timeout=PATIENCE_MS)
    finally:
        context.close()
        process.terminate()
        assert process.wait(timeout=60) == 0
