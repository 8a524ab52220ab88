"""One line of ``vedette bench``."""

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A measured figure beside what it should reach and the best known elsewhere in the same run."""

    area: str
    name: str
    value: float
    unit: str
    target: str = ""  # "≥ 1e6", in words a person reads
    note: str = ""
