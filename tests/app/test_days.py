"""Recordings that hold only a time of day: their day is said, and never guessed in two ways in one run."""

import json
import os
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.app.cli import cli
from vedette.feeds.asterix.framers import RawFramer
from vedette.feeds.decoder import Framer
from vedette.feeds.mode_s.encoder import BeastEncoder
from vedette.feeds.mode_s.framers import BeastFileFramer
from vedette.model.errors import SettingError
from vedette.model.plot import plots
from vedette.model.time import SECOND_NS, format_utc, parse_utc

WORLD = Path(__file__).parents[1] / "sim" / "small.yaml"
DAY_S = 86_400


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A world as recordings, and the command that was printed to watch it."""
    out = tmp_path_factory.mktemp("a day") / "a world"
    done = run("sim", "run", str(WORLD), "--out", str(out))
    assert done.exit_code == 0, done.output
    return out, done.stdout


def test_the_command_that_is_printed_watches_all_of_a_world_on_its_day(
    world: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, printed = world
    into, command = printed.split(" && ")
    monkeypatch.chdir(shlex.split(into)[1])
    done = run(*shlex.split(command)[1:], "--json")
    assert done.exit_code == 0, done.output
    days = [one["entered"]["utc"][:10] for one in json.loads(done.stdout)["incidents"]]
    assert days == ["2025-09-19"]


def test_a_recording_without_a_date_beside_one_that_has_one_is_refused(
    world: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world[0])
    words = ("watch", "asterix+pcap:radar-1.pcap", "beast+file:ads-b-1.beast", "--until-end")
    done = run(*words)
    assert isinstance(done.exception, SettingError)
    assert "beast+file:ads-b-1.beast holds only times of day" in str(done.exception)
    assert "--date" in str(done.exception)


def test_files_of_two_days_are_of_no_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def watched(later_s: int) -> Result:
        for name, at_s in (("one", 1_758_265_080), ("two", 1_758_265_080 + later_s)):
            Path(f"{name}.beast").write_bytes(b"")
            os.utime(f"{name}.beast", (at_s, at_s))
        return run("watch", "beast+file:one.beast", "beast+file:two.beast", "--until-end")

    same, other = watched(0), watched(DAY_S)
    assert same.exit_code == 0
    assert "dated by their files' time, 2025-09-19" in same.stderr
    assert isinstance(other.exception, SettingError)
    assert "one.beast 2025-09-19, beast+file:two.beast 2025-09-20" in str(other.exception)


def test_the_instant_dates_what_holds_no_time_of_day_and_the_day_what_does() -> None:
    """A receiver that counts since it was switched on, one that tells the time of day, and a radar."""
    begun_ns = parse_utc("2025-09-19T06:45:00Z")
    rows = plots(
        sensor_id=["a"] * 40, kind=["ads_b"] * 40, icao24=[0x4B1803] * 40,
        valid_ns=[begun_ns + SECOND_NS * k // 2 for k in range(40)], received_ns=[begun_ns] * 40,
        latitude_deg=[59.0] * 40, longitude_deg=[25.0 + 0.001 * k for k in range(40)],
        ground_speed_mps=[200.0] * 40, track_angle_rad=[1.5] * 40, nac_p=[9] * 40,
    )  # fmt: skip

    def begins(framer: Framer, data: bytes) -> int:
        chunks = [*framer.push(data), *framer.finish()]
        return chunks[0].received_ns

    for given in ("2025-09-19T06:45:00Z", "2025-09-19T23:00:00Z", "2025-09-19"):
        day_ns = parse_utc(given)
        counted = BeastFileFramer(day_ns)
        assert abs(begins(counted, BeastEncoder().encode(rows)) - day_ns) < SECOND_NS
        assert format_utc(day_ns) in counted.note
        assert ("--date may give the instant" in counted.note) is ("T" not in given)
        timed = BeastFileFramer(day_ns)
        assert abs(begins(timed, BeastEncoder(gps=True).encode(rows)) - begun_ns) < SECOND_NS
        assert not timed.note
        block = bytes.fromhex("22 000a e0 0a02 01 2f7600")  # category 034 at 06:45
        assert abs(begins(RawFramer(day_ns), block) - begun_ns) < SECOND_NS
