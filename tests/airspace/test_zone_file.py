"""Zone files: what is written is read, what is wrong is named, and no bytes break the reader."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace.zone_file import read_zones, write_geojson, write_geoparquet
from vedette.model.errors import ZoneError
from vedette.model.zone import Limit, Zone

few = settings(deadline=None, max_examples=50)
text = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
instants = st.integers(min_value=0, max_value=2**32).map(lambda s: s * 1_000_000_000)
limits = st.none() | st.builds(
    Limit, height_m=st.floats(-500, 999), datum=st.sampled_from(["hae", "amsl", "agl", "pressure"])
)
high = st.none() | st.builds(
    Limit, height_m=st.floats(1000, 9e4), datum=st.sampled_from(["hae", "amsl", "agl", "pressure"])
)


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    start = draw(st.none() | instants)
    return Zone(
        zone_id=draw(text.filter(bool)),
        kind=draw(st.sampled_from(["restricted", "uas", "sovereign", "disputed"])),
        name=draw(text.filter(bool)),
        state=draw(st.none() | st.sampled_from(["EST", "FIN"])),
        member=draw(st.booleans()),
        source=draw(text.filter(bool)),
        licence=draw(text),
        note=draw(text),
        claims=tuple(draw(st.lists(st.sampled_from(["EST", "RUS"]), max_size=2))),
        authority=draw(st.none() | text.filter(bool)),
        floor=draw(limits),
        ceiling=draw(high),
        boundary_sigma_m=draw(st.floats(0.1, 1e4)),
        valid_from_ns=start,
        valid_to_ns=None if start is None else start + draw(st.integers(1, 99)) * 10**9,
    )


boxes = st.tuples(st.integers(-180, 178), st.integers(-90, 88)).map(
    lambda corner: shapely.box(*corner, corner[0] + 1.5, corner[1] + 1.25)
)


@few
@given(st.lists(st.tuples(zones(), boxes), max_size=4, unique_by=lambda pair: pair[0].zone_id))
def test_what_is_written_is_read(pairs: list[tuple[Zone, shapely.Geometry]]) -> None:
    given_zones, shapes = [p[0] for p in pairs], [p[1] for p in pairs]
    for write in (write_geojson, write_geoparquet):
        found, geometries, problems = read_zones(write(given_zones, shapes), "file")
        assert problems == []
        assert found == given_zones
        assert all(a.equals(b) for a, b in zip(geometries, shapes, strict=True))


def refusal(data: bytes) -> str:
    """What the reader says of data that it cannot read; empty where it can."""
    try:
        read_zones(data, "f")
    except ZoneError as error:
        return str(error)
    return ""


@few
@given(st.binary(max_size=300), st.sampled_from([b"", b"PAR1", b'{"features":[']))
def test_no_bytes_break_the_reader(tail: bytes, head: bytes) -> None:
    said = refusal(head + tail)
    assert re.fullmatch(r"(f: [^\n]+)?", said)


@few
@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255))
def test_no_damaged_byte_breaks_the_reader(place: int, value: int) -> None:
    zone = Zone(zone_id="a", kind="danger", name="a", state=None, source="s")
    for write in (write_geojson, write_geoparquet):
        data = bytearray(write([zone], [shapely.box(0, 0, 1, 1)]))
        data[place % len(data)] = value
        assert re.fullmatch(r"(f: [^\n]+)?", refusal(bytes(data)))


SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
GOOD = {"zone_id": "D-1", "kind": "danger"}


@pytest.mark.parametrize(
    ("properties", "geometry", "reason"),
    [
        ({"kind": "danger"}, SQUARE, "zone_id"),
        ({"zone_id": "x", "kind": "no-fly"}, SQUARE, "kind 'no-fly' is not one of sovereign, "),
        ({"name": "my plant"}, SQUARE, "lack `zone_id` and `kind` (kind is one of sovereign, "),
        (GOOD | {"ceiling": "FL50"}, SQUARE, "ceiling is 'FL50', wanted is an object such as {\""),
        ({"zone_id": "", "kind": "danger"}, SQUARE, "empty"),
        (GOOD | {"floor": {"height_m": 100, "datum": "qfe"}}, SQUARE, "datum"),
        (GOOD | {"floor": 100}, SQUARE, "floor"),
        (
            GOOD
            | {
                "floor": {"height_m": 900, "datum": "amsl"},
                "ceiling": {"height_m": 300, "datum": "amsl"},
            },
            SQUARE,
            "the floor is not below the ceiling",
        ),
        (GOOD | {"valid_from": "tomorrow"}, SQUARE, "valid_from"),
        (
            GOOD | {"valid_from": "2025-02-01T00:00Z", "valid_to": "2025-01-01T00:00Z"},
            SQUARE,
            "ends before",
        ),
        (GOOD | {"boundary_sigma_m": 0}, SQUARE, "boundary_sigma_m"),
        (GOOD, None, "no geometry"),
        (GOOD, {"type": "Point", "coordinates": [0, 0]}, "no polygon"),
        (GOOD, {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "geometry"),
        (GOOD, {"type": "Circle"}, "geometry"),
        (
            GOOD,
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 99], [0, 0]]]},
            "not on Earth",
        ),
        (
            GOOD,
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
            "not valid",
        ),
    ],
)
def test_what_is_wrong_is_named_by_feature_and_reason(
    properties: dict[str, object], geometry: object, reason: str
) -> None:
    features = [
        {"type": "Feature", "properties": {"zone_id": "ok", "kind": "uas"}, "geometry": SQUARE},
        {"type": "Feature", "properties": properties, "geometry": geometry},
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    found, _, problems = read_zones(data, "f")
    assert [zone.zone_id for zone in found] == ["ok"]
    assert len(problems) == 1
    assert problems[0].startswith("feature 2")
    assert reason in problems[0]


def test_unknown_properties_and_doubles_are_told() -> None:
    feature = {"type": "Feature", "properties": GOOD | {"colour": "red"}, "geometry": SQUARE}
    data = json.dumps({"type": "FeatureCollection", "features": [feature, feature]}).encode()
    found, _, problems = read_zones(data, "f")
    assert len(found) == 1
    assert "colour" in problems[0]
    assert "twice" in problems[-1]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[1]", b'{"type":"Topology"}', b"PAR1PAR1"])
def test_an_unreadable_file_is_one_clear_line(data: bytes) -> None:
    with pytest.raises(ZoneError, match=r"^zones\.bin: [^\n]+$"):
        read_zones(data, "zones.bin")


def test_parquet_needs_geoparquet_metadata_in_degrees() -> None:
    zone = Zone(zone_id="a", kind="danger", name="a", state=None, source="s")
    data = write_geoparquet([zone], [shapely.box(0, 0, 1, 1)])
    table = pq.read_table(pa.BufferReader(data))
    assert json.loads(table.schema.metadata[b"geo"])["columns"]["geometry"]["encoding"] == "WKB"
    geo = json.loads(table.schema.metadata[b"geo"])
    geo["columns"]["geometry"]["crs"] = {"id": {"authority": "EPSG", "code": 3301}}
    for metadata, words in ((None, "metadata"), ({b"geo": json.dumps(geo).encode()}, "WGS 84")):
        out = pa.BufferOutputStream()
        pq.write_table(table.replace_schema_metadata(metadata), out)
        with pytest.raises(ZoneError, match=words):
            read_zones(out.getvalue().to_pybytes(), "f")
