"""``vedette track fuse`` and the bench, as a person calls them."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from vedette.app.commands.track_fuse import fuse
from vedette.bench.fusion import PARTS, run
from vedette.bench.row import Row, Table
from vedette.fusion import batch
from vedette.fusion.registration import SensorBias
from vedette.model.errors import SettingError, SourceError
from vedette.model.track import TRACK
from vedette.sim.scene.flight import straight
from vedette.sim.scene.observe import Telling
from vedette.sim.scene.scene import compose
from vedette.sim.scene.sites import radars as ring


@pytest.fixture
def scene(tmp_path: Path) -> tuple[Path, Path]:
    sensors = ring(2)
    jet = straight(
        np.array([56.0]), np.array([12.0]), np.array([9_000.0]), np.array([230.0]), np.array([1.0])
    )
    seen = compose(jet, sensors, 40, np.random.default_rng(1), telling=Telling(heights=True)).plots
    plots, sites = tmp_path / "plots.parquet", tmp_path / "sensors.json"
    pq.write_table(
        seen.select(["sensor_id", "valid_ns", "range_m", "azimuth_rad", "pressure_altitude_m"]),
        plots,
    )
    sites.write_bytes(msgspec.json.encode(sensors))
    return plots, sites


def test_plots_and_sensors_become_a_file_of_tracks(
    scene: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "tracks.parquet"
    result = CliRunner().invoke(fuse, [*map(str, scene), "--out", str(out)])
    assert result.exit_code == 0, result.output
    tracks = pq.read_table(out)
    assert tracks.schema.names == TRACK.names
    assert "confirmed" in tracks.column("status").to_pylist()
    again = tmp_path / "again.parquet"
    CliRunner().invoke(fuse, [*map(str, scene), "--out", str(again)])
    assert pq.read_table(again).equals(tracks)


def test_what_radars_are_wrong_by_is_written_and_an_alarm_is_said(
    scene: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, biases = tmp_path / "tracks.parquet", tmp_path / "biases.json"
    arguments = [*map(str, scene), "--out", str(out), "--registration", str(biases)]
    result = CliRunner().invoke(fuse, arguments)
    assert result.exit_code == 0, result.output
    rows = msgspec.json.decode(biases.read_bytes())
    assert [row["sensor_id"] for row in rows] == ["radar-000", "radar-001"]
    assert set(rows[0]) == set(SensorBias._fields)
    assert "biased" not in result.stderr
    genuine = batch.fuse_counted

    def wrong(*given: Any) -> Any:
        found = genuine(*given)
        first, second = found.registration
        second = second._replace(azimuth_rad=-0.0035, azimuth_sigma_rad=0.0001, alarm=True)
        return found._replace(registration=(first, second))

    monkeypatch.setattr(batch, "fuse_counted", wrong)
    result = CliRunner().invoke(fuse, arguments)
    assert result.exit_code == 0
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("biased")]
    assert "radar-001" in line
    assert "azimuth -0.201 ± 0.011°" in line
    assert msgspec.json.decode(biases.read_bytes())[1]["alarm"] is True


@pytest.mark.parametrize("what", ["no plots", "no table", "no sensors", "no json", "no settings"])
def test_what_cannot_be_read_is_one_clear_error(
    scene: tuple[Path, Path], tmp_path: Path, what: str
) -> None:
    plots, sites = scene
    bad = tmp_path / "bad"
    bad.write_bytes(b"\x00{nonsense")
    arguments = {
        "no plots": [tmp_path / "absent", sites],
        "no table": [bad, sites],
        "no sensors": [plots, tmp_path / "absent"],
        "no json": [plots, bad],
        "no settings": [plots, sites, "--settings", bad],
    }[what]
    result = CliRunner().invoke(fuse, [*map(str, arguments), "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, SourceError)
    assert "\n" not in str(result.exception)


def test_the_bench_gives_figures_that_are_figures() -> None:
    rows = [row for row in run(quick=True, only=("accuracy", "false")) if isinstance(row, Row)]
    assert len(rows) == 2
    assert all(np.isfinite(row.value) for row in rows)


def test_the_bench_puts_trackers_side_by_side() -> None:
    said = list(run(quick=True, only=("oracle",)))
    table = next(row for row in said if isinstance(row, Table))
    assert {row[1] for row in table.rows} == {"ours", "oracle"}
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert len(set(map(len, table.lines()))) == 1
    ratio = next(row.value for row in said if isinstance(row, Row))
    assert 0.5 < ratio < 5.0


def test_an_unknown_part_names_the_known_ones() -> None:
    with pytest.raises(SettingError, match="peers"):
        list(run(only=("nothing",)))
    assert "peers" in PARTS
