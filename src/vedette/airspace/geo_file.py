"""Zone files: GeoJSON and GeoParquet to zones and back.

A feature's properties are those of ``vedette.model.zone.Zone``, in the form that people write:
``zone_id``, ``kind``, ``name``, ``state``, ``member``, ``source``, ``licence``, ``note``, ``claims``,
``authority``, ``floor`` and ``ceiling`` as ``{"height_m": 1000, "datum": "amsl"}``, ``boundary_sigma_m``,
``valid_from`` and ``valid_to`` as ISO 8601, ``schedule`` and ``border`` as lists of what they are lists of.
``zone_id`` and ``kind`` are needed, the rest is not. Files with the properties of others are known too: see
``dialects``.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final, get_args

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from vedette.airspace.dialects import translated
from vedette.airspace.limits import check_order
from vedette.airspace.polygon import mended
from vedette.model.errors import ZoneError
from vedette.model.time import format_utc, parse_utc
from vedette.model.zone import Datum, Zone, ZoneKind

Zones = tuple[list[Zone], list[Any], list[str]]

_TIMES: Final = ("valid_from", "valid_to", "known_from", "known_to")
_LIMIT: Final = pa.struct([pa.field("height_m", pa.float64()), pa.field("datum", pa.string())])
_HOURS: Final = pa.struct(
    [
        pa.field("days", pa.list_(pa.string())),
        pa.field("start", pa.string()),
        pa.field("end", pa.string()),
        pa.field("first", pa.string()),
        pa.field("last", pa.string()),
        pa.field("utc_offset_min", pa.int32()),
        pa.field("excluded", pa.bool_()),
    ]
)
_BORDER: Final = pa.struct(
    [
        pa.field("first", pa.int64()),
        pa.field("sigma_m", pa.float64()),
        pa.field("basis", pa.string()),
    ]
)
SCHEMA: Final = pa.schema(
    [
        pa.field("zone_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("state", pa.string()),
        pa.field("member", pa.bool_()),
        pa.field("source", pa.string()),
        pa.field("licence", pa.string()),
        pa.field("note", pa.string()),
        pa.field("claims", pa.list_(pa.string())),
        pa.field("authority", pa.string()),
        pa.field("floor", _LIMIT),
        pa.field("ceiling", _LIMIT),
        pa.field("boundary_sigma_m", pa.float64()),
        pa.field("border", pa.list_(_BORDER)),
        *(pa.field(name, pa.string()) for name in _TIMES),
        pa.field("schedule", pa.list_(_HOURS)),
        pa.field("dormant", pa.bool_()),
        pa.field("part_of", pa.string()),
        pa.field("geometry", pa.binary(), nullable=False),
    ]
)
_LEFT_OUT: Final[tuple[Any, ...]] = (None, "", [])
_PROPERTIES: Final = frozenset(SCHEMA.names) - {"geometry"}


def read_geo(data: bytes, name: str, *, trusted: bool = False) -> Zones:
    """Zones of a GeoJSON or GeoParquet file; see ``zone_file.read_zones``.

    Raises:
        ZoneError: it is neither, or not in longitude and latitude.
    """
    rows = _parquet_rows(data, name) if data[:4] == b"PAR1" else _geojson_rows(data, name)
    zones: list[Zone] = []
    geometries: list[Any] = []
    problems: list[str] = []
    seen: set[str] = set()
    for number, (properties, raw) in enumerate(rows, start=1):
        geometry = raw
        label = f"feature {number}"
        if isinstance(properties.get("zone_id"), str):
            label += f" ({properties['zone_id']})"
        try:
            foreign = translated(properties)
            known = properties if foreign is None else foreign
            if foreign is not None and "zone_id" in known:
                label = f"feature {number} ({known['zone_id']})"
            unknown = sorted(set(known) - _PROPERTIES)
            if unknown:
                problems.append(f"{label}: unknown properties {', '.join(unknown)} are not read")
            zone = _zone(known, name)
            if foreign is not None and not isinstance(geometry, str):
                geometry, notes = mended(geometry)
                problems += [f"{label}: {note}" for note in notes]
            _check(geometry, trusted=trusted)
            if foreign is not None and zone.zone_id in seen:
                zone = _numbered(zone, seen)  # names in publications come again
            if zone.zone_id in seen:
                raise ZoneError("the zone_id comes twice")
        except ZoneError as error:
            problems.append(f"{label}: left out, {error}")
            continue
        seen.add(zone.zone_id)
        zones.append(zone)
        geometries.append(geometry)
    return zones, geometries, problems


def _numbered(zone: Zone, seen: set[str]) -> Zone:
    count = 2
    while f"{zone.zone_id}#{count}" in seen:
        count += 1
    return msgspec.structs.replace(zone, zone_id=f"{zone.zone_id}#{count}")


def write_geojson(zones: Sequence[Zone], geometries: Sequence[Any]) -> bytes:
    """A GeoJSON feature collection (RFC 7946) that ``read_geo`` reads back."""
    features = [
        {
            "type": "Feature",
            "properties": {k: v for k, v in _properties(zone).items() if v not in _LEFT_OUT},
            "geometry": msgspec.Raw(shapely.to_geojson(geometry).encode()),
        }
        for zone, geometry in zip(zones, geometries, strict=True)
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def write_geoparquet(zones: Sequence[Zone], geometries: Sequence[Any]) -> bytes:
    """A GeoParquet 1.1 file (WKB, zstd) that ``read_geo`` reads back."""
    rows = [_properties(zone) for zone in zones]
    columns: dict[str, Any] = {
        field.name: pa.array([row[field.name] for row in rows], type=field.type)
        for field in SCHEMA
        if field.name != "geometry"
    }
    shapes = np.asarray(geometries, dtype=object)
    columns["geometry"] = pa.array(
        [shapely.to_wkb(shape, byte_order=1) for shape in shapes], pa.binary()
    )
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in shapes}),
        "edges": "spherical",
    }
    if len(shapes):
        column["bbox"] = [float(value) for value in shapely.total_bounds(shapes)]
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pa.table(columns, schema=SCHEMA).replace_schema_metadata(
        {b"geo": msgspec.json.encode(geo)}
    )
    out = BytesIO()
    pq.write_table(table, out, compression="zstd", compression_level=19, use_dictionary=False)
    return out.getvalue()


def _geojson_rows(data: bytes, name: str) -> list[tuple[dict[str, Any], Any]]:
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ZoneError(f"{name}: neither GeoJSON nor GeoParquet ({error})") from error
    if not isinstance(document, dict):
        raise ZoneError(f"{name}: no GeoJSON feature or feature collection")
    features = [document] if document.get("type") == "Feature" else document.get("features")
    if not isinstance(features, list):
        raise ZoneError(f"{name}: no GeoJSON feature or feature collection")
    rows = []
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        shape = feature.get("geometry") if isinstance(feature, dict) else None
        geometry: Any = "no geometry"
        if isinstance(shape, dict):
            try:
                geometry = shapely.from_geojson(msgspec.json.encode(shape))
            except (shapely.GEOSException, ValueError) as error:
                geometry = f"the geometry cannot be read: {str(error).splitlines()[0]}"
        rows.append((properties if isinstance(properties, dict) else {}, geometry))
    return rows


def _parquet_rows(data: bytes, name: str) -> list[tuple[dict[str, Any], Any]]:
    try:
        table = pq.read_table(pa.BufferReader(data))
        column = _geometry_column(table.schema, name)
        rows = table.to_pylist()
    except ZoneError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        # ValueError: also names and texts that are no UTF-8
        first = (str(error).splitlines() or ["no reason given"])[0]
        raise ZoneError(f"{name}: broken Parquet ({first})") from error
    out = []
    for row in rows:
        raw = row.pop(column)
        geometry: Any = "no geometry"
        if isinstance(raw, bytes):
            try:
                geometry = shapely.from_wkb(raw)
            except shapely.GEOSException as error:
                geometry = f"the geometry cannot be read: {str(error).splitlines()[0]}"
        out.append(({k: v for k, v in row.items() if v is not None}, geometry))
    return out


def _geometry_column(schema: pa.Schema, name: str) -> str:
    try:
        geo = msgspec.json.decode((schema.metadata or {})[b"geo"])
        column = geo["primary_column"]
        about = geo["columns"][column]
        encoding, crs = about["encoding"], about.get("crs")
        code = None if crs is None else crs["id"]["code"]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ZoneError(f"{name}: Parquet without usable GeoParquet metadata") from error
    if encoding != "WKB" or column not in schema.names:
        raise ZoneError(f"{name}: the geometry column is not WKB")
    if crs is not None and str(code) not in ("4326", "CRS84"):
        raise ZoneError(f"{name}: coordinates are not WGS 84 longitude and latitude")
    return str(column)


def _zone(properties: dict[str, Any], name: str) -> Zone:
    given = {k: v for k, v in properties.items() if k in _PROPERTIES and v is not None}
    for field in _TIMES:
        if field in given:
            try:
                given[f"{field}_ns"] = parse_utc(given.pop(field))
            except (ValueError, TypeError, OverflowError) as error:
                raise ZoneError(f"{field} is no ISO 8601 time") from error
    given = {"name": given.get("zone_id", ""), "source": name, "state": None} | given
    try:
        zone = msgspec.convert(given, Zone)
    except msgspec.ValidationError as error:
        raise ZoneError(_wanted(given) or str(error)) from error
    if not zone.zone_id:
        raise ZoneError("the zone_id is empty")
    for start, end in (
        (zone.valid_from_ns, zone.valid_to_ns),
        (zone.known_from_ns, zone.known_to_ns),
    ):
        if start is not None and end is not None and end <= start:
            raise ZoneError("it ends before it begins")
    if not zone.boundary_sigma_m > 0.0:
        raise ZoneError("boundary_sigma_m is not positive")
    check_order(zone.floor, zone.ceiling)
    return zone


def _wanted(given: dict[str, Any]) -> str | None:
    """What a person who draws a zone by hand is most likely to lack, with what is wanted; None: something else."""
    kinds = get_args(ZoneKind)
    if missing := [f"`{name}`" for name in ("zone_id", "kind") if name not in given]:
        return f"its properties lack {' and '.join(missing)} (kind is one of {', '.join(kinds)})"
    if given["kind"] not in kinds:
        return f"kind {given['kind']!r} is not one of {', '.join(kinds)}"
    for name in ("floor", "ceiling"):
        if name in given and not isinstance(given[name], dict):
            return (
                f'{name} is {given[name]!r}, wanted is an object such as {{"height_m": 1500, "datum": "amsl"}}; '
                f"datum is one of {', '.join(get_args(Datum))}"
            )
    return None


def _check(geometry: Any, *, trusted: bool) -> None:
    if isinstance(geometry, str):
        raise ZoneError(geometry)
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        hint = "; a circle around a place is drawn as one (docs/howto/zones.md)"
        raise ZoneError(
            f"the geometry is no polygon but {geometry.geom_type}"
            + (hint if geometry.geom_type == "Point" else "")
        )
    if trusted:
        return
    points = shapely.get_coordinates(geometry)
    if not np.isfinite(points).all() or (np.abs(points) > (540.0, 90.0)).any():
        raise ZoneError("a coordinate is not on Earth (longitude comes first, in degrees)")
    if not geometry.is_valid:
        raise ZoneError(f"the polygon is not valid: {shapely.is_valid_reason(geometry)}")


def _properties(zone: Zone) -> dict[str, Any]:
    out: dict[str, Any] = msgspec.to_builtins(zone)
    for field in ("claims", "border", "schedule"):
        out[field] = [dict(item) if isinstance(item, dict) else item for item in out[field]]
    for field in _TIMES:
        instant_ns = out.pop(f"{field}_ns")
        out[field] = None if instant_ns is None else format_utc(instant_ns)
    return out
