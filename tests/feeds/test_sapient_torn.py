"""A SAPIENT message that a lost connection tore: it is quarantined, and what comes behind it is read."""

from vedette.feeds.sapient.decoder import SapientDecoder
from vedette.feeds.sapient.encoder import framed, registration, status

NODE = "0b5c1d2e-7f3a-4b6c-8d9e-a0b1c2d3e4f5"


def test_a_torn_message_does_not_swallow_what_comes_behind_it() -> None:
    first = framed(registration(NODE, 1_800_000_000_000_000_000))
    later = [
        framed(status(NODE, 1_800_000_001_000_000_000 + n, 55.0, 20.0, 10.0)) for n in range(5)
    ]
    decoder = SapientDecoder("s")
    assert not decoder.decode(first[:-7], 1, 0).faults  # more may come
    decoded = [decoder.decode(chunk, 2 + n, 1 + n) for n, chunk in enumerate(later)]
    assert [one.counts for one in decoded] == [{"status_report": 1}] * 5
    (fault,) = decoded[0].faults
    assert (fault.reason, fault.data) == ("truncated", first[:-7])
    assert not any(one.faults for one in decoded[1:])


def test_a_message_in_two_pieces_is_still_one() -> None:
    first = framed(registration(NODE, 1_800_000_000_000_000_000))
    for at in range(1, len(first)):
        decoder = SapientDecoder("s")
        decoder.decode(first[:at], 1, 0)
        decoded = decoder.decode(first[at:], 2, 1)
        assert decoded.counts == {"registration": 1}
        assert not decoded.faults
