"""Offices and who holds them: each holder with an Ed25519 public key of their own."""

from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec

from vedette.model.errors import SettingError
from vedette.model.person import person_of, scripts_of
from vedette.model.signature import from_base64, to_base64

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]

# Scripts with letters that cannot be told apart by eye.
_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "COPTIC", "CHEROKEE"})


class Holder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person in an office, and the key that only this person has."""

    person: Name
    public_key: Annotated[str, msgspec.Meta(min_length=44, max_length=44)]  # 32 bytes, base64


class Office(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named office: what it is, and for which state it speaks (None: for the node that keeps it)."""

    office_id: Name
    title: Name
    roles: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    state: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")] | None = None
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
            mixed = scripts_of(holder.person) & _ALIKE
            if len(mixed) > 1:
                raise SettingError(
                    f"offices: {office.office_id}: the letters of {holder.person} are of "
                    f"{' and '.join(sorted(mixed)).lower()}: write the name in one script"
                )
            key = from_base64(holder.public_key)
            if (
                len(key) != 32 or to_base64(key) != holder.public_key
            ):  # one spelling: it is revoked by it
                raise SettingError(f"offices: {office.office_id}: {holder.person}: no Ed25519 key")
    for problem in shared_keys(roster):
        raise SettingError(f"offices: {problem}")
    return roster


def shared_keys(roster: Roster) -> list[str]:
    """Keys of more than one person; one person may have the same key in several offices."""
    owner: dict[bytes, str] = {}
    return [
        f"two persons share the key of {holder.person}"
        for office in roster.offices
        for holder in office.holders
        if owner.setdefault(from_base64(holder.public_key), person_of(holder.person))
        != person_of(holder.person)
    ]
