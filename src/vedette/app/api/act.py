"""What a person says without a signature: nothing follows from it."""

from typing import Annotated, Literal

import msgspec

ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class ActRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the page posts. With an account, person and office are the account's, and no other may be named."""

    kind: Literal["acknowledge", "remark"]
    incident_id: ShortText
    person: ShortText | None = None
    office: ShortText | None = None
    words: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class ActTaken(msgspec.Struct, kw_only=True):
    """It is in the record under this id."""

    act_id: str


class SignedDeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A council act as a browser signed it, base64."""

    act: str
    public_key: str
    signature: str
