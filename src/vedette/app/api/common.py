"""Shapes that many answers share. Times are ISO 8601 in UTC; unknown is null."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from vedette.model.assessment import Identity, ObjectClass

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="degrees, WGS 84")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="degrees, WGS 84")]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Utc = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT.*Z$", description="ISO 8601, UTC")]
Key = Annotated[str, msgspec.Meta(description="Ed25519 public key, base64")]
Civil = Literal["confirmed", "possible", "excluded"]


class Error(msgspec.Struct, kw_only=True):
    """Why nothing was done."""

    error: str


class Refused(msgspec.Struct, kw_only=True):
    """Why an act was not taken; null where it was."""

    refused: str | None


class Instant(msgspec.Struct, kw_only=True):
    """A time that is known."""

    utc: Utc


class Moment(msgspec.Struct, kw_only=True):
    """A time with the ends of its 95 % interval."""

    utc: Utc
    low: Utc
    high: Utc


class Bounds(msgspec.Struct, kw_only=True):
    """A figure with the ends of its 95 % interval."""

    estimate: float
    low: float
    high: float


class Named(msgspec.Struct, kw_only=True):
    """What a track is and who it is."""

    track_id: str
    object_class: ObjectClass = msgspec.field(name="class")
    class_probability: Share | None
    identity: Identity
    icao24: str | None
    callsign: str | None
    mode3a: str | UnsetType | None = UNSET


def either(*kinds: type | None) -> Any:
    """The type of what is one of several structs: msgspec decodes no such union, and none is decoded here.

    The document names each by reference, so that it must be given them as well.
    """
    shapes = [
        {"type": "null"} if kind is None else {"$ref": f"#/components/schemas/{kind.__name__}"}
        for kind in kinds
    ]
    return Annotated[Any, msgspec.Meta(extra_json_schema={"anyOf": shapes})]
