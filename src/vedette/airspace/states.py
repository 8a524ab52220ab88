"""Codes of the member states and their neighbours, as other people's files write them."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the alliance: how its air is policed in peace, as published."""

    iso2: str
    iso3: str
    name: str
    accession: str
    policing: (
        str  # own, own_augmented, own_norad, own_shared, own_or_covered, covered, covered_periodic
    )
    providers: tuple[str, ...]
    caoc: str
    note: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """``states.yaml``."""

    collected: str
    sources: dict[str, str]
    members: tuple[Member, ...]
    member_sources: tuple[str, ...]
    neighbours: dict[str, str]  # alpha-2 to alpha-3
    location_prefixes: dict[str, str]  # first letters of an ICAO location indicator to alpha-3


@lru_cache(maxsize=1)
def facts() -> Facts:
    """The bundled facts about states."""
    text = (files("vedette") / "data" / "airspace" / "states.yaml").read_text("utf-8")
    plain: Any = msgspec.yaml.decode(text)
    return msgspec.convert(plain, Facts)


def alpha3(code: str) -> str | None:
    """ISO 3166-1 alpha-3 of an alpha-2 or alpha-3 code; None for a state that is not known here.

    >>> alpha3("GB")
    'GBR'
    """
    code = code.strip().upper()
    if len(code) == 3 and code.isalpha():
        return code
    table = facts()
    for member in table.members:
        if member.iso2 == code:
            return member.iso3
    return table.neighbours.get(code)


def state_of_location(indicator: str) -> str | None:
    """State whose location indicators begin like this one (ICAO Doc 7910), or None.

    >>> state_of_location("EETT")
    'EST'
    """
    prefixes = facts().location_prefixes
    for length in (2, 1):
        state = prefixes.get(indicator[:length].upper())
        if state is not None:
            return state
    return None
