"""A record is told in the words of its own rules, and of no others."""

import shutil
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from small_world import SMALL

from vedette.app.commands.incident import group
from vedette.app.session import beginning
from vedette.app.views import incidents_of_record
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.record import Record
from vedette.engine.settings import Input
from vedette.engine.verification import verify
from vedette.model.errors import RuleError
from vedette.response.rule_set import RuleSet, load_rules, shipped_files, shipped_rules
from vedette.sim.scenario import Variation


@pytest.fixture
def folder(small_record: Path, tmp_path: Path) -> Path:
    shutil.copytree(small_record, tmp_path / "record")
    return tmp_path / "record"


def under(folder: Path, files: dict[str, bytes], rules_digest: str) -> Record:
    """The record as if it had been made under these rules."""
    inputs = []
    (folder / "inputs").mkdir(exist_ok=True)
    for name, data in files.items():
        digest = sha256(data).hexdigest()
        (folder / "inputs" / digest).write_bytes(data)
        inputs.append(Input(name=name, digest=digest))
    body = msgspec.structs.replace(
        Record(folder).body, rules=tuple(inputs), rules_digest=rules_digest
    )
    (folder / "record.json").write_bytes(msgspec.json.encode(body))
    return Record(folder)


def other_words() -> dict[str, bytes]:
    """The shipped rules with other words for every measure."""
    files = shipped_files()
    text = files["measures.yaml"].decode()
    for words in shipped_rules().measure_texts.values():
        assert words in text
        text = text.replace(words, f"{words} as we do it")
    return files | {"measures.yaml": text.encode()}


def words_of(record: Record) -> set[tuple[str, str]]:
    proposals = [p for one in incidents_of_record(record) for p in one["proposals"]]
    return {pair for p in proposals for pair in zip(p["measures"], p["measures_text"], strict=True)}


def words_by(rules: RuleSet, names: set[str]) -> set[tuple[str, str]]:
    return {(name, rules.measure_texts[name]) for name in names}


def test_measures_are_told_in_the_words_of_the_rules_of_the_record(folder: Path) -> None:
    ours = words_of(Record(folder))
    names = {name for name, _ in ours}
    assert names
    assert ours == words_by(shipped_rules(), names)
    files = other_words()
    assert words_of(under(folder, files, load_rules(files).digest)) == words_by(
        load_rules(files), names
    )
    (one, *_) = incidents_of_record(Record(folder))
    shown = CliRunner().invoke(group, ["show", str(folder), one["incident_id"]])
    assert shown.exit_code == 0
    assert "as we do it" in shown.output


def test_who_verifies_is_told_of_rules_that_are_not_this_programs(folder: Path) -> None:
    assert not any("ran under" in note for note in verify(Record(folder)).notes)
    for gate, unsound in ((shipped_files()["gate.yaml"], False), (b"[]", True)):
        files = other_words() | {"gate.yaml": gate}
        (note,) = [
            note
            for note in verify(under(folder, files, load_rules(files).digest)).notes
            if "ran under" in note
        ]
        assert ("unsound: F01: is missing from gate" in note) == unsound


def test_a_watch_says_that_its_rules_are_others_and_refuses_unsound_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(world_of_file(SMALL, Variation()), mode="demo")._replace(rules=tmp_path)
    for name, data in other_words().items():
        (tmp_path / name).write_bytes(data)
    beginning(plan, None)
    assert "not those that come with this program" in capsys.readouterr().err
    (tmp_path / "gate.yaml").write_bytes(b"[]")
    with pytest.raises(RuleError, match="nobody can be advised"):
        beginning(plan, None)


@pytest.mark.parametrize("how", ["another version", "lost", "unreadable"])
def test_rules_that_cannot_be_read_lend_no_other_words(folder: Path, how: str) -> None:
    if how == "another version":  # whose shipped rules were others
        record = under(folder, {}, "0" * 64)
    elif how == "lost":
        files = other_words()
        record = under(folder, files, load_rules(files).digest)
        for path in (folder / "inputs").iterdir():
            path.unlink()
    else:
        record = under(folder, {"measures.yaml": b"- {of: another program}"}, "0" * 64)
    found = words_of(record)
    assert found
    assert all(name == words for name, words in found)
