"""What commands say of a recording that no watch has read."""

from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from pyarrow import csv

from vedette.app.cli import cli
from vedette.app.summary import useless_lines
from vedette.app.worlds import bundled_world
from vedette.feeds.mode_s.encoder import BeastEncoder
from vedette.feeds.sbs import Message, encode_line
from vedette.model.errors import SettingError
from vedette.model.feed import FeedStatus
from vedette.model.plot import PLOT, plots
from vedette.sim.out import write_world
from vedette.sim.scenario import Variation
from vedette.sim.world import World

DAY_NS = 1_758_240_000_000_000_000  # 2025-09-19


@pytest.fixture
def beast(tmp_path: Path) -> Path:
    """Half a minute of one aircraft on a straight way over Estonia, in a form that holds no date."""
    times = [DAY_NS + 3_600_000_000_000 + k * 500_000_000 for k in range(60)]
    flight = plots(
        sensor_id=["roof"] * 60,
        kind=["ads_b"] * 60,
        valid_ns=times,
        received_ns=times,
        icao24=[0x4601F5] * 60,
        latitude_deg=[58.5 + 0.001 * k for k in range(60)],
        longitude_deg=[25.5] * 60,
        callsign=["FIN1A"] * 60,
    )
    path = tmp_path / "ränd 1.beast"
    path.write_bytes(BeastEncoder(DAY_NS).encode(flight))
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_a_recording_without_a_date_is_not_deceived_by_it(beast: Path) -> None:
    code, out, said = run("integrity", "map", "--all", str(beast))
    assert code == 0
    assert "0 of    1 affected" in out
    assert "no --date" in said
    code, dated, said = run("integrity", "map", "--all", str(beast), "--date", "2025-09-19")
    assert dated.startswith("2025-09-19T")
    assert dated[20:] == out[20:]
    assert "no --date" not in said


def test_a_word_about_a_recording_is_refused_of_a_record(tmp_path: Path) -> None:
    asked = ["integrity", "list", str(tmp_path), "--date", "2025-09-19"]
    with pytest.raises(SettingError, match="--date"):
        CliRunner().invoke(cli, asked, catch_exceptions=False)


def test_plots_of_a_recording_are_an_archive(beast: Path, tmp_path: Path) -> None:
    table = tmp_path / "plots.parquet"
    convert = run("feed", "convert", str(beast), "--to", str(table), "--date", "2025-09-19")
    assert convert[0] == 0
    assert pq.ParquetFile(table).num_row_groups == 1
    crossings = tmp_path / "crossings.parquet"
    code, out, said = run("scan", str(table), "--out", str(crossings))
    assert (code, "left out" in said) == (0, False)
    assert "EST" in out
    (row,) = pq.read_table(crossings).to_pylist()
    assert row["object_id"] == "4601f5"


def test_plots_of_radars_without_a_site_are_named_where_they_are_left_out(tmp_path: Path) -> None:
    world = bundled_world("three_tracks", Variation(seed=1))
    files = [one.name for one in write_world(world, tmp_path / "world")]
    capture = tmp_path / "world" / next(name for name in files if name.endswith(".pcap"))
    target = tmp_path / "plots.csv"
    code, _, said = run("feed", "convert", str(capture), "--to", str(target))
    assert code == 1
    assert "plots of radars without a site were left out" in said
    assert "--sensors" in said
    asked = "feed", "convert", str(capture), "--to", str(target), "--sensors"
    code, _, said = run(*asked, str(tmp_path / "world" / "SENSORS.json"))
    assert (code, "left out:" in said) == (0, False)
    read = csv.read_csv(target)
    assert read.column_names == PLOT.names
    assert read.num_rows > 10


def test_a_watch_says_what_it_could_not_use(tmp_path: Path) -> None:
    lines = [
        encode_line(
            Message(
                3, 0x4601F5, DAY_NS + k * 10**9, latitude_deg=58.5 + k * 0.002, longitude_deg=25.5
            )
        )
        for k in range(80)
    ]
    mixed = tmp_path / "mixed.sbs"
    mixed.write_bytes(b"".join(lines[60:] + lines[:60]))
    (tmp_path / "nothing.sbs").touch()
    capture = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    (tmp_path / "none.pcap").write_bytes(capture)
    code, out, said = run(
        "watch", f"sbs+file:{mixed}", f"sbs+file:{tmp_path}/nothing.sbs", f"asterix+pcap:{tmp_path}/none.pcap",
        "--until-end",
    )  # fmt: skip
    assert code == 0
    assert "Plots not used: too late, or out of order 50 (" in out  # 30 s are waited for
    assert "nothing.sbs holds nothing" in said
    assert "mixed.sbs" not in said
    assert "no --date" not in said  # a capture knows its own


def test_a_recording_taken_for_another_format_is_told_from_a_calm_one(beast: Path) -> None:
    heard = FeedStatus(
        feed_id="readsb-1", url="", state="ended", heard_ns=0, chunks=9, size_bytes=9,
        plots=0, unplaced=0, faults=9, counts={},
    )  # fmt: skip
    (line,) = useless_lines([heard], {"readsb-1": beast})
    assert "9 faults; it looks like beast" in line
    assert not useless_lines([msgspec.structs.replace(heard, plots=1)], {"readsb-1": beast})
    assert not useless_lines([heard], {})  # a live feed


def test_a_bundled_world_is_watched_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def world_of(name: str, variation: Variation) -> World:
        opened.append(name)
        raise SettingError("far enough")

    monkeypatch.setattr("vedette.app.worlds.world_of", world_of)
    with pytest.raises(SettingError, match="far enough"):
        CliRunner().invoke(cli, ["watch", "sim:three_tracks"], catch_exceptions=False)
    assert opened == ["three_tracks"]
