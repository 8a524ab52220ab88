"""The OpenAPI 3.1 document of all that the servers answer, made from the types that they are written with."""

import re
from typing import Any, Final

import msgspec

from vedette import __version__
from vedette.app.api.common import Error, Refused
from vedette.app.api.council import StandingShield, UnreadableShield
from vedette.app.api.message import COLUMNS, SENT, Wanted
from vedette.app.api.operation import ROLES, Operation
from vedette.app.api.operations import OPERATIONS
from vedette.app.api.reactions import NoRegister, Reactions
from vedette.app.picture_table import PICTURE
from vedette.model.assessment import CLASSES

_ABOUT: Final = (
    "What Vedette's pages use. It shows and records; it commands nothing. Times are ISO 8601 in UTC, unknown is "
    "null, SI units, degrees for geographic coordinates. Fields may be added. Without accounts every role is "
    "everybody's on this machine; with them, sign in by a session (/sign-in) or a bearer token."
)


_NAMED: Final = (StandingShield, UnreadableShield, Reactions, NoRegister)  # by reference alone


def document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    types = [Error, Refused, Wanted, *SENT, *_NAMED]
    for one in OPERATIONS:
        types += [kind for kind in (one.answer, one.body) if kind is not None]
        types += [query.kind for query in one.queries]
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    known = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        path, names = _path(one.path)
        paths.setdefault(path, {})[one.method.lower()] = _operation(one, names, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vedette", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "vedette-session"},
            },
        },
        "security": [{"token": []}, {"session": []}, {}],
        "x-roles": dict(ROLES),
        "x-websocket": _socket(known),
        "x-arrow": {
            "path": "/api/picture.arrow",
            "columns": {field.name: str(field.type) for field in PICTURE},
        },
    }


def _path(path: str) -> tuple[str, list[tuple[str, str]]]:
    """A path as OpenAPI writes it, and its parameters with their types."""
    found = re.findall(r"{(\w+)(?::(\w+))?}", path)
    return re.sub(r"{(\w+):\w+}", r"{\1}", path), [
        (name, "integer" if kind == "int" else "string") for name, kind in found
    ]


def _operation(
    one: Operation, names: list[tuple[str, str]], known: dict[str, Any]
) -> dict[str, Any]:
    good: dict[str, Any] = {"description": one.summary}
    if one.answer is not None or one.media != "application/json":
        schema = {} if one.answer is None else {"schema": known[repr(one.answer)]}
        good["content"] = {one.media: schema}
    else:
        good["content"] = {"application/json": {}}
    answers = {str(one.status): good}
    for status, words in one.refusals:
        kind = Refused if status in one.refused else Error
        answers[str(status)] = _refusal(words, known[repr(kind)])
    answers.setdefault("403", _refusal("the account lacks the role", known[repr(Error)]))
    answers["401"] = _refusal("not signed in", known[repr(Error)])
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
        for name, kind in names
    ]
    parameters += [
        {"name": query.name, "in": "query", "description": query.meaning, "schema": known[repr(query.kind)]}
        for query in one.queries
    ]  # fmt: skip
    said: dict[str, Any] = {"summary": one.summary, "x-role": one.role, "responses": answers}
    if one.method == "POST":
        parameters.append(
            {"name": "X-Vedette", "in": "header", "required": True, "schema": {"const": "1"}}
        )
        said["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": known[repr(one.body)]}},
        }
    if parameters:
        said["parameters"] = parameters
    return said


def _refusal(words: str, schema: Any) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _socket(known: dict[str, Any]) -> dict[str, Any]:
    """The WebSocket, in the words of AsyncAPI's channels where they fit."""
    return {
        "path": "/ws",
        "role": "viewer",
        "sends": [known[repr(kind)] for kind in SENT],
        "hears": [known[repr(Wanted)]],
        "past": "/ws/past shows a watch that runs at any time that it keeps, as a replay does",
        "picture": {
            "media": "application/msgpack",
            "map": {"type": "picture", "now_ms": "number", "n": "integer", "columns": "{name: [dtype, bytes]}"},
            "columns": {
                name: {"dtype": column.dtype, "description": column.meaning}
                for name, column in COLUMNS.items()
            },
            "object_classes": list(CLASSES),
        },
        "closes": {"1008": "foreign host or origin", "1013": "not ready yet", "4401": "not signed in"},
    }  # fmt: skip


def document_json() -> bytes:
    """The document as it is served and printed."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=1) + b"\n"
