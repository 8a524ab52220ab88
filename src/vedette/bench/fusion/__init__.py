"""How fast, how exact and how honest the air picture is, on seeded scenes and beside other trackers.

Each part is one function that gives rows; long parts run only when they are named (``--only``).
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final

from vedette.bench.row import Note, Row, Table
from vedette.model.errors import SettingError

# name: module, function, whether it runs without being named
PARTS: Final[dict[str, tuple[str, str, bool]]] = {
    "accuracy": ("honesty", "accuracy", True),
    "honesty": ("honesty", "honesty", True),
    "false": ("honesty", "false_tracks", True),
    "speed": ("speed", "speed", True),
    "flood": ("speed", "flood", False),
    "latency": ("speed", "latency", True),
    "scenes": ("peers", "scenes", True),
    "curve": ("speed", "curve", False),
    "large": ("speed", "large", False),
    "start": ("speed", "start", False),
    "oracle": ("peers", "oracle", False),
    "peers": ("peers", "peers", False),
    "real": ("real", "real", False),
}

Said = Row | Table | Note


def run(*, seed: int = 1, quick: bool = False, only: tuple[str, ...] = ()) -> Iterator[Said]:
    """Rows of the parts named, or of all that are short.

    Raises:
        SettingError: no part has that name.
    """
    for name in only:
        if name not in PARTS:
            raise SettingError(f"no part {name!r} of the bench; there are {', '.join(PARTS)}")
    for name, (module, function, short) in PARTS.items():
        if name in only or (not only and short):
            yield Note(f"fusion: {name} ...")
            part: Callable[[int, bool], Iterator[Said]] = getattr(
                import_module(f"vedette.bench.fusion.{module}"), function
            )
            yield from part(seed, quick)
