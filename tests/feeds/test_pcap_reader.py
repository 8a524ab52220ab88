"""Captures packet by packet: the law that what was written is read, cut anywhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.pcap import CaptureReader, encode_capture

STAMP_NS = 1_758_265_080_123_456_789


@settings(max_examples=60)
@given(
    st.sampled_from([1, 105, 127, 256, 272]),
    st.lists(st.tuples(st.integers(0, 10**9), st.binary(max_size=60)), max_size=5),
    st.integers(1, 200),
)
def test_packets_return_with_link_type_and_time(
    link: int, packets: list[tuple[int, bytes]], piece: int
) -> None:
    timed = [(STAMP_NS + late_ns, data) for late_ns, data in packets]
    data = encode_capture(link, timed)
    reader = CaptureReader()
    found = []
    for at in range(0, len(data), piece):
        found += reader.push(data[at : at + piece])
    found += reader.finish()
    assert [(one.heard_ns, one.data) for one in found] == timed
    assert all(one.link == link and one.whole == len(one.data) for one in found)


def test_octets_that_are_no_capture_come_out_as_such() -> None:
    reader = CaptureReader()
    found = [*reader.push(b"no capture at all"), *reader.finish()]
    assert b"".join(one.data for one in found) == b"no capture at all"
    assert {one.link for one in found} == {None}
