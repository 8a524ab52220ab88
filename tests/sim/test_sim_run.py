"""``vedette sim run``: a world as files, the same from the same seed, and read back by the decoders of life."""

import json
import shlex
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
from click.testing import CliRunner

from vedette.app.commands.sim import group
from vedette.feeds.pcap import PcapFramer
from vedette.model.errors import RecordError, SettingError
from vedette.sim.scenario import Variation, read_scenario
from vedette.sim.world import World

SMALL = Path(__file__).parent / "small.yaml"


def run(out: Path, *more: str) -> dict[str, object]:
    result = CliRunner().invoke(group, ["run", str(SMALL), "--out", str(out), "--json", *more])
    assert result.exit_code == 0, (result.output, result.exception)
    found: dict[str, object] = json.loads(result.stdout)
    return found


def digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_a_world_is_written_as_it_would_have_been_heard(tmp_path: Path) -> None:
    about = run(tmp_path / "a", "--seed", "7")
    run(tmp_path / "b", "--seed", "7")
    run(tmp_path / "c", "--seed", "8")
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a")["radar-1.pcap"] != digests(tmp_path / "c")["radar-1.pcap"]
    files = about["files"]
    assert isinstance(files, list)
    for one in files:
        assert sha256((tmp_path / "a" / one["name"]).read_bytes()).hexdigest() == one["sha256"]
    # the datagrams in the capture are those that the world sends, at the times at which it sends them
    world = World(read_scenario(SMALL.read_bytes(), "small"), Variation(seed=7), "small")
    feed = world.feeds[0]
    sent = list(feed.emitter.chunks(0))
    framer = PcapFramer()
    capture = (tmp_path / "a" / f"{feed.spec.feed_id}.pcap").read_bytes()
    heard = [*framer.push(capture), *framer.finish()]
    assert [(chunk.received_ns, chunk.data) for chunk in heard] == [
        (chunk.received_ns, chunk.data) for chunk in sent
    ]
    truth = pq.read_table(tmp_path / "a" / "TRUTH.parquet")
    assert set(truth["name"].to_pylist()) == {motion.flight.name for motion in world.motions}
    assert truth["latitude_deg"].null_count == 0


def test_nothing_is_written_over_and_wrong_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    taken = CliRunner().invoke(group, ["run", str(SMALL), "--out", str(tmp_path)])
    assert isinstance(taken.exception, RecordError)
    for words in (["nowhere"], [str(SMALL), "--drop", "radar-9"]):
        result = CliRunner().invoke(group, ["run", *words, "--out", str(tmp_path / "y")])
        assert isinstance(result.exception, SettingError), result.output
    negative = ["run", str(SMALL), "--seed", "-1", "--out", str(tmp_path / "y")]
    assert CliRunner().invoke(group, negative).exit_code == 2


def test_what_is_printed_can_be_pasted_whatever_the_folder_is_called(tmp_path: Path) -> None:
    out = tmp_path / "a night"
    printed = CliRunner().invoke(group, ["run", str(SMALL), "--out", str(out)]).stdout
    assert shlex.split(printed)[:3] == ["cd", str(out), "&&"]
