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


def rules_of_folder(folder: Path | None) -> "RuleSet":
    """The rule set.

    Raises:
        RuleError: it is none; says where.
    """
    from vedette.response.rule_set import load_rules

    return load_rules(files_of_folder(folder))
