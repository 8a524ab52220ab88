"""The situation of one object as the rules see it: typed facts, each of which may be unknown.

``None`` means unknown and is never read as "no". Facts of our own record ("a person has stated a
hostile act") are False while nobody has said so, and unknown on a node that is cut off, because
somebody may have said so elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from vedette.model.act import Act
from vedette.model.assessment import CREWED_CIVIL, Assessment, Identity, ObjectClass
from vedette.model.incident import Crossing, Incident
from vedette.model.person import person_of
from vedette.model.zone import Zone

Where = Literal["outside", "international", "approaching", "inside", "another_state"]
Civil = Literal["confirmed", "possible", "excluded"]


class Situation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All facts about one object that a rule may read; SI units."""

    # who and what
    identity: Identity | None = None
    civil: Civil | None = None
    object_class: ObjectClass | None = None  # "unknown" is read as not known
    class_probability: float | None = None
    crewed_civil_probability: float | None = None  # of all crewed civil classes and of "unknown"
    cooperative: bool | None = None
    plan_fits: bool | None = None  # one of the plans that we hold fits
    plan_like: bool | None = None  # silent, it flies or lately flew as a plan says
    plans_held: bool | None = None  # somebody gives us flight plans
    civil_reply_lately: bool | None = None  # on this track or one that ended where it begins
    keeps_route: bool | None = None
    needs_heard: bool | None = None  # a feed could tell of a flight in need
    civil_feed: bool | None = None  # replies are heard, or plans are held
    explained: bool | None = None
    civil_sign: bool | None = None  # a person has denied K1, K2 or K3
    friend_candidate: bool | None = None
    third_state_stray: bool | None = None
    # needs and messages
    radio_failure: bool | None = None
    radio_contact_lost: bool | None = None
    emergency: bool | None = None
    unlawful_interference: bool | None = None
    crew_not_responding: bool | None = None
    threat_message: bool | None = None
    radio_answered: bool | None = None
    # where and how it moves
    where: Where | None = None
    state: str | None = None  # ISO 3166-1 alpha-3, of the airspace it is in or heads for
    member: bool | None = None
    inside_s: float | None = None
    depth_m: float | None = None
    position_error_m: float | None = None  # 95 %, track and border together
    leaving: bool | None = None
    speed_mps: float | None = None
    height_m: float | None = None
    off_route: bool | None = None  # or in a restricted area
    heading_to_site: bool | None = None  # populated or critical
    impact_on_member: bool | None = None
    drifting: bool | None = None  # with the wind, as a balloon
    at_aerodrome: bool | None = None
    track_lost: bool | None = None
    group_size: int | None = None
    # stated by people
    hostile_act: bool | None = None
    armed_type_seen: bool | None = None
    identity_set_alone: bool | None = None  # lately, without a second signature
    # surroundings
    gnss_interference: bool | None = None
    air_defence_active: bool | None = None
    host_has_fighters: bool | None = None
    # how well we see
    sensor_count: int | None = None
    sensor_kind_count: int | None = None
    kinds_agree_s: float | None = (
        None  # for so long the same two kinds have seen it without a break
    )
    reported_by_people_only: bool | None = None
    sensors_healthy: bool | None = None
    replay: bool | None = None
    exercise: bool | None = None
    node_isolated: bool | None = None


FACT_WORDS: Final[Mapping[str, str]] = {
    "identity": "identity",
    "civil": "civil aircraft",
    "object_class": "class",
    "class_probability": "probability of the class",
    "crewed_civil_probability": "probability of a crewed civil class",
    "cooperative": "replies or broadcasts",
    "plan_fits": "a flight plan that we hold fits",
    "plan_like": "it flies as a plan says, without its mark",
    "plans_held": "flight plans are given to us",
    "civil_reply_lately": "it lately spoke as a civil aircraft may",
    "keeps_route": "it keeps to a published route",
    "needs_heard": "a feed could tell of a flight in need",
    "civil_feed": "a feed or plans could tell a civil flight",
    "explained": "its flight has a known authority",
    "civil_sign": "a person found a sign of a civil flight",
    "friend_candidate": "a friendly flight may fit",
    "third_state_stray": "a person says it strayed from a friendly or third state",
    "radio_failure": "radio failure (7600)",
    "radio_contact_lost": "radio contact lost",
    "emergency": "emergency or distress",
    "unlawful_interference": "unlawful interference",
    "crew_not_responding": "the crew does not respond",
    "threat_message": "a threat message was received",
    "radio_answered": "the crew answered",
    "where": "place",
    "state": "state",
    "member": "a member's airspace",
    "inside_s": "seconds inside",
    "depth_m": "metres inside",
    "position_error_m": "the error of position and border",
    "leaving": "leaving",
    "speed_mps": "speed (m/s)",
    "height_m": "height (m)",
    "off_route": "off its route or in a restricted area",
    "heading_to_site": "heads for people or a critical site",
    "impact_on_member": "predicted to fall on a member",
    "drifting": "drifts with the wind",
    "at_aerodrome": "at an aerodrome",
    "track_lost": "track lost",
    "group_size": "tracks in its group",
    "hostile_act": "a person stated a hostile act",
    "armed_type_seen": "a person saw an armed type",
    "identity_set_alone": "one person alone has lately set its identity",
    "gnss_interference": "satellite navigation is disturbed",
    "air_defence_active": "air defence is active nearby",
    "host_has_fighters": "the state has own fighters on alert",
    "sensor_count": "contributing sensors",
    "sensor_kind_count": "kinds of sensor",
    "kinds_agree_s": "seconds for which two kinds have seen it",
    "reported_by_people_only": "reported by people only",
    "sensors_healthy": "sensors healthy",
    "replay": "replayed data",
    "exercise": "exercise",
    "node_isolated": "this node is cut off",
}

# What a person may state at the desk by confirm_check or deny_check with the fact as subject.
STATEMENTS: Final = frozenset(
    {
        "hostile_act", "armed_type_seen", "radio_answered", "threat_message", "crew_not_responding",
        "third_state_stray", "friend_candidate", "impact_on_member", "heading_to_site", "leaving",
        "off_route", "drifting", "at_aerodrome", "gnss_interference", "air_defence_active",
    }
)  # fmt: skip
# False while nobody has said so; the others of STATEMENTS are unknown until somebody says so.
NOT_SAID: Final = (
    "hostile_act", "armed_type_seen", "radio_answered", "threat_message", "third_state_stray",
    "impact_on_member", "civil_sign", "identity_set_alone",
)  # fmt: skip
_NEEDS: Final = (
    "radio_failure", "radio_contact_lost", "emergency", "unlawful_interference",
    "crew_not_responding",
)  # fmt: skip
# Those of which a yes can lead nearer to a question of force; of every other statement only a no can.
NEARER: Final = frozenset({"hostile_act", "armed_type_seen", "heading_to_site"})
# Of which a yes can lead to guiding a civil aircraft away (M08 in R04).
_GUIDING: Final = frozenset({"off_route"})
# Those of which a yes speaks for more than asking: said of one track they say nothing of another.
OPENING: Final = NEARER | _GUIDING | {"threat_message", "impact_on_member", "air_defence_active"}
CIVIL_CHECKS: Final = frozenset({"K1", "K2", "K3"})  # a person's "no" to one is a civil sign


class FeedHealth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far what we see can be trusted; None is unknown, and unknown closes."""

    sensors_healthy: bool | None = None
    replay: bool | None = None
    exercise: bool | None = None
    node_isolated: bool | None = False
    replies_heard: bool | None = None  # a live feed could tell whether it replies or broadcasts
    plans_held: bool | None = None  # somebody gives us flight plans
    needs_heard: bool | None = None  # replies or reports of air traffic services come in
    gnss_interference: bool | None = None
    sensor_kinds: dict[str, str] = {}  # sensor_id to SensorKind, where known
    seen_now: tuple[str, ...] | None = None  # sensors that see it now, not those that once did
    kinds_agree_s: float | None = None  # for so long the same two kinds have, without a break


def situation_of(
    incident: Incident,
    assessment: Assessment | None,
    zones: Mapping[str, Zone],
    health: FeedHealth,
    acts: Sequence[Act],
    now_ns: int,
    group_size: int | None,
    *,
    near_border: bool = False,
) -> Situation:
    """Facts about the object of an incident.

    Args:
        incident: its latest revision.
        assessment: of its track; None leaves class, civil status and needs unknown.
        zones: by zone_id; a crossing of a zone that is not here is of unknown status.
        health: of the feeds.
        acts: what people stated; ``advise.step`` adds those it has kept from earlier.
        now_ns: acts after it are not yet said.
        group_size: tracks in the group of the incident, itself included.
        near_border: it is now no deeper inside than the error of its place and of the border, however deep it
            was: that it is in a member's airspace is then not known (P09, F01).
    """
    facts = _who(assessment) | _place(incident, zones) | _sensing(incident, health)
    if facts.get("where") == "inside" and (near_border or _in_dispute(incident, zones)):
        facts["member"] = None  # P14: what is unsettled is read in the stricter way
    if facts.get("cooperative") is False and health.replies_heard is not True:
        facts["cooperative"] = None  # that nobody listens is not that it is silent
    facts["speed_mps"] = incident.ground_speed_mps
    facts["height_m"] = incident.pressure_altitude_m
    facts["group_size"] = group_size
    facts["track_lost"] = incident.status == "lost" or any(
        crossing.lost_inside for crossing in incident.crossings
    )
    breached = [
        zones[crossing.zone_id].kind
        for crossing in incident.crossings
        if crossing.zone_id in zones and crossing.left is None and not crossing.predicted
    ]
    if "zone_breach" in incident.causes and {"restricted", "prohibited", "danger"} & set(breached):
        facts["off_route"] = True
    for name in NOT_SAID:
        facts.setdefault(name, None if health.node_isolated is not False else False)
    return state_facts(msgspec.convert(facts, Situation), about(acts, incident), now_ns)


def _who(assessment: Assessment | None) -> dict[str, object]:
    if assessment is None:
        return {"identity": "pending"}  # new and not yet evaluated
    probabilities = assessment.class_probabilities
    may_be = frozenset(assessment.may_be_civil)
    crewed = sum(probabilities.get(name, 0.0) for name in (*CREWED_CIVIL, "unknown"))
    return {
        "identity": assessment.identity,
        "civil": assessment.civil,
        "object_class": None if assessment.object_class == "unknown" else assessment.object_class,
        "class_probability": assessment.class_probability,
        "crewed_civil_probability": crewed if probabilities else None,
        "cooperative": assessment.cooperative,
        "plan_fits": assessment.flight_plan is not None,
        "plan_like": "plan" in may_be,
        "civil_reply_lately": not may_be.isdisjoint({"spoke", "replied", "lost_flight"}),
        "keeps_route": "route" in may_be,
        "explained": assessment.explained_by is not None,
        "friend_candidate": True if assessment.identity in ("friend", "assumed_friend") else None,
        **{need: need in assessment.needs for need in _NEEDS},
    }


def _place(incident: Incident, zones: Mapping[str, Zone]) -> dict[str, object]:
    """Where it is, in the order of what matters: inside a member, about to be, over another state."""
    current = [c for c in incident.crossings if c.left is None and not c.predicted]
    if incident.status == "closed":  # told afterwards: as it was during its last passage
        current = [c for c in incident.crossings if not c.predicted][-1:]
    expected = [c for c in incident.crossings if c.predicted and c.left is None]
    known = [c for c in current if c.zone_id in zones]
    for crossing in known:
        if _sovereign(zones[crossing.zone_id]) and zones[crossing.zone_id].member:
            return _inside(crossing, zones[crossing.zone_id])
    if len(known) < len(current) or any(zones[c.zone_id].kind == "disputed" for c in known):
        return {"where": None}  # whose airspace this is cannot be said
    for crossing in expected:
        zone = zones.get(crossing.zone_id)
        if zone is not None and _sovereign(zone) and zone.member:
            return {"where": "approaching", "state": zone.state, "member": True}
    for crossing in known:
        zone = zones[crossing.zone_id]
        if _sovereign(zone):
            return {"where": "another_state", "state": zone.state, "member": False}
    return {"where": "outside", "member": False}


def _sovereign(zone: Zone) -> bool:
    return zone.kind == "sovereign"


def _in_dispute(incident: Incident, zones: Mapping[str, Zone]) -> bool:
    """Whether it is over an area that two states hold to be theirs, whichever of them has it by default."""
    current = [c for c in incident.crossings if c.zone_id in zones]
    over = [c for c in current if zones[c.zone_id].kind == "disputed"]
    return any(c.left is None and not c.predicted for c in (*incident.disputed, *over))


def _inside(crossing: Crossing, zone: Zone) -> dict[str, object]:
    # half the 95 % interval of depth, and never less than twice the accuracy of the border as drawn
    error_m = max((crossing.depth_m.high - crossing.depth_m.low) / 2.0, 2.0 * zone.boundary_sigma_m)
    return {
        "where": "inside",
        "state": zone.state,
        "member": True,
        "inside_s": crossing.inside_s.estimate,
        "depth_m": crossing.depth_m.estimate,
        "position_error_m": error_m,
        "leaving": True if crossing.left is not None else None,
    }


def _sensing(incident: Incident, health: FeedHealth) -> dict[str, object]:
    """How well it is seen. Those that see it now count; what a radar once saw is no mere report of people."""
    ever = {health.sensor_kinds.get(sensor) for sensor in incident.sensors}
    now = health.seen_now
    kinds = None if now is None else {health.sensor_kinds.get(sensor) for sensor in now}
    return {
        "sensor_count": None if now is None else len(set(now)),
        "sensor_kind_count": None if kinds is None or None in kinds else len(kinds),
        "kinds_agree_s": health.kinds_agree_s,
        "reported_by_people_only": ever == {"person"} if ever and None not in ever else None,
        "sensors_healthy": health.sensors_healthy,
        "replay": health.replay,
        "exercise": health.exercise,
        "node_isolated": health.node_isolated,
        "plans_held": health.plans_held,
        "needs_heard": health.needs_heard,
        "civil_feed": _either(health.replies_heard, health.plans_held),
        "gnss_interference": health.gnss_interference,
    }


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def about(acts: Sequence[Act], incident: Incident) -> list[Act]:
    """Acts of named persons about an incident or its track, in the order of their time.

    An incident may go on with another track, or take in another incident that turned out to be the same object:
    what was said of the one before is then kept only where it speaks for asking first. A no to a check, and
    "it may be civil", follow their track into whatever incident that is now part of. Of what is said in one
    instant that which speaks for asking first is the last word.
    """
    return sorted(
        (act for act in not_withdrawn(acts) if person_of(act.person) and _concerns(act, incident)),
        key=turn,
    )


def not_withdrawn(acts: Sequence[Act]) -> list[Act]:
    """Acts without those whose key was revoked, and without the word that says so."""
    gone = {act.subject for act in acts if act.kind == "withdraw"}
    return [act for act in acts if act.kind != "withdraw" and act.act_id not in gone]


def opens(act: Act) -> bool:
    """Whether an act can lead nearer to a question of force, or to M08; every other one only informs or closes."""
    if act.kind == "set_identity":
        return act.value in ("suspect", "hostile", "civil_excluded")
    if act.kind == "confirm_check":
        return act.subject not in STATEMENTS or act.subject in NEARER | _GUIDING
    return act.kind == "deny_check" and act.subject in STATEMENTS and act.subject not in NEARER


def turn(act: Act) -> tuple[int, bool, str]:
    """Where an act comes among others: of one instant the milder word is the last."""
    return act.valid_ns, _milder(act), act.act_id


def _concerns(act: Act, incident: Incident) -> bool:
    own = act.track_id == incident.track_id
    if act.incident_id != incident.incident_id:
        if own and (act.incident_id is None or _refuses(act)):
            return True
        return act.incident_id in incident.joined and _closes(act)
    if own or act.track_id is None or act.subject not in STATEMENTS:
        return True
    return _closes(act)


def _refuses(act: Act) -> bool:
    """A no to a check or an item of the gate, or the word that it may be civil."""
    if act.kind == "set_identity":
        return act.value == "civil_possible"
    return act.kind == "deny_check" and act.subject not in STATEMENTS


def _closes(act: Act) -> bool:
    """Whatever object it is said of, it can only lead to asking first."""
    if act.subject not in STATEMENTS:
        return _refuses(act)
    if act.kind == "confirm_check":
        return act.subject not in OPENING
    return act.subject in NEARER and act.subject in NOT_SAID


def _milder(act: Act) -> bool:
    """Of two that contradict each other, the one that speaks for asking first."""
    if act.kind == "set_identity":
        return act.value not in ("suspect", "hostile", "civil_excluded")
    if act.subject in STATEMENTS and act.subject not in NEARER:
        return act.kind == "confirm_check"
    return act.kind == "deny_check"


def state_facts(situation: Situation, acts: Sequence[Act], now_ns: int) -> Situation:
    """The situation with what people stated about it; the last word of each person counts.

    A statement that one person makes and another denies is taken as made: neither outvotes the other.
    Nobody's no takes away what the system itself holds true. While one person says that it may be civil, no
    other has excluded it.
    """
    said: dict[str, dict[str, bool]] = {}
    signs: dict[tuple[str, str], bool] = {}
    doubts: dict[str, bool] = {}
    for act in acts:
        if act.valid_ns > now_ns:
            continue
        if act.kind == "set_identity" and act.value in ("civil_possible", "civil_excluded"):
            doubts[person_of(act.person)] = act.value == "civil_possible"
        if act.kind not in ("confirm_check", "deny_check"):
            continue
        yes = act.kind == "confirm_check"
        if act.subject in STATEMENTS and act.words.strip():
            said.setdefault(act.subject, {})[person_of(act.person)] = yes
        elif act.subject in CIVIL_CHECKS:
            signs[act.subject, person_of(act.person)] = not yes
    changes: dict[str, object] = {
        fact: any(persons.values()) or getattr(situation, fact) is True
        for fact, persons in sorted(said.items())
    }
    if any(signs.values()):
        changes["civil_sign"] = True
    if any(doubts.values()) and situation.civil == "excluded":
        changes["civil"] = "possible"
    return msgspec.structs.replace(situation, **changes) if changes else situation
