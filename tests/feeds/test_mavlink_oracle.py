"""Our frames against pymavlink, the reference implementation, where it is installed."""

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.mavlink.frames import LAYOUTS, Frame, cut_frames, encode_frame

os.environ["MAVLINK20"] = "1"
dialect: Any = pytest.importorskip(
    "pymavlink.dialects.v20.common", reason="pymavlink (LGPL, oracle only) is not installed"
)


def fields(number: int, octets: bytes) -> list[Any]:
    """Values in the order in which pymavlink takes them, without numbers that are none."""
    message = dialect.mavlink_map[number]
    payload = LAYOUTS[number].kind(*LAYOUTS[number].octets.unpack(octets))
    found = []
    for name in message.fieldnames:
        value = getattr(payload, name)
        if isinstance(value, float) and value - value != 0.0:
            value = 0.0
        found.append(value)
    return found


@settings(max_examples=100)
@given(st.sampled_from(sorted(LAYOUTS)), st.data())
def test_frames_are_those_of_the_reference_byte_for_byte(number: int, data: st.DataObject) -> None:
    size = LAYOUTS[number].octets.size
    octets = data.draw(st.binary(min_size=size, max_size=size))
    message = dialect.mavlink_map[number]
    values = fields(number, octets)
    texts = {"description", "operator_id", "error"}
    theirs = message(
        *(
            list(value) if isinstance(value, bytes) and name not in texts else value
            for name, value in zip(message.fieldnames, values, strict=True)
        )
    )
    link = dialect.MAVLink(None, srcSystem=7, srcComponent=8)
    packed = bytes(theirs.pack(link))
    named = dict(zip(message.fieldnames, values, strict=True))
    ours = LAYOUTS[number].kind(**named)
    assert encode_frame(Frame(ours, system=7, component=8)) == packed
    ((cut,), _) = cut_frames(packed)
    assert cut.frame == Frame(ours, system=7, component=8)
    back = dialect.MAVLink(None).parse_buffer(bytearray(packed))
    assert [one.get_msgId() for one in back] == [number]


def test_every_definition_has_the_same_name_order_and_check() -> None:
    for number, layout in LAYOUTS.items():
        message = dialect.mavlink_map[number]
        assert tuple(message.ordered_fieldnames) == layout.kind._fields
        assert message.crc_extra == layout.extra
