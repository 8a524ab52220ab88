"""``vedette zone``: data on stdout, talk on stderr, exit codes, and no traceback."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner

from vedette.airspace.zone_file import write_geojson
from vedette.app.commands.zone import group
from vedette.model.errors import SettingError, ZoneError
from vedette.model.zone import Hours, Limit, Zone

MAIN = "from vedette.app.cli import main; main()"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(group, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def zone_file(tmp_path: Path) -> Path:
    path = tmp_path / "zones.geojson"
    zone = Zone(zone_id="D-1", kind="danger", name="Range", state="EST", source="AIP ENR 5.1")
    path.write_bytes(write_geojson([zone], [shapely.box(25, 59, 25.5, 59.2)]))
    return path


NOTAM = (
    "(D1234/25 NOTAMN Q) EETT/QRDCA/IV/BO/W/000/100/5930N02530E010 A) EETT B) 2509190600 C) 2509191800 "
    "E) DANGER AREA ACTIVATED. F) GND G) FL100)\n"
)
OPENAIR = (
    "AC D\nAN EED-1\nAL GND\nAH FL100\n"
    "DP 59:00:00 N 025:00:00 E\nDP 59:00:00 N 025:30:00 E\nDP 59:12:00 N 025:30:00 E\n"
)


def test_a_packed_file_is_read_as_what_is_in_it(zone_file: Path, tmp_path: Path) -> None:
    files = {
        "geojson": zone_file.read_bytes(),
        "notam": NOTAM.encode(),
        "openair": OPENAIR.encode(),
    }
    for name, data in files.items():
        plain, packed = tmp_path / f"{name}.txt", tmp_path / f"{name}.gz"
        plain.write_bytes(data)
        packed.write_bytes(gzip.compress(data))
        of_plain, of_packed = run("check", str(plain)), run("check", str(packed))
        assert of_plain[1], of_plain  # the id of its zone
        assert of_packed[:2] == of_plain[:2]
        packed.write_bytes(gzip.compress(data)[:-9])
        with pytest.raises(ZoneError, match="broken gzip"):
            run("check", str(packed))


def test_list_filters_by_state_and_kind() -> None:
    code, out, _ = run("list", "--state", "est", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {row["zone_id"] for row in rows} == {
        "sovereign:EST",
        "disputed:gulf-of-finland-east-of-vaindloo",
    }
    code, out, _ = run("list", "--kind", "disputed")
    assert code == 0
    assert all("disputed:" in line for line in out.splitlines())


def test_list_of_nothing_is_exit_1() -> None:
    code, out, err = run("list", "--state", "NZL")
    assert (code, out) == (1, "")
    assert err


def test_show_at_a_place_gives_the_way_to_the_border() -> None:
    code, out, _ = run("show", "--at", "59.817,26.360", "--json")
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert row["zone_id"] == "sovereign:EST"
    assert 10_000 < row["boundary_m"] < 13_000
    assert run("show", "--at", "59.85,25.30")[0] == 1
    assert run("show", "sovereign:FIN")[0] == 0
    assert run("show", "sovereign:NOWHERE")[0] == 1


@pytest.mark.parametrize("at", ["59.8", "yesterday", "north,east", "26.36,259.8", "99,0"])
def test_a_place_that_is_none_is_a_usage_error(at: str) -> None:
    with pytest.raises(SettingError):
        run("show", "--at", at)


def test_check_prints_ids_and_names_problems(zone_file: Path, tmp_path: Path) -> None:
    assert run("check", str(zone_file))[:2] == (0, "D-1\n")
    document = json.loads(zone_file.read_text())
    document["features"][0]["properties"]["kind"] = "no-fly"
    bad = tmp_path / "bad.geojson"
    bad.write_text(json.dumps(document))
    code, out, err = run("check", str(bad))
    assert (code, out) == (3, "")
    assert "feature 1 (D-1)" in err
    with pytest.raises(ZoneError, match="cannot be read"):
        run("check", str(tmp_path / "missing.geojson"))


def test_convert_there_and_back_is_the_same(zone_file: Path, tmp_path: Path) -> None:
    parquet, again = tmp_path / "z.parquet", tmp_path / "z.geojson"
    assert run("convert", str(zone_file), str(parquet))[0] == 0
    assert run("convert", str(parquet), str(again))[0] == 0
    assert json.loads(again.read_text()) == json.loads(zone_file.read_text())
    with pytest.raises(SettingError):
        run("convert", str(zone_file), str(tmp_path / "z.kml"))


def test_files_join_the_list(zone_file: Path) -> None:
    code, out, _ = run("list", "--kind", "danger", "--zones", str(zone_file))
    assert code == 0
    assert "D-1" in out


def test_an_unreadable_file_is_one_line_and_exit_3(tmp_path: Path) -> None:
    path = tmp_path / "garbage.parquet"
    path.write_bytes(b"PAR1 and then nothing")
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "zone", "check", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_time_chooses_what_is_active_and_what_was_known(tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    zones = [
        Zone(zone_id="old", kind="danger", name="", state=None, source="", valid_to_ns=10**18),
        Zone(zone_id="new", kind="danger", name="", state=None, source="", valid_from_ns=10**18),
        Zone(
            zone_id="late", kind="danger", name="", state=None, source="", known_from_ns=15 * 10**17
        ),
        Zone(zone_id="asleep", kind="danger", name="", state=None, source="", dormant=True),
    ]
    path.write_bytes(write_geojson(zones, [shapely.box(25, 59, 25.5, 59.2)] * 4))
    only = ("list", "--only-files", "--zones", str(path), "--json")
    ids = lambda out: {json.loads(line)["zone_id"] for line in out.splitlines()}  # noqa: E731
    assert ids(run(*only)[1]) == {"old", "new", "late", "asleep"}
    assert ids(run(*only, "--at", "2001-01-01")[1]) == {"old", "late"}
    assert ids(run(*only, "--at", "2001-01-01", "--known-at", "2001-01-02")[1]) == {"old"}
    assert ids(run(*only, "--at", "2020-01-01")[1]) == {"new", "late"}
    assert run(*only, "--place", "60,25")[0] == 1
    assert ids(run(*only, "--place", "59.1,25.2", "--at", "2020-01-01")[1]) == {"new", "late"}
    with pytest.raises(SettingError, match="ISO 8601"):
        run(*only, "--at", "yesterday")
    with pytest.raises(SettingError, match="--only-files needs"):
        run("list", "--only-files")
    target = tmp_path / "then.geojson"
    assert run("convert", str(path), str(target), "--at", "2020-01-01")[0] == 0
    assert len(json.loads(target.read_text())["features"]) == 2


def test_show_says_whose_airspace_how_high_and_how_well_known(tmp_path: Path) -> None:
    code, out, _ = run("show", "--place", "59.817,26.360", "--json")
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert row["boundary_basis"] == "territorial sea limit"
    assert row["authority_over"]["article_6"] == "inside the area of Article 6"
    code, out, _ = run("show", "--place", "44.95,34.10")
    assert code == 0
    assert "reading of RUS      RUS" in out
    assert "reading of default  UKR" in out
    path = tmp_path / "zones.geojson"
    zone = Zone(
        zone_id="D-1",
        kind="danger",
        name="Range",
        state="EST",
        source="AIP",
        floor=Limit(height_m=300.0, datum="agl"),
        ceiling=Limit(height_m=3048.0, datum="pressure"),
        schedule=(Hours(days=("mon",), start="sunrise", end="18:00"),),
    )
    path.write_bytes(write_geojson([zone], [shapely.box(25, 59, 25.5, 59.2)]))
    _, out, _ = run("show", "D-1", "--zones", str(path), "--qnh", "1003", "--json")
    row = json.loads(out)
    assert 2900 < row["ceiling_hae_m"] < 3048
    assert row["floor_sigma_m"] > 400
    _, out, _ = run("show", "D-1", "--zones", str(path))
    assert "mon sunrise-18:00" in out
    assert "Annex 15" in out


def test_a_picture_is_written_and_only_as_svg(zone_file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "p.svg"
    files = ("--only-files", "--zones", str(zone_file))
    assert run("show", "D-1", *files, "--picture", str(picture))[0] == 0
    assert picture.read_text().startswith("<svg")
    assert run("list", *files, "--picture", str(picture))[0] == 0
    with pytest.raises(SettingError, match="svg"):
        run("show", "D-1", *files, "--picture", str(tmp_path / "p.jpg"))


def test_diff_is_exit_0_for_the_same_and_1_for_another(zone_file: Path, tmp_path: Path) -> None:
    assert run("diff", str(zone_file), str(zone_file))[0] == 0
    document = json.loads(zone_file.read_text())
    document["features"][0]["properties"]["kind"] = "restricted"
    other = tmp_path / "other.geojson"
    other.write_text(json.dumps(document))
    code, out, _ = run("diff", str(zone_file), str(other), "--json")
    assert code == 1
    assert json.loads(out)["fields"] == {"kind": ["danger", "restricted"]}


def test_a_partial_conversion_is_asked_for(zone_file: Path, tmp_path: Path) -> None:
    document = json.loads(zone_file.read_text())
    bad = json.loads(json.dumps(document["features"][0]))
    bad["properties"]["zone_id"], bad["properties"]["kind"] = "D-2", "no-fly"
    document["features"].append(bad)
    mixed, target = tmp_path / "mixed.geojson", tmp_path / "out.parquet"
    mixed.write_text(json.dumps(document))
    with pytest.raises(ZoneError, match="--partial"):
        run("convert", str(mixed), str(target))
    assert not target.exists()
    assert run("convert", str(mixed), str(target), "--partial")[0] == 0
    assert run("check", str(target))[:2] == (0, "D-1\n")
