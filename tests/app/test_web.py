"""The page's server: what it answers, and whom it refuses."""

import asyncio
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))

from small_world import SMALL

import vedette
from vedette.app.reactions_door import ReactionsDoor
from vedette.app.session import beginning
from vedette.app.summary import speaks_on_occasion
from vedette.app.web import application
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.run import Run
from vedette.engine.settings import FeedSpec
from vedette.fusion.registration import SensorBias
from vedette.response.rule_set import shipped_rules
from vedette.sim.scenario import Variation


@pytest.fixture(scope="module")
def client() -> TestClient:
    world = world_of_file(SMALL, Variation())
    plan = plan_of(world, mode="demo")
    course, _, _ = beginning(plan, None)()

    async def scene() -> TestClient:
        run = Run(course, None)
        words = shipped_rules().measure_texts
        app = application(run, words, frozenset({"127.0.0.1", "localhost"}))
        feeds = [source.feed for source in plan.sources if source.feed is not None]
        await run.play(feeds, speed=None, stay=False)
        return TestClient(app, base_url="http://127.0.0.1:8137")

    return asyncio.run(scene())


def test_what_the_run_found_is_served(client: TestClient) -> None:
    hello = client.get("/api/hello").json()
    assert hello["mode"] == "demo"
    assert "SIMULATED" in hello["labels"]["demo"]
    incidents = client.get("/api/incidents").json()
    jet = next(item for item in incidents if item["crossings"])
    assert jet["crossings"][0]["state"] == "EST"
    assert jet["force_question"] == "never"
    trail = client.get(f"/api/incidents/{jet['incident_id']}/trail")
    assert trail.status_code == 200
    feeds = {feed["feed_id"]: feed for feed in client.get("/api/feeds").json()}
    assert feeds["radar-1"]["plots"] > 20
    assert len(client.get("/api/ledger").json()["tree_head"]) == 64
    zones = client.get("/api/zones").json()
    assert {"EST", "RUS"} <= {feature["properties"]["state"] for feature in zones["features"]}


def test_the_socket_begins_with_names_incidents_and_a_picture(client: TestClient) -> None:
    with client.websocket_connect("/ws", headers={"host": "127.0.0.1:8137"}) as socket:
        kinds = [socket.receive_json()["type"] for _ in range(3)]
        assert kinds == ["hello", "tracks", "incidents"]
        feeds = socket.receive_json()
        assert feeds["type"] == "feeds"
        assert {tuple(sorted(bias)) for bias in feeds["registration"]} == {
            tuple(sorted(SensorBias._fields))
        }
        assert socket.receive_json()["type"] == "desk"
        assert socket.receive_json() == {"type": "interference", "cells": []}
        assert b"picture" in socket.receive_bytes()


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "http://["},
        {"host": "127.0.0.1.evil.example"},
    ],
)
def test_a_foreign_host_or_origin_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/api/incidents", headers=headers).status_code == 421


def test_an_act_needs_the_header_a_known_incident_and_its_own_fields(client: TestClient) -> None:
    known = client.get("/api/incidents").json()[0]["incident_id"]
    act = {
        "kind": "acknowledge",
        "incident_id": known,
        "person": "A",
        "office": "watch",
        "words": "seen",
    }
    assert client.post("/api/acts", json=act).status_code == 403
    mine = {"x-vedette": "1"}
    unknown = act | {"incident_id": "nothing"}
    assert client.post("/api/acts", json=unknown, headers=mine).status_code == 404
    for bad in ({"kind": "engage"}, {"person": ""}, {"more": 1}):
        assert client.post("/api/acts", json=act | bad, headers=mine).status_code == 400
    assert client.post("/api/acts", content=b"x" * 20_000, headers=mine).status_code == 413


def test_every_answer_carries_the_strict_policy(client: TestClient) -> None:
    for path in ("/api/hello", "/", "/nothing"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_the_register_of_reactions_is_served_with_the_incidents(client: TestClient) -> None:
    assert client.get("/api/reactions").json() == {"register": None}
    name = "september-2025.jsonl"
    path = Path(vedette.__file__).parent / "data" / "reactions" / name
    incidents = client.get("/api/incidents").json()
    shown = TestClient(Starlette(routes=ReactionsDoor(path, lambda: incidents).routes()))
    body = shown.get("/api/reactions").json()
    assert body["register"] == name
    assert body["earlier"] == 0
    assert {one["occasion_id"] for one in body["occasions"]} == {
        one["incident_id"] for one in incidents
    }
    assert (
        next(one for one in body["reactions"] if one["reaction_id"] == "pl-4")["status"]
        == "corrected"
    )
    assert all(len(one["course"]) > 10 for one in body["tension"]["pairs"])
    gone = TestClient(Starlette(routes=ReactionsDoor(path.parent / "none", list).routes()))
    answer = gone.get("/api/reactions")
    assert answer.status_code == 503
    assert "No such file" in answer.json()["error"]


def test_a_track_is_cut_through_the_zones_under_its_way(client: TestClient) -> None:
    incidents = client.get("/api/incidents").json()
    track_id = next(item for item in incidents if item["crossings"])["object"]["track_id"]
    answer = client.get(f"/api/tracks/{track_id}/profile", params={"ahead_s": 60})
    assert answer.status_code == 200
    found = answer.json()
    points = found["profile"]["points"]
    assert [p["along_m"] for p in points] == sorted(p["along_m"] for p in points)
    assert [p["predicted"] for p in points].count(True) == 4
    assert client.get("/api/tracks/none/profile").status_code == 404
    assert client.get(f"/api/tracks/{track_id}/profile?ahead_s=1e9").status_code == 400
    assert client.get(f"/api/tracks/{track_id}/profile?at=then").status_code == 400


def test_sensors_are_served_with_what_they_see_at_a_height(client: TestClient) -> None:
    low, high = (
        {s["sensor_id"]: s for s in client.get(f"/api/sensors?height_m={h}").json()["sensors"]}
        for h in (100, 10_000)
    )
    assert low.keys() == high.keys() != set()
    for name, sensor in low.items():
        assert sensor["feed_id"]
        span = [max(p[1] for p in s["outline"]) for s in (sensor, high[name])]
        assert sensor["latitude_deg"] < span[0] < span[1]
    for wrong in ("-1", "nan", "1e9", "high"):
        assert client.get(f"/api/sensors?height_m={wrong}").status_code == 400


def test_a_zone_says_when_it_is_active(client: TestClient) -> None:
    found = client.get("/api/zones/sovereign:EST/times?at=1758261600000").json()
    assert found["active"] is True
    assert found["stretches_ms"] == [[1758261600000.0, 1758348000000.0]]
    assert client.get("/api/zones/none/times").status_code == 404
    assert client.get("/api/zones/sovereign:EST/times?at=soon").status_code == 400


@pytest.mark.parametrize(
    ("url", "decoder", "wanted"),
    [
        ("people:", "people", True),
        ("sim:demo#reports", "report", True),
        ("report+file:told.jsonl", "report", True),
        ("report+tcp://host:7", "report", False),  # a link can break
        ("beast://host:30005", "beast", False),
        ("asterix+udp://239.1.1.1:8600", "asterix", False),
    ],
)
def test_only_what_people_tell_may_be_silent_and_well(url: str, decoder: str, wanted: bool) -> None:
    assert speaks_on_occasion(FeedSpec(feed_id="f", url=url, decoder=decoder)) is wanted
