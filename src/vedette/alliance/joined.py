"""What several nations told of one object, beside one another: joined with reasons, never voted on.

Each nation's alerts of one incident are an **account**. Accounts are joined into one object by, in this order:
a person's word that they are the same, one address, one callsign, a hand-over that one nation announced and the
other took up. What is never done: to choose between accounts. Where two nations differ in identity, class or
address, the difference stands in the object, and the object has no identity of its own.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from pyproj import Geod

from vedette.alliance.items import Acknowledgement, Alert
from vedette.alliance.merge import Told, merged
from vedette.model.time import SECOND_NS

Reason = Literal["a person's word", "one address", "one callsign", "hand-over"]
_GEOD: Final = Geod(ellps="WGS84")
_COMPARED: Final = ("identity", "object_class", "icao24")
_HARMLESS: Final = ("friend", "assumed_friend", "neutral")
_FEARED: Final = ("suspect", "hostile")
_NOTHING_SAID: Final = (None, "pending", "unknown")


class JoinSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When two accounts may be of one object. Design choices; wide, for what is released is often rounded."""

    gap_s: Annotated[float, msgspec.Meta(gt=0)] = 1_800.0  # between the ends of two accounts
    speed_mps: Annotated[float, msgspec.Meta(gt=0)] = 700.0  # nothing joined is faster than that
    room_m: Annotated[float, msgspec.Meta(gt=0)] = 50_000.0  # rounding of both, and an alert's age
    late_s: Annotated[float, msgspec.Meta(gt=0)] = (
        600.0  # a hand-over is taken up this long around its time
    )


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One alert, as its nation told it."""

    nation: str
    sequence: int
    made_ns: int
    alert: Alert


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """All that one nation told of one incident, oldest first."""

    nation: str
    incident_id: str
    statements: tuple[Statement, ...]
    acknowledged: tuple[tuple[str, str, str], ...]  # nation, person, office

    @property
    def name(self) -> tuple[str, str]:
        """Nation and incident."""
        return self.nation, self.incident_id

    @property
    def latest(self) -> Alert:
        """The last alert."""
        return self.statements[-1].alert

    def said(self, field: str) -> object:
        """What the nation says now; where its last alert does not show it, what it showed last."""
        for one in reversed(self.statements):
            value: object = getattr(one.alert, field)
            if value is not None:
                return value
        return None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Why two accounts are of one object."""

    one: tuple[str, str]
    other: tuple[str, str]
    reason: Reason
    words: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where nations differ: what each says."""

    field: str
    said: dict[str, str]  # by nation
    opposed: bool  # known as harmless by one and suspect or hostile by another, or two addresses


class SharedObject(msgspec.Struct, frozen=True, kw_only=True):
    """One object as the nations tell of it."""

    accounts: tuple[Account, ...]  # oldest first
    links: tuple[Link, ...]
    identity: str | None  # where all who say one say the same
    object_class: str | None
    icao24: int | None
    differences: tuple[Difference, ...]
    # nations to which it was handed over and that have no account of it yet
    expected_in: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...]  # accounts under its address where it cannot have been


def shared_objects(told: Iterable[Told], settings: JoinSettings) -> tuple[SharedObject, ...]:
    """All objects of which alerts were told, oldest first.

    The same for any order of ``told`` and however often an entry is in it. Every alert is in one object.

    Args:
        told: entries of all nations, one's own among them.
        settings: bounds of what may be joined.
    """
    entries = merged(told)
    accounts = _accounts(entries)
    links = _links(settings, accounts, entries)
    group = {name: {name} for name in accounts}
    used = []
    apart = _apart(settings, accounts)
    for link in links:
        one, other = group[link.one], group[link.other]
        if one is not other:
            if link.reason != "a person's word" and not _may_be_one(
                accounts[name] for name in one | other
            ):
                continue
            one |= other
            for name in other:
                group[name] = one
        used.append(link)
    found = []
    for names in {id(some): some for some in group.values()}.values():
        members = sorted((accounts[n] for n in names), key=_age)
        found.append(
            _object(
                members,
                [link for link in used if link.one in names],
                sorted({other for name in names for other in apart.get(name, ())} - names),
            )
        )
    return tuple(sorted(found, key=lambda one: _age(one.accounts[0])))


def _age(account: Account) -> tuple[int, str, str]:
    return account.statements[0].made_ns, account.nation, account.incident_id


def _accounts(entries: list[Told]) -> dict[tuple[str, str], Account]:
    statements: dict[tuple[str, str], list[Statement]] = {}
    of_entry: dict[tuple[str, int], tuple[str, str]] = {}
    for entry in entries:
        item = entry.body.item
        if isinstance(item, Alert):
            name = entry.nation, item.incident_id
            of_entry[entry.nation, entry.sequence] = name
            statements.setdefault(name, []).append(
                Statement(
                    nation=entry.nation, sequence=entry.sequence, made_ns=entry.body.made_ns, alert=item
                )
            )  # fmt: skip
    seen: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for entry in entries:
        item = entry.body.item
        if isinstance(item, Acknowledgement) and (item.nation, item.sequence) in of_entry:
            who = entry.nation, item.person, item.office
            listed = seen.setdefault(of_entry[item.nation, item.sequence], [])
            if who not in listed:
                listed.append(who)
    return {
        name: Account(
            nation=name[0], incident_id=name[1], statements=tuple(some),
            acknowledged=tuple(seen.get(name, ())),
        )
        for name, some in sorted(statements.items())
    }  # fmt: skip


# ---------------------------------------------------------------------------- joining


def _links(
    settings: JoinSettings, accounts: dict[tuple[str, str], Account], entries: list[Told]
) -> Iterator[Link]:
    """Reasons to join, the strongest kind first."""
    yield from _by_word(accounts, entries)
    yield from _by_value(settings, accounts, "icao24", "one address")
    yield from _by_value(settings, accounts, "callsign", "one callsign")
    yield from _by_hand_over(settings, accounts)


def _by_word(accounts: dict[tuple[str, str], Account], entries: list[Told]) -> Iterator[Link]:
    alerts = {
        (entry.nation, entry.sequence): entry.body.item.incident_id
        for entry in entries
        if isinstance(entry.body.item, Alert)
    }
    for entry in entries:
        item = entry.body.item
        if not isinstance(item, Acknowledgement) or item.same_as is None:
            continue
        theirs = alerts.get((item.nation, item.sequence))
        if theirs is None or (entry.nation, item.same_as) not in accounts:
            continue
        yield Link(
            one=(entry.nation, item.same_as),
            other=(item.nation, theirs),
            reason="a person's word",
            words=f"{item.person}, {item.office} of {entry.nation}",
        )


def _sharing(
    accounts: dict[tuple[str, str], Account], field: Literal["icao24", "callsign"]
) -> dict[object, list[Account]]:
    """Accounts by what they say, those that say nothing left out."""
    sharing: dict[object, list[Account]] = {}
    for account in accounts.values():
        value = account.said(field)
        if isinstance(value, str):
            value = value.strip().upper() or None
        if value is not None:
            sharing.setdefault(value, []).append(account)
    return sharing


def _apart(
    settings: JoinSettings, accounts: dict[tuple[str, str], Account]
) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Accounts under one address, at one time, in places that one aircraft cannot have been in."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for some in _sharing(accounts, "icao24").values():
        for k, one in enumerate(some):
            for other in some[k + 1 :]:
                near = _gap_s(one, other) <= settings.gap_s
                if near and not _could_be_one(settings, one, other):
                    found.setdefault(one.name, set()).add(other.name)
                    found.setdefault(other.name, set()).add(one.name)
    return found


def _by_value(
    settings: JoinSettings,
    accounts: dict[tuple[str, str], Account],
    field: Literal["icao24", "callsign"],
    reason: Reason,
) -> Iterator[Link]:
    for value, some in _sharing(accounts, field).items():
        words = f"{value:06x}" if isinstance(value, int) else str(value)
        for k, one in enumerate(some):
            for other in some[k + 1 :]:
                if one.nation != other.nation and _could_be_one(settings, one, other):
                    yield Link(one=one.name, other=other.name, reason=reason, words=words)


def _by_hand_over(
    settings: JoinSettings, accounts: dict[tuple[str, str], Account]
) -> Iterator[Link]:
    """One nation said to whom and when it comes; of that nation exactly one account begins then and there."""
    of_nation: dict[str, list[Account]] = {}
    for account in accounts.values():
        of_nation.setdefault(account.nation, []).append(account)
    for one in accounts.values():
        for to, expected_ns in sorted(_announced(one).items()):
            near = [
                other
                for other in of_nation.get(to, ())
                if other is not one
                and abs(other.statements[0].made_ns - expected_ns) <= settings.late_s * SECOND_NS
                and _could_be_one(settings, one, other)
                and _may_be_one((one, other))
            ]
            if len(near) == 1:
                yield Link(
                    one=one.name, other=near[0].name, reason="hand-over",
                    words=f"{one.nation} expected it in {to}",
                )  # fmt: skip


def _announced(account: Account) -> dict[str, int]:
    """Nations to which it was handed over, with the time at which each was to expect it, as last said."""
    return {
        one.alert.expected_in: one.alert.expected_ns
        for one in account.statements
        if one.alert.expected_in is not None and one.alert.expected_ns is not None
    }


def _could_be_one(settings: JoinSettings, one: Account, other: Account) -> bool:
    """Whether an object can have been where both say, when both say."""
    if _gap_s(one, other) > settings.gap_s:
        return False
    first, second = sorted((one, other), key=_age)
    # each of the later account's alerts against that of the other which is nearest in time
    for mine in second.statements:
        theirs = min(first.statements, key=lambda one: abs(one.made_ns - mine.made_ns))
        way_m = _way_m(mine.alert, theirs.alert)
        apart_s = abs(mine.made_ns - theirs.made_ns) / SECOND_NS
        if way_m is not None and way_m > settings.room_m + settings.speed_mps * apart_s:
            return False
    return True


def _gap_s(one: Account, other: Account) -> float:
    """Time from the end of the earlier account to the beginning of the later [s]; below 0 where they overlap."""
    first, second = sorted((one, other), key=_age)
    return (second.statements[0].made_ns - first.statements[-1].made_ns) / SECOND_NS


def _way_m(one: Alert, other: Alert) -> float | None:
    if None in (one.latitude_deg, one.longitude_deg, other.latitude_deg, other.longitude_deg):
        return None
    _, _, way_m = _GEOD.inv(
        one.longitude_deg, one.latitude_deg, other.longitude_deg, other.latitude_deg
    )
    return float(way_m)


def _may_be_one(accounts: Iterable[Account]) -> bool:
    """Whether no two name different addresses: an address is evidence, and two of them are evidence against."""
    return len({account.said("icao24") for account in accounts} - {None}) < 2


# ---------------------------------------------------------------------------- what they say


class _Said(NamedTuple):
    nation: str
    value: object


def _object(
    accounts: list[Account], links: list[Link], elsewhere: list[tuple[str, str]]
) -> SharedObject:
    common: dict[str, object] = {}
    differences = []
    for field in _COMPARED:
        said = [_Said(account.nation, account.said(field)) for account in accounts]
        told = [one for one in said if one.value not in _NOTHING_SAID]
        values = {one.value for one in told}
        everything = {one.value for one in said} - {None}
        common[field] = everything.pop() if len(everything) == 1 else None
        if len(values) > 1:
            differences.append(_difference(field, told, values))
    told_by = {account.nation for account in accounts}
    waits = {to for account in accounts for to in _announced(account)} - told_by
    identity, object_class, icao24 = (common[field] for field in _COMPARED)
    return SharedObject(
        accounts=tuple(accounts),
        links=tuple(links),
        identity=identity if isinstance(identity, str) else None,
        object_class=object_class if isinstance(object_class, str) else None,
        icao24=icao24 if isinstance(icao24, int) else None,
        differences=tuple(differences),
        expected_in=tuple(sorted(waits)),
        elsewhere=tuple(elsewhere),
    )


def _difference(field: str, told: list[_Said], values: set[object]) -> Difference:
    said: dict[str, str] = {}
    for one in told:
        words = f"{one.value:06x}" if field == "icao24" else str(one.value)
        before = said.get(one.nation)
        # one nation may tell of it in two incidents, and differ from itself
        said[one.nation] = words if before in (None, words) else f"{before} and {words}"
    opposed = field == "icao24" or (
        field == "identity" and not values.isdisjoint(_HARMLESS) and not values.isdisjoint(_FEARED)
    )
    return Difference(field=field, said=said, opposed=opposed)
