"""What ``vedette bench`` says: figures, and how far it has come."""

from typing import NamedTuple

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A measured figure beside what it should reach and the best known elsewhere in the same run."""

    area: str
    name: str
    value: float
    unit: str
    target: str = ""  # "≥ 1e6", in words a person reads
    note: str = ""


class Note(NamedTuple):
    """How far a long measurement has come; talk, no figure."""

    text: str
