"""The form in which a browser signs in: plain HTML, no script, for eyes that are used to the dark."""

from collections.abc import Mapping
from html import escape
from typing import Final

from vedette.app.form_language import language_row, said, written

STYLE_PATH: Final = "/sign-in.css"
# the colours of ui/src/app.css, dark
STYLE: Final = """
:root { color-scheme: dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #0a121a; color: #e8eff5;
  font: 15px/1.5 system-ui, sans-serif; }
main { width: min(26rem, 86vw); padding: 2rem; background: #0f1923; border: 1px solid #24333f;
  border-radius: 6px; }
h1 { margin: 0 0 1rem; font-size: 1.1rem; letter-spacing: 0.18em; }
label { display: block; color: #9db0c1; }
input, button { box-sizing: border-box; width: 100%; min-height: 2.75rem; margin-top: 0.4rem; padding: 0 0.8rem;
  border: 1px solid #6d8497; border-radius: 4px; background: #16222e; color: inherit; font: inherit; }
button { margin-top: 1rem; background: #6cc0f2; border-color: #6cc0f2; color: #06131d; font-weight: 700; }
:focus-visible { outline: 3px solid #6cc0f2; outline-offset: 2px; }
[role=alert] { margin: 0 0 1rem; padding: 0.5rem 0.8rem; border-left: 4px solid #ffb454; background: #16222e; }
nav { display: flex; flex-wrap: wrap; gap: 0 0.9rem; margin-top: 1.2rem; font-size: 0.9rem; }
nav a, nav strong { padding: 0.35rem 0; }
nav a { color: #6cc0f2; }
.note { margin: 1.2rem 0 0; color: #9db0c1; font-size: 0.85rem; }
"""
TEXTS: Final = (
    "Use this form.",
    "That is no token.",
    "That is no token of this watch.",
    "Too many tries: wait {seconds} seconds.",
)
PAGE: Final = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Vedette: [[sign in]]</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/sign-in.css">
<main><h1>VEDETTE</h1>{message}
<form method="post"><label>[[Your token]]
<input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>[[Sign in]]</button></form>
<p class="note">[[Whoever runs this watch gives out tokens:]] <code>vedette account new</code>.</p>
{languages}</main></html>
"""


def sign_in_page(
    language: str,
    words: str = "",
    values: Mapping[str, object] | None = None,
    kept: Mapping[str, str] | None = None,
) -> str:
    """The form.

    Args:
        language: of ``form_language.LANGUAGES``.
        words: of ``TEXTS``, told first; "" for nothing.
        values: of the names in them.
        kept: what stays in the address when another language is chosen.
    """
    told = f'<p role="alert">{escape(said(language, words, values))}</p>' if words else ""
    page = written(PAGE, language).replace("{language}", language)
    return page.replace("{languages}", language_row(language, kept)).replace("{message}", told)
