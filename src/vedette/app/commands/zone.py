"""``vedette zone``: the airspace that comes with the program, and files of zones."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from vedette.app.finite import Finite
from vedette.app.named_file import SVG
from vedette.model.errors import SettingError, ZoneError
from vedette.model.zone import Zone, ZoneKind

if TYPE_CHECKING:
    from vedette.airspace.index import ZoneIndex
    from vedette.airspace.terrain import Terrain
    from vedette.airspace.zone_file import Zones

_FILES: Final = click.option(
    "--zones",
    "files",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also these zone files (GeoJSON, GeoParquet, AIXM, ED-269, ED-318, OpenAir, NOTAM), read together.",
)
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
_KNOWN: Final = click.option(
    "--known-at",
    metavar="TIME",
    help="As it was known then; ISO 8601, UTC. Default: now, all that is read.",
)
_ALONE: Final = click.option(
    "--only-files", is_flag=True, help="Leave out the bundled sovereign airspace."
)


@click.group("zone")
def group() -> None:
    """Airspace: sovereign territory and zones."""


@group.command("list")
@click.option("--state", help="ISO 3166-1 alpha-3 code: EST.")
@click.option("--kind", type=click.Choice(get_args(ZoneKind)))
@click.option("--at", metavar="TIME", help="Only zones that are active then; ISO 8601, UTC.")
@_KNOWN
@click.option("--place", metavar="LAT,LON", help="Only zones at this place.")
@click.option(
    "--picture",
    type=SVG,
    metavar="FILE.svg",
    help="Also draw them on a map.",
)
@_FILES
@_ALONE
@_JSON
def list_zones(
    *,
    state: str | None,
    kind: str | None,
    at: str | None,
    known_at: str | None,
    place: str | None,
    picture: Path | None,
    files: tuple[Path, ...],
    only_files: bool,
    as_json: bool,
) -> None:
    """List zones; exit code 1 when none fits."""
    at_ns, known_ns = _time("--at", at), _time("--known-at", known_at)
    where = None if place is None else _place("--place", place)
    index = _index(files, only_files=only_files)
    rows = _chosen(index, state, kind, at_ns, known_ns, where)
    for row in rows:
        zone = index.zones[row]
        if as_json:
            click.echo(_json(zone))
        else:
            owner = zone.state or "-"
            member = "member" if zone.member else ""
            click.echo(f"{zone.zone_id:44} {zone.kind:10} {owner:4} {member:7} {zone.name}")
    if not rows:
        click.echo("no such zone", err=True)
        raise SystemExit(1)
    if picture is not None:
        title = " ".join(
            part for part in (kind or "zones", state, place, at and f"at {at}") if part
        )
        marks = [] if where is None else [(*where, place or "")]
        _draw(picture, index, rows, title, marks)


@group.command("show")
@click.argument("zone_id", required=False)
@click.option("--place", metavar="LAT,LON", help="All zones here, with the way to their border.")
@click.option(
    "--at", metavar="TIME", help="Only what is active then (LAT,LON is taken as --place)."
)
@_KNOWN
@click.option("--qnh", "qnh_hpa", type=Finite(850, 1100), help="Sea-level pressure [hPa].")
@click.option(
    "--terrain",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Ground heights (.npz or SRTM .hgt), for limits above ground.",
)
@click.option(
    "--picture",
    type=SVG,
    metavar="FILE.svg",
    help="Also draw them on a map.",
)
@_FILES
@_ALONE
@_JSON
def show_zone(
    *,
    zone_id: str | None,
    place: str | None,
    at: str | None,
    known_at: str | None,
    qnh_hpa: float | None,
    terrain: Path | None,
    picture: Path | None,
    files: tuple[Path, ...],
    only_files: bool,
    as_json: bool,
) -> None:
    """Show the zone ZONE_ID with all its volumes and versions, or with --place the zones at a place.

    Says whose airspace it is and by what law, and where floor and ceiling lie above the ellipsoid. Exit code 1
    when there is none.
    """
    if at is not None and "," in at and place is None:
        place, at = at, None
    if (zone_id is None) == (place is None):
        raise SettingError("give either ZONE_ID or --place LAT,LON")
    where = (
        None if place is None else _place("--place", place)
    )  # a typing error is cheap before reading
    at_ns, known_ns = _time("--at", at), _time("--known-at", known_at)
    ground = read_terrain(terrain)
    index = _index(files, only_files=only_files)
    rows = _chosen(index, None, None, at_ns, known_ns, where)
    if zone_id is not None:
        rows = [r for r in rows if zone_id in (index.zones[r].zone_id, index.zones[r].part_of)]
    borders = {} if where is None else _borders(index, where, rows)
    spoken = [] if where is None else _readings(index, where)
    for row in rows:
        zone = index.zones[row]
        extra = {
            **borders.get(row, {}),
            **_limits(zone, index.geometries[row], where, qnh_hpa, ground),
            "authority_over": _authority(zone),
        }
        if as_json:
            click.echo(_json(zone, **extra))
            continue
        _print({**_plain(zone), **extra})
    if spoken and not as_json:
        for line in spoken:
            click.echo(line)
    if not rows:
        click.echo("no zone there" if zone_id is None else f"no zone {zone_id}", err=True)
        raise SystemExit(1)
    if picture is not None:
        marks = [] if where is None else [(*where, place or "")]
        title = zone_id or f"zones at {place}"
        _draw(picture, index, rows, title + (f", {at}" if at else ""), marks)


@group.command("check")
@click.argument("file", nargs=-1, required=True, type=click.Path(dir_okay=False, allow_dash=True))
def check_zones(file: tuple[str, ...]) -> None:
    """Check that every feature of FILE... ("-" for stdin) is a zone; print their ids.

    Several files are read together: AIXM changes find their baseline, NOTAM the area that they activate. Exit
    code 0: all can be used as they are; 3: something is wrong, said line by line.
    """
    zones, _, problems = _read_together(file)
    label = file[0] if len(file) == 1 else "zones"
    for zone in zones:
        click.echo(zone.zone_id)
    if not zones and not problems:
        problems = ["no zones"]
    for problem in problems:
        click.echo(f"{label}: {problem}", err=True)
    if problems:
        raise SystemExit(3)


@group.command("convert")
@click.argument("source", nargs=-1, required=True, type=click.Path(dir_okay=False, allow_dash=True))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--at", metavar="TIME", help="Only zones that are active then; ISO 8601, UTC.")
@_KNOWN
@click.option("--partial", is_flag=True, help="Write what can be used when something cannot.")
def convert_zones(
    *, source: tuple[str, ...], target: Path, at: str | None, known_at: str | None, partial: bool
) -> None:
    """Write the zones of SOURCE... to TARGET: .geojson, .json or .parquet.

    Nothing is written when a feature cannot be used, unless --partial.
    """
    from vedette.airspace.activity import active_rows
    from vedette.airspace.zone_file import write_geojson, write_geoparquet

    writers = {".geojson": write_geojson, ".json": write_geojson, ".parquet": write_geoparquet}
    if target.suffix not in writers:
        raise SettingError(f"{target}: the name must end in .geojson, .json or .parquet")
    at_ns, known_ns = _time("--at", at), _time("--known-at", known_at)
    zones, geometries, problems = _read_together(source)
    label = source[0] if len(source) == 1 else "zones"
    for problem in problems:
        click.echo(f"{label}: {problem}", err=True)
    if not partial and any("left out" in problem for problem in problems):
        raise ZoneError(f"{label}: not converted, see above (--partial writes the rest)")
    if at_ns is not None:
        rows = active_rows(zones, geometries, at_ns, known_ns).tolist()
        zones, geometries = [zones[row] for row in rows], [geometries[row] for row in rows]
    _write(target, writers[target.suffix](zones, geometries))
    click.echo(f"{len(zones)} zones", err=True)


@group.command("diff")
@click.argument("old", type=click.Path(dir_okay=False, allow_dash=True))
@click.argument("new", type=click.Path(dir_okay=False, allow_dash=True))
@_JSON
def diff_zones(*, old: str, new: str, as_json: bool) -> None:
    """Say what differs between the zones of OLD and NEW.

    Exit code 0 when nothing does, 1 when something does.
    """
    import msgspec

    from vedette.airspace.difference import differences

    before, after = _read_together((old,)), _read_together((new,))
    for name, problems in ((old, before[2]), (new, after[2])):
        for problem in problems:
            click.echo(f"{name}: {problem}", err=True)
    found = differences(before[:2], after[:2])
    for difference in found:
        if as_json:
            click.echo(msgspec.json.encode(difference).decode())
            continue
        line = f"{difference.change:8} {difference.zone_id}"
        if difference.moved_m is not None:
            line += f"  boundary moved up to {difference.moved_m:g} m, area {difference.area_change_km2:+g} km²"
        click.echo(line)
        for field, (was, now) in difference.fields.items():
            click.echo(f"         {field}: {was} -> {now}")
    click.echo(f"{len(found)} differences", err=True)
    if found:
        raise SystemExit(1)


def _read(file: str) -> bytes:
    if file == "-":
        data: bytes = sys.stdin.buffer.read()
        return data
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ZoneError(f"{file}: cannot be read ({error.strerror})") from error


def _read_together(files: Sequence[str | Path]) -> "Zones":
    from vedette.airspace.zone_file import File, read_files

    return read_files([File(_read(str(file)), str(file)) for file in files])


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ZoneError(f"{path}: cannot be written ({error.strerror})") from error


def _index(files: tuple[Path, ...], *, only_files: bool = False) -> "ZoneIndex":
    from vedette.airspace.index import ZoneIndex
    from vedette.airspace.sovereign import sovereign_airspace

    if only_files and not files:
        raise SettingError("--only-files needs --zones")
    zones: list[Zone] = []
    geometries: list[Any] = []
    if not only_files:
        index = sovereign_airspace()
        if not files:
            return index
        zones, geometries = list(index.zones), list(index.geometries)
    more, shapes, problems = _read_together(files)
    for problem in problems:
        click.echo(problem, err=True)
    return ZoneIndex.build(zones + more, geometries + shapes)


def _chosen(
    index: "ZoneIndex",
    state: str | None,
    kind: str | None,
    at_ns: int | None,
    known_ns: int | None,
    place: tuple[float, float] | None,
) -> list[int]:
    """Rows of the zones that are asked for."""
    import numpy as np

    from vedette.airspace.activity import active_rows, known
    from vedette.airspace.states import check_state

    if state is not None:
        state = check_state("--state", state.upper() if len(state) == 3 else state)
    if place is None:
        rows = range(len(index))
    else:
        _, found = index.locate(np.array([place[0]]), np.array([place[1]]))
        rows = found.tolist()
    kept = [
        row
        for row in rows
        if (kind is None or index.zones[row].kind == kind)
        and (state is None or state == index.zones[row].state or state in index.zones[row].claims)
    ]
    if at_ns is None:
        return kept if known_ns is None else [r for r in kept if known(index.zones[r], known_ns)]
    zones, shapes = [index.zones[r] for r in kept], [index.geometries[r] for r in kept]
    return [kept[k] for k in active_rows(zones, shapes, at_ns, known_ns).tolist()]


def _time(option: str, text: str | None) -> int | None:
    from vedette.model.time import parse_utc

    if text is None:
        return None
    try:
        return parse_utc(text)
    except ValueError:
        raise SettingError(
            f"{option} {text}: expected ISO 8601, like 2025-09-19T06:58:00Z"
        ) from None


def _place(option: str, text: str) -> tuple[float, float]:
    try:
        latitude_deg, longitude_deg = (float(part) for part in text.split(","))
    except ValueError:
        raise SettingError(
            f"{option} {text}: expected LAT,LON in degrees, like 59.82,26.36"
        ) from None
    if not (-90 <= latitude_deg <= 90 and -180 <= longitude_deg <= 180):
        raise SettingError(f"{option} {text}: not a place on Earth (latitude comes first)")
    return latitude_deg, longitude_deg


def read_terrain(path: Path | None) -> "Terrain | None":
    """The ground of a file; None without one."""
    from vedette.airspace.terrain import Terrain

    return None if path is None else Terrain.read(_read(str(path)), path.name)


def _borders(
    index: "ZoneIndex", place: tuple[float, float], rows: list[int]
) -> dict[int, dict[str, Any]]:
    """Of each zone at a place the way to its border, and how well the border is known there."""
    import numpy as np

    which = np.array(rows, dtype=np.int64)
    near = index.nearest(np.full(len(rows), place[0]), np.full(len(rows), place[1]), which)
    out: dict[int, dict[str, Any]] = {}
    for k, row in enumerate(rows):
        if np.isinf(near.distance_m[k]):
            continue
        out[row] = {
            "boundary_m": round(float(near.distance_m[k]), 1),
            "boundary_azimuth_deg": round(float(np.degrees(near.azimuth_rad[k])), 1),
            "boundary_sigma_here_m": round(float(near.sigma_m[k]), 1),
            "boundary_basis": near.basis[k],
        }
    return out


def _readings(index: "ZoneIndex", place: tuple[float, float]) -> list[str]:
    """Lines about each side's reading, where a place is in a disputed area."""
    import numpy as np

    from vedette.airspace.readings import readings

    found = readings(index, np.array([place[0]]), np.array([place[1]]))
    if len(found) < 2 or all(reading.reader == "default" for reading in found):
        return []
    return [
        f"reading of {reading.reader:8} {reading.state or 'no state'} ({reading.zone_id or 'no zone'})"
        for reading in found
    ]


def _limits(
    zone: Zone,
    geometry: Any,
    place: tuple[float, float] | None,
    qnh_hpa: float | None,
    ground: "Terrain | None",
) -> dict[str, Any]:
    """Floor and ceiling above the ellipsoid at a place, or in the middle of the zone."""
    import numpy as np

    from vedette.airspace.activity import place_of
    from vedette.airspace.heights import limit_hae

    latitude, longitude = (np.array([value]) for value in place or place_of(geometry))
    out: dict[str, Any] = {}
    for name, limit in (("floor", zone.floor), ("ceiling", zone.ceiling)):
        if limit is not None:
            height = limit_hae(limit, latitude, longitude, qnh_hpa=qnh_hpa, terrain=ground)
            out[f"{name}_hae_m"] = round(float(height.value_m[0]), 1)
            out[f"{name}_sigma_m"] = round(float(height.sigma_m[0]), 1)
    return out


def _authority(zone: Zone) -> dict[str, Any]:
    import msgspec

    from vedette.airspace.authority import authority_over

    plain: dict[str, Any] = msgspec.to_builtins(authority_over(zone))
    return plain


def _draw(
    path: Path,
    index: "ZoneIndex",
    rows: list[int],
    title: str,
    marks: list[tuple[float, float, str]],
) -> None:
    from vedette.airspace.picture import picture_svg

    zones, shapes = [index.zones[r] for r in rows], [index.geometries[r] for r in rows]
    _write(path, picture_svg(zones, shapes, title, marks).encode())


def _print(plain: dict[str, Any]) -> None:
    over = plain.pop("authority_over")
    for key, value in plain.items():
        if value not in (None, "", (), [], False) and key != "border":
            click.echo(f"{key.removesuffix('_ns'):22} {_text(key, value)}")
    for key in ("law", "article_6", "policing", "policed_by", "operations_centre", "note"):
        value = over[key]
        if value:
            text = ", ".join(value) if isinstance(value, (list, tuple)) else value
            click.echo(f"{'authority ' + key.replace('_', ' '):22} {text}")
    for power in over["powers"]:
        article = power["article"] or "no article recorded"
        state = "in force" if power["in_force"] else "not in force"
        click.echo(
            f"{'power over ' + power['objects']:22} {power['office']} ({article}; {state}; "
            f"confidence {power['confidence']}; {', '.join(power['sources'])})"
        )
    click.echo()


def _text(key: str, value: Any) -> str:
    from vedette.model.time import format_utc

    if key.endswith("_ns"):
        return format_utc(value)
    if key == "schedule":
        return "; ".join(_hours(hours) for hours in value)
    if isinstance(value, dict):
        return f"{value['height_m']:g} m {value['datum']}"
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _hours(hours: dict[str, Any]) -> str:
    days = ",".join(hours["days"]) or "every day"
    span = (
        f" {hours['first'] or ''}..{hours['last'] or ''}" if hours["first"] or hours["last"] else ""
    )
    offset = f" UTC{hours['utc_offset_min'] / 60:+g}" if hours["utc_offset_min"] else ""
    return (
        f"{'not ' if hours['excluded'] else ''}{days}{span} {hours['start']}-{hours['end']}{offset}"
    )


def _plain(zone: Zone) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(zone)
    return plain


def _json(zone: Zone, **extra: Any) -> str:
    import msgspec

    plain = _plain(zone)
    plain.pop("border")  # thousands of stretches; the files carry them
    return msgspec.json.encode({**plain, **extra}).decode()
