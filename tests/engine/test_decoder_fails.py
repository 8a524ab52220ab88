"""A decoder that breaks its word and raises: what it failed on goes to quarantine, and the rest is read."""

from collections.abc import Sequence

import pyarrow as pa
import pytest

from vedette.engine.bundled import sovereign_digest
from vedette.engine.course import Course
from vedette.engine.opening import Unrecorded, course_of
from vedette.engine.settings import FeedSpec, RunBody
from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.sbs import Message, SbsDecoder, encode_line
from vedette.ledger.entries import decode_entry
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.time import SECOND_NS
from vedette.response.rule_set import shipped_rules

DAY_NS = 20_000 * 86_400 * SECOND_NS
POISON = b"MSG,poison\n"


def course_of_feed(url: str, decoder: str) -> Course:
    body = RunBody(
        version="test", created_ns=DAY_NS,
        feeds=(FeedSpec(feed_id="feed", url=url, decoder=decoder),),
        day_start_ns=DAY_NS, sovereign_digest=sovereign_digest(),
        rules_digest=shipped_rules().digest, platform={},
    )  # fmt: skip
    return course_of(Unrecorded(body, {}))


def test_of_the_chunks_of_a_tick_only_the_one_that_it_failed_on_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = SbsDecoder.decode_each

    def failing(
        decoder: SbsDecoder, chunks: Sequence[Chunk], raw_refs: Sequence[int]
    ) -> tuple[list[Decoded], pa.Table]:
        if any(POISON in chunk.data for chunk in chunks):
            raise RuntimeError("poison")
        return whole(decoder, chunks, raw_refs)

    monkeypatch.setattr(SbsDecoder, "decode_each", failing)
    course = course_of_feed("sbs+tcp://x:1", "sbs")
    found, now_ns = course.open(), DAY_NS + SECOND_NS
    for number in range(5):
        line = encode_line(
            Message(3, 0x4B1900 + number, now_ns, latitude_deg=46.0 + number, longitude_deg=8.0)
        )
        data = b"nonsense\n" if number == 1 else POISON if number == 3 else line
        found += course.run(Item(ItemKind.CHUNK, 0, now_ns + number, data), data)
    found += course.run(Item(ItemKind.TICK, 0, now_ns + SECOND_NS, b""), b"")
    bodies = [entry.body for entry in map(decode_entry, found) if entry.kind == "quarantine"]
    assert [(body["reason"], bytes.fromhex(body["hex"])) for body in bodies] == [
        ("bad_line", b"nonsense"), ("decoder_failed", POISON),
    ]  # fmt: skip
    assert [body["raw_ref"] for body in bodies] == [bodies[0]["raw_ref"], bodies[0]["raw_ref"] + 2]
    assert course.pipeline.health[0].plots == 3
    assert course.pipeline.heard.num_rows == 3


def test_what_is_quarantined_names_its_own_datagram_of_those_of_one_instant() -> None:
    course = course_of_feed("asterix+udp://239.0.0.1:8600", "asterix")
    now_ns = DAY_NS + SECOND_NS
    sound, bad = bytes((34, 0, 9, 0b1110_0000, 25, 10, 1, 0, 0)), bytes((48, 0, 6, 0x80, 25, 10))
    found = course.open()
    for data in (sound, sound, bad + sound, sound + bad):
        found += course.run(Item(ItemKind.CHUNK, 0, now_ns, data), data)
    found += course.run(Item(ItemKind.TICK, 0, now_ns + SECOND_NS, b""), b"")
    bodies = [entry.body for entry in map(decode_entry, found) if entry.kind == "quarantine"]
    items = (sound, sound, bad + sound, sound + bad)
    told = [bytes.fromhex(body["hex"]) for body in bodies]
    assert [
        items[body["raw_ref"]][body["offset"] :][: len(t)]
        for body, t in zip(bodies, told, strict=True)
    ] == told
    assert sorted(body["raw_ref"] for body in bodies if body["reason"] == "missing_item") == [2, 3]
