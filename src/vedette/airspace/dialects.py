"""Zones in GeoJSON and GeoParquet of others: their properties in the words of ``vedette.model.zone.Zone``."""

from typing import Any, Final

from vedette.airspace.limits import ceiling, datum_of, floor
from vedette.airspace.states import alpha3, state_of_location
from vedette.model.errors import ZoneError
from vedette.model.time import format_utc, parse_utc
from vedette.model.zone import Limit, ZoneKind

Properties = dict[str, Any]

_CATEGORIES: Final[dict[str, ZoneKind]] = {
    "CTA": "cta",
    "CTR": "ctr",
    "TMA": "tma",
    "ATZ": "atz",
    "D": "danger",
    "R": "restricted",
    "R-TEMP": "temporary",
    "P": "prohibited",
}
_REGIONS: Final[dict[str, ZoneKind]] = {"FIR": "fir", "UIR": "uir"}


def translated(properties: Properties) -> Properties | None:
    """The same in our words, or None when it is in our words, or in none that we know.

    Raises:
        ZoneError: a limit or date cannot be read.
    """
    if "zone_id" in properties:
        return None
    if {"category", "lower", "upper"} <= set(properties):
        return _aeronautical(properties)
    if {"ident", "min_fl", "max_fl"} <= set(properties):
        return _network_region(properties)
    if "ident" in properties and {"upperlimit", "lowerlimit", "effectdate"} & set(properties):
        return _database_region(properties)
    return None


def _aeronautical(p: Properties) -> Properties:
    """The columns of the UK set of the soaring pilots' airspace repository, with named limits."""
    lower = str(p["lower"])
    upper = str(p["upper"])
    local, class_ = p.get("localtype"), p.get("cls")
    about = [f"type {p['category']}" + (f" {local}" if local else "")]
    if class_:
        about.append(f"class {class_}")
    return {
        "zone_id": str(p.get("id") or p.get("name") or ""),
        "kind": _CATEGORIES.get(str(p["category"]), "other"),
        "name": str(p.get("name") or ""),
        "state": alpha3(str(p["country"])) if p.get("country") else None,
        "source": str(p.get("source") or ""),
        "licence": str(p.get("licence") or ""),
        "note": ", ".join(about),
        "floor": _plain(floor(lower, datum_of(str(p.get("lower_ref"))) or "amsl")),
        "ceiling": _plain(ceiling(upper, datum_of(str(p.get("upper_ref"))) or "amsl")),
        "boundary_sigma_m": 100.0,  # published to a second of arc, arcs in steps
    }


def _network_region(p: Properties) -> Properties:
    """EUROCONTROL's FIR and UIR of the network manager."""
    return {
        "zone_id": _region_id(p.get("kind"), p.get("id") or p["ident"]),
        "kind": _REGIONS.get(str(p.get("kind")), "other"),
        "name": " ".join(str(p.get("name") or "").split()),
        "state": state_of_location(str(p["ident"])),
        "source": str(p.get("source") or ""),
        "note": "air traffic services, not sovereignty",
        "floor": _plain(floor(f"FL{int(p['min_fl']):03d}") if p["min_fl"] else None),
        "ceiling": _plain(ceiling(f"FL{int(p['max_fl']):03d}")),
        "boundary_sigma_m": 500.0,
    }


def _database_region(p: Properties) -> Properties:
    """EUROCONTROL's FIR and UIR of the European AIS database."""
    lower, upper = (
        _level(p.get(f"{side}limit"), p.get(f"{side}unit")) for side in ("lower", "upper")
    )
    out = {
        "zone_id": _region_id(
            p.get("type"), f"{p['ident']}:{' '.join(str(p.get('name')).split())}"
        ),
        "kind": _REGIONS.get(str(p.get("type")), "other"),
        "name": " ".join(str(p.get("name") or "").split()),
        "state": state_of_location(str(p["ident"])),
        "source": str(p.get("source") or ""),
        "note": "air traffic services, not sovereignty",
        "floor": None if lower is None else _plain(floor(lower)),
        "ceiling": None if upper is None else _plain(ceiling(upper)),
        "boundary_sigma_m": 500.0,
    }
    if p.get("effectdate"):
        day, month, year = str(p["effectdate"]).split("-")
        try:
            out["valid_from"] = format_utc(parse_utc(f"{year}-{month}-{day}"))
        except ValueError as error:
            raise ZoneError(f"effectdate {p['effectdate']} is no date") from error
    return out


def _level(value: Any, unit: Any) -> str | None:
    if value is None:
        return None
    text = str(value).strip()
    if not text.isdigit():
        return text
    if str(unit).strip().upper() == "FL":
        return f"FL{int(text):03d}"
    return "SFC" if int(text) == 0 else f"{text} {unit}"


def _region_id(kind: Any, ident: Any) -> str:
    return f"{kind or 'REGION'}:{ident}"


def _plain(limit: Limit | None) -> Properties | None:
    return None if limit is None else {"height_m": limit.height_m, "datum": limit.datum}
