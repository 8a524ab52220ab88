"""The form by which a person tells what was seen or heard: plain HTML, no script, and the same as JSON."""

import time
from collections import deque
from collections.abc import Callable
from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

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
_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Report what you noticed</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<h1>Report what you saw or heard in the air</h1>{message}
<form method="post" action="/report">
<fieldset><legend>How did you notice it?</legend>
<label><input type="radio" name="sense" value="seen" required checked> I saw it</label>
<label><input type="radio" name="sense" value="heard"> I heard it</label></fieldset>
<p><label>Minutes ago <input name="minutes_ago" type="number" min="0" max="1440" step="any" value="0"></label></p>
<fieldset><legend>Where were you?</legend>
<label>Latitude <input name="latitude_deg" inputmode="decimal" required></label>
<label>Longitude <input name="longitude_deg" inputmode="decimal" required></label></fieldset>
<p><label>In which direction was it? <select name="bearing_deg">{directions}</select></label></p>
<p><label>How far, in metres, if you can say <input name="distance_m" inputmode="decimal"></label></p>
<p><label>What do you take it for?
<select name="takes_for"><option value="">I cannot say{kinds}</select></label></p>
<p><label>What was it like, in your words <textarea name="what" maxlength="500"></textarea></label></p>
<p><label>How sure are you?
<select name="confidence"><option value="0.3">not very<option value="0.5" selected>fairly
<option value="0.8">very</select></label></p>
<p><label>Your name or number, if you may be asked <input name="reporter" maxlength="200"></label>
It is kept sealed, and so is where you were.</p>
<p><button>Send</button></p></form>"""


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
        return HTMLResponse(_page(""))

    async def take(self, request: Request) -> Response:
        """One observation, as a form or as JSON (then with the header X-Vedette: 1)."""
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if is_json and request.headers.get("x-vedette") != "1":
            return JSONResponse({"error": "header X-Vedette: 1 is missing"}, 403)
        body = await body_of(request, BODY_MAX)
        if body is None:
            return _answer(is_json, "too large", 413)
        now_s = time.monotonic()
        if len(self._heard_s) == PER_MINUTE and now_s - self._heard_s[0] < 60.0:
            return _answer(is_json, "too many reports at once: try again in a minute", 429)
        try:
            found = msgspec.json.decode(body, type=Observation) if is_json else _of_form(body)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
            return _answer(is_json, str(error), 400)
        place = placed(found)
        if isinstance(place, str):
            return _answer(is_json, place, 400)
        if not self._hear(encode_observation(found)):
            return _answer(is_json, "the watch is busy: try again", 503)
        self._heard_s.append(now_s)
        return _answer(is_json, "Thank you: your report was taken down.", 201)


def _of_form(body: bytes) -> Observation:
    fields: dict[str, Any] = {
        name: value.strip()
        for name, value in parse_qsl(body.decode("utf-8"), max_num_fields=30)
        if value.strip()
    }
    ago_s = 60.0 * float(fields.pop("minutes_ago", "0"))
    if not 0.0 <= ago_s <= 86_400.0:
        raise ValueError("minutes ago: 0 to 1440")
    fields["valid_ns"] = time.time_ns() - round(ago_s * SECOND_NS)
    for name in ("latitude_deg", "longitude_deg", "bearing_deg", "distance_m", "confidence"):
        if name in fields:
            try:
                fields[name] = float(fields[name].replace(",", "."))
            except ValueError as error:
                raise ValueError(f"{name}: {fields[name][:40]!r} is no number") from error
    return msgspec.convert({**fields, "type": "observation"}, Observation)


def _page(message: str) -> str:
    directions = "".join(
        f'<option value="{45 * number}">{name}' for number, name in enumerate(_DIRECTIONS)
    )
    kinds = "".join(f'<option value="{key}">{name}' for key, name in (_KINDS | _KINDS_MORE).items())
    said = f'<p role="status"><strong>{escape(message)}</strong></p>' if message else ""
    return _PAGE.format(message=said, directions=directions, kinds=kinds)


def _answer(is_json: bool, message: str, status: int) -> Response:
    if is_json:
        return JSONResponse({"error" if status >= 400 else "taken": message}, status)
    return HTMLResponse(_page(message), status)
