"""Event files of GDELT 2.0: the published format, and anything else."""

import sys
import zipfile
from contextlib import suppress
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from made_reactions import NOON_NS, register_of, row

from vedette.council.reactions.gdelt import (
    COLUMNS,
    ImportSettings,
    reactions_of,
    rows_of,
    unpacked,
)
from vedette.council.reactions.register import SetAside
from vedette.model.errors import SourceError

SAMPLE = Path(__file__).parent / "files" / "invented.export.CSV"
ANY = ImportSettings(file="f", recorded_ns=NOON_NS, recorded_by="A. Person")


def test_the_format_has_61_columns_in_the_published_places() -> None:
    # positions counted in the codebook V2.0 and in two independent schemas of it
    assert len(COLUMNS) == 61
    places = {0: "GlobalEventID", 1: "Day", 5: "Actor1Code", 15: "Actor2Code", 25: "IsRootEvent",
              26: "EventCode", 29: "QuadClass", 30: "GoldsteinScale", 34: "AvgTone",
              35: "Actor1Geo_Type", 43: "Actor2Geo_Type", 51: "ActionGeo_Type", 55: "ActionGeo_ADM2Code",
              59: "DATEADDED", 60: "SOURCEURL"}  # fmt: skip
    assert {index: COLUMNS[index] for index in places} == places


def test_the_sample_is_taken_in() -> None:
    table = SAMPLE.read_bytes()
    taken = reactions_of(table, ANY, frozenset())
    assert [one.reaction_id for one in taken.reactions] == [
        "gdelt:9000000001", "gdelt:9000000002", "gdelt:9000000003", "gdelt:9000000004",
    ]  # fmt: skip
    first = taken.reactions[0]
    assert (first.actor.party, first.addressees, first.kind) == ("EST", ("RUS",), "statement")
    assert (first.codes.cameo, first.codes.plover) == ("112", "ACCUSE")
    assert first.reliability == "F6"
    assert first.imported is not None
    assert first.imported.goldstein == -2.0
    assert taken.reactions[2].actor.party == "org:NATO"
    assert taken.duplicates == 1
    assert taken.partyless == 1
    assert [(one.line, one.reason) for one in taken.set_aside] == [(7, "3 columns, not 61")]
    read = register_of([*taken.reactions])
    assert not read.set_aside
    again = reactions_of(table, ANY, frozenset(one.reaction_id for one in read.reactions))
    assert not again.reactions
    assert again.duplicates == 5


def test_zipped_as_published_is_the_same() -> None:
    table = SAMPLE.read_bytes()
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20250919181500.export.CSV", table)
    assert unpacked(packed.getvalue(), "f") == table == unpacked(table, "f")


@given(st.binary(max_size=300), st.booleans())
def test_any_archive_is_read_or_refused(data: bytes, real: bool) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.CSV", b"x" * 500)
    whole = packed.getvalue()
    damaged = whole[: 20 + len(data) % 80] + data + whole[60:] if real else b"PK\x03\x04" + data
    with suppress(SourceError):  # and no other error
        assert len(unpacked(damaged, "f")) <= max(len(damaged), 500)


def test_two_files_in_one_archive_are_refused() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a", b"")
        archive.writestr("b", b"")
    with pytest.raises(SourceError, match="holds 2 files"):
        unpacked(packed.getvalue(), "f")


@given(st.binary(max_size=500))
def test_any_bytes_are_counted_row_by_row(data: bytes) -> None:
    taken = reactions_of(data, ANY, frozenset())
    lines = len(data.split(b"\n")) - (data.endswith(b"\n") or not data)
    counted = len(taken.reactions) + len(taken.set_aside) + taken.duplicates + taken.partyless
    assert counted + taken.other == lines


@given(st.lists(st.tuples(st.integers(0, 60), st.text(max_size=12)), min_size=1, max_size=4))
def test_a_row_with_any_cells_is_usable_or_set_aside(changes: list[tuple[int, str]]) -> None:
    cells = row().decode().split("\t")
    for at, text in changes:
        cells[at] = text
    data = "\t".join(cells).encode("utf-8", "surrogatepass")
    taken = reactions_of(data, ANY, frozenset())
    assert not register_of([*taken.reactions]).set_aside  # what is taken in is accepted as it is


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("GlobalEventID", "-1", "GlobalEventID"), ("Day", "20250931", "no day"), ("Day", "250919", "no day"),
        ("EventCode", "999", "no CAMEO code"), ("QuadClass", "5", "QuadClass"),
        ("GoldsteinScale", "nan", "GoldsteinScale"), ("GoldsteinScale", "11", "GoldsteinScale"),
        ("NumArticles", "", "NumArticles"), ("DATEADDED", "20250919", "DATEADDED"),
    ],
)  # fmt: skip
def test_a_wrong_cell_sets_its_row_aside(column: str, cell: str, reason: str) -> None:
    (found,) = rows_of(row(**{column: cell}))
    assert isinstance(found, SetAside)
    assert reason in found.reason
    assert found.data


def test_filters_by_party_and_day() -> None:
    table = b"\n".join(
        [
            row(1),
            row(2, Actor1CountryCode="POL"),
            row(3, Day="20250901"),
            row(4, Actor2CountryCode="FIN"),
        ]
    )
    settings = ImportSettings(
        file="f", recorded_ns=NOON_NS, recorded_by="A", parties=frozenset({"POL", "FIN"}),
        first=date(2025, 9, 2), last=date(2025, 9, 30),
    )  # fmt: skip
    taken = reactions_of(table, settings, frozenset())
    assert [one.reaction_id for one in taken.reactions] == ["gdelt:2", "gdelt:4"]
    assert taken.other == 2


def test_latin_1_is_set_aside_with_its_bytes() -> None:
    (found,) = rows_of(row().replace(b"ESTONIA", b"EST\xd6NIA"))
    assert isinstance(found, SetAside)
    assert b"\xd6" in found.data


@pytest.mark.parametrize(
    ("cells", "party"),
    [
        # the group of an organisation comes before the region that its code begins with
        ({"Actor1Code": "IGOWSTNAT", "Actor1CountryCode": "WST", "Actor1KnownGroupCode": "NAT"}, "org:NATO"),
        ({"Actor1Code": "IGOEUREEC", "Actor1CountryCode": "EUR", "Actor1KnownGroupCode": "EEC"}, "org:EU"),
        ({"Actor1Code": "ROMGOV", "Actor1CountryCode": "ROM", "Actor1Type1Code": "GOV"}, "ROU"),
        ({"Actor1Code": "ROM", "Actor1CountryCode": "ROM", "Actor1Type1Code": ""}, "ROU"),
        ({"Actor1Code": "EUR", "Actor1CountryCode": "EUR", "Actor1Type1Code": ""}, None),
        # a gang or a paper of a country is not its state
        ({"Actor1Code": "RUSCRM", "Actor1CountryCode": "RUS", "Actor1Type1Code": "CRM"}, None),
        ({"Actor1Code": "RUSMIL", "Actor1CountryCode": "RUS", "Actor1Type1Code": "MIL"}, "RUS"),
        ({"Actor1Code": "RUSGOVMED", "Actor1CountryCode": "RUS", "Actor1Type1Code": "GOV",
          "Actor1Type2Code": "MED"}, None),
    ],
)  # fmt: skip
def test_who_acted_is_a_state_an_organisation_of_states_or_nobody(
    cells: dict[str, str], party: str | None
) -> None:
    taken = reactions_of(row(**cells), ANY, frozenset())
    if party is None:
        assert (taken.reactions, taken.partyless) == ((), 1)
    else:
        (one,) = taken.reactions
        assert one.actor.party == party
        assert one.imported is not None
        assert one.imported.actors is not None
        assert one.imported.actors[0] == cells["Actor1Code"]
