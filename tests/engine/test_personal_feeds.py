"""What drones say of their operators is in no file of a record; the record replays all the same."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from vedette.app.cli import cli
from vedette.engine.bundled import sovereign_digest
from vedette.engine.opening import course_of
from vedette.engine.record import Record, RecordStore
from vedette.engine.run import Run
from vedette.engine.settings import FeedSpec, RunBody
from vedette.engine.verification import replay, verify
from vedette.feeds.pcap import encode_capture
from vedette.feeds.remote_id.encoder import encode_packets
from vedette.feeds.remote_id.messages import (
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
    encode_message,
)
from vedette.feeds.remote_id.network import encode_line
from vedette.ledger.raw_log import MAX_PAYLOAD, Item, ItemKind
from vedette.ledger.seal import read_chunk, unseal
from vedette.response.rule_set import shipped_rules

NOW_NS = 1_758_265_080_000_000_000
ADDRESS = bytes.fromhex("021122334455")
SECRETS = (b"FIN87OPERATOR", b"my own words", (594_123_456).to_bytes(4, "little"))


def messages(second: int) -> list[Message]:
    now_ns = NOW_NS + second * 10**9
    return [
        BasicId.of("1581F5FKD229S00AB123", ua_type=2),
        Location.of(
            latitude_deg=59.5 + second * 1e-4,
            longitude_deg=26.5,
            height_hae_m=120.0,
            valid_ns=now_ns,
        ),
        System.of(latitude_deg=59.4123456, longitude_deg=26.4123456, height_hae_m=40.0),
        OperatorId.of("FIN87OPERATOR"),
        SelfId.of("my own words"),
    ]


def capture(path: Path) -> str:
    packets, link = [], 0
    for second in range(20):
        ((link, packet),) = encode_packets("wifi beacon", ADDRESS, messages(second))
        packets.append((NOW_NS + second * 10**9, packet))
    path.write_bytes(encode_capture(link, packets))
    return f"remote-id+file:{path}"


def json_lines(path: Path) -> str:
    lines = [
        encode_line("02:11:22:33:44:55", encode_message(message), NOW_NS + second * 10**9)
        for second in range(20)
        for message in messages(second)
    ]
    path.write_bytes(b"".join(lines))
    return f"remote-id-json+file:{path}"


@pytest.mark.parametrize("make", [capture, json_lines], ids=lambda make: make.__name__)
def test_an_operator_is_in_no_file_of_the_record(make: object, tmp_path: Path) -> None:
    url = make(tmp_path / "feed.bin")  # type: ignore[operator]
    folder = tmp_path / "record"
    done = CliRunner().invoke(cli, ["watch", url, "--until-end", "--record", str(folder), "--json"])
    assert done.exit_code == 0, done.output
    held = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    assert b"1581F5FKD229S00AB123" in held or b"1581F5FKD229S00AB123".hex().encode() in held
    for secret in SECRETS:
        assert secret not in held
        assert secret.hex().encode() not in held
    record = Record(folder)
    assert verify(record).ok
    again = replay(record)
    assert again.same, again


def started(folder: Path) -> Run:
    body = RunBody(
        version="test", created_ns=NOW_NS,
        feeds=(FeedSpec(feed_id="drones", url="remote-id-json+udp://x:1", decoder="remote-id-json"),),
        sovereign_digest=sovereign_digest(), rules_digest=shipped_rules().digest, platform={},
    )  # fmt: skip
    store = RecordStore.create(folder, body, {})
    return Run(course_of(store), store)


@pytest.mark.parametrize(
    ("data", "most"),
    [
        (b'{"flights":' + b"[" * 900 + b"]" * 900 + b"}", MAX_PAYLOAD),
        (b"x\n" * 500, 4_096),  # without what cannot be read it is longer than it was
    ],
    ids=["deep", "long"],
)
def test_a_datagram_of_which_nothing_can_be_shown_is_sealed_whole_and_the_watch_goes_on(
    data: bytes, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("engine.run", "ledger.raw_log"):
        monkeypatch.setattr(f"vedette.{module}.MAX_PAYLOAD", most, raising=False)
    run = started(tmp_path / "record")
    run.put(Item(ItemKind.CHUNK, 0, NOW_NS, data))
    run.put(Item(ItemKind.TICK, 0, NOW_NS + 1, b""))
    run.commit(force=True)
    record = Record(tmp_path / "record")
    first = next(iter(record.items()))[0]
    assert first.kind is ItemKind.SEALED
    box = read_chunk(first.payload).sealed
    key = record.key_of(box.key)
    assert key is not None
    assert unseal(box, key) == data
    assert [entry.body["reason"] for entry in record.entries(["quarantine"])] == ["bad_json"]


def test_a_key_that_somebody_took_away_is_no_name_for_another(tmp_path: Path) -> None:
    store = started(tmp_path / "record").store
    assert store is not None
    first, second = store.key_for("one")[0], store.key_for("another")[0]
    (tmp_path / "record" / "keys" / f"{first}.key").unlink()
    third, again = store.key_for("a third")[0], store.key_for("one")[0]
    assert len({first, second, third, again}) == 4
    store.close()
    after = RecordStore(tmp_path / "record")
    assert after.key_for("one")[0] not in {first, second, third, again}
    after.close()
