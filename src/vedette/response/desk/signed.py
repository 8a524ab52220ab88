"""What a person signs at the desk, and how it is written down."""

from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from vedette.model.signature import from_base64, public_key_of, sign, to_base64

DeskActKind = Literal[
    "confirm_check",  # a check, an item of the gate or a statement is true, with evidence in words
    "deny_check",
    "set_identity",
    "review",  # a second person stands behind another's set_identity
    "accept",  # a question that was put to the office
    "reject",  # the same; stands until the same person accepts
    "ask",  # something before deciding; stands until the same person accepts or rejects
    "answer",  # what was asked
    "attribute",  # whose the object was, with where the person knows it from
    "remark",  # dissent or anything else for the record
    "revoke",  # a key: what it signs from now on is refused, and what it opened is void
]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Words = Annotated[str, msgspec.Meta(max_length=8_000)]
Instant = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class DeskAct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act of one person in an office, as signed."""

    act_id: Name  # never used twice at a desk
    desk: Name  # of which run: an act is of no use at another
    kind: DeskActKind
    person: Name
    office: Name
    incident_id: Name
    track_id: Name  # the object that the person saw
    seen_ns: Instant  # the time of the picture that the person saw [ns UTC]
    # a check, an item of the gate, a statement, a measure, an act or, to revoke it, a public key
    subject: Name | None = None
    value: Name | None = None  # an identity
    paper: Name | None = None  # digest of the question as the person saw it
    words: Words = ""


class SignedAct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bytes that were signed and by whom. Nothing in them is written anew."""

    act: Annotated[str, msgspec.Meta(max_length=65_536)]  # base64
    public_key: Annotated[str, msgspec.Meta(max_length=64)]  # base64
    signature: Annotated[str, msgspec.Meta(max_length=128)]  # base64


def sign_act(act: DeskAct, private_key: bytes) -> SignedAct:
    """An act with its signature; ``private_key`` has 32 bytes.

    Raises:
        ValueError: it has not.
    """
    data = msgspec.json.encode(act, order="deterministic")
    return SignedAct(
        act=to_base64(data),
        public_key=to_base64(public_key_of(private_key)),
        signature=to_base64(sign(data, private_key)),
    )


def decode_act(signed: SignedAct) -> DeskAct | None:
    """The act in the signed bytes, its signature not yet checked; None where there is none."""
    try:
        return msgspec.json.decode(from_base64(signed.act), type=DeskAct)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def decode_signed(data: bytes) -> SignedAct | None:
    """A signed act from its JSON; None where there is none."""
    try:
        return msgspec.json.decode(data, type=SignedAct)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def digest_of(value: object) -> str:
    """SHA-256 of plain data in canonical form."""
    return sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
