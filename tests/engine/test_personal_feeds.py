"""What drones say of their operators is in no file of a record; the record replays all the same."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from vedette.app.cli import cli
from vedette.engine.record import Record
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
