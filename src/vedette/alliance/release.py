"""What leaves to whom: release rules as data. Where no rule says that something leaves, nothing does.

For each nation that is to read, the first rule that applies to a track or an alert decides: which fields, how
precise, how late. What a rule does not name stays null. A track to which other nations' tracks contributed
goes only to a reader to whom each of them may be passed on.
"""

from hashlib import sha256
from math import cos, hypot, radians
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml

from vedette.alliance.charter import Nation
from vedette.alliance.items import Alert, Latitude, Longitude, ReleasedTrack
from vedette.model.errors import SettingError
from vedette.model.time import SECOND_NS

_DEGREE_M: Final = 111_320.0  # of latitude, on a sphere: for rounding, not for measuring
DELAY_MAX_S: Final = 3_600.0

TrackField = Literal[
    "velocity", "height", "pressure_altitude", "icao24", "mode3a", "callsign", "category", "class", "on_ground"
]  # fmt: skip
AlertField = Literal[
    "causes", "position", "altitude", "motion", "icao24", "callsign", "identity", "class", "states", "expected"
]  # fmt: skip
TRACK_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "velocity": ("east_mps", "north_mps"),
    "height": ("height_hae_m", "height_sigma_m"),
    "pressure_altitude": ("pressure_altitude_m",),
    "icao24": ("icao24",),
    "mode3a": ("mode3a",),
    "callsign": ("callsign",),
    "category": ("emitter_category",),
    "class": ("object_class",),
    "on_ground": ("on_ground",),
}
ALERT_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "causes": ("causes",),
    "position": ("latitude_deg", "longitude_deg"),
    "altitude": ("pressure_altitude_m",),
    "motion": ("ground_speed_mps", "track_angle_rad"),
    "icao24": ("icao24",),
    "callsign": ("callsign",),
    "identity": ("identity",),
    "class": ("object_class",),
    "states": ("states",),
    "expected": ("expected_in", "expected_ns"),
}
_NonNegative = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


class Area(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A polygon of (latitude, longitude) in degrees, with edges straight in these; not across 180°."""

    polygon: Annotated[tuple[tuple[Latitude, Longitude], ...], msgspec.Meta(min_length=3)]

    def holds(self, latitude_deg: float, longitude_deg: float) -> bool:
        """Whether a point lies inside (even-odd rule)."""
        inside = False
        before = self.polygon[-1]
        for corner in self.polygon:
            (a, b), (c, d) = before, corner
            if (a > latitude_deg) != (c > latitude_deg):
                crossing = b + (latitude_deg - a) / (c - a) * (d - b)
                inside ^= longitude_deg < crossing
            before = corner
        return inside


class TrackRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tracks go to some nations, and what of them."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    to: tuple[Nation, ...]
    zone: str | None = None  # only inside; null: anywhere
    classes: tuple[str, ...] | None = None  # only of these; null: of any, and of none
    fields: tuple[TrackField, ...] = ()  # beside the position
    position_m: _NonNegative = 0.0  # the position is rounded to a grid of this width
    height_m: _NonNegative = 0.0
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=DELAY_MAX_S)] = 0.0
    onward: tuple[Nation, ...] = ()  # whose contributions may be passed on to these nations


class AlertRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts go to some nations, and what of them."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    to: tuple[Nation, ...]
    zone: str | None = None
    fields: tuple[AlertField, ...] = ()
    position_m: _NonNegative = 0.0
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=DELAY_MAX_S)] = 0.0


class ReleaseRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The release rules of one nation."""

    format: Literal["vedette-release/1"] = "vedette-release/1"
    zones: dict[str, Area] = {}
    tracks: tuple[TrackRule, ...] = ()
    alerts: tuple[AlertRule, ...] = ()


def read_rules(data: bytes) -> ReleaseRules:
    """Release rules from YAML.

    Raises:
        SettingError: they cannot be used; says where.
    """
    try:
        rules = msgspec.convert(yaml.safe_load(data), ReleaseRules)
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise SettingError(f"release rules: {error}") from error
    named = [(rule.name, rule.zone) for rule in rules.tracks]
    named += [(rule.name, rule.zone) for rule in rules.alerts]
    for name, zone in named:
        if zone is not None and zone not in rules.zones:
            raise SettingError(f"release rules: {name}: there is no zone {zone!r}")
    return rules


class OwnTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A track of this node, whole; it never leaves as it is."""

    track_id: str
    valid_ns: int
    latitude_deg: float
    longitude_deg: float
    position_sigma_m: float  # larger of the two axes
    east_mps: float | None = None
    north_mps: float | None = None
    height_hae_m: float | None = None
    height_sigma_m: float | None = None
    pressure_altitude_m: float | None = None
    icao24: int | None = None
    mode3a: int | None = None
    callsign: str | None = None
    emitter_category: str | None = None
    object_class: str | None = None
    on_ground: bool | None = None
    contributors: tuple[str, ...] = ()  # other nations whose tracks were fused into it


def track_rule(rules: ReleaseRules, reader: str, track: OwnTrack) -> TrackRule | None:
    """The rule under which a track goes to a nation; None where it does not."""
    for rule in rules.tracks:
        if reader not in rule.to:
            continue
        if rule.classes is not None and track.object_class not in rule.classes:
            continue
        place = (track.latitude_deg, track.longitude_deg)
        if rule.zone is not None and not rules.zones[rule.zone].holds(*place):
            continue
        passed_on = {*rule.onward, reader}
        return rule if passed_on.issuperset(track.contributors) else None
    return None


def released_track(rule: TrackRule, reader: str, track: OwnTrack, secret: bytes) -> ReleasedTrack:
    """What a rule lets through of a track; ``secret`` makes the pseudonyms."""
    latitude_deg, longitude_deg = _rounded(track.latitude_deg, track.longitude_deg, rule.position_m)
    fields = {name for field in rule.fields for name in TRACK_FIELDS[field]}
    values: dict[str, Any] = {name: getattr(track, name) for name in sorted(fields)}
    if values.get("height_hae_m") is not None:
        values["height_hae_m"] = _stepped(values["height_hae_m"], rule.height_m)
        values["height_sigma_m"] = max(1.0, hypot(track.height_sigma_m or 0.0, rule.height_m / 2))
    elif "height_sigma_m" in values:
        values["height_sigma_m"] = None
    if values.get("pressure_altitude_m") is not None:
        values["pressure_altitude_m"] = _stepped(values["pressure_altitude_m"], rule.height_m)
    return ReleasedTrack(
        track_id=pseudonym(secret, reader, track.track_id),
        valid_ns=track.valid_ns,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        position_sigma_m=min(1e6, max(1.0, hypot(track.position_sigma_m, rule.position_m / 2))),
        **values,
    )


def alert_rule(rules: ReleaseRules, reader: str, alert: Alert) -> AlertRule | None:
    """The rule under which an alert goes to a nation; None where it does not."""
    for rule in rules.alerts:
        if reader not in rule.to:
            continue
        if rule.zone is not None:
            if alert.latitude_deg is None or alert.longitude_deg is None:
                continue
            if not rules.zones[rule.zone].holds(alert.latitude_deg, alert.longitude_deg):
                continue
        return rule
    return None


def released_alert(rule: AlertRule, alert: Alert) -> Alert:
    """What a rule lets through of an alert."""
    fields = {name for field in rule.fields for name in ALERT_FIELDS[field]}
    values: dict[str, Any] = {name: getattr(alert, name) for name in sorted(fields)}
    if values.get("latitude_deg") is not None and values.get("longitude_deg") is not None:
        values["latitude_deg"], values["longitude_deg"] = _rounded(
            values["latitude_deg"], values["longitude_deg"], rule.position_m
        )
    return Alert(
        incident_id=alert.incident_id, revision=alert.revision, status=alert.status, **values
    )


def latest_valid_ns(rule: TrackRule, now_ns: int) -> int:
    """The newest state that a rule lets through at ``now_ns``."""
    return now_ns - int(rule.delay_s * SECOND_NS)


def pseudonym(secret: bytes, reader: str, track_id: str) -> str:
    """The name of a track to one reader: the same as long as the track lives, another to each reader."""
    return sha256(secret + b"\n" + reader.encode() + b"\n" + track_id.encode()).hexdigest()[:16]


def _stepped(value: float, step: float) -> float:
    return value if step <= 0 else round(value / step) * step


def _rounded(latitude_deg: float, longitude_deg: float, width_m: float) -> tuple[float, float]:
    if width_m <= 0:
        return latitude_deg, longitude_deg
    step_deg = width_m / _DEGREE_M
    latitude = max(-90.0, min(90.0, _stepped(latitude_deg, step_deg)))
    # the step in longitude comes from the rounded latitude, so that it tells nothing of the true one
    across_deg = min(360.0, step_deg / max(0.01, cos(radians(latitude))))
    return latitude, max(-180.0, min(180.0, _stepped(longitude_deg, across_deg)))
