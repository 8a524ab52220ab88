"""Arguments that the reaction commands share, and what is said of a register that is not whole."""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vedette.model.errors import SettingError

if TYPE_CHECKING:
    from vedette.council.reactions.register import Register

REGISTER: Final = click.argument("register", type=click.Path(dir_okay=False, path_type=Path))
JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def instant_of(text: str | None, option: str = "--at") -> int:
    """Nanoseconds UTC of a time as given; now where none is."""
    from vedette.model.time import parse_utc

    if text is None:
        return time.time_ns()
    try:
        return parse_utc(text)
    except (ValueError, OverflowError) as error:
        raise SettingError(f"{option}: {text!r} is no ISO 8601 time") from error


def party_of(text: str, option: str) -> str:
    """A party as given, or what is wrong with it."""
    from vedette.airspace.states import facts, near_states
    from vedette.council.reactions.reaction import PARTY_PATTERN

    known = facts().codes.split()
    if re.search(PARTY_PATTERN, text) is None or (len(text) == 3 and text not in known):
        raise SettingError(
            f"{option}: {text!r} is no party; write an ISO 3166-1 alpha-3 code as EST, or an organisation "
            f"as org:NATO{near_states(text, known)}"
        )
    return text


def read_telling(path: Path) -> "Register":
    """The register, with a word on stderr where it is not whole."""
    from vedette.app.reaction_file import read_file

    register = read_file(path)
    if register.set_aside or register.breaks:
        click.echo(
            f"{path}: {len(register.set_aside)} lines set aside, {len(register.breaks)} do not follow the "
            "line before them: see `vedette reaction check`",
            err=True,
        )
    return register
