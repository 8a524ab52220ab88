"""The drill on the command line: drafted, blocked by one state, amended, agreed, in force, lapsed."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from lxml import etree
from shield_kit import changed, written

from vedette.airspace.index import ZoneIndex
from vedette.airspace.zone_file import read_zones
from vedette.app.commands.council import group as council
from vedette.app.commands.shield import group as shield
from vedette.bench import watch as scenes

STATES = ("EST", "LVA", "DEU")


def run(group: Any, *words: object) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words], catch_exceptions=True)


class Drill:
    """A matter among three states, every act dated by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.matter = folder, folder / "matter.jsonl"
        for state in STATES:
            assert run(council, "key", state, "--out", folder / "keys").exit_code == 0
        self.say(
            "EST",
            "open",
            "08:00",
            "--keys",
            folder / "keys",
            "--kind",
            "shield",
            "--title",
            "North",
        )

    def say(self, state: str, kind: str, at: str, *words: object) -> None:
        who = ("--key", self.folder / "keys" / f"{state}.key", "--person", f"head of {state}")
        done = run(council, kind, self.matter, *words, *who, "--at", f"2025-09-18T{at}:00Z")
        assert done.exit_code == 0, done.output

    def draft(self, name: str, **change: Any) -> Path:
        path = self.folder / name
        path.write_text(written(**change), encoding="utf-8")
        return path

    def put(self, state: str, file: Path, at: str) -> None:
        text = self.folder / "canonical.yaml"
        text.write_bytes(run(shield, "text", file).stdout_bytes)
        self.say(state, "put", at, text)

    def zone(self, file: Path, at: str) -> Result:
        return run(shield, "zone", file, self.matter, "--at", at, "--drill")


def watched(zone_file: bytes) -> list[Any]:
    """What watch says of an object without plan and reply that flies through the north of Estonia, 2025-09-19."""
    zones, geometries, problems = read_zones(zone_file, "shield.geojson")
    assert problems == []
    # from the gulf southwards, over the coast, into the volume
    flight = scenes.straight(250.0, 3.141592653589793, (0.0, -44_500.0))
    seen = scenes.tracked(flight, -60.0, 90.0, 1, 3)
    return scenes.watch(seen, ZoneIndex.build(zones, geometries)).incidents


def test_a_shield_from_its_draft_to_its_end(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    first = drill.draft("first.yaml")
    # drafted
    drill.put("EST", first, "08:10")
    drafted = drill.zone(first, "2025-09-18T08:11:00Z")
    assert drafted.exit_code == 1
    assert "in talks" in drafted.stderr
    assert not drafted.stdout
    # blocked by one state
    drill.say("LVA", "consent", "08:20")
    drill.say("EST", "consent", "08:21")
    drill.say("DEU", "object", "08:30", "--reason", "our aircraft fly by day only")
    blocked = drill.zone(first, "2025-09-18T09:00:00Z")
    assert blocked.exit_code == 1
    assert "DEU objects: our aircraft fly by day only" in blocked.stderr
    said = run(
        shield, "check", first, "--matter", drill.matter, "--at", "2025-09-18T09:00:00Z", "--json"
    )
    stands = msgspec.json.decode(said.stdout)["standing"]
    assert (stands["in_force"], stands["missing"]) == (False, ["DEU"])
    # amended: one caveat more
    amended = drill.draft(
        "amended.yaml", contributions__2__caveats=["identification only", "by day only"]
    )
    differs = run(shield, "diff", first, amended)
    assert differs.exit_code == 1
    assert "contributions[DEU].caveats" in differs.stdout
    assert run(shield, "diff", first, first).exit_code == 0
    drill.put("DEU", amended, "09:10")
    # a yes to the first text is none to the second
    assert run(shield, "check", amended, "--matter", drill.matter, "--at", "2025-09-18T09:11:00Z").stdout.endswith(
        "without explicit consent: DEU EST LVA\n")  # fmt: skip
    for state, at in (("DEU", "09:20"), ("EST", "09:21")):
        drill.say(state, "consent", at)
    assert drill.zone(amended, "2025-09-18T09:59:00Z").exit_code == 1  # never before
    # agreed, and in force: its period has begun
    drill.say("LVA", "consent", "10:00")
    assert drill.zone(first, "2025-09-18T10:00:00Z").exit_code == 1
    written_zone = drill.zone(amended, "2025-09-18T10:00:00Z")
    assert written_zone.exit_code == 0
    assert "in force until 2025-10-01" in written_zone.stderr
    assert "it is not the Alliance's" in written_zone.stderr  # three take part
    in_life = run(shield, "zone", amended, drill.matter, "--at", "2025-09-18T10:00:00Z")
    assert (in_life.exit_code, "drill" in in_life.stderr) == (1, True)
    assert b'"name":"Watch over the north (drill)"' in written_zone.stdout_bytes
    incidents = watched(written_zone.stdout_bytes)
    assert incidents
    assert {incident.causes for incident in incidents} == {("zone_breach",)}
    (crossing,) = incidents[-1].crossings
    assert (crossing.zone_id, crossing.state) == ("SHIELD:north:EST", "EST")
    # lapsed
    assert drill.zone(amended, "2025-09-30T23:59:59Z").exit_code == 0
    lapsed = drill.zone(amended, "2025-10-01T00:00:00Z")
    assert lapsed.exit_code == 1
    assert "lapsed" in lapsed.stderr
    # a state that leaves ends it at once
    drill.say("LVA", "leave", "12:00", "--reason", "a change of government")
    gone = drill.zone(amended, "2025-09-18T12:00:00Z")
    assert gone.exit_code == 1
    assert "LVA left" in gone.stderr
    assert drill.zone(amended, "2025-09-18T11:59:00Z").exit_code == 0


def test_a_text_that_can_never_be_a_zone_is_told_when_it_is_put(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    file = drill.draft("first.yaml")
    drill.put("EST", file, "08:10")
    drill.say("LVA", "consent", "08:11")
    who = ("--key", tmp_path / "keys" / "EST.key", "--person", "head of EST")
    (tmp_path / "letter.txt").write_text("a zone, for a year", encoding="utf-8")
    for name, why in (("letter.txt", "Expected `object`"), ("first.yaml", "not its one text")):
        at = ("--at", "2025-09-18T08:12:00Z")
        done = run(council, "put", drill.matter, tmp_path / name, *who, *at)
        assert done.exit_code == 0
        assert f"no zone can be made of {tmp_path / name}" in done.stderr
        assert why in done.stderr
    # and who looks at the first text hears that another one is before the states
    checked = run(shield, "check", file, "--matter", drill.matter, "--at", "2025-09-18T08:13:00Z")
    assert "that is of this text: the current version in" in checked.stdout


def test_the_zone_is_watched_only_while_it_is_valid(tmp_path: Path) -> None:
    """The period is in the zone too: a watch that keeps the file afterwards sees nothing in it."""
    drill = Drill(tmp_path)
    # it ends before the object of the scene flies
    file = drill.draft("short.yaml", period__until="2025-09-19T00:00:00Z")
    drill.put("EST", file, "08:10")
    for k, state in enumerate(STATES):
        drill.say(state, "consent", f"08:2{k}")
    made = drill.zone(file, "2025-09-18T09:00:00Z")
    assert made.exit_code == 0
    assert watched(made.stdout_bytes) == []


def test_coverage_its_maps_and_who_leaves(tmp_path: Path) -> None:
    file, picture = tmp_path / "north.yaml", tmp_path / "north.svg"
    file.write_text(written(contributions__0__sensors__0__range_m=20_000), encoding="utf-8")
    done = run(shield, "cover", file, "--height", 5, "--height", 3000, "--cells", 200,
               "--picture", picture, "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    found = msgspec.json.decode(done.stdout)
    assert [one["height_amsl_m"] for one in found["layers"]] == [5.0, 3000.0]
    assert found["layers"][0]["gaps"]["type"] in ("Polygon", "MultiPolygon", "GeometryCollection")
    assert found["layers"][0]["gap_km2"] > 0.0
    svg = etree.fromstring(picture.read_bytes())
    words = " ".join(svg.itertext())
    for name in (
        "Seen at 5 m",
        "Seen at 3,000 m",
        "Until somebody is there to look",
        "EST hill",
        "DEU west",
    ):
        assert name in words
    assert "smooth Earth" in words
    assert run(shield, "cover", file, "--cells", 200).exit_code == 0
    table = run(shield, "without", "all", file, "--cells", 200)
    assert table.exit_code == 0
    assert "EST takes hill, receiver; the volume over its territory ends" in table.stdout
    one = msgspec.json.decode(run(shield, "without", "DEU", file, "--cells", 200, "--json").stdout)
    assert [row["state"] for row in one] == [None, "DEU"]
    assert run(shield, "without", "FRA", file).exit_code != 0


@pytest.mark.parametrize(
    "change", [{"rules__measures": ["M14"]}, {"title": "two guns"}, {"format": "x"}]
)
def test_bad_input_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    assert changed(**change)
    file = tmp_path / "bad.yaml"
    file.write_text(written(**change), encoding="utf-8")
    for verb in ("check", "cover", "text"):
        done = run(shield, verb, file)
        assert done.exit_code == 1
        assert "bad.yaml: shield:" in str(done.exception)
