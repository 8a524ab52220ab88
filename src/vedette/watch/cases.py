"""What makes an object an incident, and the incident as it stands: one case for each object."""

import hashlib
import math
from base64 import b32encode
from collections.abc import Iterable
from typing import Final

import msgspec

from vedette.model.assessment import Assessment
from vedette.model.incident import (
    Bounds,
    Crossing,
    HandOver,
    Incident,
    IncidentCause,
    IncidentStatus,
    Moment,
)
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.watch.passage import Passage, crossing, crossings
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Watched

BREACH_KINDS: Final = frozenset(
    {"restricted", "prohibited", "danger", "ctr", "atz", "uas", "temporary", "shield"}
)

Key = tuple[str, str, int]  # track, zone, begun


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an object is: what an incident says of it beside its crossings."""

    valid_ns: int
    latitude_deg: float
    longitude_deg: float
    pressure_altitude_m: float | None
    height_hae_m: float | None
    height_sigma_m: float | None  # of that
    ground_speed_mps: float
    track_angle_rad: float
    sigma_m: float
    sensors: tuple[str, ...]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An incident in the making: what its next revision is built from."""

    incident_id: str
    opened_ns: int
    track_id: str
    status: IncidentStatus
    causes: tuple[IncidentCause, ...]
    place: Place
    revision: int = 0
    group_id: str | None = None
    passages: dict[Key, Passage] = {}
    predicted: tuple[Crossing, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    joined: tuple[str, ...] = ()
    disputed: dict[Key, Passage] = {}
    emitted: tuple[object, ...] = ()  # what the last revision said that matters
    emitted_ns: int = 0
    icao24: int | None = None
    measured_ns: int = 0  # last measurement of its track
    ended_ns: int | None = None  # when its track ended; None while it is in the picture

    def ordered(self) -> list[tuple[str, Passage]]:
        """Its passages with their tracks, by entry."""
        return sorted(((key[0], passage) for key, passage in self.passages.items()), key=_entry)

    def first(self) -> Passage | None:
        """The first of them."""
        found = ((key[0], passage) for key, passage in self.passages.items())
        return min(found, key=_entry)[1] if self.passages else None


def _entry(item: tuple[str, Passage]) -> tuple[int, str, str]:
    return item[1].entered.estimate_ns, item[1].zone.zone_id, item[0]


def identifier(prefix: str, *parts: object) -> str:
    """``prefix`` and ten characters that follow from the parts alone.

    >>> identifier("I", "track", "zone", 0) == identifier("I", "track", "zone", 0)
    True
    """
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return prefix + b32encode(digest)[:10].decode()


def is_member_airspace(zone: Zone) -> bool:
    """Sovereign airspace of a member."""
    return zone.kind == "sovereign" and zone.member


def explained(assessment: Assessment | None) -> bool:
    """Whether an authority for the flight is known."""
    return assessment is not None and assessment.explained_by is not None


def _fell_silent(watched: Watched, assessment: Assessment | None) -> bool:
    """Whether a lawful flight is heard no more, so that its last known authority holds until it is measured anew.

    Not where the assessment tells more than silence: a voice that is still fresh and has no authority any more
    (it was withdrawn), or an object that a person found not to be civil.
    """
    if assessment is None:
        return watched.silent
    told = assessment.cooperative or assessment.civil == "excluded"
    return watched.silent and not told


def lawful(watched: Watched, assessment: Assessment | None) -> bool:
    """Whether a flight has a known authority, now or when it was last measured."""
    return explained(assessment) or _fell_silent(watched, assessment)


def unfounded(assessment: Assessment | None) -> bool:
    """Whether its place is nothing but its own word, judged false: no ground for any crossing."""
    return assessment is not None and "position_not_believed" in assessment.integrity


def concerns(zone: Zone) -> bool:
    """Whether passages of the zone may belong to an incident at all."""
    return is_member_airspace(zone) or zone.kind in BREACH_KINDS


def passage_cause(
    settings: WatchSettings,
    watched: Watched,
    passage: Passage,
    assessment: Assessment | None,
    now_ns: int,
) -> IncidentCause | None:
    """Why a passage is an incident; None when it is none, or not yet known to be one.

    An object that nobody saw enter may always have been there: it counts only when it is not cooperative, and
    after a time of grace in which it may still be explained.
    """
    if lawful(watched, assessment) or not concerns(passage.zone) or not watched.confirmed:
        return None
    if unfounded(assessment):
        return None
    grace_ns = int(settings.grace_s * SECOND_NS)
    if assessment is None and now_ns - passage.begun_ns < grace_ns:
        return None
    if passage.unseen:
        own_voice = assessment.cooperative if assessment else watched.icao24 is not None
        if own_voice or now_ns - passage.begun_ns < grace_ns:
            return None
    return "unexplained_crossing" if is_member_airspace(passage.zone) else "zone_breach"


def predicted_crossing(
    track_id: str,
    zone: Zone,
    probability: float,
    eta_ns: tuple[int, int, int],
    now_ns: int,
    horizon_s: float,
) -> Crossing:
    """A crossing that has not begun. ``eta_ns``: low, estimate, high; -1 where a straight course has none."""
    low_ns, estimate_ns, high_ns = eta_ns
    end_ns = now_ns + int(horizon_s * SECOND_NS)
    estimate_ns = end_ns if estimate_ns < 0 else estimate_ns
    nothing = Bounds(estimate=0.0, low=0.0, high=0.0)
    return Crossing(
        track_id=track_id,
        zone_id=zone.zone_id,
        state=zone.state,
        entered=Moment(
            estimate_ns=estimate_ns,
            low_ns=min(now_ns if low_ns < 0 else low_ns, estimate_ns),
            high_ns=max(end_ns if high_ns < 0 else high_ns, estimate_ns),
        ),
        left=None,
        inside_s=nothing,
        depth_m=nothing,
        probability=probability,
        predicted=True,
    )


def merged_causes(
    old: tuple[IncidentCause, ...], new: Iterable[IncidentCause]
) -> tuple[IncidentCause, ...]:
    """Causes in the order in which they arose; none is ever taken back."""
    result = list(old)
    for cause in new:
        if cause not in result:
            result.append(cause)
    return tuple(result)


def status_of(
    case: Case, *, authorised: bool, helped: bool, predicted: tuple[Crossing, ...]
) -> IncidentStatus:
    """Where an incident whose track is in the picture stands.

    Args:
        case: with its passages up to date.
        authorised: an authority for the flight is known and nothing else is wrong.
        helped: it needs help.
        predicted: crossings expected now.
    """
    if authorised:
        return "closed"
    if helped or any(not passage.final for passage in case.passages.values()):
        return "open"
    if predicted:
        return "open" if case.passages else "predicted"
    return "closed"


def _shown(case: Case) -> tuple[object, ...]:
    """All of a case that makes a new revision when it changes."""
    return (
        case.status,
        case.causes,
        case.group_id,
        case.track_id,
        case.joined,
        tuple(
            (track_id, p.zone.zone_id, p.begun_ns, p.gone_ns is None, p.settled, p.final, p.lost)
            for track_id, p in case.ordered()
        ),
        tuple(c.zone_id for c in case.predicted),
        tuple((h.zone_id, h.told_ns, h.entered_ns, h.withdrawn_ns) for h in case.hand_overs),
        tuple((*key, p.gone_ns is None) for key, p in case.disputed.items()),
    )


def revised(settings: WatchSettings, case: Case, now_ns: int) -> tuple[Case, Incident | None]:
    """The case, and its next revision where something changed or the last one is too old."""
    shown = _shown(case)
    alive = case.status in ("open", "predicted")
    stale = alive and now_ns - case.emitted_ns >= int(settings.revision_s * SECOND_NS)
    if shown == case.emitted and not stale:
        return case, None
    case = msgspec.structs.replace(
        case, revision=case.revision + 1, emitted=shown, emitted_ns=now_ns
    )
    return case, published(case, now_ns)


def published(case: Case, now_ns: int) -> Incident:
    """The incident that people and the next stages see."""
    begun = [
        crossing(
            passage,
            track_id,
            passage.zone.state,
            now_ns,
            case.measured_ns if track_id == case.track_id else None,
        )
        for track_id, passage in case.ordered()
    ]
    place = case.place
    return Incident(
        incident_id=case.incident_id,
        revision=case.revision,
        group_id=case.group_id,
        status=case.status,
        causes=case.causes,
        track_id=case.track_id,
        opened_ns=case.opened_ns,
        valid_ns=now_ns,
        crossings=(*begun, *case.predicted),
        latitude_deg=place.latitude_deg,
        longitude_deg=place.longitude_deg,
        pressure_altitude_m=place.pressure_altitude_m,
        ground_speed_mps=place.ground_speed_mps,
        track_angle_rad=place.track_angle_rad,
        sensors=place.sensors,
        height_hae_m=place.height_hae_m,
        height_sigma_m=place.height_sigma_m,
        hand_overs=case.hand_overs,
        joined=case.joined,
        disputed=tuple(
            reading
            for key, passage in case.disputed.items()
            for reading in crossings(passage, key[0], now_ns)
        ),
    )


def could_be(settings: WatchSettings, case: Case, found: Watched, place: Place) -> float | None:
    """How far [m] a new track is from where a lost object should be; None when it cannot be the object.

    The same 24-bit address is the same object while the incident is remembered. Without one, the place must be
    within what a manoeuvre since then allows, and the new track must not have existed beside the old one.
    """
    if case.ended_ns is None:
        return None
    if case.icao24 is not None and found.icao24 is not None:
        return 0.0 if case.icao24 == found.icao24 else None
    gap_s = (place.valid_ns - case.place.valid_ns) / SECOND_NS
    overlaps = found.first_ns < case.measured_ns - 10 * SECOND_NS
    if not 0.0 <= gap_s <= settings.reacquire_s or overlaps:
        return None
    speed, course = case.place.ground_speed_mps, case.place.track_angle_rad
    north_m = speed * math.cos(course) * gap_s
    east_m = speed * math.sin(course) * gap_s
    north = math.radians(place.latitude_deg - case.place.latitude_deg) * 6_371_008.8 - north_m
    wrapped = math.remainder(place.longitude_deg - case.place.longitude_deg, 360.0)
    east = math.radians(wrapped) * 6_371_008.8 * math.cos(math.radians(place.latitude_deg)) - east_m
    # it may have turned back, but not have gone further than its speed allows
    manoeuvre_m = min(0.5 * settings.reacquire_mps2 * gap_s**2, 2.0 * speed * gap_s)
    allowed_m = settings.reacquire_m + manoeuvre_m + 3.0 * (place.sigma_m + case.place.sigma_m)
    away_m = math.hypot(north, east)
    return away_m if away_m <= allowed_m else None
