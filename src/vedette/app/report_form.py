"""The form by which a person tells what was seen or heard: plain HTML, no script, and the same as JSON."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from vedette.app.form_language import language_of, language_row, said, written
from vedette.app.posted import body_of
from vedette.feeds.people import Observation, encode_observation, placed
from vedette.model.time import SECOND_NS

BODY_MAX: Final = 8_192
PER_MINUTE: Final = 60
_DIRECTIONS: Final = (
    *("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"),
)
_KINDS: Final = {"drone_small": "small drone", "helicopter_civil": "helicopter"}
_KINDS_MORE: Final = {"balloon": "balloon", "bird": "bird"}
_TOO_LARGE, _TOO_MANY = "too large", "too many reports at once: try again in a minute"
_BUSY, _THANKS = "the watch is busy: try again", "Thank you: your report was taken down."
_NO_NUMBER, _NO_MINUTES = "{field}: {value} is no number", "minutes ago: 0 to 1440"
_NOT_TAKEN = "This was not taken down:"  # what follows is in English: it names a field
TEXTS: Final = (
    *_DIRECTIONS, *_KINDS.values(), *_KINDS_MORE.values(), _TOO_LARGE, _TOO_MANY, _BUSY, _THANKS, _NO_NUMBER,
    _NO_MINUTES, _NOT_TAKEN,
)  # fmt: skip
PAGE: Final = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<title>[[Report what you noticed]]</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<h1>[[Report what you saw or heard in the air]]</h1>{message}
<form method="post">
<fieldset><legend>[[How did you notice it?]]</legend>
<label><input type="radio" name="sense" value="seen" required checked> [[I saw it]]</label>
<label><input type="radio" name="sense" value="heard"> [[I heard it]]</label></fieldset>
<p><label>[[Minutes ago]]
<input name="minutes_ago" type="number" min="0" max="1440" step="any" value="0"></label></p>
<fieldset><legend>[[Where were you?]]</legend>
<label>[[Latitude]] <input name="latitude_deg" inputmode="decimal" required></label>
<label>[[Longitude]] <input name="longitude_deg" inputmode="decimal" required></label></fieldset>
<p><label>[[In which direction was it?]] <select name="bearing_deg">{directions}</select></label></p>
<p><label>[[How far, in metres, if you can say]] <input name="distance_m" inputmode="decimal"></label></p>
<p><label>[[What do you take it for?]]
<select name="takes_for"><option value="">[[I cannot say]]{kinds}</select></label></p>
<p><label>[[What was it like, in your words]] <textarea name="what" maxlength="500"></textarea></label></p>
<p><label>[[How sure are you?]]
<select name="confidence"><option value="0.3">[[not very]]<option value="0.5" selected>[[fairly]]
<option value="0.8">[[very]]</select></label></p>
<p><label>[[Your name or number, if you may be asked]] <input name="reporter" maxlength="200"></label>
[[It is kept sealed, and so is where you were.]]</p>
<p><button>[[Send]]</button></p></form>{languages}"""


class NoAnswerError(ValueError):
    """A field of the form holds no answer; the text is one of ``TEXTS``."""

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(said("en", text, values))
        self.text, self.values = text, values


class ReportForm:
    """Answers ``/report``; what it hears goes into a feed like any sensor's bytes."""

    def __init__(self, hear: Callable[[bytes], bool]) -> None:
        """Prepare.

        Args:
            hear: takes one line for the feed; False where its queue is full.
        """
        self._hear = hear
        self._heard_s: deque[float] = deque(maxlen=PER_MINUTE)

    async def show(self, request: Request) -> Response:
        """The empty form."""
        return HTMLResponse(_page(language_of(request), ""))

    async def take(self, request: Request) -> Response:
        """One observation, as a form or as JSON (then with the header X-Vedette: 1)."""
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if is_json and request.headers.get("x-vedette") != "1":
            return JSONResponse({"error": "header X-Vedette: 1 is missing"}, 403)
        language = "" if is_json else language_of(request)
        body = await body_of(request, BODY_MAX)
        if body is None:
            return _answer(language, _TOO_LARGE, 413)
        now_s = time.monotonic()
        if len(self._heard_s) == PER_MINUTE and now_s - self._heard_s[0] < 60.0:
            return _answer(language, _TOO_MANY, 429)
        try:
            found = msgspec.json.decode(body, type=Observation) if is_json else _of_form(body)
        except NoAnswerError as error:
            return _answer(language, error.text, 400, error.values)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
            return _answer(language, str(error), 400)
        place = placed(found)
        if isinstance(place, str):
            return _answer(language, place, 400)
        if not self._hear(encode_observation(found)):
            return _answer(language, _BUSY, 503)
        self._heard_s.append(now_s)
        return _answer(language, _THANKS, 201)


def _of_form(body: bytes) -> Observation:
    fields: dict[str, Any] = {
        name: value.strip()
        for name, value in parse_qsl(body.decode("utf-8"), max_num_fields=30)
        if value.strip()
    }
    ago_s = 60.0 * float(fields.pop("minutes_ago", "0"))
    if not 0.0 <= ago_s <= 86_400.0:
        raise NoAnswerError(_NO_MINUTES)
    fields["valid_ns"] = time.time_ns() - round(ago_s * SECOND_NS)
    for name in ("latitude_deg", "longitude_deg", "bearing_deg", "distance_m", "confidence"):
        if name in fields:
            try:
                fields[name] = float(fields[name].replace(",", "."))
            except ValueError as error:
                raise NoAnswerError(
                    _NO_NUMBER, field=name, value=repr(fields[name][:40])
                ) from error
    return msgspec.convert({**fields, "type": "observation"}, Observation)


def _page(language: str, message: str) -> str:
    directions = "".join(
        f'<option value="{45 * number}">{escape(said(language, name))}'
        for number, name in enumerate(_DIRECTIONS)
    )
    kinds = "".join(
        f'<option value="{key}">{escape(said(language, name))}'
        for key, name in (_KINDS | _KINDS_MORE).items()
    )
    told = f'<p role="status"><strong>{message}</strong></p>' if message else ""
    return written(PAGE, language).format(
        message=told, directions=directions, kinds=kinds, language=language,
        languages=language_row(language),
    )  # fmt: skip


def _answer(
    language: str, text: str, status: int, values: Mapping[str, str] | None = None
) -> Response:
    """As JSON where ``language`` is none, and then in English."""
    if not language:
        told = said("en", text, values)
        return JSONResponse({"error" if status >= 400 else "taken": told}, status)
    if text in TEXTS:
        message = escape(said(language, text, values))
    else:
        message = f'{escape(said(language, _NOT_TAKEN))} <span lang="en">{escape(text)}</span>'
    return HTMLResponse(_page(language, message), status)
