"""States of recorded flights: what was not heard for a while is doubted, as a tracker would."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.bench import recordings


def soaring(path: Path, every_s: int) -> list[recordings.Flight]:
    """A glider at 25 m/s in circles of 30 s, drifting, heard every so many seconds."""
    times_s = np.arange(0, 601, every_s)
    course = 2.0 * np.pi * times_s / 30.0
    east_m = 5.0 * times_s - 119.0 * np.cos(course)
    north_m = 119.0 * np.sin(course)
    pq.write_table(
        pa.table(
            {
                "timestamp": pa.array(1_700_000_000_000_000 + times_s * 1_000_000, pa.timestamp("us", tz="UTC")),
                "icao24": ["3d1234"] * len(times_s),
                "latitude": 48.0 + np.degrees(north_m / 6_371_008.8),
                "longitude": 10.0 + np.degrees(east_m / 6_371_008.8 / np.cos(np.radians(48.0))),
                "altitude": np.full(len(times_s), 4_000.0),
                "groundspeed": np.full(len(times_s), 48.6),
                "track": np.round(np.degrees(course)).astype(np.int64) % 360,
            }
        ),
        path,
    )  # fmt: skip
    return recordings.flights(path)


def test_a_state_heard_long_ago_is_doubted_by_what_the_rows_before_it_show(tmp_path: Path) -> None:
    (flight,) = soaring(tmp_path / "glider.parquet", 27)
    age_s = (np.arange(len(flight.latitude_deg)) * 10.0) % 27.0
    fresh, old = flight.doubt[(age_s == 0.0)], flight.doubt[age_s >= 20.0][3:]
    assert np.allclose(fresh, (50.0**2, 2.0**2))
    # in 20 s it may fly any way, and 25 m/s along an axis is all that it has
    assert (np.sqrt(old[:, 1]) > 5.0).all()
    assert (np.sqrt(old[:, 1]) < 40.0).all()
    assert (old[:, 0] > 2.0 * 50.0**2).all()


def test_tracks_of_whole_degrees_are_read_and_a_longer_silence_cuts(tmp_path: Path) -> None:
    (flight,) = soaring(tmp_path / "glider.parquet", 5)
    speed_mps = np.hypot(flight.east_mps, flight.north_mps)
    assert np.allclose(speed_mps, 25.0, atol=0.1)
    assert recordings.flights(tmp_path / "glider.parquet", 4.0) == []
