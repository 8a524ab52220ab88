"""Who is in the alliance, by which keys they are known, and how a key changes hands."""

from typing import Annotated, Literal

import msgspec

from vedette.model.errors import SettingError

Nation = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
Key = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Digest = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Instant = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One nation: the root key that it keeps offline, and the first key of its node."""

    root: Key
    node: Key


class Charter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The members of an alliance; every message names it by ``name``.

    ``keeper`` is the nation whose node receives the acts of council matters; its clock counts.
    """

    format: Literal["vedette-alliance/1"] = "vedette-alliance/1"
    name: Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=r"^[0-9A-Za-z-]+\Z")]
    keeper: Nation
    members: dict[Nation, Member]


def check_charter(charter: Charter) -> None:
    """Refuse a charter under which nobody could be told apart for certain.

    Raises:
        SettingError: two nations share a key, or the keeper is no member.
    """
    if charter.keeper not in charter.members:
        raise SettingError(f"charter: the keeper {charter.keeper} is no member")
    owner: dict[bytes, str] = {}
    for nation, member in sorted(charter.members.items()):
        for key in (member.root, member.node):
            if owner.setdefault(key, nation) != nation or member.root == member.node:
                raise SettingError(f"charter: {nation} and {owner[key]} share a key")


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A nation's word, by its root key, on the next key of its node.

    What the key before signed is good up to entry ``after`` of the nation's log, whose digest is
    ``digest`` (empty where ``after`` is 0), and void beyond. Rotation and revocation are the same act; a
    stolen key differs only in that somebody else may have signed beyond.
    """

    charter: str
    nation: Nation
    number: Annotated[int, msgspec.Meta(ge=2, le=1_000_000)]  # the first key has number 1
    key: Key
    after: Count
    digest: Annotated[bytes, msgspec.Meta(max_length=32)]
    stolen: bool
    made_ns: Instant
    words: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
