"""What ``vedette bench page`` measures with: its traffic, its reading of traces and its slopes."""

import json

import numpy as np
import pytest

from vedette.bench.page.browser import _main_thread
from vedette.bench.page.soak import _figures, _Sample
from vedette.bench.page.traffic import Traffic
from vedette.bench.row import Row
from vedette.feeds.sbs import SbsDecoder


def test_each_aircraft_of_the_traffic_is_heard_where_it_is_and_moves_as_it_says() -> None:
    traffic = Traffic(40, 1)
    decoder, begin_ns = SbsDecoder("bench", None), 1_760_000_000_000_000_000
    plots = decoder.decode(traffic.lines(np.arange(40), begin_ns), begin_ns, 0).plots
    assert len(set(plots.column("icao24").to_pylist())) == plots.num_rows == 40
    later_ns = begin_ns + 1_000_000_000
    later = decoder.decode(traffic.lines(np.arange(40), later_ns), later_ns, 0).plots
    seconds = (later["valid_ns"].to_numpy() - plots["valid_ns"].to_numpy()) / 1e9
    assert (seconds == 1.0).all()
    north_m = (later["latitude_deg"].to_numpy() - plots["latitude_deg"].to_numpy()) * 111_195.0
    stated = plots["ground_speed_mps"].to_numpy() * np.cos(plots["track_angle_rad"].to_numpy())
    np.testing.assert_allclose(north_m, stated * seconds, atol=3.0 + 0.01 * seconds.max() * 250)


def test_the_main_thread_of_a_trace_is_the_one_that_draws() -> None:
    def task(thread: int, at: float, wall: float, cpu: float) -> dict[str, object]:
        return {"name": "RunTask", "pid": 1, "tid": thread, "ts": at, "dur": wall, "tdur": cpu}

    def draws(thread: int, at: float) -> dict[str, object]:
        return {"name": "FireAnimationFrame", "pid": 1, "tid": thread, "ts": at}

    events = [
        task(7, 0, 9_000, 4_000), draws(7, 100), task(7, 20_000, 3_000, 2_000), draws(7, 20_500),
        task(7, 40_000, 8_000, 8_000), task(8, 0, 50_000, 50_000),
    ]  # fmt: skip
    frames, work_ms, longest_ms = _main_thread(json.dumps({"traceEvents": events}).encode())
    assert frames == [4.0, 2.0]
    assert (work_ms, longest_ms) == (14.0, 8.0)
    assert _main_thread(b'{"traceEvents": []}')[0] == []


def test_growth_is_what_is_left_when_the_beginning_is_taken_off() -> None:
    samples = [
        _Sample(
            at_s=60.0 * k, server_mb=500.0 + max(0, 10 - k) * -30 + 0.5 * k, heap_mb=20.0, nodes=1400.0,
            listeners=60.0, sent=60 * k, received=60 * k - (k > 30),
        )
        for k in range(61)
    ]  # fmt: skip
    found = [row for row in _figures(samples, 5) if isinstance(row, Row)]
    rows = {row.name.split(",")[1].strip(): row for row in found}
    assert rows["memory in use"].value == pytest.approx(30.0)
    assert rows["DOM nodes"].value == pytest.approx(0.0, abs=1e-6)
