"""Where tracks of a record were, with how sure that is, for tools that others have: CSV, Parquet, GeoJSON, KML."""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from vedette.app.summary import to_json
from vedette.engine.record import Record
from vedette.engine.track_tables import read_track_tables
from vedette.model.columns import Floats
from vedette.model.errors import RecordError, SettingError, SourceError
from vedette.model.incident import Incident
from vedette.model.time import format_utc
from vedette.watch.evidence import smoothed_tracks

# of the upper triangle of a state's covariance: east, north, and their velocities
_EAST, _EAST_NORTH, _NORTH, _EAST_SPEED, _NORTH_SPEED = 0, 1, 4, 7, 9
_KEPT: Final = (
    "valid_ns", "latitude_deg", "longitude_deg", "height_hae_m", "pressure_altitude_m", "height_sigma_m",
    "east_mps", "north_mps",
)  # fmt: skip


def export(record: Record, target: Path, names: tuple[str, ...], *, smoothed: bool) -> int:
    """Write states of a record's tracks in the form that the name of ``target`` ends as; how many they were.

    Args:
        record: whose tracks.
        target: .csv, .parquet, .geojson or .kml.
        names: of tracks (id, callsign, address) or of incidents; none: all tracks that were ever confirmed.
        smoothed: each state corrected by all that was measured after it; else as each was known at its time.

    Raises:
        SettingError: another ending.
        RecordError: the record has no states, or a name is of no track or incident in it.
        SourceError: ``target`` cannot be written.
    """
    write = _WRITERS.get(target.suffix)
    if write is None:
        raise SettingError(f"{target}: tracks are written as {', '.join(_WRITERS)}")
    table = _named(record, names)
    states = _smoothed(record, table) if smoothed else _as_known(table)
    try:
        target.write_bytes(write(states))
    except OSError as error:
        raise SourceError(f"cannot write {target}: {error.strerror}") from error
    return len(states)


def _named(record: Record, names: tuple[str, ...]) -> pa.Table:
    table = read_track_tables(record.folder / "tables")
    if table is None:
        raise RecordError(f"{record.folder} holds no states of tracks: play or continue it first")
    order = [("track_id", "ascending"), ("valid_ns", "ascending")]
    if not names:
        confirmed = pc.unique(
            table.filter(pc.equal(table.column("status"), "confirmed")).column("track_id")
        )
        return table.filter(pc.is_in(table.column("track_id"), confirmed)).sort_by(order)
    of_incident: dict[str, set[str]] = {}
    for entry in record.entries(("incident",)):
        incident = msgspec.convert(entry.body, Incident)
        mine = of_incident.setdefault(incident.incident_id, set())
        mine |= {incident.track_id, *(one.track_id for one in incident.crossings)}
    wanted: set[str] = set()
    for name in names:
        found = of_incident.get(name) or _tracks_called(table, name)
        if not found:
            raise RecordError(
                f"{record.folder} has no track or incident {name}; "
                f"'vedette track list {record.folder}' names its tracks"
            )
        wanted |= found
    return table.filter(pc.is_in(table.column("track_id"), pa.array(sorted(wanted)))).sort_by(order)


def _tracks_called(table: pa.Table, name: str) -> set[str]:
    mask = pc.or_kleene(
        pc.equal(table.column("track_id"), name), pc.equal(table.column("callsign"), name.upper())
    )
    if len(name) == 6:
        with suppress(ValueError):  # six letters of a callsign
            mask = pc.or_kleene(mask, pc.equal(table.column("icao24"), int(name, 16)))
    return set(pc.unique(table.filter(mask).column("track_id")).to_pylist())


def _as_known(table: pa.Table) -> pa.Table:
    covariance = np.array(table.column("covariance").to_pylist(), dtype=np.float64).reshape(-1, 10)
    columns = {name: table.column(name) for name in _KEPT}
    columns["status"] = table.column("status")
    return _columns(table.column("track_id").to_pylist(), columns, covariance, table)


def _smoothed(record: Record, table: pa.Table) -> pa.Table:
    parts = []
    for name, path, _ in smoothed_tracks(record.body.stages.watch, table):
        full = path.covariance.reshape(-1, 16)
        covariance = full[:, [0, 1, 2, 3, 5, 6, 7, 10, 11, 15]]
        values = (
            path.times_ns,
            path.state[:, 0],
            path.state[:, 1],
            *path.heights.T,
            path.state[:, 2],
            path.state[:, 3],
        )
        columns: dict[str, Any] = {
            key: pa.array(value, from_pandas=True) for key, value in zip(_KEPT, values, strict=True)
        }
        columns["status"] = pa.array(["smoothed"] * len(path.times_ns))
        parts.append(_columns([name] * len(path.times_ns), columns, covariance, table))
    if not parts:
        raise RecordError(
            f"{record.folder} holds fewer than two measured states of any of these tracks"
        )
    return pa.concat_tables(parts)


def _columns(ids: list[str], kept: dict[str, Any], covariance: Floats, table: pa.Table) -> pa.Table:
    """One row a state, with sigmas and what their ellipse needs; each track's last word of who it is."""
    who: dict[str, tuple[int | None, str | None]] = {}
    for row in table.select(["track_id", "icao24", "callsign"]).to_pylist():
        before = who.get(row["track_id"], (None, None))
        who[row["track_id"]] = (
            before[0] if row["icao24"] is None else row["icao24"],
            row["callsign"] or before[1],
        )
    sigma = np.sqrt(np.maximum(covariance, 0.0))
    address = [who[name][0] for name in ids]
    times = kept["valid_ns"].to_pylist()
    return pa.table(
        {
            "track_id": pa.array(ids, pa.string()),
            "icao24": pa.array(
                [None if one is None else f"{one:06x}" for one in address], pa.string()
            ),
            "callsign": pa.array([who[name][1] for name in ids], pa.string()),
            "time_utc": pa.array([format_utc(one) for one in times], pa.string()),
            **kept,
            "sigma_east_m": sigma[:, _EAST],
            "sigma_north_m": sigma[:, _NORTH],
            "covariance_east_north_m2": covariance[:, _EAST_NORTH],
            "sigma_east_mps": sigma[:, _EAST_SPEED],
            "sigma_north_mps": sigma[:, _NORTH_SPEED],
        }
    )


def _csv(states: pa.Table) -> bytes:
    out = io.BytesIO()
    pyarrow.csv.write_csv(states, out, pyarrow.csv.WriteOptions(quoting_style="needed"))
    return out.getvalue()


def _parquet(states: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(states, out, compression="zstd")
    return out.getvalue()


def _lines(states: pa.Table) -> Iterator[tuple[str, str, dict[str, list[Any]]]]:
    """Each track: its id, what a person calls it, its columns."""
    ids = states.column("track_id")
    for name in pc.unique(ids).to_pylist():
        mine = states.filter(pc.equal(ids, name)).to_pydict()
        yield name, mine["callsign"][0] or mine["icao24"][0] or name, mine


def _points(mine: dict[str, list[Any]]) -> list[list[float]]:
    """Longitude, latitude and, where it is known, the height above the ellipsoid."""
    return [
        [round(east, 7), round(north, 7), *([] if high is None else [round(high, 1)])]
        for east, north, high in zip(
            mine["longitude_deg"], mine["latitude_deg"], mine["height_hae_m"], strict=True
        )
    ]


def _geojson(states: pa.Table) -> bytes:
    features = []
    for name, called, mine in _lines(states):
        points = _points(mine)
        geometry = (
            {"type": "LineString", "coordinates": points}
            if len(points) > 1
            else {"type": "Point", "coordinates": points[0]}
        )
        said = {
            "track_id": name,
            "name": called,
            "icao24": mine["icao24"][0],
            "callsign": mine["callsign"][0],
        }
        said["coordTimes"] = mine["time_utc"]
        for key in ("sigma_east_m", "sigma_north_m", "covariance_east_north_m2", "height_sigma_m"):
            said[key] = [None if one is None else round(one, 2) for one in mine[key]]
        features.append({"type": "Feature", "id": name, "properties": said, "geometry": geometry})
    return to_json({"type": "FeatureCollection", "features": features}).encode() + b"\n"


def _kml(states: pa.Table) -> bytes:
    """Tracks with their times, as Google's extension to KML 2.2 has them.

    KML's heights are above the sea; ours, above the ellipsoid, differ by the geoid's some tens of metres, which
    the document says.
    """
    marks = []
    for name, called, mine in _lines(states):
        when = "".join(f"<when>{one}</when>" for one in mine["time_utc"])
        where = "".join(
            f"<gx:coord>{' '.join(map(str, point if len(point) == 3 else [*point, 0]))}</gx:coord>"
            for point in _points(mine)
        )
        known = all(one is not None for one in mine["height_hae_m"])
        worst = max(mine["sigma_east_m"] + mine["sigma_north_m"])
        marks.append(
            f"<Placemark><name>{escape(called)}</name><description>track {escape(name)}; one sigma of the place "
            f"{worst:.0f} m at most</description><gx:Track><altitudeMode>"
            f"{'absolute' if known else 'clampToGround'}</altitudeMode>{when}{where}</gx:Track></Placemark>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><description>Heights are above the WGS 84 '
        "ellipsoid.</description>" + "".join(marks) + "</Document></kml>\n"
    ).encode()


_WRITERS: Final[dict[str, Callable[[pa.Table], bytes]]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".geojson": _geojson,
    ".kml": _kml,
}
