"""Acts of delegations and of the chair: what is signed, and how it is written down."""

from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from vedette.model.signature import from_base64, to_base64

DRILL = "drill-"  # opens the matter_id of a drill: every act signs whether it was one
CHAIR = "CHAIR"  # the Secretary General's office: places texts, has no voice in them

MatterKind = Literal["consultation", "declaration", "posture", "delegation", "shield"]
ActKind = Literal[
    "open",  # ask for a consultation, or raise a matter
    "put",  # a version of the text
    "place",  # the current version under silence, with its deadline
    "object",  # to a version, with a reason
    "lift",  # one's own objection
    "consent",  # explicitly, to a version
    "abstain",  # from a version: stands aside, blocks nothing, consents to nothing
    "absent",  # a state cannot be reached: while it cannot speak its silence is none
    "revoke",  # a key of one's own that is lost or taken
    "leave",  # what was agreed by every state's consent: nobody can be held in it
    "remark",  # dissent or a statement, for the record
    "withdraw",  # the matter
]
Party = Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{3}|CHAIR)\Z")]
Words = Annotated[str, msgspec.Meta(max_length=100_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Instant = Annotated[int, msgspec.Meta(ge=0, le=2**62)]  # to the year 2116


class CouncilAct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act of one delegation in one matter; what it says is fixed by its signature."""

    act_id: Name  # never used twice in a matter
    matter_id: Name
    roster: Digest  # of the members and keys that it was made under
    party: Party  # the state that acts, or the chair
    person: Name
    office: Name
    kind: ActKind
    valid_ns: Instant  # when it was signed, by the signer's clock; the keeper's receipt decides
    matter_kind: MatterKind | None = None  # open
    title: Words = ""  # open
    text: Words = ""  # put
    version: Digest | None = None  # place, object, lift, consent: which text
    about: Party | None = None  # absent: who cannot be reached
    revoked_key: Annotated[str, msgspec.Meta(max_length=64)] | None = None  # revoke: base64
    deadline_ns: Instant | None = None  # place [ns UTC]
    deadline_zone: Words = ""  # place: the time zone in which people state the deadline
    lapses_ns: Instant | None = None  # open: the matter ends undecided then
    words: Words = ""  # reasons
    seen: Digest | None = (
        None  # head of the file as the signer saw it: what was before cannot be dropped
    )


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed act as its keeper received it: one line of a matter file."""

    received_ns: Instant  # by the keeper's clock, the only one that counts
    act: str  # base64 of the signed bytes
    public_key: str  # base64
    signature: str  # base64
    drill: bool = False  # received_ns was given by hand, for a drill or a replay of history
    previous: Digest | Literal[""] = ""  # SHA-256 of the line before; empty outside a file


class Roster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes part: each state and the chair with its public key (base64).

    ``deputies`` are further keys of a party, of those who act where the first office is empty; ``keeper`` is
    the party that receives the acts, keeps the file and signs its export.
    """

    keys: dict[Party, str]
    deputies: dict[Party, tuple[str, ...]] = {}
    keeper: Party | None = None  # None: nobody was named

    def keys_of(self, party: str) -> tuple[str, ...]:
        """Public keys that may act for a party; none where it takes no part."""
        first = self.keys.get(party)
        return () if first is None else (first, *self.deputies.get(party, ()))

    @property
    def states(self) -> frozenset[str]:
        """Members; the chair is none."""
        return frozenset(self.keys) - {CHAIR}

    @property
    def digest(self) -> str:
        """SHA-256 of the roster in its canonical form, hexadecimal."""
        return sha256(_encode(self)).hexdigest()


def roster_fault(roster: Roster) -> str | None:
    """Why nobody can act under a roster for certain; None where each key is one, and of one party alone."""
    owner: dict[bytes, str] = {}
    for party in sorted(roster.keys):
        for key in roster.keys_of(party):
            data = from_base64(key)
            if len(data) != 32 or to_base64(data) != key:
                return f"{party}: {key!r} is no Ed25519 key"
            if owner.setdefault(data, party) != party:
                return f"{party} and {owner[data]} share a key"
    if roster.keeper is not None and roster.keeper not in roster.keys:
        return f"{roster.keeper} keeps the file and has no key"
    strangers = sorted(set(roster.deputies) - set(roster.keys))
    return f"{strangers[0]} has deputies and no key" if strangers else None


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def encode_act(act: CouncilAct) -> bytes:
    """The bytes that are signed."""
    return _encode(act)


def decode_act(data: bytes) -> CouncilAct | None:
    """The act in signed bytes; None where there is none."""
    try:
        return msgspec.json.decode(data, type=CouncilAct)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def digest_of(text: str) -> str:
    """Name of a version of a text: SHA-256 of its UTF-8, hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
