"""The glossary of the languages holds: its terms are those of the message files and of the server's forms."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODES = ("fr", "de", "pl", "et", "uk")
MESSAGES: dict[str, dict[str, str]] = {
    code: json.loads((ROOT / f"ui/src/messages/{code}.json").read_text("utf-8"))["messages"]
    for code in CODES
}
FORMS: dict[str, dict[str, str]] = {
    code: json.loads((ROOT / f"src/vedette/data/forms/{code}.json").read_text("utf-8"))["messages"]
    for code in CODES
}
ALL = {code: MESSAGES[code] | FORMS[code] for code in CODES}
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs/reference/page-terms.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| English")
]
STRUCK = [
    (code, word)
    for row in ROWS
    for code, word in re.findall(r"\b(fr|de|pl|et|uk)\b ~~([^~]+)~~", row[-1])
]
# The beginnings of every form of a word: where English has the term, so has the other language.
STEMS = {
    r"\btracks?\b": ("pist", "track", "tras", "jäl", "трек"),
    r"\bplots?\b": ("plot", "plot", "plot", "mär", "відміт"),
    r"\bsensors?\b": ("capteur", "sensor", "sensor", "sensor", "сенсор"),
    r"\b(the|this) watch\b": ("veille", "wachdienst", "dyżur", "valve", "черг"),
    r"\bballoons?\b": ("ballon", "ballon", "balon", "õhupall", "аеростат"),
    r"\bshield\b": ("bouclier", "schutzschild", "tarcz", "kil", "щит"),
    r"\b(force question|about force)\b": (
        "emploi de la force", "gewaltanwendung", "użycie siły", "jõu kasutamise",
        "застосування сили",
    ),
}  # fmt: skip
# *Track* alone is an angle.
ELSEWHERE = {"Track"}


def plain(text: str) -> str:
    return re.sub("[\u00a0\u202f]", " ", text).casefold()


def test_every_term_is_a_word_of_the_page() -> None:
    assert len(ROWS) > 80
    assert len(STRUCK) > 20
    for code, column in zip(CODES, zip(*(row[1:6] for row in ROWS), strict=True), strict=True):
        texts = [plain(text) for text in MESSAGES[code].values()]
        missing = [word for word in column if not any(plain(word) in text for text in texts)]
        assert missing == [], code


@pytest.mark.parametrize(("code", "word"), STRUCK)
def test_a_word_that_was_struck_out_does_not_come_back(code: str, word: str) -> None:
    found = re.compile(rf"(?<!\w){re.escape(plain(word))}")
    texts = [*MESSAGES[code].values(), *FORMS[code].values()]
    assert [text for text in texts if found.search(plain(text))] == []


@pytest.mark.parametrize("english", STEMS)
def test_one_word_stands_for_one_thing(english: str) -> None:
    for code, stem in zip(CODES, STEMS[english], strict=True):
        names = {key: re.sub(r"{\w+}|_(one|few|many|other)$", "", key) for key in ALL[code]}
        keys = [key for key in names if re.search(english, names[key].casefold())]
        assert keys
        said = {
            key: {page[key] for page in (MESSAGES[code], FORMS[code]) if key in page}
            for key in keys
        }
        wrong = [key for key in keys if any(stem not in plain(text) for text in said[key])]
        assert set(wrong) <= ELSEWHERE, code


@pytest.mark.parametrize("code", CODES)
def test_a_term_of_the_glossary_is_the_same_word_in_a_form(code: str) -> None:
    terms = {row[0]: row[1 + CODES.index(code)] for row in ROWS}
    shared = [text for text in FORMS[code] if text in terms]
    assert shared
    assert [text for text in shared if plain(FORMS[code][text]) != plain(terms[text])] == []


def test_punctuation_is_the_languages_own() -> None:
    for key, text in [*MESSAGES["fr"].items(), *FORMS["fr"].items()]:
        bare = re.search("[^\u00a0]:(?!//)|«[^\u00a0]|[^\u00a0]»|[^\u202f][;!?]", text)
        assert bare is None or '"' in text, key  # but in a piece of JSON
    marks = {"fr": "«»", "de": "„“", "pl": "„”", "et": "„“", "uk": "«»"}
    for code, own in marks.items():
        for key, text in [*MESSAGES[code].items(), *FORMS[code].items()]:
            assert set(re.findall("[«»„“”‟]", text)) <= set(own), (code, key)
            assert "'" not in text, (code, key)
