"""SAPIENT: the published vectors and their mutations, messages to plots, and what a fusion node answers."""

import itertools
import math
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from vedette.app.feed_probe import probe_file
from vedette.feeds.sapient import encoder
from vedette.feeds.sapient.decoder import SapientDecoder, utm
from vedette.feeds.sapient.framing import SapientFramer, cut_frames, encode_frame, framer_of, sniff
from vedette.feeds.sapient.fusion_node import FusionNode
from vedette.feeds.sapient.validation import check, check_json, rules
from vedette.model.sensor import Sensor

NODE = "a8654cdf-4328-47de-81fa-c495589e30c9"
NOW_NS = 1_758_265_080_000_000_000
ROW = {
    "valid_ns": NOW_NS, "latitude_deg": 59.5, "longitude_deg": 26.5, "height_hae_m": 120.0,
    "position_sigma_m": 15.0, "height_sigma_m": 8.0, "ground_speed_mps": 20.0,
    "track_angle_rad": 1.0, "vertical_rate_mps": -1.0, "track_number": 7,
}  # fmt: skip


def made() -> list[SapientMessage]:
    return [
        encoder.registration(NODE, NOW_NS),
        encoder.status(NODE, NOW_NS, 59.4, 26.4, 30.0),
        encoder.detection(NODE, ROW),
        encoder.alert(NODE, NOW_NS, "two of them"),
        encoder.registration_ack(NODE, NOW_NS, []),
        encoder.alert_ack(NODE, NOW_NS, encoder.ulid(NOW_NS, 2)),
        encoder.task_refusal(NODE, NOW_NS, encoder.ulid(NOW_NS, 3), "no"),
        encoder.error(NODE, NOW_NS, b"x", ["wrong"]),
    ]


# ---- checking


@pytest.mark.parametrize("message", made(), ids=lambda m: m.WhichOneof("content"))
def test_what_we_send_is_valid(message: SapientMessage) -> None:
    assert check(message) == []


def parts(message: Message) -> list[Message]:
    """A message and all messages in it."""
    found = [message]
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.name != "Timestamp":
            for one in value if field.is_repeated else [value]:
                found += parts(one)
    return found


def mutations(message: SapientMessage) -> list[tuple[str, SapientMessage]]:
    """Copies with one mandatory field gone, one identifier, enumeration or time spoiled."""
    found = []
    for number, part in enumerate(parts(message)):
        for rule in rules(part.DESCRIPTOR):
            name = rule.field.name
            present = (
                bool(getattr(part, name))
                if rule.field.is_repeated
                else (part.HasField(name) if rule.field.has_presence else bool(getattr(part, name)))
            )
            if not present:
                continue

            def copy(number: int = number) -> tuple[SapientMessage, Any]:
                again = SapientMessage()
                again.CopyFrom(message)
                return again, parts(again)[number]

            if rule.mandatory:
                again, one = copy()
                one.ClearField(name)
                found.append(("missing", again))
            if rule.uuid or rule.ulid:
                again, one = copy()
                if rule.field.is_repeated:
                    getattr(one, name)[0] = "not an identifier"
                else:
                    setattr(one, name, getattr(one, name)[:-1])
                found.append(("bad_id", again))
            if rule.kind == "enum" and not rule.field.is_repeated:
                again, one = copy()
                setattr(one, name, 99)
                found.append(("out_of_range", again))
            if rule.kind == "real" and not rule.field.is_repeated:
                again, one = copy()
                setattr(one, name, math.nan)
                found.append(("out_of_range", again))
    again = SapientMessage()
    again.CopyFrom(message)
    again.timestamp.seconds = -5
    found.append(("bad_time", again))
    if message.WhichOneof("content") == "registration":
        again = SapientMessage()
        again.CopyFrom(message)
        again.registration.icd_version = "BSI Flex 335 v1.0"
        found.append(("bad_version", again))
    return found


def test_every_mutation_of_what_we_send_is_found_and_named() -> None:
    checked = 0
    for message in made():
        for reason, mutant in mutations(message):
            assert reason in {finding.reason for finding in check(mutant)}, (reason, mutant)
            checked += 1
    assert checked > 100


@pytest.mark.shared
def test_all_published_vectors_are_accepted_or_rejected_as_their_folder_says(shared: Path) -> None:
    folder = shared / "data/vectors/sapient_v2"
    valid, invalid = sorted((folder / "valid").iterdir()), sorted((folder / "invalid").iterdir())
    assert (len(valid), len(invalid)) == (29, 145)
    for path in valid:
        assert check_json(path.read_bytes())[1] == [], path.name
    reasons = {}
    for path in invalid:
        _, found = check_json(path.read_bytes())
        assert found, path.name
        reasons[path.name] = {finding.reason for finding in found}
    for name, found in reasons.items():
        if ".Missing" in name or ".Empty" in name:
            # two speak of a field of an earlier version, which the definitions no longer have
            allowed = {"wrong_type"} if "DetectionLocation" in name else {"missing"}
            assert found & allowed, (name, found)
        elif "BadId" in name:
            assert "bad_id" in found, (name, found)
        elif "IcdVersion.Wrong" in name:
            assert "bad_version" in found
        elif "Timestamp.Error" in name:
            assert "bad_time" in found


@pytest.mark.shared
def test_the_command_accepts_and_rejects_the_published_vectors(shared: Path) -> None:
    for kind in ("valid", "invalid"):
        for path in sorted((shared / "data/vectors/sapient_v2" / kind).iterdir())[::7]:
            found = probe_file(str(path), "sapient", None)
            assert (found.first_fault is None) == (kind == "valid"), path.name
            assert found.messages == (kind == "valid"), path.name
            if kind == "valid":
                assert probe_file(str(path), None, None).format == "sapient"
                assert found.first_utc is not None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=5), st.integers(1, 400))
def test_messages_as_json_give_what_they_give_on_the_wire(chosen: list[int], piece: int) -> None:
    messages = [made()[number] for number in chosen]
    text = "\n".join(MessageToJson(message) for message in messages).encode()
    framer = framer_of(text)
    chunks = [c for at in range(0, len(text), piece) for c in framer.push(text[at : at + piece])]
    chunks += framer.finish()
    wire, written = SapientDecoder("f"), SapientDecoder("f")
    assert len(chunks) == len(messages)
    for message, chunk in zip(messages, chunks, strict=True):
        sent = wire.decode(encode_frame(message.SerializeToString()), chunk.received_ns, 0)
        found = written.decode(chunk.data, chunk.received_ns, 0)
        assert found.faults == []
        assert found.plots == sent.plots
        assert found.counts == sent.counts


@pytest.mark.shared
def test_every_mutation_of_the_valid_vectors_is_found_and_named(shared: Path) -> None:
    checked = 0
    for path in sorted((shared / "data/vectors/sapient_v2/valid").iterdir()):
        message, found = check_json(path.read_bytes())
        assert message is not None
        assert found == []
        for reason, mutant in mutations(message):
            assert reason in {finding.reason for finding in check(mutant)}, (path.name, reason)
            checked += 1
    assert checked > 1_000


def test_a_field_of_a_later_version_is_passed_over_on_the_wire() -> None:
    message = made()[2]
    later = message.SerializeToString() + b"\xfa\x3f\x03abc"  # field 1023, a text
    found = SapientDecoder("f").decode(encode_frame(later), NOW_NS, 0)
    assert found.faults == []
    assert found.plots.num_rows == 1


# ---- framing and decoding


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5), st.lists(st.integers(0, 300)))
def test_frames_come_out_as_they_went_in_however_cut(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(encode_frame, bodies))
    framer, found = SapientFramer(), []
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, end in itertools.pairwise(edges):
        found += [chunk.data for chunk in framer.push(stream[start:end])]
    assert found == list(map(encode_frame, bodies))
    assert list(framer.finish()) == []


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_octets_are_read_or_quarantined(data: bytes) -> None:
    decoded = SapientDecoder("f").decode(data, NOW_NS, 0)
    frames, settled = cut_frames(data)
    assert sum(len(fault.data) for fault in decoded.faults) <= settled
    assert len(decoded.faults) <= len(frames)
    for fault in decoded.faults:
        assert data[fault.offset : fault.offset + len(fault.data)] == fault.data


def test_a_detection_becomes_a_plot_with_all_it_says() -> None:
    data = b"".join(encoder.framed(message) for message in made()[:3])
    assert sniff(data)
    found = SapientDecoder("f").decode(data, NOW_NS + 5, 3)
    assert found.faults == []
    (plot,) = found.plots.to_pylist()
    assert plot["kind"] == "psr"
    assert plot["sensor_id"] == NODE
    for name in ("latitude_deg", "longitude_deg", "height_hae_m", "position_sigma_m",
                 "height_sigma_m", "ground_speed_mps", "track_angle_rad", "vertical_rate_mps"):  # fmt: skip
        assert plot[name] == pytest.approx(ROW[name], rel=1e-6), name
    assert (plot["valid_ns"], plot["received_ns"], plot["raw_ref"]) == (NOW_NS, NOW_NS + 5, 3)
    assert found.counts == {"registration": 1, "status_report": 1, "detection_report": 1}


def bearing(azimuth_deg: float, range_m: float | None, datum: int = 1) -> SapientMessage:
    message = encoder.detection(NODE, ROW)
    message.detection_report.ClearField("location")
    place = message.detection_report.range_bearing
    place.azimuth, place.azimuth_error = azimuth_deg, 1.0
    place.coordinate_system, place.datum = 1, datum
    if range_m is not None:
        place.range, place.range_error = range_m, 10.0
    return message


def test_a_range_and_bearing_are_placed_from_where_the_node_says_it_stands() -> None:
    decoder = SapientDecoder("f")
    first = decoder.decode(encoder.framed(bearing(90.0, 5_000.0)), NOW_NS, 0)
    assert first.plots["latitude_deg"].to_pylist() == [None]  # it has not said yet
    decoder.decode(encoder.framed(encoder.status(NODE, NOW_NS, 59.4, 26.4, 30.0)), NOW_NS, 0)
    (plot,) = decoder.decode(encoder.framed(bearing(90.0, 5_000.0)), NOW_NS, 0).plots.to_pylist()
    assert plot["latitude_deg"] == pytest.approx(59.4, abs=1e-4)
    assert plot["longitude_deg"] == pytest.approx(
        26.4 + 5_000 / 111_320 / math.cos(math.radians(59.4)), abs=1e-3
    )
    assert plot["position_sigma_m"] == pytest.approx(
        math.hypot(5_000 * math.radians(1), 10) / math.sqrt(2), rel=1e-3
    )
    (alone,) = decoder.decode(encoder.framed(bearing(45.0, None)), NOW_NS, 0).plots.to_pylist()
    assert (alone["azimuth_rad"], alone["range_m"]) == (pytest.approx(math.pi / 4), None)
    observer = (alone["observer_latitude_deg"], alone["observer_longitude_deg"])
    assert observer == pytest.approx((59.4, 26.4))
    assert alone["latitude_deg"] is None
    magnetic = decoder.decode(encoder.framed(bearing(45.0, 1_000.0, datum=2)), NOW_NS, 0)
    assert magnetic.plots.num_rows == 0
    assert magnetic.counts["bearing not from true north"] == 1


def test_a_site_of_the_sensors_file_stands_in_for_a_node() -> None:
    site = Sensor(sensor_id=NODE, kind="acoustic", latitude_deg=59.4, longitude_deg=26.4)
    found = SapientDecoder("f", (site,)).decode(encoder.framed(bearing(0.0, 1_000.0)), NOW_NS, 0)
    (plot,) = found.plots.to_pylist()
    assert plot["kind"] == "acoustic"
    assert plot["latitude_deg"] > 59.4


@given(st.floats(-79.0, 83.0), st.floats(-179.9, 179.9))
@settings(max_examples=30)
def test_eastings_and_northings_are_placed(latitude_deg: float, longitude_deg: float) -> None:
    zone = f"{int((longitude_deg + 180) // 6) + 1}{'N' if latitude_deg >= 0 else 'M'}"
    east, north = utm(zone).transform(longitude_deg, latitude_deg, direction="INVERSE")
    message = encoder.detection(NODE, ROW)
    place = message.detection_report.location
    place.x, place.y, place.utm_zone, place.coordinate_system = east, north, zone, 5
    place.x_error = place.y_error = 4.0
    (plot,) = SapientDecoder("f").decode(encoder.framed(message), NOW_NS, 0).plots.to_pylist()
    assert plot["latitude_deg"] == pytest.approx(latitude_deg, abs=1e-6)
    assert plot["longitude_deg"] == pytest.approx(longitude_deg, abs=1e-6)
    assert plot["position_sigma_m"] == pytest.approx(4.0)


@pytest.mark.parametrize("zone", ["", "30", "61N", "0N", "30O", "N", "0030U", "\uff13\uff10U"])
def test_a_zone_that_is_none_gives_no_place(zone: str) -> None:
    message = encoder.detection(NODE, ROW)
    message.detection_report.location.utm_zone = zone
    message.detection_report.location.coordinate_system = 5
    found = SapientDecoder("f").decode(encoder.framed(message), NOW_NS, 0)
    assert found.plots.num_rows == 0
    assert found.counts["place that is none"] == 1


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("UAV", "drone_small"),
        ("Air Vehicle Drone", "drone_small"),
        ("Bird", "bird"),
        ("Human", None),
    ],
)
def test_a_class_is_taken_where_it_has_a_name_here(words: str, name: str | None) -> None:
    message = encoder.detection(NODE, ROW)
    message.detection_report.classification.add(type=words, confidence=0.75)
    (plot,) = SapientDecoder("f").decode(encoder.framed(message), NOW_NS, 0).plots.to_pylist()
    assert plot["class_hint"] == name
    assert plot["class_confidence"] == (None if name is None else 0.75)


# ---- the fusion node


def answer(message: SapientMessage) -> SapientMessage | None:
    replies = FusionNode(NODE).replies(encoder.framed(message), NOW_NS)
    frames, _ = cut_frames(replies)
    if not frames:
        return None
    found = SapientMessage.FromString(frames[0].data)
    assert check(found) == []
    return found


def task() -> SapientMessage:
    message = encoder.message(NODE, NOW_NS)
    message.task.task_id = encoder.ulid(NOW_NS, 9)
    message.task.control = 1
    message.task.command.request = "Start"
    return message


def test_a_fusion_node_acknowledges_and_refuses() -> None:
    registered = answer(encoder.registration(NODE, NOW_NS))
    assert registered is not None
    assert registered.registration_ack.acceptance
    assert registered.destination_id == NODE
    assert answer(encoder.status(NODE, NOW_NS, 59.4, 26.4, 30.0)) is None
    assert answer(encoder.detection(NODE, ROW)) is None
    heard = answer(encoder.alert(NODE, NOW_NS, "look"))
    assert heard is not None
    assert heard.alert_ack.alert_id
    refused = answer(task())
    assert refused is not None
    assert refused.task_ack.task_status == 2  # TASK_STATUS_REJECTED
    counted = SapientDecoder("f").decode(encoder.framed(task()), NOW_NS, 0)
    assert counted.counts == {"task": 1, "task refused": 1}
    assert counted.plots.num_rows == 0


@pytest.mark.parametrize("kind", ["KINETIC", "JAMMER", "LDEW", "RFDEW"])
def test_an_effector_is_not_registered(kind: str) -> None:
    found = answer(encoder.registration(NODE, NOW_NS, node_type=kind))
    assert found is not None
    assert not found.registration_ack.acceptance


@given(st.binary(min_size=1, max_size=120))
def test_whatever_comes_no_task_ever_goes_out(data: bytes) -> None:
    for chunk in (encode_frame(data), data):
        replies = FusionNode(NODE).replies(chunk, NOW_NS)
        for frame in cut_frames(replies)[0]:
            assert SapientMessage.FromString(frame.data).WhichOneof("content") in {
                "registration_ack", "alert_ack", "task_ack", "error",
            }  # fmt: skip


def test_the_encoder_has_no_way_to_make_a_task() -> None:
    source = Path(encoder.__file__).read_text()
    assert re.search(r"(?:found|message|body)\.task\b|\bTask\b(?!Ack)\(", source) is None
