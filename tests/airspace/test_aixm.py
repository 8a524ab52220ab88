"""AIXM: all of Donlon, and small messages for what it does not show."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from vedette.airspace.activity import active, place_of
from vedette.airspace.aixm import read_aixm
from vedette.airspace.polygon import area_km2
from vedette.airspace.zone_file import File, format_of
from vedette.model.errors import ZoneError
from vedette.model.time import parse_utc
from vedette.model.zone import Hours, Limit

GEOD = Geod(ellps="WGS84")
DONLON = "data/vectors/aixm/EA_AIP_DS_FULL_20170701.xml"
HEAD = (
    '<message:AIXMBasicMessage xmlns:message="http://www.aixm.aero/schema/5.1/message" '
    'xmlns:aixm="http://www.aixm.aero/schema/5.1" xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" gml:id="m">'
)


def ring(points: str, kind: str = "GeodesicString") -> str:
    return (
        "<gml:exterior><gml:Ring><gml:curveMember><gml:Curve><gml:segments>"
        f"<gml:{kind}><gml:posList>{points}</gml:posList></gml:{kind}>"
        "</gml:segments></gml:Curve></gml:curveMember></gml:Ring></gml:exterior>"
    )


def volume(
    shape: str, low: str = "GND", high: str = "5000", operation: str = "BASE", order: int = 1
) -> str:
    low_element = f'<aixm:lowerLimit uom="FT">{low}</aixm:lowerLimit>'
    if low.isdigit():
        low_element += "<aixm:lowerLimitReference>MSL</aixm:lowerLimitReference>"
    return (
        "<aixm:geometryComponent><aixm:AirspaceGeometryComponent>"
        f"<aixm:operation>{operation}</aixm:operation><aixm:operationSequence>{order}</aixm:operationSequence>"
        "<aixm:theAirspaceVolume><aixm:AirspaceVolume>"
        f'<aixm:upperLimit uom="FT">{high}</aixm:upperLimit>'
        f"<aixm:upperLimitReference>MSL</aixm:upperLimitReference>{low_element}"
        '<aixm:horizontalProjection><aixm:Surface srsName="urn:ogc:def:crs:EPSG::4326"><gml:patches>'
        f"<gml:PolygonPatch>{shape}</gml:PolygonPatch></gml:patches></aixm:Surface>"
        "</aixm:horizontalProjection></aixm:AirspaceVolume></aixm:theAirspaceVolume>"
        "</aixm:AirspaceGeometryComponent></aixm:geometryComponent>"
    )


def timeslice(
    inner: str, kind: str, begin: str, end: str = "", number: int = 1, correction: int = 0
) -> str:
    until = (
        f"<gml:endPosition>{end}</gml:endPosition>"
        if end
        else '<gml:endPosition indeterminatePosition="unknown"/>'
    )
    return (
        "<aixm:timeSlice><aixm:AirspaceTimeSlice><gml:validTime><gml:TimePeriod>"
        f"<gml:beginPosition>{begin}</gml:beginPosition>{until}</gml:TimePeriod></gml:validTime>"
        f"<aixm:interpretation>{kind}</aixm:interpretation><aixm:sequenceNumber>{number}</aixm:sequenceNumber>"
        f"<aixm:correctionNumber>{correction}</aixm:correctionNumber>{inner}"
        "</aixm:AirspaceTimeSlice></aixm:timeSlice>"
    )


def airspace(*slices: str, uuid: str = "11") -> str:
    return (
        f'<message:hasMember><aixm:Airspace gml:id="uuid.{uuid}">'
        f'<gml:identifier codeSpace="urn:uuid:">{uuid}</gml:identifier>{"".join(slices)}'
        "</aixm:Airspace></message:hasMember>"
    )


def message(*features: str) -> bytes:
    return (HEAD + "".join(features) + "</message:AIXMBasicMessage>").encode()


NAMED = "<aixm:type>R</aixm:type><aixm:designator>EAR9</aixm:designator>"
SQUARE = ring("50 10 50 11 51 11 51 10 50 10")
HALF = ring("50 10 50 10.5 51 10.5 51 10 50 10")


def test_a_subtraction_cuts_where_and_how_high_it_is() -> None:
    inner = NAMED + volume(SQUARE) + volume(HALF, "1000", "2000", "SUBTR", 2)
    zones, shapes, problems = read_aixm(
        [File(message(airspace(timeslice(inner, "BASELINE", "2025-01-01T00:00:00Z"))), "a.xml")]
    )
    assert problems == []
    spans = {(z.floor and z.floor.height_m, z.ceiling and z.ceiling.height_m) for z in zones}
    assert spans == {(None, 1524.0), (None, 304.8), (609.6, 1524.0)}
    assert {z.part_of for z in zones} == {"R:EAR9"}

    # the volume of the parts is the volume of the whole less that of the hole
    def cubic(z: object, s: object) -> float:
        low = z.floor.height_m if z.floor else 0.0  # type: ignore[attr-defined]
        return float(shapely.area(s)) * (z.ceiling.height_m - low)  # type: ignore[attr-defined]

    total = sum(cubic(z, s) for z, s in zip(zones, shapes, strict=True))
    assert total == pytest.approx(1.0 * 1524.0 - 0.5 * 304.8)


def test_an_intersection_keeps_what_both_hold() -> None:
    inner = NAMED + volume(SQUARE) + volume(HALF, "1000", "9000", "INTERS", 2)
    (zone,), (shape,), problems = read_aixm(
        [File(message(airspace(timeslice(inner, "BASELINE", "2025-01-01T00:00:00Z"))), "a.xml")]
    )
    assert problems == []
    assert (zone.floor.height_m, zone.ceiling.height_m) == (304.8, 1524.0)  # type: ignore[union-attr]
    assert float(shapely.area(shape)) == pytest.approx(0.5)


def test_history_is_told_by_what_held_and_by_what_was_known() -> None:
    base = airspace(timeslice(NAMED + volume(SQUARE), "BASELINE", "2025-01-01T00:00:00Z"))
    raised = timeslice(
        volume(SQUARE, high="9000"), "TEMPDELTA", "2025-03-01T00:00:00Z", "2025-03-05T00:00:00Z", 2
    )
    longer = timeslice(
        volume(SQUARE, high="9000"),
        "TEMPDELTA",
        "2025-03-01T00:00:00Z",
        "2025-03-09T00:00:00Z",
        2,
        1,
    )
    files = [
        File(message(base), "base.xml"),
        File(message(airspace(raised)), "one.xml", parse_utc("2025-02-20")),
        File(message(airspace(longer)), "two.xml", parse_utc("2025-03-03")),
    ]
    zones, shapes, problems = read_aixm(files)
    assert problems == []
    assert len({z.zone_id for z in zones}) == len(zones)

    def ceiling(at: str, known: str) -> list[float]:
        return [
            z.ceiling.height_m  # type: ignore[union-attr]
            for z, s in zip(zones, shapes, strict=True)
            if active(z, parse_utc(at), place_of(s), parse_utc(known))
        ]

    assert ceiling("2025-03-02", "2025-02-01") == [1524.0]  # nobody knew yet
    assert ceiling("2025-03-02", "2025-02-25") == [2743.2]
    assert ceiling("2025-03-07", "2025-02-25") == [1524.0]  # before the correction
    assert ceiling("2025-03-07", "2025-03-04") == [2743.2]
    assert ceiling("2025-03-10", "2025-03-04") == [1524.0]


def test_a_permanent_change_holds_until_a_baseline_that_contains_it() -> None:
    slices = (
        timeslice(NAMED + volume(SQUARE), "BASELINE", "2025-01-01T00:00:00Z"),
        timeslice(volume(SQUARE, high="9000"), "PERMDELTA", "2025-02-01T00:00:00Z", number=2),
        timeslice(
            NAMED + volume(SQUARE, high="9000"), "BASELINE", "2025-02-01T00:00:00Z", number=2
        ),
    )
    for some in (slices, slices[:2]):
        zones, _, problems = read_aixm([File(message(airspace(*some)), "a.xml")])
        assert problems == []
        assert [z.ceiling.height_m for z in zones] == [1524.0, 2743.2]  # type: ignore[union-attr]
        assert zones[0].valid_to_ns == zones[1].valid_from_ns == parse_utc("2025-02-01")


def test_straight_lines_on_the_plane_follow_their_parallel() -> None:
    shape = ring("60 0 60 10 61 10 61 0 60 0", "LineStringSegment")
    _, (polygon,), _ = read_aixm(
        [
            File(
                message(airspace(timeslice(NAMED + volume(shape), "BASELINE", "2025-01-01"))),
                "a.xml",
            )
        ]
    )
    points = shapely.get_coordinates(polygon)
    assert len(points) > 200
    assert set(np.round(points[np.abs(points[:, 1] - 60) < 0.01][:, 1], 9)) == {60.0}


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (NAMED, "no geometry"),
        (NAMED + volume(ring("50 10 50 11")), "fewer than three points"),
        (NAMED + volume(ring("50 10 50 11 95 11 50 10")), "latitude beyond 90"),
        (NAMED + volume(ring("50 10 51 11 50 11 51 10 50 10")), "not valid"),
        (NAMED + volume(SQUARE, high="soon"), "no limit that is known"),
        (NAMED + volume(SQUARE, operation="GUESS"), "operation GUESS"),
        (NAMED + volume(ring("50 10 50 11 51 11 50 10", "Clothoid")), "segment of kind Clothoid"),
    ],
)
def test_what_is_wrong_is_named_by_airspace_and_reason(inner: str, reason: str) -> None:
    zones, _, problems = read_aixm(
        [File(message(airspace(timeslice(inner, "BASELINE", "2025-01-01T00:00:00Z"))), "a.xml")]
    )
    assert zones == []
    assert len(problems) == 1
    assert "EAR9" in problems[0]
    assert reason in problems[0]


def test_a_change_without_its_baseline_is_named() -> None:
    delta = timeslice(volume(SQUARE), "TEMPDELTA", "2025-03-01T00:00:00Z", "2025-03-05T00:00:00Z")
    zones, _, problems = read_aixm([File(message(airspace(delta)), "a.xml")])
    assert zones == []
    assert "baseline is not in these files" in problems[0]


@pytest.mark.parametrize(
    "data",
    [
        b"<a>",
        b"<a/>",
        b"",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a xmlns:aixm="http://www.aixm.aero/schema/5.1/x">&x',
    ],
)
def test_other_xml_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(ZoneError):
        read_aixm([File(data, "a.xml")])


def test_an_entity_is_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("EAR-SECRET")
    entity = f'<!DOCTYPE m [<!ENTITY s SYSTEM "file://{secret}">]>'.encode()
    inner = "<aixm:type>R</aixm:type><aixm:name>&s;</aixm:name>" + volume(SQUARE)
    data = entity + message(airspace(timeslice(inner, "BASELINE", "2025-01-01T00:00:00Z")))
    zones, _, _ = read_aixm([File(data, "a.xml")])
    assert all("SECRET" not in z.name for z in zones)


@pytest.mark.shared
def test_all_twenty_airspaces_of_donlon_load(shared) -> None:
    data = shared(DONLON)
    assert format_of(data, "donlon.xml") == "aixm"
    zones, shapes, problems = read_aixm([File(data, "donlon.xml")])
    by_id = dict(zip((z.zone_id for z in zones), zip(zones, shapes, strict=True), strict=True))
    assert len({z.part_of or z.zone_id for z in zones}) == 20
    assert not any("left out" in problem for problem in problems)
    # a lifetime that begins in the year 20010, a ring that runs back along itself, clocks on summer time
    assert sorted(p.split(":")[0].split()[-1] for p in problems) == ["D", "D", "EAMM2", "R"]
    # a circle of 15 NM, an arc over 227 degrees of 25 NM, by their areas
    assert area_km2(by_id["P:EAP2"][1]) == pytest.approx(np.pi * (15 * 1.852) ** 2, rel=1e-3)
    assert area_km2(by_id["R:EAR1"][1]) == pytest.approx(
        227 / 360 * np.pi * (25 * 1.852) ** 2, rel=1e-3
    )
    # an aggregation by reference is the union of what it refers to
    union = shapely.union_all([by_id["TMA_P:EAMM1"][1], by_id["TMA_P:EAMM2"][1]])
    assert area_km2(by_id["TMA:EAMM"][1]) == pytest.approx(area_km2(union), rel=1e-6)
    # an aggregation by copy keeps both floors
    assert [by_id[f"CTA:EADD.{k}"][0].floor for k in (1, 2)] == [
        Limit(height_m=914.4, datum="pressure"),
        Limit(height_m=1524.0, datum="pressure"),
    ]
    # a piece of border of another feature, and hours of another clock
    moa = by_id["MOA:EAMTA01"][0]
    assert moa.dormant
    assert moa.schedule == (
        Hours(start="00:00", end="00:00", first="10-01", last="07-31", utc_offset_min=-240),
    )
    # the point of an aerodrome by link, and a user by name
    assert area_km2(by_id["ATZ:EADH"][1]) == pytest.approx(np.pi * 10.0**2, rel=1e-3)
    assert by_id["PARACHUTE_JUMPING_AERA:DORNBURG"][0].authority == "DONBURG AERO CLUB (user)"
    # 30 km wide along 400 points
    line_km = area_km2(by_id["A:ACR001"][1]) / 30.0
    assert 1_700 < line_km < 1_850


@pytest.mark.shared
def test_a_digital_notam_wakes_a_sleeping_area_for_its_time(shared) -> None:
    folder = "data/vectors/aixm/digitalNOTAM/"
    files = [
        File(shared(DONLON), "donlon.xml"),
        File(shared(folder + "DN_SAA.ACT_area_activation.xml"), "act.xml"),
    ]
    zones, shapes, _ = read_aixm(files)

    def awake(at: str, known: str) -> bool:
        return any(
            active(z, parse_utc(at), place_of(s), parse_utc(known))
            for z, s in zip(zones, shapes, strict=True)
            if "R:EAR2" in (z.zone_id, z.part_of)
        )

    assert awake("2018-05-01T10:00Z", "2018-04-30")
    assert not awake("2018-05-01T10:00Z", "2018-04-19")  # the NOTAM was issued on the 20th
    assert not awake("2018-05-01T15:00Z", "2018-04-30")
    assert not awake("2018-04-30T10:00Z", "2018-04-30")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "zone", "said"),
    [
        ("SAA.ACT_changed_limits", "R:EAR2@20180507T1400Z", "limits read the other way round"),
        ("SAA.ACT_date_range_schedule", "R:EAR2@20180510T0600Z", ""),
        ("SAA.NEW_SAR", "R:31461327-3237-4809-ada9-391b450ced26", ""),
        ("SAA.NEW_several NOTAM", "R:d2b01592-5f48-4590-b871-60d150533ec1", ""),
        ("ATSA.NEW_in_use", "CLASS:EAA0422-18", ""),
        ("ATSA.ACT_sectors", "CTA_P:EADD1@20181014T1500Z", "a comment is not well-formed"),
    ],
)
def test_the_airspace_notam_of_donlon_load(shared, name: str, zone: str, said: str) -> None:
    files = [
        File(shared(DONLON), "donlon.xml"),
        File(shared(f"data/vectors/aixm/digitalNOTAM/DN_{name}.xml"), "dn.xml"),
    ]
    zones, _, problems = read_aixm(files)
    assert zone in {z.zone_id for z in zones}
    assert not any("left out" in problem for problem in problems)
    assert said in "\n".join(problems)
