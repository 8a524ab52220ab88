"""People's reports: places with honest errors, nobody named in a record, the form and the feed."""

import asyncio
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from vedette.app.report_form import PER_MINUTE, ReportForm
from vedette.feeds.people import (
    DEVICES_MAX,
    Observation,
    PeopleDecoder,
    encode_observation,
    placed,
    redact,
)

NOW_NS = 1_758_265_080_000_000_000
GEOD = Geod(ellps="WGS84")

observations = st.builds(
    Observation,
    valid_ns=st.integers(10**12, 1 << 60),
    sense=st.sampled_from(["seen", "heard"]),
    what=st.text("abc ", max_size=9),
    reporter=st.sampled_from(["", "M. Mets"]),
    latitude_deg=st.floats(-85, 85),
    longitude_deg=st.floats(-180, 180),
    bearing_deg=st.floats(0, 360),
    distance_m=st.none() | st.floats(10, 50_000),
    device=st.booleans(),
    takes_for=st.none() | st.sampled_from(["drone_small", "bird"]),
)


def plot_of(line: bytes) -> dict[str, Any]:
    found = PeopleDecoder("f").decode(line, NOW_NS, 0)
    assert found.faults == []
    (row,) = found.plots.to_pylist()
    return dict(row)


@given(observations)
def test_the_object_is_where_the_observer_points(made: Observation) -> None:
    row = plot_of(encode_observation(made))
    azimuth, _, distance_m = GEOD.inv(
        made.longitude_deg, made.latitude_deg, row["longitude_deg"], row["latitude_deg"]
    )
    wanted_m = made.distance_m or {"seen": 3_000.0, "heard": 1_500.0}[made.sense]
    assert distance_m == pytest.approx(wanted_m, rel=1e-6, abs=0.01)
    assert math.cos(math.radians(azimuth - (made.bearing_deg or 0.0))) > 1 - 1e-6
    assert row["position_sigma_m"] > 0.3 * wanted_m
    delay_s = (made.valid_ns - row["valid_ns"]) / 1e9
    assert delay_s == pytest.approx(wanted_m / 340 if made.sense == "heard" else 0.0, abs=1e-6)
    assert row["kind"] == ("acoustic" if made.device else "person")


@given(observations)
def test_what_is_left_names_nobody_and_gives_the_same_plot(made: Observation) -> None:
    line = encode_observation(made)
    found = redact(line)
    if found is None:
        assert made.device
        assert not made.reporter
        return
    left, whose = found
    assert whose == (made.reporter or "of an observer who gave no name")
    fields = json.loads(left)
    assert fields["reporter"] == "sealed"
    assert not {"latitude_deg", "longitude_deg", "bearing_deg", "distance_m"} & set(fields)
    assert plot_of(left) == plot_of(line)


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_quarantined(data: bytes) -> None:
    found = PeopleDecoder("f").decode(data + b"\n", NOW_NS, 0)
    assert all(fault.data in data for fault in found.faults)
    left = redact(data)
    if left is not None:
        PeopleDecoder("f").decode(left[0], NOW_NS, 0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "missing_item"),
        ({"latitude_deg": 59.0, "longitude_deg": 25.0}, "missing_item"),
        ({"latitude_deg": 95.0, "longitude_deg": 25.0, "bearing_deg": 5}, "out_of_range"),
        ({"bearing_deg": 400}, "out_of_range"),
        ({"colour": "red"}, "out_of_range"),
    ],
)
def test_what_says_no_place_is_quarantined(fields: dict[str, Any], reason: str) -> None:
    line = json.dumps({"type": "observation", "valid_ns": NOW_NS, "sense": "seen"} | fields)
    found = PeopleDecoder("f").decode(line.encode() + b"\n", NOW_NS, 0)
    assert [fault.reason for fault in found.faults] == [reason]
    left = redact(line.encode() + b"\n")
    assert left is not None
    assert b"sealed" in left[0]


# ---- the form


def client(heard: list[bytes], *, room: bool = True) -> TestClient:
    def hear(line: bytes) -> bool:
        heard.append(line)
        return room

    form = ReportForm(hear)
    routes = [Route("/report", form.show), Route("/report", form.take, methods=["POST"])]
    return TestClient(Starlette(routes=routes))


FORM = {
    "sense": "seen", "minutes_ago": "5", "latitude_deg": "59,4", "longitude_deg": "24.8",
    "bearing_deg": "45", "distance_m": "", "what": "<b>two lights</b>", "reporter": "M. Mets",
    "takes_for": "drone_small", "confidence": "0.8",
}  # fmt: skip


def test_a_form_becomes_a_line_of_the_feed() -> None:
    heard: list[bytes] = []
    page = client(heard)
    assert "<form" in page.get("/report").text
    answer = page.post("/report", data=FORM)
    assert answer.status_code == 201
    assert "taken down" in answer.text
    (line,) = heard
    row = plot_of(line)
    assert row["latitude_deg"] > 59.4
    assert row["class_hint"] == "drone_small"
    (report,) = PeopleDecoder("f").decode(line, NOW_NS, 0).reports
    assert (report.seen, report.reporter) == ("<b>two lights</b>", "M. Mets")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [{"latitude_deg": "north"}, {"latitude_deg": "99"}, {"bearing_deg": ""}, {"minutes_ago": "-1"},
     {"sense": "smelt"}, {"takes_for": "ufo"}, {"what": "x" * 600}],
)  # fmt: skip
def test_a_form_that_cannot_be_is_answered_with_the_reason(change: dict[str, str]) -> None:
    heard: list[bytes] = []
    answer = client(heard).post("/report", data=FORM | change)
    assert answer.status_code == 400
    assert heard == []


def test_what_a_person_wrote_is_never_part_of_the_page() -> None:
    answer = client([]).post("/report", data=FORM | {"latitude_deg": "<script>"})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_json_needs_the_header_and_floods_are_refused() -> None:
    heard: list[bytes] = []
    page = client(heard)
    body = encode_observation(Observation(valid_ns=NOW_NS, sense="seen", object_latitude_deg=59.0,
                                          object_longitude_deg=25.0))  # fmt: skip
    kind = {"content-type": "application/json"}
    assert page.post("/report", content=body, headers=kind).status_code == 403
    ours = kind | {"x-vedette": "1"}
    assert page.post("/report", content=b"x" * 9_000, headers=ours).status_code == 413
    assert page.post("/report", content=b"{", headers=ours).status_code == 400
    answers = [
        page.post("/report", content=body, headers=ours).status_code for _ in range(PER_MINUTE + 1)
    ]
    assert answers == [201] * PER_MINUTE + [429]
    assert len(heard) == PER_MINUTE
    assert client([], room=False).post("/report", content=body, headers=ours).status_code == 503


def test_the_feed_takes_what_the_form_hears() -> None:
    from vedette.engine.address import parse_feed
    from vedette.engine.sockets import LiveFeed
    from vedette.ledger.raw_log import Item

    async def scene() -> list[Item]:
        queue: asyncio.Queue[Item] = asyncio.Queue(1)
        feed = LiveFeed(0, parse_feed("people:"), queue, lambda: NOW_NS)
        await feed.open()
        assert feed.offer(b"line\n")
        assert not feed.offer(b"more\n")
        assert feed.dropped == 1
        return [queue.get_nowait()]

    (item,) = asyncio.run(scene())
    assert (item.payload, item.instant_ns) == (b"line\n", NOW_NS)


def test_a_place_that_says_neither_is_explained() -> None:
    assert isinstance(placed(Observation(valid_ns=1, sense="seen")), str)


def test_a_network_of_many_devices_takes_the_room_of_few_sensors() -> None:
    decoder = PeopleDecoder("f", ["listed"])
    names = []
    for number in range(3 * DEVICES_MAX):
        for device in (f"mic {number}", "mic 0", "listed"):
            made = Observation(
                valid_ns=NOW_NS, sense="heard", device=True, device_id=device,
                object_latitude_deg=47.0, object_longitude_deg=8.0,
            )  # fmt: skip
            (row,) = decoder.decode(encode_observation(made), NOW_NS, 0).plots.to_pylist()
            names.append(row["sensor_id"])
    assert names[1::3] == ["mic 0"] * (3 * DEVICES_MAX)
    assert names[2::3] == ["listed"] * (3 * DEVICES_MAX)
    assert set(names[0::3]) == {f"mic {n}" for n in range(DEVICES_MAX)} | {"f devices"}
