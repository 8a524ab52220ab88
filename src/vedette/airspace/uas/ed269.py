"""ED-269's zone versions as structures: volumes with their limits, and applicability.

Source: EUROCAE ED-269 (2020), chapter 8 and appendix 2, as the U-space registers of states publish it. Some
publish times as ``00:00:00.00Z`` or with offsets, days in either case: both are read.
"""

from typing import Annotated, Any, Literal

import msgspec

Reference = Literal["AGL", "AMSL", "WGS84"]
Restriction = Literal[
    "PROHIBITED", "REQ_AUTHORISATION", "REQ_AUTHORIZATION", "CONDITIONAL", "NO_RESTRICTION"
]


class Authority(msgspec.Struct, frozen=True):
    """Who may permit, must be told, or knows more."""

    name: str | None = None
    service: str | None = None
    contactName: str | None = None  # noqa: N815 - the standard's names
    siteURL: str | None = None  # noqa: N815
    email: str | None = None
    phone: str | None = None
    purpose: str | None = None
    intervalBefore: str | None = None  # noqa: N815


class DailyPeriod(msgspec.Struct, frozen=True):
    """Hours on days of the week."""

    day: tuple[str, ...]
    startTime: str | None = None  # noqa: N815
    endTime: str | None = None  # noqa: N815


class TimePeriod(msgspec.Struct, frozen=True):
    """From, to, and the hours between; ``permanent`` has neither."""

    permanent: Literal["YES", "NO"] = "NO"
    startDateTime: str | None = None  # noqa: N815
    endDateTime: str | None = None  # noqa: N815
    schedule: tuple[DailyPeriod, ...] | None = None


class Projection(msgspec.Struct, frozen=True):
    """A polygon, or a circle with its radius in the volume's horizontal unit (metres as a rule)."""

    type: Literal["Polygon", "Circle"]
    coordinates: Any = None
    center: tuple[float, float] | None = None
    radius: float | None = None


class Volume(msgspec.Struct, frozen=True):
    """An outline between two heights."""

    horizontalProjection: Projection  # noqa: N815
    uomDimensions: Literal["M", "FT", "m", "ft"] = "M"  # noqa: N815
    lowerLimit: float | None = None  # noqa: N815
    lowerVerticalReference: Reference = "AGL"  # noqa: N815
    upperLimit: float | None = None  # noqa: N815
    upperVerticalReference: Reference = "AGL"  # noqa: N815


class ZoneVersion(msgspec.Struct, frozen=True):
    """One zone."""

    identifier: Annotated[str, msgspec.Meta(min_length=1)]
    country: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    restriction: Restriction
    geometry: Annotated[tuple[Volume, ...], msgspec.Meta(min_length=1)]
    name: str | None = None
    type: str | None = None
    restrictionConditions: Any = None  # noqa: N815 - a text or a list of texts
    reason: tuple[str, ...] | None = None
    otherReasonInfo: str | None = None  # noqa: N815
    regulationExemption: str | None = None  # noqa: N815
    uSpaceClass: str | None = None  # noqa: N815
    message: str | None = None
    applicability: tuple[TimePeriod, ...] = ()
    zoneAuthority: tuple[Authority, ...] = ()  # noqa: N815
    region: int | None = None
    additionalProperties: Any = None  # noqa: N815
    extendedProperties: Any = None  # noqa: N815
