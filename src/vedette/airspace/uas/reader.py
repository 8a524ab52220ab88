"""UAS geographical zones to zones: a zone for each layer and each period of applicability."""

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

import msgspec
import shapely

from vedette.airspace import arcs
from vedette.airspace.days import DAYS, SUN_EVENTS
from vedette.airspace.limits import METRES, check_order
from vedette.airspace.polygon import mended
from vedette.airspace.uas import ed269, ed318
from vedette.model.errors import ZoneError
from vedette.model.time import parse_utc
from vedette.model.zone import Datum, Day, Hours, Limit, Zone, ZoneKind

UasFormat = Literal["ed-269", "ed-318"]
SIGMA_M: Final = 20.0
_DATUMS: Final[dict[str, Datum]] = {"AGL": "agl", "AMSL": "amsl", "WGS84": "hae"}
_TIME: Final = re.compile(r"(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")


class _Piece(NamedTuple):
    shape: Any
    floor: Limit | None
    ceiling: Limit | None


class _Period(NamedTuple):
    from_ns: int | None
    to_ns: int | None
    schedule: tuple[Hours, ...]


class _Head(NamedTuple):
    """What all zones of a feature have in common."""

    identifier: str
    country: str
    name: str
    note: str
    authority: str | None


def uas_format(data: bytes) -> UasFormat | None:
    """Which of the two standards a JSON document follows, or None."""
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    features: Any
    if isinstance(document, list):
        features = document
    elif isinstance(document, dict):
        features = [document] if document.get("type") == "Feature" else document.get("features")
    else:
        return None
    if not isinstance(features, list) or not features:
        return None
    first = next((f for f in features if isinstance(f, dict)), {})
    properties = first.get("properties")
    if isinstance(properties, dict) and {"zoneAuthority", "variant"} & set(properties):
        return "ed-318"
    if isinstance(first.get("geometry"), list) and "restriction" in first:
        return "ed-269"
    return None


def read_uas(data: bytes, name: str) -> tuple[list[Zone], list[Any], list[str]]:
    """Zones of an ED-269 or ED-318 document, their geometries, and what is wrong with which feature.

    Raises:
        ZoneError: it is neither.
    """
    kind = uas_format(data)
    if kind is None:
        raise ZoneError(f"{name}: neither ED-269 nor ED-318")
    zones: list[Zone] = []
    geometries: list[Any] = []
    problems: list[str] = []
    features, bounds, issued_ns, said = _features(msgspec.json.decode(data), kind)
    problems += said
    seen: set[str] = set()
    for number, feature in enumerate(features, start=1):
        label = f"feature {number}"
        identifier = _identifier(feature)
        if identifier:
            label += f" ({identifier})"
        try:
            read = _read_318(feature) if kind == "ed-318" else _read_269(feature)
            head, pieces, periods, notes = read
            if head.identifier in seen:
                raise ZoneError("the identifier comes twice")
        except ZoneError as error:
            problems.append(f"{label}: left out, {error}")
            continue
        seen.add(head.identifier)
        problems += [f"{label}: {note}" for note in notes]
        for zone, shape in _zones(head, pieces, periods, bounds, issued_ns, name):
            zones.append(zone)
            geometries.append(shape)
    return zones, geometries, problems


def _features(
    plain: Any, kind: UasFormat
) -> tuple[list[Any], tuple[int | None, int | None], int | None, list[str]]:
    problems: list[str] = []
    bounds: tuple[int | None, int | None] = (None, None)
    issued_ns = None
    features = plain
    if isinstance(plain, dict):
        features = [plain] if plain.get("type") == "Feature" else plain["features"]
        if kind == "ed-318" and "metadata" in plain:
            try:
                metadata = msgspec.convert(plain["metadata"], ed318.Metadata)
                bounds = _instant(metadata.validFrom), _instant(metadata.validTo)
                issued_ns = _instant(metadata.issued)
            except (msgspec.ValidationError, ZoneError) as error:
                problems.append(f"metadata: not read, {error}")
    return features, bounds, issued_ns, problems


def _identifier(feature: Any) -> str:
    if not isinstance(feature, dict):
        return ""
    properties = feature.get("properties")
    holder = properties if isinstance(properties, dict) else feature
    found = holder.get("identifier")
    return found if isinstance(found, str) else ""


def _read_318(feature: Any) -> tuple[_Head, list[_Piece], list[_Period], list[str]]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise ZoneError("it has no properties")
    try:
        p = msgspec.convert(feature["properties"], ed318.Properties)
    except msgspec.ValidationError as error:
        raise ZoneError(f"properties: {error}") from error
    try:
        geometry = msgspec.convert(feature.get("geometry"), ed318.Geometry)
    except msgspec.ValidationError as error:
        raise ZoneError(f"geometry: {error}") from error
    pieces, notes = _pieces_318(geometry)
    about = [f"ED-318 {p.type}", *p.reason]
    about += [p.restrictionConditions] if p.restrictionConditions else []
    about += [t.text for t in p.message[:1] if t.text]
    first = next((t.text for t in p.name if t.text), "")
    head = _Head(
        p.identifier,
        p.country,
        first or p.identifier,
        "; ".join(about),
        _authority(
            [(a.purpose, next((t.text for t in a.name if t.text), ""), a.email or a.phone or a.siteURL)
             for a in p.zoneAuthority]
        ),
    )  # fmt: skip
    return head, pieces, [_period(period) for period in p.limitedApplicability], notes


def _pieces_318(geometry: ed318.Geometry) -> tuple[list[_Piece], list[str]]:
    if geometry.type == "GeometryCollection":
        if not geometry.geometries:
            raise ZoneError("an empty collection of geometries")
        pieces: list[_Piece] = []
        notes: list[str] = []
        for inner in geometry.geometries:
            more, said = _pieces_318(inner)
            pieces += more
            notes += said
        return pieces, notes
    layer = geometry.layer or ed318.Layer()
    metres = METRES[layer.uom]
    lower = _limit(layer.lower, layer.lowerReference or "AGL", metres, lower=True)
    upper = _limit(layer.upper, layer.upperReference or "AGL", metres, lower=False)
    check_order(lower, upper)
    notes = [] if geometry.layer else ["no layer is given: from the ground, unlimited"]
    if geometry.type == "Point":
        if geometry.extent is None:
            raise ZoneError("a point without an extent")
        x, y = _position(geometry.coordinates)
        shape, said = mended(arcs.circle(y, x, geometry.extent.radius))
    else:
        shape, said = mended(_polygon(geometry.type, geometry.coordinates))
    return [_Piece(shape, lower, upper)], [*notes, *said]


def _read_269(feature: Any) -> tuple[_Head, list[_Piece], list[_Period], list[str]]:
    try:
        z = msgspec.convert(feature, ed269.ZoneVersion)
    except msgspec.ValidationError as error:
        raise ZoneError(str(error)) from error
    pieces: list[_Piece] = []
    notes: list[str] = []
    for volume in z.geometry:
        metres = METRES[volume.uomDimensions.lower()]
        lower = _limit(volume.lowerLimit, volume.lowerVerticalReference, metres, lower=True)
        upper = _limit(volume.upperLimit, volume.upperVerticalReference, metres, lower=False)
        check_order(lower, upper)
        projection = volume.horizontalProjection
        if projection.type == "Circle":
            if projection.center is None or projection.radius is None:
                raise ZoneError("a circle without a centre or a radius")
            x, y = projection.center
            if not (abs(y) <= 90.0 and abs(x) <= 540.0):
                raise ZoneError("a centre is not on Earth")
            shape, said = mended(arcs.circle(y, x, projection.radius))
        else:
            shape, said = mended(_polygon("Polygon", projection.coordinates))
        pieces.append(_Piece(shape, lower, upper))
        notes += said
    conditions = z.restrictionConditions
    if isinstance(conditions, list):
        conditions = "; ".join(str(item) for item in conditions)
    about = [f"ED-269 {z.restriction}", *(z.reason or ())]
    about += [str(text) for text in (conditions, z.message) if text]
    head = _Head(
        z.identifier,
        z.country,
        z.name or z.identifier,
        "; ".join(about),
        _authority([(a.purpose or "", a.name or "", a.email or a.phone or a.siteURL or "")
                    for a in z.zoneAuthority]),
    )  # fmt: skip
    return head, pieces, [_period(period) for period in z.applicability], notes


def _period(period: ed318.TimePeriod | ed269.TimePeriod) -> _Period:
    schedule = []
    for daily in period.schedule or ():
        begins = ends = None
        if isinstance(daily, ed318.DailyPeriod):
            begins, ends = daily.startEvent, daily.endEvent
        start, offset_min = _clock(daily.startTime, begins, "00:00")
        end, _ = _clock(daily.endTime, ends, "24:00")
        schedule.append(
            Hours(days=_days(daily.day), start=start, end=end, utc_offset_min=offset_min)
        )
    return _Period(_instant(period.startDateTime), _instant(period.endDateTime), tuple(schedule))


def _zones(
    head: _Head,
    pieces: list[_Piece],
    periods: list[_Period],
    bounds: tuple[int | None, int | None],
    issued_ns: int | None,
    file: str,
) -> Iterator[tuple[Zone, Any]]:
    base = f"{head.country}:{head.identifier}"
    kind: ZoneKind = "uas"
    for number, piece in enumerate(pieces, start=1):
        for period_number, period in enumerate(periods or [_Period(None, None, ())], start=1):
            zone_id = base
            if len(pieces) > 1:
                zone_id += f".{number}"
            if len(periods) > 1:
                zone_id += f"@{period_number}"
            zone = Zone(
                zone_id=zone_id,
                kind=kind,
                name=head.name,
                state=head.country,
                source=file,
                note=head.note,
                authority=head.authority,
                floor=piece.floor,
                ceiling=piece.ceiling,
                boundary_sigma_m=SIGMA_M,
                valid_from_ns=_later(bounds[0], period.from_ns),
                valid_to_ns=_sooner(bounds[1], period.to_ns),
                known_from_ns=issued_ns,
                schedule=period.schedule,
                part_of="" if zone_id == base else base,
            )
            yield zone, piece.shape


def _later(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else max(a, b)


def _sooner(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


def _limit(value: float | None, reference: str, metres: float, *, lower: bool) -> Limit | None:
    if value is None:
        return None
    datum = _DATUMS[reference]
    if lower and datum == "agl" and value == 0.0:
        return None
    return Limit(height_m=round(value * metres, 3), datum=datum)


def _authority(found: list[tuple[str, str, str]]) -> str | None:
    lines = []
    for purpose, name, contact in found:
        inner = ", ".join(part for part in (purpose.lower(), contact) if part)
        lines.append(f"{name or 'authority'}" + (f" ({inner})" if inner else ""))
    return "; ".join(lines) or None


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_utc(text)
    except (ValueError, TypeError):
        raise ZoneError(f"{text!r} is no ISO 8601 time") from None


def _days(names: tuple[str, ...]) -> tuple[Day, ...]:
    out: list[Day] = []
    for name in names:
        if name.upper() not in DAYS or name.upper() == "WORK_DAY":
            raise ZoneError(f"{name!r} is no day")
        if name.upper() == "ANY":
            return ()
        out += DAYS[name.upper()]
    return tuple(dict.fromkeys(out))


def _clock(text: str | None, event: str | None, default: str) -> tuple[str, int]:
    """A time of day, or an event of the sun, and the offset of its clock."""
    if event is not None:
        return SUN_EVENTS[event], 0
    if text is None:
        return default, 0
    match = _TIME.fullmatch(text)
    if match is None:
        raise ZoneError(f"{text!r} is no time of day")
    zone = match[3]
    offset_min = 0
    if zone and zone != "Z":
        digits = zone[1:].replace(":", "")
        offset_min = int(digits[:2]) * 60 + int(digits[2:])
        offset_min = -offset_min if zone[0] == "-" else offset_min
    clock = f"{match[1]}:{match[2]}"
    if default == "24:00" and clock == "23:59":
        clock = "24:00"  # the last minute is meant
    if clock > "24:00" or match[2] > "59":
        raise ZoneError(f"{text!r} is no time of day")
    return clock, offset_min


def _position(raw: Any) -> tuple[float, float]:
    try:
        numbers = msgspec.convert(raw, list[float])
    except msgspec.ValidationError as error:
        raise ZoneError(f"the coordinates cannot be read: {error}") from error
    if len(numbers) < 2 or abs(numbers[1]) > 90.0 or abs(numbers[0]) > 540.0:
        raise ZoneError("a position is not on Earth (longitude comes first)")
    return numbers[0], numbers[1]


def _polygon(kind: str, raw: Any) -> Any:
    document = msgspec.json.encode({"type": kind, "coordinates": raw})
    try:
        return shapely.from_geojson(document)
    except (shapely.GEOSException, ValueError) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise ZoneError(f"the geometry cannot be read: {reason}") from error
