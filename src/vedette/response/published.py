"""Published incidents as situations: the facts of a record of the incidents schema, as far as it has them.

Schema 0.1: a mapping with ``incidents``, each with ``id``, ``category``, ``states_violated``,
``object``, ``detection`` and so on; null is unknown. The engine is asked as if it stood in the state
whose airspace was entered. Free text is read for a few plain marks only (balloon, "visual", "lost").
"""

from typing import Any

import msgspec

from vedette.model.errors import RuleError
from vedette.response.case import verdict_on
from vedette.response.evaluate import Verdict
from vedette.response.rule_set import RuleSet, read_yaml
from vedette.response.situation import Situation

# no record says how accurate its position was: 500 m (design choice) stands for sensor and border
_ERROR_M = 500.0
_NO_TIME_INSIDE = ("airport_disruption", "balloon")


class _Object(msgspec.Struct, frozen=True, kw_only=True):
    vclass: str = "unknown"
    type: str | None = None
    count: int | None = None
    origin: str | None = None
    transponder_on: bool | None = None
    flight_plan: bool | None = None
    radio_contact: bool | None = None


class _Detection(msgspec.Struct, frozen=True, kw_only=True):
    by: str | None = None
    tracked: bool | None = None
    note: str | None = None


class _Derived(msgspec.Struct, frozen=True, kw_only=True):
    do_not_engage: bool | None = None


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What we read of a record; the rest is left alone."""

    id: str
    title: str = ""
    category: str = ""
    states_violated: tuple[str, ...] = ()
    in_nato_airspace: bool | None = None
    object: _Object = _Object()
    duration_s: float | None = None
    depth_km: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    transponder_on: bool | None = None
    flight_plan: bool | None = None
    radio_contact: bool | None = None
    detection: _Detection = _Detection()
    derived: _Derived = _Derived()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's answer to one record."""

    id: str
    output: str
    force_question: str
    expected: str  # of the force question: never admissible, or only behind the whole gate
    agrees: bool
    rules: tuple[str, ...]
    measures: tuple[str, ...]
    title: str


def load_published(data: bytes, source: str) -> tuple[Published, ...]:
    """Records of a file of the incidents schema (YAML or JSON).

    Raises:
        RuleError: it is none; names the record.
    """
    raw = read_yaml(source, data)
    records = raw.get("incidents") if isinstance(raw, dict) else raw
    if not isinstance(records, list):
        raise RuleError(f"{source}: needs a list of incidents")
    result = []
    for index, record in enumerate(records, start=1):
        name = record.get("id", index) if isinstance(record, dict) else index
        try:
            result.append(msgspec.convert(record, Published))
        except msgspec.ValidationError as error:
            raise RuleError(f"{source}: incident {name}: {error}") from error
    return tuple(result)


def situation_of_published(record: Published, rules: RuleSet) -> Situation:
    """The facts of a record; what it does not say stays unknown."""
    thing, seen = record.object, record.detection
    told = f"{seen.by or ''} {seen.note or ''} {thing.origin or ''}".lower()
    object_class = _class(thing)
    civil = object_class in ("airliner", "ga_aircraft")
    replies = _first(record.transponder_on, thing.transponder_on)
    plan = _first(record.flight_plan, thing.flight_plan)
    radio = _first(record.radio_contact, thing.radio_contact)
    inside = bool(record.states_violated) or bool(record.in_nato_airspace)
    timed = record.category not in _NO_TIME_INSIDE
    sound = True if seen.tracked else None
    facts: dict[str, Any] = {
        "identity": "neutral" if civil and (plan or replies) else "unknown",
        "civil": "confirmed" if civil else "possible",
        "object_class": object_class,
        "cooperative": replies,
        "plan_fits": bool(plan),
        # that there was none was said by who had looked; of what is not said nobody knows who looked
        "plans_held": None if plan is None else True,
        "plan_like": False if plan is False else None,
        "civil_reply_lately": None if replies is None else replies,
        "needs_heard": None if radio is None else True,
        "civil_sign": False,
        "radio_failure": False,
        "radio_contact_lost": civil and radio is False,
        "emergency": False,
        "unlawful_interference": False,
        "crew_not_responding": False,
        "threat_message": False,
        "radio_answered": radio is True,
        "where": "inside" if inside else "international",
        "state": _state(record, rules),
        "member": record.in_nato_airspace,
        "inside_s": record.duration_s if timed else None,
        "depth_m": None if record.depth_km is None else record.depth_km * 1000.0,
        "position_error_m": _ERROR_M,
        "leaving": True if timed and (record.duration_s or 1e9) < 60 else None,
        "speed_mps": record.speed_mps,
        "height_m": record.altitude_m,
        "at_aerodrome": record.category == "airport_disruption",
        "impact_on_member": record.category in ("missile_defence", "missile_impact"),
        "track_lost": "lost" in told,
        "group_size": thing.count,
        "hostile_act": False,
        "armed_type_seen": False,
        "third_state_stray": "stray" in told,
        "gnss_interference": True if "satellite navigation" in told else None,
        "air_defence_active": True if "air defence" in (seen.by or "").lower() and civil else None,
        "reported_by_people_only": False if seen.tracked else "visual" in told or None,
        "sensor_count": 2 if sound else None,  # "tracked" is read as: soundly, by more than one
        "sensors_healthy": sound,
        "exercise": "exercise" in told,
        "replay": False,
        "node_isolated": "without its links" in told,
        "off_route": True if civil and "off track" in told else None,
    }
    return msgspec.convert(facts, Situation)


def answer(record: Published, rules: RuleSet) -> Answer:
    """What the engine says of a record, and whether that is what the record expects.

    Nobody has confirmed anything, so that no record may come out admissible.
    """
    verdict: Verdict = verdict_on(rules, situation_of_published(record, rules))
    return Answer(
        id=record.id,
        output=verdict.output,
        force_question=verdict.force_question,
        expected=(
            "not admissible"
            if record.derived.do_not_engage
            else "not admissible until a human authority's whole gate is confirmed"
        ),
        agrees=verdict.force_question != "admissible",
        rules=tuple(verdict.standing),
        measures=tuple(sorted(verdict.measures)),
        title=record.title,
    )


def _first(*values: bool | None) -> bool | None:
    return next((value for value in values if value is not None), None)


def _class(thing: _Object) -> str | None:
    kind, text = thing.vclass, (thing.type or "").lower()
    if kind == "missile":
        return "ballistic_missile" if "ballistic" in text else "cruise_missile"
    if kind == "drone":
        return "drone_long_range"
    if kind in ("airliner", "ga_aircraft", "military_aircraft", "balloon", "bird"):
        return kind
    return None


def _state(record: Published, rules: RuleSet) -> str | None:
    if not record.states_violated:
        return None
    first = record.states_violated[0]
    return next((iso3 for iso3, host in rules.hosts.items() if host.iso2 == first), first)
