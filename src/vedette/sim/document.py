"""Files that people write for the simulator: YAML, closed to unknown keys, wrong ones told with their place."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import yaml

from vedette.council.shield.proposal import StrictLoader
from vedette.model.errors import SourceError

T = TypeVar("T")


def read(name: str, data: bytes, kind: type[T], check: Callable[[T], None]) -> T:
    """What a file holds.

    Args:
        name: of the file, for the error.
        data: its bytes.
        kind: what it must be.
        check: raises ``ValueError``, with the place, for what its type alone does not tell.

    Raises:
        SourceError: it is something else; says where and what.
    """
    try:
        plain = yaml.load(data, Loader=StrictLoader)  # noqa: S506 - a safe one
        found = msgspec.convert(plain, kind)
        check(found)
    except (yaml.YAMLError, UnicodeDecodeError, msgspec.ValidationError, ValueError) as error:
        raise SourceError(f"{name}: {' '.join(str(error).split())}") from error
    return found
