"""A rule set as a person names it: a folder of tables, or none for those that come with the program."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the tables are read where a command needs them
    from vedette.response.rule_set import RuleSet


def files_of_folder(folder: Path | None) -> dict[str, bytes]:
    """Its tables and cases, by file name.

    Raises:
        RuleError: a file cannot be read.
    """
    from vedette.model.errors import RuleError
    from vedette.response.rule_set import BOUNDARIES, CASES, FILES, shipped_files

    if folder is None:
        return shipped_files()
    try:
        return {
            name: (folder / name).read_bytes()
            for name in (*FILES, CASES, BOUNDARIES)
            if (folder / name).is_file()
        }
    except OSError as error:
        raise RuleError(f"{folder}: {error.strerror}") from error


def notes_of_folder(folder: Path | None, rules: "RuleSet") -> list[str]:
    """What a watch takes from elsewhere than from this folder, and what in it nothing reads.

    Raises:
        RuleError: a table beside the rules, of the desk or of the decision clock, is wrong; says where.
    """
    from vedette.model.errors import RuleError
    from vedette.response import timing
    from vedette.response.desk import seats
    from vedette.response.rule_set import BOUNDARIES, CASES, FILES

    if folder is None:
        return []
    files: dict[str, bytes] = {}
    try:
        found = sorted(path.name for path in folder.iterdir() if path.is_file())
        for name in (seats.FILE, timing.FILE):
            if name in found:
                files[name] = (folder / name).read_bytes()
    except OSError as error:
        raise RuleError(f"{folder}: {error.strerror}") from error
    seats.table_of(files, rules)
    timing.timing_of(files, rules)
    known = (*FILES, CASES, BOUNDARIES, seats.FILE, timing.FILE)
    others = [name for name in (seats.FILE, timing.FILE) if name not in files]
    strangers = [name for name in found if name not in known and name.endswith((".yaml", ".yml"))]
    return [
        *(f"{name} is not in {folder}: that of the program counts" for name in others),
        *(f"{folder / name} is read by nothing" for name in strangers),
    ]


def rules_of_folder(folder: Path | None) -> "RuleSet":
    """The rule set.

    Raises:
        RuleError: it is none; says where.
    """
    from vedette.response.rule_set import load_rules

    return load_rules(files_of_folder(folder))
