"""Scanning an archive: the same table however it is cut, and the crossings that geometry says."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vedette.app.cli import cli
from vedette.bench import watch as scenes
from vedette.engine.archive import scan
from vedette.model.time import SECOND_NS
from vedette.model.zone import Border, Hours, Limit
from vedette.watch.scan import CROSSINGS, ScanSettings

STRIP = scenes.index(
    scenes.area("strip", [(-200e3, 0.0), (200e3, 0.0), (200e3, 5_100.0), (-200e3, 5_100.0)]),
    scenes.area(
        "high",
        [(-200e3, 20e3), (200e3, 20e3), (200e3, 40e3), (-200e3, 40e3)],
        kind="restricted",
        floor=Limit(height_m=10_000.0, datum="pressure"),
    ),
)


def table(paths, *, step_s=2.0, span_s=(-200.0, 200.0), height_m=9_000.0):
    """Rows of objects on paths in the plane, by time."""
    rows = []
    for k, path in enumerate(paths):
        times_s = np.arange(*span_s, step_s)
        east_m, north_m = path(times_s).T
        longitude, latitude = scenes.plane()(east_m, north_m, inverse=True)
        rows += [
            (scenes.START_NS + round(t * SECOND_NS), f"{k:06x}", y, x, height_m)
            for t, y, x in zip(times_s, latitude, longitude, strict=True)
        ]
    rows.sort()
    names = ("valid_ns", "icao24", "latitude_deg", "longitude_deg", "altitude_m")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def scanned(rows, folder, zones=STRIP, *, group=None, workers=1, part_rows=1_000_000, **change):
    path = Path(folder) / "archive.parquet"
    pq.write_table(rows, path, row_group_size=group or max(rows.num_rows, 1))
    return scan([path], zones, ScanSettings(**change), workers=workers, part_rows=part_rows)


def test_a_strip_crossed_in_17_s_is_one_row_with_the_times_that_geometry_gives(tmp_path):
    found = scanned(table([scenes.straight(300.0, 0.0, (0.0, 0.0))]), tmp_path)
    (row,) = found.crossings.to_pylist()
    assert found.crossings.schema == CROSSINGS
    assert row["zone_id"] == "strip"
    assert row["inside_s"] == pytest.approx(17.0, abs=0.01)
    assert row["inside_low_s"] < 17.0 < row["inside_high_s"]
    assert (row["entered_ns"] - scenes.START_NS) / SECOND_NS == pytest.approx(0.0, abs=0.01)
    assert row["depth_low_m"] < 2_550.0 < row["depth_high_m"]


@settings(max_examples=12)
@given(
    st.integers(min_value=0, max_value=2**32 - 1),
    st.integers(min_value=3, max_value=400),
    st.integers(min_value=1, max_value=3),
)
@example(404, 3, 1)  # an object whose very first row lies inside
def test_the_table_depends_neither_on_the_parts_nor_on_the_workers(
    tmp_path_factory, seed, group, workers
):
    rng = np.random.default_rng(seed)
    paths = [
        scenes.straight(
            rng.uniform(60.0, 400.0),
            rng.uniform(-np.pi, np.pi),
            tuple(rng.uniform(-9e3, 14e3, size=2)),
        )
        for _ in range(6)
    ]
    rows = table(paths, step_s=4.0)
    whole = scanned(rows, tmp_path_factory.mktemp("whole"))
    cut = scanned(
        rows, tmp_path_factory.mktemp("cut"), group=group, part_rows=group, workers=workers
    )
    drop = ["depth_m", "depth_low_m", "depth_high_m", "probability"]  # other rows are looked at
    assert cut.crossings.drop_columns(drop).equals(whole.crossings.drop_columns(drop))
    for one, other in ((cut, whole), (whole, cut)):  # and each interval holds what the other found
        deep_m = one.crossings.column("depth_m").to_numpy()
        assert np.all(deep_m <= other.crossings.column("depth_high_m").to_numpy())
    again = scanned(
        rows, tmp_path_factory.mktemp("again"), group=group, part_rows=group, workers=4 - workers
    )
    assert again.crossings.equals(cut.crossings)


def test_reversing_time_swaps_entry_and_exit(tmp_path):
    rows = table([scenes.straight(250.0, 0.4, (0.0, 0.0))])
    (there,) = scanned(rows, tmp_path).crossings.to_pylist()
    turned = rows.set_column(
        0, "valid_ns", pa.array(2 * scenes.START_NS - rows.column("valid_ns").to_numpy())
    )
    (back,) = scanned(turned, tmp_path).crossings.to_pylist()
    for one, other in (("entered_ns", "left_ns"), ("entered_low_ns", "left_high_ns")):
        assert abs(2 * scenes.START_NS - there[one] - back[other]) < 1_000_000
    assert there["inside_s"] == pytest.approx(back["inside_s"], abs=1e-3)


def test_a_floor_a_silence_and_a_graze_are_seen_for_what_they_are(tmp_path):
    north = scenes.straight(250.0, 0.0, (0.0, 0.0))
    rows = table([north], span_s=(-60.0, 200.0))
    assert scanned(rows, tmp_path).crossings.column("zone_id").to_pylist() == ["strip"]
    high = scanned(table([north], span_s=(-60.0, 200.0), height_m=11_000.0), tmp_path)
    assert sorted(high.crossings.column("zone_id").to_pylist()) == ["high", "strip"]
    # 30 m over the border for ten minutes, with accuracies of 50 and 40 m: not certain
    grazing = scenes.straight(250.0, np.pi / 2, (0.0, 30.0))
    assert scanned(table([grazing]), tmp_path).crossings.num_rows == 0
    # heard inside, and not for ten minutes after
    slow = scenes.straight(5.0, 0.0, (0.0, 0.0))
    rows = table([slow], span_s=(-300.0, 900.0), step_s=10.0)
    times_s = (rows.column("valid_ns").to_numpy() - scenes.START_NS) / SECOND_NS
    rows = rows.filter(pa.array((times_s < 200.0) | (times_s > 800.0)))
    first, second = scanned(rows, tmp_path).crossings.to_pylist()
    assert first["left_ns"] is None
    assert second["entered_ns"] is None
    assert first["inside_high_s"] is None
    one = scanned(rows, tmp_path, gap_s=3_600.0).crossings.to_pylist()
    assert len(one) == 1


def test_an_address_tells_rows_apart_that_have_no_number_of_their_own(tmp_path):
    north, south = (scenes.straight(300.0, course, (0.0, 0.0)) for course in (0.0, np.pi))
    rows = table([north, south])
    address = pa.array([int(name, 16) + 0x3C6000 for name in rows["icao24"].to_pylist()])
    rows = rows.set_column(1, "icao24", address.cast(pa.uint32()))
    numbers = pa.array([7 if name == 0x3C6001 else None for name in address.to_pylist()])
    rows = rows.append_column("track_number", numbers.cast(pa.int32()))  # as `feed convert` writes
    found = scanned(rows, tmp_path)
    assert found.left_out == 0
    assert sorted(found.crossings.column("object_id").to_pylist()) == ["3c6000", "7"]


def test_rows_that_cannot_be_used_are_counted(tmp_path):
    rows = table([scenes.straight(300.0, 0.0, (0.0, 0.0))]).to_pydict()
    rows["latitude_deg"][3] = None
    rows["icao24"][5] = None
    found = scanned(pa.table(rows), tmp_path)
    assert found.left_out == 2
    assert found.crossings.num_rows == 1


def test_the_command_writes_a_table_and_says_what_is_wrong(tmp_path):
    path, out = tmp_path / "a.parquet", tmp_path / "out.parquet"
    # over Vaindloo, into Estonia
    rows = table([scenes.straight(200.0, np.pi, (0.0, 0.0))], span_s=(-300.0, 300.0), step_s=5.0)
    pq.write_table(rows, path)
    result = CliRunner().invoke(
        cli, ["scan", str(path), "--out", str(out), "--workers", "2"], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert "EST" in result.output
    assert set(pq.read_table(out).column("state").to_pylist()) >= {"EST"}
    for wrong in (["scan", str(tmp_path / "none.parquet")], ["scan", str(path), "--kind", "sea"]):
        bad = CliRunner().invoke(cli, [*wrong, "--out", str(out)])
        assert bad.exception is not None
    pq.write_table(pa.table({"a": [1]}), path)
    bad = CliRunner().invoke(cli, ["scan", str(path), "--out", str(out)])
    assert "needs a time, a place" in str(bad.exception)


def test_a_zone_is_crossed_in_its_hours_alone(tmp_path):
    """It wakes with the object inside, sleeps with it inside, and wakes again: two visits with exact ends."""
    base = scenes.START_NS - scenes.START_NS % SECOND_NS
    corners = [(-200e3, 0.0), (200e3, 0.0), (200e3, 90e3), (-200e3, 90e3)]
    minute = base // SECOND_NS // 60
    clock = [f"{(minute + k) // 60 % 24:02d}:{(minute + k) % 60:02d}" for k in range(5)]
    hours = (Hours(start=clock[1], end=clock[2]), Hours(start=clock[3], end=clock[4]))
    zones = scenes.index(
        scenes.area("hours", corners, kind="restricted", schedule=hours),
        scenes.area("later", corners, kind="danger", valid_from_ns=base + 10**15),
    )
    rows = table([scenes.straight(200.0, 0.0, (0.0, 20e3))], span_s=(0.0, 300.0), step_s=7.0)
    found = scanned(rows, tmp_path, zones).crossings.to_pylist()
    first = (minute + 1) * 60 * SECOND_NS
    assert [row["zone_id"] for row in found] == ["hours", "hours"]
    for k, row in enumerate(found):
        entered = first + 120 * k * SECOND_NS
        assert row["entered_low_ns"] == row["entered_ns"] == row["entered_high_ns"] == entered
        assert row["left_ns"] == entered + 60 * SECOND_NS
        assert row["inside_s"] == pytest.approx(60.0)


def test_the_accuracy_of_the_stretch_that_is_crossed_counts(tmp_path):
    corners = [(-200e3, 0.0), (200e3, 0.0), (200e3, 90e3), (-200e3, 90e3)]
    rows = table([scenes.straight(200.0, 0.0, (0.0, 0.0))])
    widths = []
    for sigma in (10.0, 400.0):
        # the south side is the first edge
        border = (
            Border(first=0, sigma_m=sigma, basis="south"),
            Border(first=1, sigma_m=20.0, basis="others"),
        )
        (row,) = scanned(
            rows, tmp_path, scenes.index(scenes.area("one", corners, border=border))
        ).crossings.to_pylist()
        widths.append((row["entered_high_ns"] - row["entered_low_ns"]) / SECOND_NS)
    expected = [2 * 1.96 * np.hypot(sigma, 50.0) / 200.0 for sigma in (10.0, 400.0)]
    assert widths == pytest.approx(expected, rel=0.02)
