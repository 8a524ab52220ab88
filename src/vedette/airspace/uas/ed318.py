"""ED-318's feature collection as structures: GeoJSON with layers, extents and zone properties.

Source: EUROCAE ED-318 (2023) and its JSON schemas. Structures are open to fields that are not named here: the
standard lets producers add theirs.
"""

from typing import Annotated, Any, Literal

import msgspec

ShortText = Annotated[str, msgspec.Meta(max_length=200)]
Role = Literal["AUTHORIZATION", "NOTIFICATION", "INFORMATION"]
ZoneType = Literal["USPACE", "PROHIBITED", "REQ_AUTHORIZATION", "CONDITIONAL", "NO_RESTRICTION"]
WeekDay = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "ANY"]
SunEvent = Literal["BMCT", "SR", "SS", "EECT"]
Reason = Literal[
    "AIR_TRAFFIC",
    "SENSITIVE",
    "PRIVACY",
    "POPULATION",
    "NATURE",
    "NOISE",
    "EMERGENCY",
    "DAR",
    "OTHER",
]


class Text(msgspec.Struct, frozen=True):
    """A text in a language."""

    lang: Annotated[str, msgspec.Meta(max_length=5)]
    text: ShortText = ""


class Authority(msgspec.Struct, frozen=True):
    """Who may permit, must be told, or knows more."""

    purpose: Role
    name: tuple[Text, ...] = ()
    service: tuple[Text, ...] = ()
    contactName: tuple[Text, ...] = ()  # noqa: N815 - the standard's names
    siteURL: str = ""  # noqa: N815
    email: str = ""
    phone: ShortText = ""
    intervalBefore: str = ""  # noqa: N815


class DailyPeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours on days of the week."""

    day: tuple[WeekDay, ...]
    startTime: str | None = None  # noqa: N815
    startEvent: SunEvent | None = None  # noqa: N815
    endTime: str | None = None  # noqa: N815
    endEvent: SunEvent | None = None  # noqa: N815


class TimePeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From, to, and the hours between."""

    startDateTime: str | None = None  # noqa: N815
    endDateTime: str | None = None  # noqa: N815
    schedule: tuple[DailyPeriod, ...] = ()


class Properties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Properties of a zone."""

    identifier: Annotated[str, msgspec.Meta(max_length=7)]
    country: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    type: ZoneType
    variant: Literal["COMMON", "CUSTOMIZED"]
    zoneAuthority: Annotated[tuple[Authority, ...], msgspec.Meta(min_length=1)]  # noqa: N815
    name: tuple[Text, ...] = ()
    restrictionConditions: str = ""  # noqa: N815
    region: int | None = None
    reason: Annotated[tuple[Reason, ...], msgspec.Meta(max_length=9)] = ()
    otherReasonInfo: tuple[Text, ...] = ()  # noqa: N815
    regulationExemption: Literal["YES", "NO"] | None = None  # noqa: N815
    message: tuple[Text, ...] = ()
    limitedApplicability: tuple[TimePeriod, ...] = ()  # noqa: N815
    dataSource: dict[str, Any] = {}  # noqa: N815
    extendedProperties: dict[str, Any] = {}  # noqa: N815


class Layer(msgspec.Struct, frozen=True):
    """Between two heights."""

    upper: float | None = None
    upperReference: Literal["AGL", "AMSL", "WGS84"] | None = None  # noqa: N815
    lower: float | None = None
    lowerReference: Literal["AGL", "AMSL", "WGS84"] | None = None  # noqa: N815
    uom: Literal["m", "ft"] = "m"


class Extent(msgspec.Struct, frozen=True):
    """A circle around a point."""

    subType: Literal["Circle"]  # noqa: N815
    radius: Annotated[float, msgspec.Meta(gt=0)]


class Geometry(msgspec.Struct, frozen=True):
    """A GeoJSON geometry with a layer, or a collection of them."""

    type: Literal["Point", "Polygon", "MultiPolygon", "GeometryCollection"]
    coordinates: Any = None
    extent: Extent | None = None
    layer: Layer | None = None
    geometries: tuple["Geometry", ...] = ()


class Metadata(msgspec.Struct, frozen=True):
    """Of the collection."""

    validFrom: str | None = None  # noqa: N815
    validTo: str | None = None  # noqa: N815
    issued: str | None = None
    provider: tuple[Text, ...] = ()
    description: tuple[Text, ...] = ()
    otherGeoid: str = ""  # noqa: N815
    technicalLimitations: tuple[Text, ...] = ()  # noqa: N815
