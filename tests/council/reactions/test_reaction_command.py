"""``vedette reaction`` as people use it: files, words, exit codes."""

import sys
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))

from build_reactions_example import OUT, files
from test_gdelt import SAMPLE

from vedette.app.commands.reaction import group
from vedette.app.reaction_file import read_file
from vedette.app.reaction_occasions import occasions_of_file
from vedette.model.errors import RecordError, SettingError

BASE = (
    "--by", "A. Person", "--kind", "statement", "--publisher", "A paper", "--address", "https://example.org",
    "--date", "2025-09-19", "--reliability", "B2",
)  # fmt: skip


def run(*words: str) -> Result:
    result = CliRunner().invoke(group, [str(word) for word in words])
    if result.exception is not None and not isinstance(
        result.exception, SystemExit | click.ClickException
    ):
        raise result.exception
    return result


def json_of(*words: str) -> object:
    result = run(*words, "--json")
    return msgspec.json.decode(result.stdout)


def added(path: Path, *words: str) -> str:
    result = run("add", str(path), *BASE, *words)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "r.jsonl"
    added(path, "--actor", "EST", "--to", "RUS", "--when", "2025-09-19", "--act", "summoned", "--plover",
          "ACCUSE/allege", "--cameo", "114", "--incident", "V024")  # fmt: skip
    added(path, "--actor", "RUS", "--to", "EST", "--when", "2025-09-19T20:10", "--words", "we did not cross it",
          "--language", "ru", "--translated", "--plover", "REJECT", "--answers", "r1")  # fmt: skip
    return path


def test_what_was_added_is_listed_shown_and_checked(register: Path) -> None:
    listed = json_of("list", str(register))
    assert isinstance(listed, list)
    assert [(one["reaction_id"], one["when"]["text"]) for one in listed] == [
        ("r1", "2025-09-19"), ("r2", "2025-09-19T20:10Z"),
    ]  # fmt: skip
    shown = run("show", str(register), "r2")
    assert "“we did not cross it” (ru, translated)" in shown.stdout
    assert run("show", str(register), "r9").exit_code == 1
    assert run("list", str(register), "--party", "POL").stdout == ""
    checked = run("check", str(register))
    assert checked.exit_code == 0
    assert checked.stdout.endswith("ok\n")


def test_a_retraction_is_shown_and_done_once(register: Path) -> None:
    words = (
        "retract",
        str(register),
        "r2",
        "--by",
        "B",
        "--whose",
        "source",
        "--reason",
        "not said by him",
    )
    assert run(*words).stdout == "r3\n"
    assert "[retracted]" in run("list", str(register)).stdout
    assert "retracted by its source: not said by him" in run("show", str(register), "r2").stdout
    with pytest.raises(SettingError, match="retracted already"):
        run(*words)
    with pytest.raises(SettingError, match="no reaction"):
        run("retract", str(register), "r77", "--by", "B", "--whose", "source", "--reason", "x")


def test_the_index_comes_with_its_formula(register: Path) -> None:
    body = json_of("tension", str(register), "--at", "2025-10-03")
    assert isinstance(body, dict)
    assert "2^(-(t - t0) / H)" in body["formula"]
    (first, second) = body["pairs"]
    assert (first["actor"], first["addressee"], first["entries"]) == ("EST", "RUS", 1)
    assert first["index"] == pytest.approx(2.0 * 0.64 / 2)
    assert second["level"]["rung"] == 1
    text = run(
        "tension", str(register), "--at", "2025-10-03", "--pair", "EST", "RUS", "--days", "3"
    ).stdout
    assert "PLOVER manual" in text
    assert len(text.split("\nT(A to B")[0].splitlines()) == 5


def test_pairs_and_drafts_from_the_command_line(register: Path) -> None:
    body = json_of("pairs", str(register))
    assert isinstance(body, dict)
    assert ("r1", "r2") in [(one["before_id"], one["reaction_id"]) for one in body["pairs"]]
    assert "no cause is claimed" in run("pairs", str(register)).stdout
    assert run("draft", str(register), "EST", "RUS").stdout.startswith("DRAFT")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--actor", "Estonia", "--when", "2025-09-19"), "no party"),
        (("--actor", "EST", "--when", "yesterday"), "no date or time"),
        (("--actor", "EST", "--when", "2025-02-30"), "no date or time"),
        (("--actor", "EST", "--when", "2025-09-19"), "no code"),
        (("--actor", "EST", "--when", "2025-09-19", "--plover", "SHOUT"), "no PLOVER category"),
        (
            ("--actor", "EST", "--when", "2025-09-19", "--plover", "ACCUSE", "--words", "x" * 301),
            "300",
        ),
        (
            ("--actor", "EST", "--when", "2025-09-19", "--plover", "ACCUSE", "--words", "x"),
            "language",
        ),
    ],
)
def test_an_error_says_what_to_do_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "r.jsonl"
    with pytest.raises(SettingError, match=said):
        run("add", str(path), *BASE, *words)
    assert not path.exists()


def test_a_changed_register_is_not_whole_and_takes_nothing(register: Path) -> None:
    head = read_file(register).head
    assert run("check", str(register), "--head", head).exit_code == 0
    data = register.read_bytes()
    register.write_bytes(data.splitlines(keepends=True)[0])
    assert run("check", str(register)).exit_code == 0
    assert run("check", str(register), "--head", head).exit_code == 1  # a cut end
    register.write_bytes(data.replace(b"summoned", b"embraced"))
    checked = run("check", str(register))
    assert checked.exit_code == 1
    assert "line 2 does not follow" in checked.stdout
    with pytest.raises(RecordError, match="does not verify"):
        added(register, "--when", "2025-09-19", "--act", "x", "--plover", "ACCUSE")


def test_a_missing_last_line_end_is_mended(register: Path) -> None:
    register.write_bytes(register.read_bytes().rstrip(b"\n"))
    added(register, "--when", "2025-09-19", "--act", "x", "--vx", "vx:FALSE_ALARM")
    assert run("check", str(register)).exit_code == 0


def test_an_event_file_is_imported_once(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    (first,) = json_of("import", str(path), str(SAMPLE), "--by", "A")  # type: ignore[misc]
    assert (first["added"], first["duplicates"], first["no_party"], first["set_aside"]) == (
        4,
        1,
        1,
        1,
    )
    again = run("import", str(path), str(SAMPLE), "--by", "A")
    assert "0 added, 5 there already" in again.stdout
    assert "row 7: 3 columns, not 61" in again.stderr
    kept = path.with_name("r.jsonl.set-aside.jsonl").read_bytes().splitlines()
    assert len(kept) == 2
    assert run("check", str(path)).exit_code == 0
    junk = tmp_path / "junk.csv"
    junk.write_bytes(b"\x00\xff not a table")
    assert run("import", str(path), str(junk), "--by", "A").exit_code == 3
    with pytest.raises(SettingError, match="Admiralty"):
        run("import", str(path), str(SAMPLE), "--by", "A", "--reliability", "Z9")


def test_the_bundled_example_is_what_its_tool_makes_and_every_line_has_a_source(
    tmp_path: Path,
) -> None:
    for name, data in files().items():
        assert (OUT / name).read_bytes() == data
    assert run("example", "--out", str(tmp_path / "x")).exit_code == 0
    with pytest.raises(RecordError, match="exists"):
        run("example", "--out", str(tmp_path / "x"))
    read = read_file(OUT / "september-2025.jsonl")
    assert not read.set_aside
    assert not read.breaks
    assert all(
        one.source.address.startswith("https://") and one.words is None for one in read.reactions
    )
    known = {one.occasion_id for one in occasions_of_file(OUT / "september-2025-occasions.jsonl")}
    assert {name for one in read.reactions for name in one.incidents} <= known


@pytest.mark.shared
def test_every_source_of_the_example_is_one_of_the_collected_ones(shared: Path) -> None:
    collected = "".join(
        (shared / "policy" / name).read_text("utf-8")
        for name in ("incidents.yaml", "decision_timing.yaml")
    )
    for one in read_file(OUT / "september-2025.jsonl").reactions:
        assert one.source.address in collected, one.source.address
