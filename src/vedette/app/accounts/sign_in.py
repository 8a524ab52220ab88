"""The form in which a browser signs in: plain HTML, no script, for eyes that are used to the dark."""

from html import escape
from typing import Final

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
.note { margin: 1.2rem 0 0; color: #9db0c1; font-size: 0.85rem; }
"""
_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Vedette: sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/sign-in.css">
<main><h1>VEDETTE</h1>{message}
<form method="post"><label>Your token
<input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>Sign in</button></form>
<p class="note">Whoever runs this watch gives out tokens: <code>vedette account new</code>.</p></main></html>
"""


def sign_in_page(words: str = "") -> str:
    """The form, with what is to be told first."""
    said = f'<p role="alert">{escape(words)}</p>' if words else ""
    return _PAGE.replace("{message}", said)
