"""``vedette zone``: the airspace that comes with the program, and files of zones."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from vedette.model.errors import SettingError, ZoneError
from vedette.model.zone import Zone, ZoneKind

if TYPE_CHECKING:
    from vedette.airspace.index import ZoneIndex

_FILES: Final = click.option(
    "--zones",
    "files",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also these zone files (GeoJSON, GeoParquet).",
)
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")


@click.group("zone")
def group() -> None:
    """Airspace: sovereign territory and zones."""


@group.command("list")
@click.option("--state", help="ISO 3166-1 alpha-3 code: EST.")
@click.option("--kind", type=click.Choice(get_args(ZoneKind)))
@_FILES
@_JSON
def list_zones(
    *, state: str | None, kind: str | None, files: tuple[Path, ...], as_json: bool
) -> None:
    """List zones; exit code 1 when none fits."""
    zones = [
        zone
        for zone in _index(files).zones
        if (kind is None or zone.kind == kind)
        and (state is None or state.upper() == zone.state or state.upper() in zone.claims)
    ]
    for zone in zones:
        if as_json:
            click.echo(_json(zone))
        else:
            owner = zone.state or "-"
            member = "member" if zone.member else ""
            click.echo(f"{zone.zone_id:44} {zone.kind:10} {owner:4} {member:7} {zone.name}")
    if not zones:
        click.echo("no such zone", err=True)
        raise SystemExit(1)


@group.command("show")
@click.argument("zone_id", required=False)
@click.option(
    "--at", metavar="LAT,LON", help="All zones at this place, with the way to their border."
)
@_FILES
@_JSON
def show_zone(
    *, zone_id: str | None, at: str | None, files: tuple[Path, ...], as_json: bool
) -> None:
    """Show the zone ZONE_ID, or with --at the zones at a place; exit code 1 when there is none."""
    if (zone_id is None) == (at is None):
        raise SettingError("give either ZONE_ID or --at LAT,LON")
    place = None if at is None else _place(at)  # before the zones are read: a typing error is cheap
    index = _index(files)
    if place is not None:
        found = _at(index, place)
    else:
        found = [(zone, {}) for zone in index.zones if zone.zone_id == zone_id]
    for zone, extra in found:
        if as_json:
            click.echo(_json(zone, **extra))
            continue
        for key, value in {**_plain(zone), **extra}.items():
            if value not in (None, "", (), False):
                click.echo(f"{key:18} {value}")
        click.echo()
    if not found:
        click.echo("no zone there" if zone_id is None else f"no zone {zone_id}", err=True)
        raise SystemExit(1)


@group.command("check")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
def check_zones(file: str) -> None:
    """Check that every feature of FILE ("-" for stdin) is a zone; print their ids.

    Exit code 0: all can be used as they are; 3: something is wrong, said line by line.
    """
    from vedette.airspace.zone_file import read_zones

    zones, _, problems = read_zones(_read(file), file)
    for zone in zones:
        click.echo(zone.zone_id)
    for problem in problems:
        click.echo(f"{file}: {problem}", err=True)
    if not zones and not problems:
        problems = ["no zones"]
        click.echo(f"{file}: no zones", err=True)
    if problems:
        raise SystemExit(3)


@group.command("convert")
@click.argument("source", type=click.Path(dir_okay=False, allow_dash=True))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def convert_zones(source: str, target: Path) -> None:
    """Write the zones of SOURCE to TARGET: .geojson, .json or .parquet.

    Nothing is written when a feature cannot be used.
    """
    from vedette.airspace.zone_file import read_zones, write_geojson, write_geoparquet

    writers = {".geojson": write_geojson, ".json": write_geojson, ".parquet": write_geoparquet}
    if target.suffix not in writers:
        raise SettingError(f"{target}: the name must end in .geojson, .json or .parquet")
    zones, geometries, problems = read_zones(_read(source), source)
    for problem in problems:
        click.echo(f"{source}: {problem}", err=True)
    if any("left out" in problem for problem in problems):
        raise ZoneError(f"{source}: not converted, see above")
    try:
        target.write_bytes(writers[target.suffix](zones, geometries))
    except OSError as error:
        raise ZoneError(f"{target}: cannot be written ({error.strerror})") from error
    click.echo(f"{len(zones)} zones", err=True)


def _read(file: str) -> bytes:
    if file == "-":
        data: bytes = sys.stdin.buffer.read()
        return data
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ZoneError(f"{file}: cannot be read ({error.strerror})") from error


def _index(files: tuple[Path, ...]) -> "ZoneIndex":
    from vedette.airspace.index import ZoneIndex
    from vedette.airspace.sovereign import sovereign_airspace
    from vedette.airspace.zone_file import read_zones

    index = sovereign_airspace()
    if not files:
        return index
    zones, geometries = list(index.zones), list(index.geometries)
    for file in files:
        more, shapes, problems = read_zones(_read(str(file)), str(file))
        for problem in problems:
            click.echo(f"{file}: {problem}", err=True)
        zones += more
        geometries += shapes
    return ZoneIndex.build(zones, geometries)


def _place(text: str) -> tuple[float, float]:
    try:
        latitude_deg, longitude_deg = (float(part) for part in text.split(","))
    except ValueError:
        raise SettingError(f"--at {text}: expected LAT,LON in degrees, like 59.82,26.36") from None
    if not (-90 <= latitude_deg <= 90 and -180 <= longitude_deg <= 180):
        raise SettingError(f"--at {text}: not a place on Earth (latitude comes first)")
    return latitude_deg, longitude_deg


def _at(index: "ZoneIndex", place: tuple[float, float]) -> list[tuple[Zone, dict[str, Any]]]:
    import numpy as np

    latitude, longitude = np.array([place[0]]), np.array([place[1]])
    _, found = index.locate(latitude, longitude)
    distance_m, azimuth_rad = index.boundary(
        latitude.repeat(len(found)), longitude.repeat(len(found)), found
    )
    return [
        (
            index.zones[zone],
            {
                "boundary_m": round(float(distance_m[row]), 1),
                "boundary_azimuth_deg": round(float(np.degrees(azimuth_rad[row])), 1),
            },
        )
        for row, zone in enumerate(found.tolist())
    ]


def _plain(zone: Zone) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(zone)
    return plain


def _json(zone: Zone, **extra: Any) -> str:
    import msgspec

    return msgspec.json.encode({**_plain(zone), **extra}).decode()
