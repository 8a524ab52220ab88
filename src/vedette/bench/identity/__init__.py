"""How long identity takes, how honest its classes are, and whether it tells false places from true ones.

Parts that need recordings say so and are left out where ``VEDETTE_RECORDINGS`` and ``VEDETTE_AIRCRAFT`` name
none. Each part is one function that gives rows.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final

from vedette.bench.row import Note, Row, Table
from vedette.model.errors import SettingError

Said = Row | Table | Note
PARTS: Final[dict[str, str]] = {
    "pace": "how long one picture takes",
    "spoofing": "spoofed flights found and false alarms, simulated and laid over recordings",
    "captured": "false alarms on recordings as they are, and captured spoofing",
    "classes": "calibration of the classes on recordings not used to fit",
    "civil": "rows of the rules that recorded flights match",
}


def run(*, seed: int = 1, quick: bool = False, only: tuple[str, ...] = ()) -> Iterator[Said]:
    """Rows of the parts named, or of all.

    Raises:
        SettingError: no part has that name.
    """
    for name in only:
        if name not in PARTS:
            raise SettingError(f"no part {name!r} of the bench; there are {', '.join(PARTS)}")
    for name in only or PARTS:
        yield Note(f"identity: {name} ...")
        part: Callable[[int, bool], Iterator[Said]] = import_module(
            f"vedette.bench.identity.{name}"
        ).rows
        yield from part(seed, quick)
