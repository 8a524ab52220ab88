"""Codes of the member states and their neighbours, as other people's files write them."""

import difflib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from vedette.model.errors import SettingError


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
    codes: str  # alpha-3 of all states and territories, between spaces


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


def near_states(text: str, among: Iterable[str]) -> str:
    """What a person may have meant by a code that is none, as the end of a message: at most three codes.

    Near are an alpha-2 code, the name of a member, and codes with another letter or with two changed about;
    members come first.

    Args:
        text: as it was typed.
        among: alpha-3 codes that would do.

    >>> near_states("ETS", ("EST", "ESP", "LVA")), near_states("XYZ", ("EST", "LVA"))
    (': is it EST?', '')
    >>> near_states("latvia", ("EST", "LVA")), near_states("ES", ("EST", "ESP"))
    (': is it LVA?', ': is it ESP?')
    """
    typed, there = text.strip().upper(), set(among)
    members = {member.name.upper(): member.iso3 for member in facts().members}
    found = [alpha3(typed) or ""]
    found += [members[name] for name in difflib.get_close_matches(typed, members, 1, 0.75)]
    allies = set(members.values())
    found += sorted(
        (code for code in there if _slip(typed, code)), key=lambda c: (c not in allies, c)
    )
    near = [code for code in dict.fromkeys(found) if code in there][:3]
    return f": is it {', or '.join(near)}?" if near else ""


def _slip(typed: str, code: str) -> bool:
    """Whether a code was typed with one other letter, or with two changed about."""
    wrong = sum(a != b for a, b in zip(typed, code, strict=False))
    return len(typed) == len(code) and (
        wrong == 1 or (wrong == 2 and sorted(typed) == sorted(code))
    )


def check_state(option: str, code: str) -> str:
    """A state's code as a person typed it, and what is wrong with it.

    Raises:
        SettingError: it is no alpha-3 code of ISO 3166-1 in capitals; names those near it.
    """
    known = facts().codes.split()
    if code not in known:
        raise SettingError(
            f"{option}: {code!r} is no ISO 3166-1 alpha-3 code, as EST{near_states(code, known)}"
        )
    return code
