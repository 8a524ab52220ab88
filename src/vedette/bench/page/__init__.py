"""``vedette bench page``: many clients of one watch, one browser with 5,000 tracks, and an hour of it."""

from collections.abc import Iterator
from importlib import import_module
from typing import Final

from vedette.bench.row import Note, Row
from vedette.model.errors import SettingError

# name: whether it runs where no part is named; "soak" takes an hour
PARTS: Final[dict[str, bool]] = {"clients": True, "browser": True, "soak": False}


def run(*, seed: int = 1, quick: bool = False, only: tuple[str, ...] = ()) -> Iterator[Row | Note]:
    """Rows of the parts named, or of the short ones.

    Raises:
        SettingError: there is no such part.
    """
    for name in only:
        if name not in PARTS:
            raise SettingError(f"no part {name!r} of the bench; there are {', '.join(PARTS)}")
    for name in only or tuple(name for name, short in PARTS.items() if short):
        yield Note(f"page: {name} ...")
        yield from import_module(f"vedette.bench.page.{name}").rows(seed, quick)
