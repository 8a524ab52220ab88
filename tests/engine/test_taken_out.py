"""What is taken out of a record: tracks for other tools, crossings, one incident, the day's report."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.app.crossings import Revisions, crossings_of, told_of
from vedette.app.day_report import day_lines
from vedette.app.incident_extract import checked_extract, incident_extract
from vedette.app.track_export import export
from vedette.app.views import incidents_of_record
from vedette.engine.record import Record
from vedette.engine.verification import replay, verify
from vedette.ledger.extract import inclusion_proofs
from vedette.ledger.merkle import inclusion_proof, leaf_hash
from vedette.model.errors import RecordError, SettingError
from vedette.model.incident import Bounds, Crossing, Moment

NONE = Bounds(estimate=0.0, low=0.0, high=0.0)


def test_states_that_were_moved_are_found_by_a_replay_and_named_by_verifying(
    small_record: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "record"
    shutil.copytree(small_record, folder)
    sound = replay(Record(folder))
    assert sound.same, sound.first_difference
    path = sorted((folder / "tables").glob("tracks-*.parquet"))[-1]
    table = pq.read_table(path)
    assert sound.states == sum(
        pq.read_table(one).num_rows for one in (folder / "tables").glob("tracks-*.parquet")
    )
    at = table.schema.get_field_index("latitude_deg")
    moved = table.set_column(at, table.schema.field(at), pc.add(table.column(at), 1e-9))
    pq.write_table(moved, path)
    found = verify(Record(folder))
    assert found.ok  # the ledger attests what the tables follow from, and says so
    assert any("tables/" in note for note in found.notes)
    again = replay(Record(folder))
    assert not again.same
    assert again.first_difference is not None
    assert "tables/" in again.first_difference
    assert again.digest == again.recorded


def _one(inside: tuple[int, int | None]) -> Crossing:
    entered, left = inside
    moment = Moment(estimate_ns=entered, low_ns=entered, high_ns=entered)
    out = None if left is None else Moment(estimate_ns=left, low_ns=left, high_ns=left)
    return Crossing(
        track_id="T", zone_id="Z", state=None, entered=moment, left=out, inside_s=NONE, depth_m=NONE,
        probability=1.0,
    )  # fmt: skip


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=20, unique=True), st.data())
def test_each_crossing_is_told_once_when_it_begins_and_once_when_it_ends(times, data):
    times = sorted(times)[: len(times) // 2 * 2]
    told = Revisions()
    begun = over = 0
    for entered, left in zip(times[::2], times[1::2], strict=True):
        revisions = [_one((entered, None))] * data.draw(st.integers(0, 3))
        revisions += [_one((entered, left))] * data.draw(st.integers(1, 3))
        for revision in revisions:
            first, last = told.take(revision)
            begun, over = begun + first, over + last
    assert begun == over == len(times) // 2


def test_crossings_are_those_of_the_incidents_and_more(small_record: Path) -> None:
    record = Record(small_record)
    found = {(one.crossing.track_id, one.crossing.zone_id): one for one in crossings_of(record)}
    for incident in incidents_of_record(record):
        for crossing in incident["crossings"]:
            if not crossing["predicted"]:
                assert (incident["object"]["track_id"], crossing["zone_id"]) in found
    assert all(one.told_ns >= one.crossing.entered.low_ns for one in found.values())


def test_only_zones_that_are_watched_can_be_told_of(tmp_path: Path) -> None:
    square = [[[25, 59], [25.1, 59], [25.1, 59.1], [25, 59.1], [25, 59]]]
    features = [
        {
            "type": "Feature",
            "properties": {"zone_id": kind, "kind": kind, "name": f"my {kind}"},
            "geometry": {"type": "Polygon", "coordinates": square},
        }
        for kind in ("prohibited", "uas")
    ]
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert told_of(["my prohibited"], [path]) == {"prohibited"}
    assert told_of(["sovereign:EST"], []) == {"sovereign:EST"}
    with pytest.raises(SettingError, match="not watched"):
        told_of(["uas"], [path])
    with pytest.raises(SettingError, match="no zone of the files; there are prohibited"):
        told_of(["plant"], [path])


def test_a_track_goes_out_in_each_form_with_its_errors(small_record: Path, tmp_path: Path) -> None:
    record = Record(small_record)
    incident = incidents_of_record(record)[0]
    name = incident["incident_id"]
    sizes = {
        ending: export(record, tmp_path / f"t.{ending}", (name,), smoothed=True)
        for ending in ("csv", "parquet", "geojson", "kml")
    }
    assert len(set(sizes.values())) == 1
    table = pq.read_table(tmp_path / "t.parquet")
    read = pyarrow.csv.read_csv(tmp_path / "t.csv")
    assert read.column_names == table.column_names
    np.testing.assert_array_equal(read.column("latitude_deg"), table.column("latitude_deg"))
    east, north = (np.array(table.column(f"sigma_{way}_m")) for way in ("east", "north"))
    across = np.abs(np.array(table.column("covariance_east_north_m2")))
    assert np.all(across <= east * north + 1e-6)  # a covariance, its diagonal where it belongs
    (feature, *_) = json.loads((tmp_path / "t.geojson").read_text())["features"]
    count = len(feature["geometry"]["coordinates"])
    assert count == len(feature["properties"]["coordTimes"])
    assert count == len(feature["properties"]["sigma_east_m"])
    tree = ET.fromstring((tmp_path / "t.kml").read_text())
    whens = tree.findall(".//{http://www.opengis.net/kml/2.2}when")
    assert len(whens) == len(tree.findall(".//{http://www.google.com/kml/ext/2.2}coord"))
    assert len(whens) == sizes["kml"]
    export(record, tmp_path / "known.parquet", (name,), smoothed=False)
    known = pq.read_table(tmp_path / "known.parquet")
    assert np.mean(east) < np.mean(np.array(known.column("sigma_east_m")))  # hindsight knows more
    with pytest.raises(RecordError, match="no track or incident nobody"):
        export(record, tmp_path / "t.csv", ("nobody",), smoothed=False)
    with pytest.raises(SettingError, match="geojson"):
        export(record, tmp_path / "t.shp", (name,), smoothed=False)


@settings(max_examples=40)
@given(st.integers(1, 200), st.data())
def test_proofs_of_several_entries_are_those_of_each(size, data):
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    numbers = data.draw(st.lists(st.integers(0, size - 1), max_size=5))
    wanted = [inclusion_proof(leaves, number) for number in numbers]
    assert inclusion_proofs(leaves, numbers) == wanted


def test_an_incident_given_away_is_proven_without_its_record(
    small_record: Path, tmp_path: Path
) -> None:
    record = Record(small_record)
    name = incidents_of_record(record)[0]["incident_id"]
    data, count = incident_extract(record, name)
    assert b"Maasikas" not in data  # who told of it stays sealed
    path = tmp_path / "incident.json"
    path.write_bytes(data)
    head = record.head()
    assert head is not None
    said, problems, _ = checked_extract(path, [head])
    assert problems == []
    assert any(name in line for line in said)
    whole = json.loads(data)
    assert len(whole["entries"]) == count > 3
    for spoil in (
        lambda one: one["entries"][1].update(line=one["entries"][1]["line"].replace("T", "U", 1)),
        lambda one: one["entries"][2].update(number=one["entries"][2]["number"] + 1),
        lambda one: one["head"].update(root="00" * 32),
        lambda one: one["head"].update(size=one["head"]["size"] + 1),
        lambda one: one["entries"].append(one["entries"][0]),
    ):
        spoilt = json.loads(data)
        spoil(spoilt)
        path.write_text(json.dumps(spoilt))
        assert checked_extract(path, [])[1], "a change was not found"
    with pytest.raises(RecordError, match="no incident"):
        incident_extract(record, "INOTHERE")


def test_the_report_of_a_watch_begins_with_its_hours_feeds_and_incidents(
    small_record: Path,
) -> None:
    record = Record(small_record)
    incidents = incidents_of_record(record)
    lines = day_lines(record, incidents)
    assert f"{len(incidents)} incident" in lines[0]
    feeds = [feed.feed_id for feed in record.body.feeds]
    assert all(any(line.startswith(f"| {feed} ") for line in lines) for feed in feeds)
    assert all(any(one["incident_id"] in line for line in lines) for one in incidents)
    assert "No incident." in day_lines(record, [])
