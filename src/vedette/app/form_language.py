"""The languages of forms that the server writes: English in the code, the others in ``data/forms``."""

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request

LANGUAGES: Final = {
    "en": "English", "fr": "Français", "de": "Deutsch", "pl": "Polski", "et": "Eesti", "uk": "Українська",
}  # fmt: skip
NAMED: Final = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)  # a text in a template, in English
_UNREVIEWED: Final = "No speaker has reviewed this translation."
TEXTS: Final = ("Language", _UNREVIEWED)
_PREFERRED: Final = re.compile(r"\s*([a-zA-Z]{2,3})(?:-[\w-]*)?\s*(?:;\s*q\s*=\s*([\d.]+)\s*)?")


class FormMessages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of ``data/forms``: English texts as keys. ``reviewed`` names a speaker who has read it."""

    language: str
    reviewed: str
    messages: dict[str, str]


@cache
def form_messages(language: str) -> FormMessages:
    """What is said in a language of ``LANGUAGES``."""
    if language == "en":
        return FormMessages("en", "the authors", {})
    data = (files("vedette") / "data" / "forms" / f"{language}.json").read_bytes()
    return msgspec.json.decode(data, type=FormMessages)


def language_of(request: Request) -> str:
    """The language that was asked for in the address, else the first of the browser's own that there is.

    Text that is no such header means English.
    """
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    wished: list[tuple[float, int, str]] = []
    header = request.headers.get("accept-language", "")[:400]
    for place, part in enumerate(header.split(",")):
        found = _PREFERRED.fullmatch(part)
        if found and found[1].lower() in LANGUAGES:
            try:
                weight = float(found[2] or "1")
            except ValueError:
                continue
            wished.append((-weight, place, found[1].lower()))
    return min(wished)[2] if wished else "en"


def said(language: str, text: str, values: Mapping[str, object] | None = None) -> str:
    """A text in a language; ``{name}`` in it is the value of that name. Not escaped."""
    found = form_messages(language).messages.get(text, text)
    for name, value in (values or {}).items():
        found = found.replace(f"{{{name}}}", str(value))
    return found


def written(template: str, language: str) -> str:
    """A template with its texts (``[[…]]``) in a language, escaped."""
    return NAMED.sub(lambda match: escape(said(language, match[1])), template)


def language_row(language: str, kept: Mapping[str, str] | None = None) -> str:
    """Links to the form in each language, as HTML; ``kept`` stays in the address."""
    links = " ".join(
        f"<strong>{name}</strong>"
        if code == language
        else f'<a href="?{escape(urlencode({**(kept or {}), "lang": code}))}" lang="{code}">{name}</a>'
        for code, name in LANGUAGES.items()
    )
    row = f'<nav aria-label="{escape(said(language, "Language"))}">{links}</nav>'
    if form_messages(language).reviewed:
        return row
    unread = said(language, _UNREVIEWED)
    return f'{row}<p class="note">{escape(unread)} <span lang="en">({_UNREVIEWED})</span></p>'
