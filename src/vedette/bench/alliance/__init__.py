"""``vedette bench alliance``: laws under many seeds, and thirty-two real nodes through a partition."""

from collections.abc import Iterator
from importlib import import_module
from typing import Final

from vedette.bench.row import Note, Row
from vedette.model.errors import SettingError

# name: whether it runs where no part is named; "nodes" takes three minutes
PARTS: Final[dict[str, bool]] = {"seeds": True, "nodes": False}


def run(*, seed: int = 1, quick: bool = False, only: tuple[str, ...] = ()) -> Iterator[Row | Note]:
    """Rows of the parts named, or of the short ones.

    Raises:
        SettingError: there is no such part.
    """
    for name in only:
        if name not in PARTS:
            raise SettingError(f"no part {name!r} of the bench; there are {', '.join(PARTS)}")
    for name in only or tuple(name for name, short in PARTS.items() if short):
        yield Note(f"alliance: {name} ...")
        yield from import_module(f"vedette.bench.alliance.{name}").rows(seed, quick)
