"""The ledger: its entries as they lie there, and the proof that one is in the signed log."""

from typing import Any

import msgspec

from vedette.app.api.common import Utc


class EntryRow(msgspec.Struct, kw_only=True):
    """One entry in a list."""

    number: int
    kind: str
    utc: Utc
    subject: str
    octets: int
    sealed: bool


class Entries(msgspec.Struct, kw_only=True):
    """Entries, newest first; how many there are, of all kinds and of each."""

    entries: list[EntryRow]
    total: int
    kinds: dict[str, int]


class Entry(msgspec.Struct, kw_only=True):
    """The exact text of an entry, the signed head, and the hashes from one to the other (RFC 9162)."""

    number: int
    line: str
    head: dict[str, Any] | None
    proof: list[str]
