"""``vedette feed probe`` and ``vedette feed check`` on recordings of ASTERIX."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from vedette.app.commands.feed import group
from vedette.app.feed_probe import faults_of_file, probe_file
from vedette.feeds.asterix.encoder import encode_cat034, encode_cat048
from vedette.feeds.formats import FORMATS, codec
from vedette.feeds.pcap import encode_capture
from vedette.model.errors import SettingError, SourceError
from vedette.model.plot import plots
from vedette.model.sensor import Sensor

RADAR = Sensor(
    sensor_id="a", kind="ssr", latitude_deg=0, longitude_deg=0, sac=25, sic=10, period_s=4.0
)


def recording(seconds: int = 8) -> bytes:
    data = b""
    for second in range(seconds):
        now_ns = (43_200 + second) * 10**9
        data += encode_cat034("north", RADAR, now_ns) if second % 4 == 0 else b""
        data += encode_cat048(
            plots(
                sensor_id=["a"] * 5,
                kind=["ssr"] * 5,
                valid_ns=[now_ns] * 5,
                received_ns=[now_ns] * 5,
                range_m=np.arange(5.0) * 1000,
                azimuth_rad=np.arange(5.0),
            ),
            RADAR,
        )
    return data


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "radar.ast"
    path.write_bytes(recording())
    return path


def test_probe_says_what_a_recording_holds(file: Path) -> None:
    result = CliRunner().invoke(group, ["probe", str(file), "--json", "--date", "2025-09-19"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["format"], found["form"]) == ("asterix", "raw")
    assert found["counts"] == {"048 25/10": 40, "034 25/10": 2}
    assert found["messages"] == 42
    assert found["size_bytes"] == file.stat().st_size
    assert found["first_utc"] == "2025-09-19T12:00:00.000Z"
    assert found["span_s"] == 7.0
    assert found["messages_per_s"] == 6.0
    assert found["turn_s"] == {"25/10": 4.0}
    assert found["faults"] == {}
    text = CliRunner().invoke(group, ["probe", str(file)])
    assert text.exit_code == 0
    assert "048 25/10" in text.stdout


def test_check_accepts_what_is_whole_and_names_what_is_not(file: Path) -> None:
    good = CliRunner().invoke(group, ["check", "--format", "asterix", str(file)])
    assert (good.exit_code, good.stderr) == (0, "")
    assert "42 messages" in good.stdout
    for data, reason in (
        (recording()[:-3], "truncated"),
        (recording() + b"\x00\x00", "truncated"),
        (b"\x63" + recording()[1:], "unknown_category"),
        (b"", "no asterix message"),
    ):
        file.write_bytes(data)
        bad = CliRunner().invoke(group, ["check", "--format", "asterix", str(file)])
        assert bad.exit_code == 3
        assert reason in bad.stderr
        assert bad.stdout == ""


def test_many_datagrams_at_once_give_what_one_by_one_gives(tmp_path: Path) -> None:
    """The probe takes datagrams together; a fault is still named with the datagram that it is of."""
    blocks = []
    rest = recording(100)
    while rest:
        length = int.from_bytes(rest[1:3], "big")
        blocks.append(rest[:length])
        rest = rest[length:]
    assert len(blocks) > 70
    blocks[70] = blocks[70][:-1]  # in the second group of datagrams
    packets = []
    for number, block in enumerate(blocks):
        udp = (8600).to_bytes(2, "big") * 2 + (len(block) + 8).to_bytes(2, "big") + bytes(2) + block
        head = (
            bytes.fromhex("4500") + (len(udp) + 20).to_bytes(2, "big") + number.to_bytes(2, "big")
        )
        packets.append(
            ((43_200 + number) * 10**9, head + bytes.fromhex("000040110000") + bytes(8) + udp)
        )
    path = tmp_path / "radar.pcap"
    path.write_bytes(encode_capture(101, packets))
    found = probe_file(str(path), None, None, (RADAR,))
    assert found.chunks == len(blocks)
    assert found.first_fault is not None
    assert found.first_fault.endswith("(chunk 70)")
    decoder = codec("asterix").decoder("probe", (RADAR,), None)
    singly = [
        decoder.decode(block, heard_ns, 0)
        for (heard_ns, _), block in zip(packets, blocks, strict=True)
    ]
    assert found.plots == sum(one.plots.num_rows for one in singly)
    counts: Counter[str] = Counter()
    for one in singly:
        counts.update(one.counts)
    assert found.counts == counts
    assert sum(found.faults.values()) == sum(len(one.faults) for one in singly) == 1
    assert [number for number, _ in faults_of_file(str(path), None, None, (RADAR,))] == [70]


def test_what_cannot_be_read_or_is_unknown_is_one_of_our_errors(file: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        probe_file("nowhere.ast", None, None)
    with pytest.raises(SourceError):
        probe_file(str(file.parent), None, None)
    with pytest.raises(SettingError, match="morse"):
        probe_file(str(file), "morse", None)
    with pytest.raises(SettingError, match="date"):
        probe_file(str(file), None, "yesterday")
    file.write_bytes(b"# a text, not a recording\n" * 200)
    with pytest.raises(SourceError, match="no format"):
        probe_file(str(file), None, None)


def test_every_format_frames_and_decodes_an_empty_file() -> None:
    for known in map(codec, FORMATS):
        framer = known.framer(b"", 0)
        assert [*framer.push(b""), *framer.finish()] == []
        assert known.decoder("f", (), None).decode(b"", 0, 0).plots.num_rows == 0
        assert known.sniff(b"") is False
