"""Offices and who holds them: each holder with an Ed25519 public key of their own."""

from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from vedette.model.errors import SettingError
from vedette.model.signature import from_base64
from vedette.response.situation import person_of

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class Holder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person in an office, and the key that only this person has."""

    person: Name
    public_key: Annotated[str, msgspec.Meta(min_length=44, max_length=44)]  # 32 bytes, base64


class Office(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named office: what it is, and for which state it speaks (None: for the node that keeps it)."""

    office_id: Name
    title: Name
    roles: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    state: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | None = None
    holders: tuple[Holder, ...] = ()


class Roster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All offices of a desk. An empty one hears nobody."""

    format: Literal["vedette-offices/1"] = "vedette-offices/1"
    offices: tuple[Office, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the roster in its canonical form."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    def office(self, office_id: str) -> Office | None:
        """An office by its id."""
        return next((one for one in self.offices if one.office_id == office_id), None)

    def holding(self, public_key: str) -> list[tuple[Office, Holder]]:
        """The offices that a key acts for, each with its holder."""
        return [
            (office, holder)
            for office in self.offices
            for holder in office.holders
            if holder.public_key == public_key
        ]


def decode_roster(data: bytes, roles: frozenset[str]) -> Roster:
    """A roster from its file.

    Raises:
        SettingError: it is none, names a role that does not exist, or a key or name is not unique.
    """
    try:
        roster = msgspec.json.decode(data, type=Roster)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"offices: {error}") from error
    owner: dict[bytes, str] = {}
    seen: set[str] = set()
    for office in roster.offices:
        if office.office_id in seen:
            raise SettingError(f"offices: {office.office_id} stands twice")
        seen.add(office.office_id)
        unknown = sorted(set(office.roles) - roles)
        if unknown:
            raise SettingError(
                f"offices: {office.office_id}: no role {', '.join(unknown)}; there are "
                f"{', '.join(sorted(roles))}"
            )
        names = [person_of(holder.person) for holder in office.holders]
        if len(set(names)) != len(names) or "" in names:
            raise SettingError(f"offices: {office.office_id}: a holder stands twice or has no name")
        for holder in office.holders:
            key = from_base64(holder.public_key)
            if len(key) != 32:
                raise SettingError(f"offices: {office.office_id}: {holder.person}: no Ed25519 key")
            # one key is one person everywhere, and one person may have a key in several offices
            if owner.setdefault(key, person_of(holder.person)) != person_of(holder.person):
                raise SettingError(f"offices: two persons share the key of {holder.person}")
    return roster
