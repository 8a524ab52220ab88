"""What the entries of a nation's log say. Every type is closed to unknown fields and bounded in size."""

from typing import Annotated

import msgspec

from vedette.alliance.charter import Count, Instant, Nation

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Words = Annotated[str, msgspec.Meta(max_length=20_000)]
Text = Annotated[str, msgspec.Meta(max_length=64)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Metres = Annotated[float, msgspec.Meta(ge=-1e7, le=1e7)]
Speed = Annotated[float, msgspec.Meta(ge=-1e5, le=1e5)]


class Alert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="alert"):
    """An incident as its nation released it; what was not released is null."""

    incident_id: Name
    revision: Count
    status: Text
    causes: tuple[Text, ...] | None = None
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    pressure_altitude_m: Metres | None = None
    ground_speed_mps: Speed | None = None
    track_angle_rad: Annotated[float, msgspec.Meta(ge=-7, le=7)] | None = None
    icao24: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFF)] | None = None
    callsign: Text | None = None
    identity: Text | None = None  # standard identity, as this nation holds it
    object_class: Text | None = None
    states: tuple[Text, ...] | None = None  # whose airspace it crosses
    expected_in: Nation | None = None  # handed over before the border: to whom
    expected_ns: Instant | None = None


class Acknowledgement(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="acknowledgement"
):
    """A person at this node has seen another nation's alert."""

    nation: Nation
    sequence: Count  # of the entry in that nation's log
    person: Name
    office: Name
    same_as: Name | None = (
        None  # an incident of its own nation: a person says that both are of one object
    )


class Submission(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="submission"
):
    """A council act on its way to the keeper: signed bytes, key and signature as base64."""

    matter_id: Name
    act: Words
    public_key: Text
    signature: Annotated[str, msgspec.Meta(max_length=128)]


class MatterLine(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="matter_line"
):
    """One line of a matter file, from its keeper: the header (number 0) or a receipt."""

    matter_id: Name
    number: Count
    line: Annotated[bytes, msgspec.Meta(max_length=40_000)]


class Closing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="closing"):
    """The keeper's word that time has come to ``at_ns`` in a matter that then had ``receipts`` receipts.

    Only this ends a silence. ``unheard`` are the states whose node the keeper could not hear at the end of
    the silence and that had said nothing to the text: their silence is none.
    """

    matter_id: Name
    receipts: Count
    head: Text  # SHA-256 of the last line, hexadecimal
    at_ns: Instant
    unheard: tuple[Nation, ...]


class RecordHead(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="record_head"
):
    """The signed head of one of the nation's records, and the proof that it continues the one before."""

    record: Text  # digest of its record.json
    head: Annotated[bytes, msgspec.Meta(max_length=1_000)]
    proof: Annotated[tuple[Text, ...], msgspec.Meta(max_length=64)] = ()


Item = Alert | Acknowledgement | Submission | MatterLine | Closing | RecordHead


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of an entry: ``made_ns`` is when it was made, by its nation's clock, never when it came."""

    key: Name  # never used twice by a nation: what was made once is told once
    made_ns: Instant
    item: Item


class ReleasedTrack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A track as a nation released it to another; what was not released is null."""

    track_id: Text  # a pseudonym that stays the same for one recipient
    valid_ns: Instant
    latitude_deg: Latitude
    longitude_deg: Longitude
    position_sigma_m: Annotated[float, msgspec.Meta(gt=0, le=1e6)]
    east_mps: Speed | None = None
    north_mps: Speed | None = None
    height_hae_m: Metres | None = None
    height_sigma_m: Annotated[float, msgspec.Meta(gt=0, le=1e6)] | None = None
    pressure_altitude_m: Metres | None = None
    icao24: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFF)] | None = None
    mode3a: Annotated[int, msgspec.Meta(ge=0, le=0o7777)] | None = None
    callsign: Text | None = None
    emitter_category: Text | None = None
    object_class: Text | None = None
    on_ground: bool | None = None
