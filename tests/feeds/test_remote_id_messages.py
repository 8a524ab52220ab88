"""Laws of the 25-octet messages, and the reference library's own encodings."""

import math
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vedette.feeds.remote_id.messages import (
    HALF_WIDTH_95,
    HORIZONTAL_M,
    PACK_MAX,
    RADIUS_95,
    SESSION,
    UTM_UUID,
    VERTICAL_M,
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    Refused,
    SelfId,
    System,
    decode_message,
    encode_message,
    pack,
    unpack,
)

nibble, octet, word = st.integers(0, 15), st.integers(0, 255), st.integers(0, 0xFFFF)
angle, version = st.integers(-(2**31), 2**31 - 1), st.integers(0, 2)
bit = st.integers(0, 1)


def octets(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        BasicId,
        version=version,
        id_type=nibble,
        ua_type=nibble,
        uas_id=octets(20),
        reserved=octets(3),
    ),
    st.builds(
        Location,
        version=version,
        status=nibble,
        reserved_flag=bit,
        height_type=bit,
        east_west=bit,
        multiplier=bit,
        direction=octet,
        speed=octet,
        vertical_speed=st.integers(-128, 127),
        latitude=angle,
        longitude=angle,
        pressure_altitude=word,
        geodetic_altitude=word,
        height=word,
        vertical_accuracy=nibble,
        horizontal_accuracy=nibble,
        pressure_accuracy=nibble,
        speed_accuracy=nibble,
        timestamp=word,
        reserved_nibble=nibble,
        timestamp_accuracy=nibble,
        reserved=octet,
    ),
    st.builds(Authentication, version=version, auth_type=nibble, page=nibble, data=octets(23)),
    st.builds(SelfId, version=version, kind=octet, description=octets(23)),
    st.builds(
        System,
        version=version,
        reserved_flags=st.integers(0, 7),
        classification=st.integers(0, 7),
        location_type=st.integers(0, 3),
        latitude=angle,
        longitude=angle,
        area_count=word,
        area_radius=octet,
        area_ceiling=word,
        area_floor=word,
        eu_category=nibble,
        eu_class=nibble,
        geodetic_altitude=word,
        timestamp=st.integers(0, 2**32 - 1),
        reserved=octet,
    ),
    st.builds(OperatorId, version=version, kind=octet, operator_id=octets(20), reserved=octets(3)),
)


@settings(max_examples=100)
@given(messages)
def test_what_was_encoded_decodes_to_the_same_message(message: Message) -> None:
    data = encode_message(message)
    assert len(data) == 25
    assert decode_message(data) == message


@settings(max_examples=100)
@given(octets(25))
def test_any_octets_that_decode_encode_to_the_same_octets(data: bytes) -> None:
    message = decode_message(data)
    if isinstance(message, Refused):
        assert data[0] >> 4 in range(6, 16) or data[0] & 15 > 2
    else:
        assert encode_message(message) == data


@settings(max_examples=50)
@given(st.lists(messages, min_size=1, max_size=PACK_MAX), octets(4), st.integers(0, 300))
def test_packs_return_their_messages_and_say_what_is_cut_off(
    given_messages: list[Message], padding: bytes, cut: int
) -> None:
    data = pack(given_messages)
    assert unpack(data + padding) == ([encode_message(one) for one in given_messages], None)
    parts, refused = unpack(data[:cut])
    assert parts == [encode_message(one) for one in given_messages][: max(0, cut - 3) // 25]
    assert (refused is None) == (cut >= len(data))


@settings(max_examples=100)
@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(-999, 31_000),
    st.floats(0, 254),
    st.floats(0, 2 * math.pi, exclude_max=True),
    st.floats(-62, 62),
    st.sampled_from(HORIZONTAL_M),
    st.sampled_from(VERTICAL_M),
)
@example(0.0, 1e-6, 0.0, 63.75, math.radians(359.9), 0.0, 3, 1.0)
def test_values_return_within_half_a_step_of_the_format(
    latitude_deg: float,
    longitude_deg: float,
    height_m: float,
    speed_mps: float,
    angle_rad: float,
    climb_mps: float,
    radius_m: float,
    half_width_m: float,
) -> None:
    location = Location.of(
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        pressure_altitude_m=height_m,
        height_hae_m=height_m,
        ground_speed_mps=speed_mps,
        track_angle_rad=angle_rad,
        vertical_rate_mps=climb_mps,
        position_sigma_m=radius_m / RADIUS_95,
        height_sigma_m=half_width_m / HALF_WIDTH_95,
    )
    back = decode_message(encode_message(location))
    assert isinstance(back, Location)
    if back.is_placed:
        assert back.latitude_deg == pytest.approx(latitude_deg, abs=5.1e-8)
        assert back.longitude_deg == pytest.approx(longitude_deg, abs=5.1e-8)
    else:
        assert abs(latitude_deg) < 1e-7
        assert abs(longitude_deg) < 1e-7
    for height in (back.pressure_altitude_m, back.height_hae_m):
        assert height == pytest.approx(height_m, abs=0.2501)
    step = 0.25 if speed_mps <= 63.75 else 0.75
    assert back.ground_speed_mps == pytest.approx(speed_mps, abs=step / 2 + 1e-9)
    assert back.track_angle_rad is not None
    turned = (back.track_angle_rad - angle_rad + math.pi) % (2 * math.pi) - math.pi
    assert abs(turned) <= math.radians(0.5) + 1e-9
    assert back.vertical_rate_mps == pytest.approx(climb_mps, abs=0.2501)
    assert back.position_sigma_m == pytest.approx(radius_m / RADIUS_95)
    assert back.height_sigma_m == pytest.approx(half_width_m / HALF_WIDTH_95)
    assert back.wrong() is None


@given(st.floats(0.1, 10_000))
def test_a_stated_accuracy_is_never_better_than_the_truth(sigma_m: float) -> None:
    code = Location.of(position_sigma_m=sigma_m)
    assert code.position_sigma_m is None or code.position_sigma_m >= sigma_m * (1 - 1e-6)


def test_everything_unknown_is_sent_by_the_standards_codes_and_returns_as_none() -> None:
    location = Location.of()
    data = encode_message(location)
    assert data[1] & 3 == 3  # the sum of both flags' parts: 361 degrees, 255 m/s
    assert (data[2], data[3], data[4]) == (181, 255, 126)
    assert data[5:19] == bytes(14)
    assert data[21:23] == b"\xff\xff"
    for name in (
        "latitude_deg",
        "longitude_deg",
        "pressure_altitude_m",
        "height_hae_m",
        "ground_speed_mps",
        "track_angle_rad",
        "vertical_rate_mps",
        "position_sigma_m",
        "height_sigma_m",
        "wrong",
    ):
        value = getattr(location, name)
        assert (value() if callable(value) else value) is None, name


def test_ids_of_every_type_return() -> None:
    for text, kind in (
        ("1581F5FKD229S00AB123", 1),
        ("HB-XYZ", 2),
        ("2979bd18-7f06-441c-bda6-e82c841c35d6", UTM_UUID),
        ("0120010db8", SESSION),
    ):
        assert BasicId.of(text, id_type=kind).text == text
    assert BasicId.of("", id_type=1).text is None
    assert SelfId.of("Power line survey").text == "Power line survey"
    assert OperatorId(operator_id=b"\x1b[2J\xff".ljust(20, b"\0")).text == "\\x1b[2J\\xff"


@pytest.mark.shared
def test_the_reference_librarys_encodings_are_read_and_written_exactly(shared: Path) -> None:
    lines = (shared / "data/vectors/remote_id/odid_vectors.txt").read_text().split()
    vectors = {
        name: bytes.fromhex(text) for name, text in zip(lines[::2], lines[1::2], strict=True)
    }
    read = {name: decode_message(data) for name, data in vectors.items() if name != "pack"}
    for name, message in read.items():
        assert not isinstance(message, Refused)
        assert encode_message(message) == vectors[name]
    basic, place, self_id = read["basic"], read["loc"], read["self"]
    assert isinstance(basic, BasicId)
    assert basic.text == "1581F5FKD229S00AB123"
    assert isinstance(self_id, SelfId)
    assert self_id.text == "Power line survey"
    assert isinstance(place, Location)
    assert (place.latitude_deg, place.longitude_deg) == (50.0755381, -14.4378005)
    assert (place.pressure_altitude_m, place.height_hae_m) == (100.0, 110.5)
    assert (place.ground_speed_mps, place.vertical_rate_mps) == (5.5, -3.0)
    assert place.track_angle_rad == pytest.approx(math.radians(216))
    assert (place.horizontal_accuracy, place.timestamp) == (11, 3605)
    fast = read["loc2"]
    assert isinstance(fast, Location)
    assert fast.ground_speed_mps == 120.75
    assert fast.latitude_deg == -33.8
    operator, system = read["op"], read["sys"]
    assert isinstance(operator, OperatorId)
    assert operator.text == "CZE87astrdge12k8"
    assert isinstance(system, System)
    assert system.is_placed
    parts, refused = unpack(vectors["pack"])
    assert refused is None
    assert parts == [vectors[name] for name in ("basic", "loc", "sys", "op")]
    assert pack(parts) == vectors["pack"]
