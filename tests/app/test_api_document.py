"""The document of what is answered says all of it, and nothing else; the page's types are made from it."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from served import MINE, Served
from starlette.routing import Route

from vedette.app.api.document import document
from vedette.app.api.message import COLUMNS
from vedette.app.api.operation import ROLES, OperationRoute
from vedette.app.api.operations import OPERATIONS
from vedette.app.api.typescript import typescript_of
from vedette.app.commands.api import api
from vedette.app.node_view import objects_json
from vedette.app.picture_table import PICTURE

UI = Path(__file__).parents[2] / "ui"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(tmp_path_factory.mktemp("served"))


def closed(schema: Any) -> Any:
    """A schema that allows no field which it does not name: a test is stricter than a client may be."""
    if isinstance(schema, dict):
        found = {key: closed(value) for key, value in schema.items()}
        if "properties" in found and "additionalProperties" not in found:
            found["additionalProperties"] = False
        return found
    return [closed(one) for one in schema] if isinstance(schema, list) else schema


DOCUMENT = document()
CLOSED = closed(DOCUMENT)


def check(value: Any, schema: Any) -> None:
    whole = {"components": CLOSED["components"], **closed(schema)}
    jsonschema.Draft202012Validator(whole).validate(value)


def understood(value: Any, schema: Any) -> None:
    """As a client checks it, which does not mind further fields."""
    whole = {"components": DOCUMENT["components"], **schema}
    jsonschema.Draft202012Validator(whole).validate(value)


def answer_of(method: str, path: str, status: int) -> Any:
    found = DOCUMENT["paths"][path][method]["responses"][str(status)]
    return found["content"]["application/json" if status >= 400 else next(iter(found["content"]))][
        "schema"
    ]


def test_every_route_is_documented_and_every_operation_is_answered(served: Served) -> None:
    answered = set()
    for app in served.apps.values():
        for route in app.routes:
            if isinstance(route, Route) and route.path.startswith(("/api", "/report")):
                assert isinstance(route, OperationRoute), route.path
                assert route.operation in OPERATIONS
                assert route.methods >= {route.operation.method}
                answered.add(route.operation)
    assert answered == set(OPERATIONS)
    shown = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert len(shown) == len(OPERATIONS)
    assert {one.role for one in OPERATIONS} == set(ROLES)


def test_the_document_is_served_and_printed(served: Served) -> None:
    printed = CliRunner().invoke(api, [])
    assert json.loads(printed.output) == json.loads(msgspec.json.encode(DOCUMENT))
    for client in served.clients.values():
        assert client.get("/api/openapi.json").json() == json.loads(printed.output)
    meta = jsonschema.Draft202012Validator
    for schema in DOCUMENT["components"]["schemas"].values():
        meta.check_schema(schema)


ASKED = [
    ("watch", "/api/hello"), ("watch", "/api/past"), ("watch", "/api/zones"),
    ("watch", "/api/incidents"), ("watch", "/api/feeds"),
    ("watch", "/api/ledger"), ("watch", "/api/desk"), ("watch", "/api/interference"),
    ("watch", "/api/reactions"), ("watch", "/api/ledger/entries"), ("watch", "/api/council"),
    ("replay", "/api/hello"), ("replay", "/api/zones"), ("replay", "/api/ledger/entries"),
    ("replay", "/api/reactions"),
    ("council", "/api/council"), ("node", "/api/node"), ("studies", "/api/studies"),
    *(
        ("studies", f"/api/studies/{name}.answer.json")
        for name in ("study", "compare", "map", "calibrate", "play")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("page", "path"), ASKED)
def test_an_answer_is_what_the_document_says(served: Served, page: str, path: str) -> None:
    answer = served.clients[page].get(path)
    assert answer.status_code == 200
    found = answer.json()
    assert found
    named = re.sub("/api/studies/.*", "/api/studies/{file}", path)
    check(found, answer_of("get", named, 200))


@pytest.mark.parametrize("page", ["watch", "replay"])
def test_answers_about_one_thing_are_what_the_document_says(served: Served, page: str) -> None:
    client = served.clients[page]
    for incident in served.clients["watch"].get("/api/incidents").json():
        trail = client.get(f"/api/incidents/{incident['incident_id']}/trail").json()
        assert trail
        check(trail, answer_of("get", "/api/incidents/{incident_id}/trail", 200))
        why = client.get(f"/api/tracks/{incident['object']['track_id']}/explain").json()
        check(why, answer_of("get", "/api/tracks/{track_id}/explain", 200))
    for number in (0, 5):
        entry = client.get(f"/api/ledger/entries/{number}").json()
        check(entry, answer_of("get", "/api/ledger/entries/{number}", 200))


def test_a_shield_and_what_nations_tell_are_what_the_document_says(served: Served) -> None:
    client = served.clients["council"]
    shields = [m["file"] for m in client.get("/api/council").json()["matters"] if m["shield"]]
    cover = client.get(f"/api/council/{shields[0]}/cover")
    check(cover.json(), answer_of("get", "/api/council/{name}/cover", 200))
    told = json.loads(msgspec.json.encode({"objects": objects_json(served.told)}))
    assert len(told["objects"]) == 2
    check(told, answer_of("get", "/api/node/objects", 200))
    # the folder has no journal: said as the document says
    refused = served.clients["node"].get("/api/node/objects")
    assert refused.status_code == 409
    check(refused.json(), answer_of("get", "/api/node/objects", 409))


REFUSED = [
    ("watch", "get", "/api/incidents/{incident_id}/trail", "/api/incidents/none/trail", 404),
    ("watch", "get", "/api/tracks/{track_id}/explain", "/api/tracks/none/explain", 404),
    ("watch", "get", "/api/ledger/entries", "/api/ledger/entries?before=x", 400),
    ("watch", "get", "/api/ledger/entries/{number}", "/api/ledger/entries/999999", 404),
    ("watch", "post", "/api/acts", "/api/acts", 400),
    ("watch", "post", "/api/desk/acts", "/api/desk/acts", 400),
    ("watch", "post", "/report", "/report", 400),
    ("watch", "post", "/api/council/{name}/acts", "/api/council/none/acts", 404),
    ("replay", "get", "/api/incidents/{incident_id}/trail", "/api/incidents/none/trail", 404),
    ("council", "get", "/api/council/{name}/cover", "/api/council/none/cover", 404),
    ("studies", "get", "/api/studies/{file}", "/api/studies/torn.answer.json", 404),
]


@pytest.mark.parametrize(("page", "method", "path", "asked", "status"), REFUSED)
def test_a_refusal_is_what_the_document_says(
    served: Served, page: str, method: str, path: str, asked: str, status: int
) -> None:
    said = {"json": {"kind": "engage"}, "headers": MINE} if method == "post" else {}
    answer = getattr(served.clients[page], method)(asked, **said)
    assert answer.status_code == status
    check(answer.json(), answer_of(method, path, status))


def test_every_message_of_the_socket_is_in_the_document(served: Served) -> None:
    told = DOCUMENT["x-websocket"]
    kinds = {schema["$ref"].rpartition("/")[2]: schema for schema in told["sends"]}
    by_type = {
        DOCUMENT["components"]["schemas"][name]["properties"]["type"]["enum"][0]: schema
        for name, schema in kinds.items()
    }
    seen = set()
    for page in ("watch", "replay"):
        with served.clients[page].websocket_connect(
            "/ws", headers={"host": "127.0.0.1:8137"}
        ) as socket:
            if page == "replay":
                socket.send_text(json.dumps({"type": "time", "at_ms": 9e15}))
            for _ in range(20):
                message = socket.receive()
                if message.get("bytes"):
                    picture = msgspec.msgpack.decode(message["bytes"])
                    if page == "watch":
                        break
                    continue
                value = json.loads(message["text"])
                seen.add(value["type"])
                check(value, by_type[value["type"]])
    assert seen == set(by_type)
    assert set(picture) == set(told["picture"]["map"])
    assert set(picture["columns"]) == set(told["picture"]["columns"])
    for name, (dtype, data) in picture["columns"].items():
        assert dtype == COLUMNS[name].dtype
        assert len(np.frombuffer(data, dtype)) == picture["n"]


def test_the_picture_is_an_arrow_stream_of_the_columns_that_are_documented(served: Served) -> None:
    client = served.clients["watch"]
    answer = client.get("/api/picture.arrow")
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.schema.equals(PICTURE)
    assert {f.name: str(f.type) for f in table.schema} == DOCUMENT["x-arrow"]["columns"]
    assert table.num_rows
    assert int(table.schema.metadata[b"now_ns"]) > 0
    named = set(table.column("track_id").to_pylist())
    assert len(named) == table.num_rows
    # the same tracks as in the frame, in their places
    with client.websocket_connect("/ws", headers={"host": "127.0.0.1:8137"}) as socket:
        names, frame = {}, None
        while frame is None:
            message = socket.receive()
            if message.get("bytes"):
                frame = msgspec.msgpack.decode(message["bytes"])
            elif (value := json.loads(message["text"]))["type"] == "tracks":
                names |= {one["slot"]: one for one in value["tracks"]}
    slots = np.frombuffer(frame["columns"]["slot"][1], "<u4")
    assert {names[slot]["track_id"] for slot in slots.tolist()} == named
    latitude = np.frombuffer(frame["columns"]["latitude_deg"][1], "<f4")
    np.testing.assert_allclose(table.column("latitude_deg").to_numpy(), latitude, atol=1e-4)


def test_the_types_of_the_page_are_those_of_the_document() -> None:
    kept = (UI / "src/lib/api.ts").read_text()
    assert kept == typescript_of(DOCUMENT), "vedette api --typescript > ui/src/lib/api.ts"
    named = (UI / "src/lib/contract.ts").read_text()
    for name in ("Incident", "Desk", "Message", "Explanation", "TrackProfile", "ZoneProperties"):
        assert f"= api.{name}\n" in named
    checked = (UI / "src/lib/api.check.ts").read_text()
    for name in ("Council", "Cover", "NodeStatus", "SharedObject"):
        assert f"Fits<api.{name}," in checked


def test_the_mock_of_the_page_s_tests_says_what_the_servers_say() -> None:
    sys.path.append(str(Path(__file__).parents[1] / "browser"))
    from mock_world import MockWorld

    world = MockWorld(tracks=20)
    message = {
        schema["$ref"].rpartition("/")[2]: schema for schema in DOCUMENT["x-websocket"]["sends"]
    }
    understood({"type": "hello", **world.hello()}, message["HelloMessage"])
    understood({"type": "tracks", "tracks": world.names, "gone": []}, message["TracksMessage"])
    understood({"type": "incidents", "incidents": world.incidents()}, message["IncidentsMessage"])
    feeds = {
        "type": "feeds", "feeds": world.feeds(), "registration": world.registration(), "ended": False,
        "spared": world.spared, "isolated": world.isolated,
        "now_ms": world.now_ms(), "ledger": world.ledger(),
    }  # fmt: skip
    understood(feeds, message["FeedsMessage"])
    understood(world.trail("I-3f21a"), answer_of("get", "/api/incidents/{incident_id}/trail", 200))
