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


class VedetteError(Exception):
    """Base of all we raise on purpose; says what was wrong, where, and what to do."""


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
