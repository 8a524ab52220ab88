"""All errors that Vedette raises on purpose.

::

    VedetteError
    ├── ShapeError          arrays that belong together differ in shape
    ├── SettingError        a setting or command-line value cannot be used
    ├── SourceError         a feed, file or address cannot be opened
    ├── ZoneError           a zone file or zone cannot be used
    ├── RuleError           a rule set cannot be used
    └── RecordError         a record cannot be read, continued or verified

Bad bytes from a sensor never raise: a decoder returns them as ``Fault`` values.
"""

from typing import Final

TEXT_MAX: Final = 1_000  # characters of a message; the longest of our own lists has some 600
_TAIL: Final = 200
_NOTE: Final = 60  # and more than it takes to say how many are left out


def shortened(text: str) -> str:
    """A message without its middle, where a text from a file has made it long; its end says what to do.

    >>> len(shortened("x" * 100_000)) <= TEXT_MAX, shortened("as it is")
    (True, 'as it is')
    """
    if len(text) <= TEXT_MAX:
        return text
    head = TEXT_MAX - _TAIL - _NOTE
    left_out = len(text) - head - _TAIL
    return f"{text[:head]} … ({left_out} characters left out) … {text[-_TAIL:]}"


class VedetteError(Exception):
    """Base of all we raise on purpose; says what was wrong, where, and what to do."""

    def __str__(self) -> str:
        """What is said of it, never longer than a person reads."""
        return shortened(super().__str__())


class ShapeError(VedetteError, ValueError):
    """Two arrays that belong together have different shapes."""

    def __init__(self, *, expected: tuple[int, ...], actual: tuple[int, ...]) -> None:
        super().__init__(f"expected shape {expected}, got {actual}")
        self.expected, self.actual = expected, actual


class SettingError(VedetteError, ValueError):
    """A setting or command-line value cannot be used (exit code 2)."""


class SourceError(VedetteError):
    """A feed, file or address cannot be opened or is taken (exit code 3)."""


class ZoneError(VedetteError, ValueError):
    """A zone file or a zone in it cannot be used (exit code 3)."""


class RuleError(VedetteError, ValueError):
    """A rule set cannot be used; names the row (exit code 3)."""


class RecordError(VedetteError):
    """A record cannot be read, continued or verified (exit code 3)."""
