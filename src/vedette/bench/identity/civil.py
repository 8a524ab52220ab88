"""Recorded flights through identity and response: which rows of the rules a civil one matches."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from vedette.bench import recordings
from vedette.bench.identity.classes import FITTED_ON, SCORED_ON, labelled
from vedette.bench.identity.flights import AGES_S, recorded, watched
from vedette.bench.identity.labels import database
from vedette.bench.row import Note, Row
from vedette.identity.settings import IdentitySettings
from vedette.model.assessment import CREWED_CIVIL, Assessment
from vedette.model.incident import Bounds, Crossing, Incident, Moment
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.response.evaluate import completed, judge
from vedette.response.rule_set import RuleSet, shipped_rules
from vedette.response.situation import FeedHealth, situation_of

# rows of military aircraft, drones, raids and missiles: no civil flight may match one
FORBIDDEN: Final = ("R12", "R13", "R14", "R15", "R16", "R17", "R18", "R22", "R23")
_ALSO: Final = ("border_control_channel_2020-04-17",)
_ZONES: Final = {
    "sovereign:EST": Zone(
        zone_id="sovereign:EST",
        kind="sovereign",
        name="Estonia",
        state="EST",
        member=True,
        source="",
    )
}
_HEALTH: Final = FeedHealth(
    sensors_healthy=True,
    replay=False,
    exercise=False,
    replies_heard=True,
    sensor_kinds={"radar": "psr"},
)


def _incident(one: Assessment, *, inside: bool) -> Incident:
    """The worst that a place can say: five minutes unexplained within a member, ten kilometres deep."""
    at_ns = one.valid_ns
    entered = Moment(
        estimate_ns=at_ns - 300 * SECOND_NS,
        low_ns=at_ns - 305 * SECOND_NS,
        high_ns=at_ns - 295 * SECOND_NS,
    )
    crossing = Crossing(
        track_id=one.track_id,
        zone_id="sovereign:EST",
        state="EST",
        entered=entered,
        left=None,
        inside_s=Bounds(estimate=300.0, low=290.0, high=310.0),
        depth_m=Bounds(estimate=10_000.0, low=9_500.0, high=10_500.0),
        probability=1.0,
        predicted=not inside,
        lost_inside=False,
    )
    return Incident(
        incident_id=f"I{one.track_id}",
        revision=1,
        group_id=None,
        status="open",
        causes=("unexplained_crossing",),
        track_id=one.track_id,
        opened_ns=at_ns,
        valid_ns=at_ns,
        crossings=(crossing,),
        latitude_deg=59.2,
        longitude_deg=26.0,
        pressure_altitude_m=None,
        ground_speed_mps=200.0,
        track_angle_rad=0.0,
        sensors=("radar",),
    )


def standing(one: Assessment, rules: RuleSet, *, inside: bool) -> dict[str, str]:
    """Rows that stand for an object, and how, were it an incident of its own in or before a member's airspace."""
    situation = situation_of(
        _incident(one, inside=inside), one, _ZONES, _HEALTH, (), one.valid_ns, 1
    )
    return dict(judge(rules, completed(situation, rules), {}, {}).standing)


def rows(seed: int, quick: bool) -> Iterator[Row | Note]:
    """Rows matched by civil flights, and how many stay UNKNOWN."""
    folder, known = recordings.folder(), database()
    if folder is None or known is None:
        yield Note(
            "civil flights skipped: VEDETTE_RECORDINGS names no folder of recordings, or VEDETTE_AIRCRAFT "
            "none with an aircraft database"
        )
        return
    names = (*SCORED_ON, *FITTED_ON, *_ALSO)
    rules, settings = shipped_rules(), IdentitySettings()
    for silent in (False, True):
        flights: set[str] = set()
        hit: Counter[str] = Counter()
        kept: Counter[str] = Counter()
        identities: Counter[str] = Counter()
        for name in names[1:] if quick else names:
            path = folder / f"{name}.parquet"
            if not path.exists():
                continue
            found = recorded(path)
            labels = labelled(found, known)
            for seen in watched(settings, found, silent=silent, seed=seed, ages_s=AGES_S):
                for one, k in zip(seen.assessments, seen.which, strict=True):
                    if labels[k] is not None and labels[k] not in CREWED_CIVIL:
                        continue  # a state aircraft; one in no database counts as civil
                    flights.add(f"{name}/{k}")
                    identities[one.identity] += 1
                    for inside in (True, False):
                        for rule, how in standing(one, rules, inside=inside).items():
                            if rule in FORBIDDEN:
                                (hit if how == "applies" else kept)[rule] += 1
        looks = sum(identities.values())
        how = "as if silent" if silent else "as heard"
        yield Row(
            area="identity",
            name=f"looks at civil flights that match R12-R18, R22, R23, {how}",
            value=float(sum(hit.values())),
            unit=f"of {2 * looks}",
            target="" if silent else "0",
            note=f"{len(flights)} flights, each as an incident in and before a member's airspace; by row "
            f"{dict(sorted(hit.items()))}; kept to inform, undecided: {dict(sorted(kept.items()))}",
        )
        yield Row(
            area="identity",
            name=f"civil flights left UNKNOWN, {how}",
            value=100.0 * identities["unknown"] / max(looks, 1),
            unit="%",
            note=str(dict(identities)),
        )
