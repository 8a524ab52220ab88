"""Forms that the server writes say all that they say in every language, and text from outside stays text."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from vedette.app import form_language, report_form
from vedette.app.accounts import sign_in
from vedette.app.accounts.sign_in import sign_in_page
from vedette.app.form_language import LANGUAGES, NAMED, form_messages, language_of, said
from vedette.app.report_form import ReportForm
from vedette.app.web import report_routes

OTHERS = [code for code in LANGUAGES if code != "en"]
TEXTS = {
    *form_language.TEXTS,
    *sign_in.TEXTS,
    *report_form.TEXTS,
    *NAMED.findall(sign_in.PAGE),
    *NAMED.findall(report_form.PAGE),
}
VALUE = re.compile(r"{(\w+)}")


def asked(query: str = "", header: str = "") -> Request:
    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": query.encode(),
        "headers": [(b"accept-language", header.encode("latin-1", "replace"))],
    }  # fmt: skip
    return Request(scope)


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_has_every_text_and_no_other_with_the_same_values(code: str) -> None:
    messages = form_messages(code).messages
    assert form_messages(code).language == code
    assert set(messages) == TEXTS
    for text, other in messages.items():
        assert other.strip()
        assert sorted(VALUE.findall(text)) == sorted(VALUE.findall(other)), text


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_form_says_nothing_outside_of_its_files(code: str) -> None:
    report = TestClient(Starlette(routes=report_routes(ReportForm(lambda line: True)))).get(
        f"/report?lang={code}"
    )
    for page in (sign_in_page(code, "That is no token."), report.text):
        assert f'<html lang="{code}">' in page
        assert "[[" not in page
        bare = re.sub(
            r"<style.*?</style>|<code>.*?</code>|<nav.*?</nav>|<[^>]*>", "|", page, flags=re.DOTALL
        )
        bare = bare.replace("VEDETTE", "").replace("Vedette:", "")
        shown = {unescape(piece).strip(" \n.()") for piece in bare.split("|")} - {""}
        known = {said(code, text).strip(" \n.()") for text in TEXTS} | {
            "No speaker has reviewed this translation"
        }
        assert shown <= known, shown - known


@given(st.text(max_size=60), st.text(max_size=10))
def test_whatever_a_browser_says_there_is_a_language(header: str, query: str) -> None:
    assert language_of(asked(header=header)) in LANGUAGES
    from urllib.parse import urlencode

    assert language_of(asked(urlencode({"lang": query}))) == (query if query in LANGUAGES else "en")


def test_the_browsers_wish_counts_by_its_weight_and_what_was_chosen_before_it() -> None:
    assert language_of(asked(header="da, uk;q=0.7, pl-PL;q=0.8, en;q=0.1")) == "pl"
    assert language_of(asked(header="de-AT,de;q=0.9,en;q=0.8")) == "de"
    assert language_of(asked(header="da;q=1")) == "en"
    assert language_of(asked("lang=et", "de")) == "et"


def test_a_refusal_is_in_the_language_and_what_was_sent_stays_text() -> None:
    client = TestClient(Starlette(routes=report_routes(ReportForm(lambda line: True))))
    sent = {"sense": "seen", "latitude_deg": "<b>1</b>", "longitude_deg": "2", "bearing_deg": "0"}
    answer = client.post("/report?lang=fr", data=sent)
    assert answer.status_code == 400
    assert "n’est pas un nombre" in answer.text
    assert "<b>1</b>" not in answer.text
    other = client.post("/report?lang=pl", data={**sent, "latitude_deg": "95"})
    assert other.status_code == 400
    assert "Tego nie zapisano:" in other.text
    done = client.post(
        "/report", data={**sent, "latitude_deg": "59"}, headers={"accept-language": "uk"}
    )
    assert done.status_code == 201
    assert "Дякуємо" in done.text
    plain = client.post("/report", json={}, headers={"x-vedette": "1", "accept-language": "uk"})
    assert plain.json()["error"].isascii()  # a program is answered in English
