"""ED-269 and ED-318: layers, circles, schedules, and faults by feature and reason."""

import math
from typing import Any

import msgspec
import pytest

from vedette.airspace.polygon import area_km2
from vedette.airspace.uas import read_uas, uas_format
from vedette.airspace.zone_file import read_zones
from vedette.model.errors import ZoneError
from vedette.model.time import parse_utc
from vedette.model.zone import Hours, Limit

SQUARE = [[[10.0, 50.0], [11.0, 50.0], [11.0, 51.0], [10.0, 51.0], [10.0, 50.0]]]


def feature_318(**changes: Any) -> dict[str, Any]:
    properties = {
        "identifier": "ABC1",
        "country": "DEU",
        "type": "PROHIBITED",
        "variant": "COMMON",
        "zoneAuthority": [
            {"purpose": "AUTHORIZATION", "name": [{"lang": "en-GB", "text": "Office"}]}
        ],
        **changes,
    }
    layer = {
        "lower": 0,
        "lowerReference": "AGL",
        "upper": 400,
        "upperReference": "AMSL",
        "uom": "ft",
    }
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": SQUARE, "layer": layer},
    }


def document(*features: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"type": "FeatureCollection", "features": list(features)})


def zone_269(**changes: Any) -> dict[str, Any]:
    return {
        "identifier": "LSR01",
        "country": "CHE",
        "name": "Airfield",
        "type": "COMMON",
        "restriction": "REQ_AUTHORISATION",
        "reason": ["AIR_TRAFFIC"],
        "applicability": [
            {
                "permanent": "NO",
                "startDateTime": "2025-01-01T00:00:00.00Z",
                "endDateTime": "2025-12-31T00:00:00.00Z",
                "schedule": [
                    {"day": ["MON", "TUE"], "startTime": "08:00:00.00Z", "endTime": "23:59:00.00Z"}
                ],
            }
        ],
        "zoneAuthority": [{"name": "FOCA", "email": "a@b.c", "purpose": "AUTHORIZATION"}],
        "geometry": [
            {
                "uomDimensions": "M",
                "lowerLimit": 0,
                "lowerVerticalReference": "AGL",
                "upperLimit": 120,
                "upperVerticalReference": "AGL",
                "horizontalProjection": {"type": "Circle", "center": [8.0, 47.0], "radius": 5000},
            }
        ],
        **changes,
    }


def test_a_layer_has_its_unit_and_datums() -> None:
    (zone,), _, problems = read_uas(document(feature_318()), "a")
    assert problems == []
    assert (zone.zone_id, zone.kind, zone.state) == ("DEU:ABC1", "uas", "DEU")
    assert zone.floor is None
    assert zone.ceiling == Limit(height_m=121.92, datum="amsl")
    assert zone.authority == "Office (authorization)"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "FORBIDDEN"}, "FORBIDDEN"),
        ({"country": "DE"}, "length >= 3"),
        ({"identifier": "TOOLONGNAME"}, "length <= 7"),
        ({"zoneAuthority": []}, "length >= 1"),
        ({"name": [{"text": "no language"}]}, "missing required field `lang`"),
        ({"colour": "red"}, "unknown field `colour`"),
        (
            {"limitedApplicability": [{"startDateTime": "tomorrow"}]},
            "'tomorrow' is no ISO 8601 time",
        ),
        (
            {"limitedApplicability": [{"schedule": [{"day": ["MON"], "startTime": "8 o'clock"}]}]},
            "no time of day",
        ),
    ],
)
def test_a_fault_is_named_by_feature_and_reason_and_costs_one_zone(
    changes: dict[str, Any], reason: str
) -> None:
    zones, _, problems = read_uas(
        document(feature_318(**changes), feature_318(identifier="OK")), "a"
    )
    assert [z.zone_id for z in zones] == ["DEU:OK"]
    assert len(problems) == 1
    assert problems[0].startswith("feature 1")
    assert reason in problems[0]


def test_events_of_the_sun_become_hours() -> None:
    daily = {"day": ["SAT"], "startEvent": "BMCT", "endEvent": "SS"}
    (zone,), _, _ = read_uas(
        document(feature_318(limitedApplicability=[{"schedule": [daily]}])), "a"
    )
    assert zone.schedule == (Hours(days=("sat",), start="dawn", end="sunset"),)


def test_ed_269_gives_circles_hours_and_the_authority() -> None:
    data = document(zone_269())
    assert uas_format(data) == "ed-269"
    (zone,), (shape,), problems = read_zones(data, "a")
    assert problems == []
    assert area_km2(shape) == pytest.approx(math.pi * 25.0, rel=1e-3)
    assert zone.ceiling == Limit(height_m=120.0, datum="agl")
    assert zone.valid_to_ns == parse_utc("2025-12-31")
    assert zone.schedule == (Hours(days=("mon", "tue"), start="08:00", end="24:00"),)
    assert zone.authority == "FOCA (authorization, a@b.c)"


def test_ed_269_faults_are_named() -> None:
    volume = zone_269()["geometry"][0]
    upside = {**volume, "lowerLimit": 200}
    nowhere = {
        **volume,
        "horizontalProjection": {"type": "Circle", "center": [8.0, 97.0], "radius": 5},
    }
    zones, _, problems = read_uas(
        document(
            zone_269(geometry=[upside]),
            zone_269(identifier="B", geometry=[nowhere]),
            zone_269(identifier="C", restriction="MAYBE"),
            zone_269(identifier="D"),
        ),
        "a",
    )
    assert [z.zone_id for z in zones] == ["CHE:D"]
    assert [
        reason in p for reason, p in zip(("floor", "Earth", "MAYBE"), problems, strict=True)
    ] == [True] * 3


@pytest.mark.shared
def test_the_official_examples_load_and_the_invalid_one_is_named(shared) -> None:
    folder = "data/vectors/ed318/examples/"
    counts = {
        "Example_Collection": 3,
        "Example_GeoZone_2_Layers": 2,
        "Example_GeoZone_Circle": 1,
        "Example_GeoZone_with_extension": 1,
        "PartialExample_featureGeoJSON": 2,
    }
    for name, count in counts.items():
        zones, _, problems = read_zones(shared(f"{folder}{name}.json"), name)
        assert (len(zones), problems) == (count, []), name
    zones, _, problems = read_zones(shared(f"{folder}InvalidExample_GeoZone_2_Layers.json"), "x")
    assert zones == []
    assert [p.split(":")[0] for p in problems] == ["metadata", "feature 1 (NFZ6547)"]
    for part in ("GeoZoneProperties", "TimePeriod", "ZoneAuthority"):
        with pytest.raises(ZoneError):  # parts of a document, no documents
            read_zones(shared(f"{folder}PartialExample_{part}.json"), part)


@pytest.mark.shared
def test_our_features_pass_the_official_schema_as_the_examples_do(shared) -> None:
    """The schema accepts what our reader accepts and rejects what it rejects, on the cases above."""
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    names = ("GeoZoneProperties", "GeoZoneDataTypes", "GeoZoneAuthority", "GeoZoneTimePeriod")
    documents = {
        f"Schema_{n}.json": msgspec.json.decode(
            shared(f"data/vectors/ed318/schema/Schema_{n}.json")
        )
        for n in names
    }
    registry = referencing.Registry().with_resources(
        (f"urn:x/{name}", referencing.Resource.from_contents(body))
        for name, body in documents.items()
    )
    body = {"$id": "urn:x/root", **documents["Schema_GeoZoneProperties.json"]}
    text = msgspec.json.encode(body).replace(b'"./Schema_', b'"urn:x/Schema_')
    fixed = {
        f"urn:x/{name}": referencing.Resource.from_contents(
            msgspec.json.decode(msgspec.json.encode(b).replace(b'"./Schema_', b'"urn:x/Schema_'))
        )
        for name, b in documents.items()
    }
    registry = referencing.Registry().with_resources(fixed.items())
    validator = jsonschema.Draft7Validator(msgspec.json.decode(text), registry=registry)
    for changes in (
        {},
        {"type": "FORBIDDEN"},
        {"country": "DE"},
        {"identifier": "TOOLONGNAME"},
        {"zoneAuthority": []},
        {"name": [{"text": "no language"}]},
        {"colour": "red"},
    ):
        feature = feature_318(**changes)
        zones, _, _ = read_uas(document(feature), "a")
        assert bool(zones) == validator.is_valid(feature["properties"]), changes
