"""NOTAM: as networks write them, hours and outlines, one British day, and another parser beside ours."""

import math

import numpy as np
import pytest
import shapely

from vedette.airspace.activity import active, place_of
from vedette.airspace.notam import read_notams
from vedette.airspace.notam.hours import read_hours
from vedette.airspace.notam.text import read_notam, split_messages
from vedette.airspace.polygon import area_km2
from vedette.airspace.zone_file import File, format_of, read_files, unpacked
from vedette.model.errors import ZoneError
from vedette.model.time import parse_utc
from vedette.model.zone import Hours, Limit

TEXT = """(A1234/25 NOTAMN
Q) EETT/QRTCA/IV/BO/W/000/050/5930N02630E010
A) EETT B) 2509190500 C) 2509191700
D) 0600-0900 1200-1500
E) TEMPO RESTRICTED AREA ACTIVE WI 3KM RADIUS OF 592412N 0263015E.
ENTRY FORBIDDEN WITHOUT THE PERMISSION OF TALLINN CONTROL TEL 123.
F) SFC G) 3000FT AMSL)
"""
DAY = "data/airspace/notam_uk_2025-09-20.jsonl.gz"


def one(text: str = TEXT, **replaced: str) -> tuple[object, object, list[str]]:
    for old, new in replaced.values() and [tuple(v.split("=>")) for v in replaced.values()]:
        assert old in text
        text = text.replace(old, new)
    zones, shapes, problems = read_notams(text.encode(), "n")
    assert len(zones) == 1, problems
    return zones[0], shapes[0], problems


def test_parentheses_a_day_less_item_d_and_kilometres() -> None:
    assert format_of(TEXT.encode(), "n") == "notam"
    zone, shape, problems = one()
    assert problems == []
    assert (zone.zone_id, zone.kind, zone.state) == ("NOTAM:EETT:A1234/25", "temporary", "EST")
    assert zone.ceiling == Limit(height_m=914.4, datum="amsl")
    assert zone.schedule == (Hours(start="06:00", end="09:00"), Hours(start="12:00", end="15:00"))
    assert zone.authority == "TALLINN CONTROL"
    assert area_km2(shape) == pytest.approx(math.pi * 9.0, rel=1e-3)


def test_without_parentheses_on_one_line_and_with_a_short_number() -> None:
    plain = " ".join(TEXT.strip().strip("()").split()).replace("A1234/25", "B903/25")
    zone, _, problems = one(plain)
    assert problems == []
    assert zone.name == "B903/25"
    assert zone.ceiling == Limit(height_m=914.4, datum="amsl")


def test_a_missing_item_c_is_an_open_end_and_is_named() -> None:
    zone, _, problems = one(a=" C) 2509191700=>")
    assert zone.valid_to_ns is None
    assert problems == ["NOTAM A1234/25: item C (its end) is missing: open end"]


def test_an_estimated_end_is_open_and_permanent_is_too() -> None:
    assert one(a="2509191700=>2509191700 EST")[0].valid_to_ns is None
    assert one(a="C) 2509191700=>C) PERM")[0].valid_to_ns is None


def test_limits_of_the_q_line_stand_in_and_that_is_said() -> None:
    zone, _, problems = one(a="F) SFC G) 3000FT AMSL=>")
    assert zone.ceiling == Limit(height_m=1524.0, datum="pressure")
    assert "limits of its Q line" in problems[0]


def test_outlines_arcs_and_the_circle_of_the_q_line() -> None:
    ring = (
        "AREA BOUNDED BY 590000N 0260000E - 590000N 0270000E - 593000N 0270000E - 590000N 0260000E."
    )
    _, shape, problems = one(a=f"WI 3KM RADIUS OF 592412N 0263015E=>{ring}")
    assert problems == []
    assert shape.bounds == (26.0, 59.0, 27.0, 59.5)
    arc = (
        "WI 590000N 0260000E - 590000N 0270000E THENCE CLOCKWISE BY THE ARC OF A CIRCLE RADIUS 15.5NM "
        "CENTRED ON 590000N 0263000E TO 590000N 0260000E"
    )
    _, half, problems = one(a=f"WI 3KM RADIUS OF 592412N 0263015E=>{arc}")
    assert problems == []
    assert half.bounds[1] < 58.8  # clockwise from east to west runs through the south
    _, circle, problems = one(a="WI 3KM RADIUS OF 592412N 0263015E=>")
    assert problems == ["NOTAM A1234/25: drawn as the circle of its Q line"]
    assert area_km2(circle) == pytest.approx(math.pi * 18.52**2, rel=1e-3)


@pytest.mark.parametrize(
    "words",
    [
        "WI 1NM RADIUS OF PSN 592412N 0263015E",
        "RADIUS 1852M OF PSN 592412N 0263015E",
        "AT PSN 592412N 0263015E (SOMEWHERE) RADIUS 1NM",
        "WITHIN A 1NM RADIUS CENTRED ON 592412N0263015E",
        "WI 1.0 NM OF 592412.0N 0263015.0E",
    ],
)
def test_a_circle_in_many_words(words: str) -> None:
    _, shape, problems = one(a=f"WI 3KM RADIUS OF 592412N 0263015E=>{words}")
    assert problems == []
    assert area_km2(shape) == pytest.approx(math.pi * 1.852**2, rel=2e-3)
    x, y = shape.centroid.coords[0]
    assert (y, x) == pytest.approx((59.40333, 26.50417), abs=1e-3)


def test_a_replacement_ends_what_it_replaces_and_a_cancellation_too() -> None:
    later = TEXT.replace("A1234/25 NOTAMN", "A1235/25 NOTAMR A1234/25").replace(
        "2509190500", "2509190800"
    )
    zones, _, _ = read_notams((TEXT + "\n" + later).encode(), "n")
    assert [z.valid_to_ns for z in zones] == [
        parse_utc("2025-09-19T08:00Z"),
        parse_utc("2025-09-19T17:00Z"),
    ]
    gone = TEXT.replace("A1234/25 NOTAMN", "A1236/25 NOTAMC A1234/25").replace(
        "2509190500", "2509190400"
    )
    zones, _, _ = read_notams((TEXT + "\n" + gone).encode(), "n")
    assert zones == []


@pytest.mark.parametrize(
    ("replaced", "reason"),
    [
        ("Q) EETT=>Q) E1TT", "Q line cannot be read"),
        ("B) 2509190500=>B) soon", "item B ('soon"),
        ("B) 2509190500=>B) 2513190500", "item B (2513190500) is no time"),
        ("C) 2509191700=>C) 2509180000", "ends before it begins"),
        ("F) SFC=>F) 4000FT AMSL", "floor is not below the ceiling"),
    ],
)
def test_what_is_wrong_is_named_by_number_and_reason(replaced: str, reason: str) -> None:
    old, new = replaced.split("=>")
    zones, _, problems = read_notams(TEXT.replace(old, new).encode(), "n")
    assert zones == []
    assert problems[0].startswith("NOTAM A1234/25: left out")
    assert reason in problems[0]


def days(hours: tuple[Hours, ...]) -> list[tuple[object, ...]]:
    return [(h.days, h.first, h.last, h.start, h.end) for h in hours]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H24", [((), None, None, "00:00", "24:00")]),
        ("0000-2359", [((), None, None, "00:00", "24:00")]),
        ("SR-SS", [((), None, None, "sunrise", "sunset")]),
        ("0800-SS PLUS30", [((), None, None, "08:00", "sunset+30")]),
        (
            "MON - FRI 0700 - 1700, SAT 0700 - 1200",
            [
                (("mon", "tue", "wed", "thu", "fri"), None, None, "07:00", "17:00"),
                (("sat",), None, None, "07:00", "12:00"),
            ],
        ),
        (
            "13 14 1100-1800, 19 1400-2100",
            [
                ((), "2025-09-13", "2025-09-13", "11:00", "18:00"),
                ((), "2025-09-14", "2025-09-14", "11:00", "18:00"),
                ((), "2025-09-19", "2025-09-19", "14:00", "21:00"),
            ],
        ),
        (
            "SEP 15 19-24 0800-1600",
            [
                ((), "2025-09-15", "2025-09-15", "08:00", "16:00"),
                ((), "2025-09-19", "2025-09-24", "08:00", "16:00"),
            ],
        ),
        (
            "SEP 13-OCT 25 0700-1600, OCT 26- NOV 03 0800-1700",
            [
                ((), "2025-09-13", "2025-10-25", "07:00", "16:00"),
                ((), "2025-10-26", "2025-11-03", "08:00", "17:00"),
            ],
        ),
        (
            "MON-FRI 1615-2030 EXC OCT 27-28, OCT 27-28 1715-2130",
            [
                (("mon", "tue", "wed", "thu", "fri"), "2025-09-13", "2025-10-26", "16:15", "20:30"),
                (("mon", "tue", "wed", "thu", "fri"), "2025-10-29", "2025-11-30", "16:15", "20:30"),
                ((), "2025-10-27", "2025-10-28", "17:15", "21:30"),
            ],
        ),
    ],
)
def test_item_d_is_read(text: str, expected: list[tuple[object, ...]]) -> None:
    begin, end = parse_utc("2025-09-13T06:00Z"), parse_utc("2025-11-30T20:00Z")
    assert days(read_hours(text, begin, end)) == expected


@pytest.mark.parametrize("text", ["WHENEVER", "0600-2500", "32 0600-0700", "FOO 12-14 0600-0700"])
def test_an_item_d_that_cannot_be_read_is_an_error_and_keeps_the_zone_active(text: str) -> None:
    with pytest.raises(ZoneError):
        read_hours(text, parse_utc("2025-09-13"), parse_utc("2025-11-30"))
    zone, shape, problems = one(a=f"D) 0600-0900 1200-1500=>D) {text}")
    assert "taken as active all the time" in problems[0]
    assert active(zone, parse_utc("2025-09-19T10:00Z"), place_of(shape))


def test_any_text_gives_zones_or_names_of_faults() -> None:
    chance = np.random.default_rng(4)
    letters = np.array(list(TEXT))
    for _ in range(200):
        mixed = letters.copy()
        spots = chance.integers(0, len(mixed), 6)
        mixed[spots] = chance.choice(letters, 6)
        read_notams("".join(mixed).encode(), "n")


@pytest.mark.shared
def test_a_british_day_becomes_zones_and_hours(shared) -> None:
    zones, shapes, problems = read_notams(unpacked(shared(DAY), "uk"), "uk")
    assert len(zones) == 197
    assert not any("left out" in p or "active all the time" in p for p in problems)
    assert sum("circle of its Q line" in p for p in problems) <= 8
    assert any("the letter O in 15OOM" in p for p in problems)
    assert all(shape.is_valid for shape in shapes)
    by_name = {z.name: z for z in zones}
    # 13 and 14 September 11-19, the 19th 14-22, the 20th 10:30-18:30
    bristol = by_name["J4017/25"]
    assert bristol.kind == "uas"
    place = place_of(shapes[zones.index(bristol)])
    asked = ("2025-09-13T11:00Z", "2025-09-14T19:00Z", "2025-09-19T21:59Z", "2025-09-20T10:29Z")
    assert [active(bristol, parse_utc(at), place) for at in asked] == [True, False, True, False]


@pytest.mark.shared
def test_a_notam_that_activates_a_published_area_gets_its_outline(shared) -> None:
    chart = "airspace_uk_cc0.geojson"
    zones, shapes, _ = read_files(
        [File(shared(DAY), "uk"), File(shared(f"data/airspace/{chart}"), chart)]
    )
    by_id = dict(zip((z.zone_id for z in zones), zip(zones, shapes, strict=True), strict=True))
    notam, shape = by_id["NOTAM:EGTT:D2044/25"]
    assert notam.part_of == "GB/D410 STRENSALL/0"
    assert shapely.equals(shape, by_id["GB/D410 STRENSALL/0"][1])
    assert notam.valid_to_ns is not None


@pytest.mark.shared
def test_heads_agree_with_another_parser_where_it_can_read_them(shared) -> None:
    """``aviconv-notam`` on the same texts; it refuses numbers of fewer than four digits."""
    other = pytest.importorskip("aviconv_notam.parser")
    from vedette.airspace.notam.text import read_table

    compared = 0
    for _, notam in read_table(unpacked(shared(DAY), "uk")):
        assert not isinstance(notam, ZoneError)
        text = _as_text(notam)
        ours = read_notam(split_messages(text.encode())[0])
        assert ours.text.split() == notam.text.split()
        try:
            theirs = other.parse_header(text)
        except Exception:
            continue
        compared += 1
        assert ours.code == theirs.q_line.qcode
        assert (ours.lower_fl, ours.upper_fl) == (theirs.q_line.lower_fl, theirs.q_line.upper_fl)
        assert ours.latitude_deg == pytest.approx(theirs.q_line.centre_lat, abs=1e-9)
        assert ours.longitude_deg == pytest.approx(theirs.q_line.centre_lon, abs=1e-9)
        assert ours.from_ns == int(theirs.effective_from.timestamp()) * 10**9
        assert ours.floor == theirs.lower_limit
        assert ours.ceiling == theirs.upper_limit
    assert compared > 500


def _as_text(notam: object) -> str:
    def position(value: float, width: int, sides: str) -> str:
        minutes = round(abs(value) * 60)
        return f"{minutes // 60:0{width}d}{minutes % 60:02d}{sides[0] if value >= 0 else sides[1]}"

    def stamp(instant_ns: int) -> str:
        moment = np.datetime64(instant_ns, "ns").astype("datetime64[m]").item()
        return moment.strftime("%y%m%d%H%M")

    n = notam
    where = position(n.latitude_deg, 2, "NS") + position(n.longitude_deg, 3, "EW")
    out = (
        f"{n.number} NOTAMN\nQ) {n.fir}/{n.code}/IV/BO/AE/{n.lower_fl:03d}/{n.upper_fl:03d}/"
        f"{where}{n.radius_nm:03d}\nA) {n.places} B) {stamp(n.from_ns)} "
        f"C) {stamp(n.to_ns) if n.to_ns else 'PERM'}\n"
    )
    out += f"D) {n.hours}\n" if n.hours else ""
    out += f"E) {n.text}\n"
    return out + (f"F) {n.floor} G) {n.ceiling}\n" if n.floor else "")
