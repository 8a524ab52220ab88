"""What a node shares of a record, and what fusion makes of the tracks of others."""

import shutil
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.alliance.items import Alert, RecordHead, ReleasedTrack
from vedette.alliance.messages import Picture
from vedette.alliance.state import Made, OwnPicture
from vedette.alliance.witness import Witnessed, witness
from vedette.engine.alliance.foreign import SENSOR, plot_lines
from vedette.engine.alliance.watched import WatchedRecord, own_tracks
from vedette.engine.record import Record
from vedette.engine.track_tables import NOW, TrackTables
from vedette.feeds.plots import PlotDecoder
from vedette.fusion.picture import initial, step
from vedette.fusion.settings import FusionSettings
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks

NOW_NS = 1_900_000_000 * SECOND_NS


def test_a_recorded_watch_is_shared_as_alerts_a_head_and_pictures(small_record: Path) -> None:
    watched = WatchedRecord(small_record, {})
    first = watched.poll(NOW_NS)
    alerts = [m.item for m in first if isinstance(m, Made) and isinstance(m.item, Alert)]
    incidents = {entry.body["incident_id"] for entry in Record(small_record).entries(["incident"])}
    assert {alert.incident_id for alert in alerts} == incidents
    assert len({m.key for m in first if isinstance(m, Made)}) == len(alerts) + 1
    (head,) = [m.item for m in first if isinstance(m, Made) and isinstance(m.item, RecordHead)]
    seen = witness(None, head)
    assert isinstance(seen, Witnessed)


def table(at_s: int) -> pa.Table:
    """Three tracks: one of ours, one that is tentative, one that only Latvia has seen."""
    return tracks(
        track_id=["a", "b", "c"],
        valid_ns=[NOW_NS + at_s * SECOND_NS] * 3,
        latitude_deg=[59.0, 58.0, 57.0],
        longitude_deg=[25.0] * 3,
        east_mps=[1.0] * 3,
        north_mps=[2.0] * 3,
        covariance=[[400.0, 0, 0, 0, 900.0, 0, 0, 1.0, 0, 1.0]] * 3,
        status=["confirmed", "tentative", "confirmed"],
        birth_ns=[0] * 3,
        updated_ns=[0] * 3,
        updates=[9] * 3,
        sensors=[["radar-1"], ["radar-1"], [SENSOR + "LVA"]],
        kinds=[["psr"], ["psr"], ["track"]],
    )


def test_pictures_of_a_recorded_watch_are_played_one_after_the_other(
    small_record: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "record"
    shutil.copytree(small_record, folder)
    shutil.rmtree(folder / "tables")
    (folder / "tables").mkdir()
    pq.write_table(
        pa.concat_tables([table(0), table(1)]), folder / "tables" / "tracks-000001.parquet"
    )
    watched = WatchedRecord(folder, {})
    pictures = [
        m for second in range(4) for m in watched.poll(NOW_NS + second) if isinstance(m, OwnPicture)
    ]
    assert [[t.valid_ns for t in picture.tracks] for picture in pictures] == [
        [NOW_NS], [NOW_NS + SECOND_NS]
    ]  # fmt: skip
    assert pictures[0].tracks[0].position_sigma_m == 30.0


def test_a_head_told_later_is_proved_to_continue_the_one_before(
    small_record: Path, tmp_path: Path
) -> None:
    """A record as it grew: the witness takes the second head with its proof, and no other."""
    folder = tmp_path / "record"
    shutil.copytree(small_record, folder)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from vedette.ledger.head import sign_head
    from vedette.ledger.merkle import leaf_hash, root_of

    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    leaves = [leaf_hash(line) for line in Record(folder).lines()]
    heads = []
    told: dict[str, RecordHead] = {}
    for size in (3, len(leaves) // 2, len(leaves)):
        head = sign_head(size, root_of(leaves[:size]), key)
        (folder / "ledger" / "head.json").write_bytes(head)
        (item,) = [
            m.item for m in WatchedRecord(folder, told).poll(NOW_NS)
            if isinstance(m, Made) and isinstance(m.item, RecordHead)
        ]  # fmt: skip
        told[item.record] = item
        heads.append(item)
    state = None
    for item in heads:
        found = witness(state, item)
        assert isinstance(found, Witnessed)
        state = found
    short = witness(None, heads[0])
    assert isinstance(short, Witnessed)
    assert isinstance(witness(short, msgspec.structs.replace(heads[1], proof=())), str)


def test_the_picture_of_a_running_watch_is_read_as_it_is_written(
    small_record: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "record"
    shutil.copytree(small_record, folder)

    class Course:
        class pipeline:
            tracks = table(0)

    TrackTables(folder / "tables", share=True).add(Course)  # type: ignore[arg-type]
    mark_ns = (folder / "tables" / NOW).stat().st_mtime_ns
    watched = WatchedRecord(folder, {})
    (picture,) = [m for m in watched.poll(mark_ns) if isinstance(m, OwnPicture)]
    assert picture.tracks == own_tracks(Course.pipeline.tracks.to_pylist())
    assert not [m for m in watched.poll(mark_ns + 1) if isinstance(m, OwnPicture)]


def foreign_picture(at_s: int) -> Picture:
    track = ReleasedTrack(
        track_id="p1", valid_ns=NOW_NS + at_s * SECOND_NS, latitude_deg=59.0 + at_s * 0.002,
        longitude_deg=25.0, position_sigma_m=120.0, east_mps=0.0, north_mps=222.0,
        pressure_altitude_m=9_000.0, icao24=0x511234, callsign="ABC1",
    )  # fmt: skip
    return Picture(
        charter="x" * 8, nation="LVA", key_number=1, to="EST", boot=1, number=at_s,
        made_ns=track.valid_ns, shed=0, tracks=(track,),
    )  # fmt: skip


def test_tracks_of_others_become_tracks_here_and_go_back_to_nobody() -> None:
    decoder, settings = PlotDecoder("f"), FusionSettings()
    state = initial(settings)
    rows = []
    for at_s in range(1, 30):
        lines = plot_lines(foreign_picture(at_s), NOW_NS + at_s * SECOND_NS)
        decoded = decoder.decode(lines, NOW_NS + at_s * SECOND_NS, 0)
        assert decoded.faults == []
        state, output = step(settings, state, decoded.plots, (), NOW_NS + at_s * SECOND_NS)
        rows = output.tracks.to_pylist()
    (row,) = [row for row in rows if row["status"] == "confirmed"]
    assert row["sensors"] == [SENSOR + "LVA"]
    assert row["callsign"] == "ABC1"
    assert own_tracks(rows) == ()  # LVA's track is LVA's to release
    mixed = own_tracks([row | {"sensors": ["radar-1", SENSOR + "LVA"]}])
    assert mixed[0].contributors == ("LVA",)
