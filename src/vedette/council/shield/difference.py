"""What differs between two texts of a shield, by field and by name: for people who have to answer an amendment."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from vedette.council.shield.proposal import Proposal

# lists whose items have a name of their own: they are compared by it, not by their place
_NAMED: Final = ("state", "name", "base")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One field: ``before`` None where it is new, ``after`` None where it has gone."""

    where: str
    before: Any
    after: Any


def difference(older: Proposal, newer: Proposal) -> tuple[Change, ...]:
    """All fields that differ, in the order of the text; empty where the two are one text."""
    return tuple(_changes(msgspec.to_builtins(older), msgspec.to_builtins(newer), ""))


def _changes(before: Any, after: Any, where: str) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        old, new = _by_name(before), _by_name(after)
        if old is not None and new is not None:
            yield from _fields(old, new, lambda name: f"{where}[{name}]")
            return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _fields(before, after, lambda key: f"{where}.{key}" if where else str(key))
        return
    yield Change(where=where, before=before, after=after)


def _fields(before: dict[str, Any], after: dict[str, Any], path: Any) -> Iterator[Change]:
    for key in dict.fromkeys([*before, *after]):
        yield from _changes(before.get(key), after.get(key), path(key))


def _by_name(items: Any) -> dict[str, Any] | None:
    if not all(isinstance(item, dict) for item in items):
        return None
    out = {}
    for item in items:
        name = next((item[key] for key in _NAMED if key in item), None)
        if name is None or name in out:
            return None
        out[name] = item
    return out
