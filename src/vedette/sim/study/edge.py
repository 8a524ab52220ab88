"""The alliance's edge, place by place: how often somebody has looked in time, in each posture.

The edge is every border of a member's sovereign airspace with what belongs to no member: a neighbour's airspace or
the open sea. Against each place one kind of intruder comes straight in. Near each place stands one radar; the
nearest airfields of the list keep aircraft on alert. All that is alike everywhere: what differs is geography.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, NamedTuple

import msgspec
import numpy as np
import shapely
import yaml

from vedette.airspace.edges import WGS84
from vedette.airspace.index import ZoneIndex
from vedette.airspace.states import near_states
from vedette.model.columns import Floats
from vedette.model.errors import RuleError, SettingError
from vedette.model.zone import ZoneKind
from vedette.response.timing import Spread
from vedette.sim.study.base import Base, shipped_bases
from vedette.sim.study.change import changed
from vedette.sim.study.draws import Draws, Kept
from vedette.sim.study.estimate import Estimate, share
from vedette.sim.study.life import COUNCIL_STEPS, live
from vedette.sim.study.study import Intruder, Place, Radar, Ready, StepName, Study, Watch
from vedette.sim.study.times import Times

FILE: Final = "edge.yaml"
POSTURES: Final = {
    "alert": "aircraft on alert at the nearest airfields of any member",
    "alone": "the state's own airfields only",
    "raised": "as alert, with crews in their seats",
    "delegation": "as alert, and the watch may send them without asking",
    "patrol": "as alert, and a patrol is up 60 km behind the edge",
}
SPACING_M: Final = 100_000.0  # of the places, where nothing else is asked for
_STEP_M: Final = 2_500.0  # to either side, to see whose it is
_NEAREST: Final = 3  # airfields
_FAR_M: Final = 1_500_000.0  # nobody is sent farther
_RADAR_INWARD_M: Final = 20_000.0
_RADAR_AGL_M: Final = 100.0
_RADAR_RANGE_M: Final = 400_000.0
_PATROL_INWARD_M: Final = 60_000.0
_OWNED: Final[tuple[ZoneKind, ...]] = ("sovereign",)
_SMALL_RING: Final = 0.5  # of the spacing: rings shorter than that are rocks


class EdgePlace(NamedTuple):
    """One place of the edge."""

    state: str
    latitude_deg: float
    longitude_deg: float
    inward_deg: float  # azimuth into the state
    beyond: str | None  # the neighbour's; None: open sea


class EdgeIntruder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of intruder of ``edge.yaml``."""

    id: str
    text: str
    object_class: str
    height_agl_m: Spread
    speed_mps: Spread
    inside_s: Spread
    ends: Literal["leaves", "falls", "lost"]
    inward_m: float
    outward_m: float
    sees: float
    found: float
    source: str


class EdgeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One place."""

    state: str
    beyond: str | None
    latitude_deg: float
    longitude_deg: float
    in_time: dict[str, Estimate]  # by posture
    nearest: str  # airfield
    nearest_m: float | None


class StateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All places of one member's edge, each with the same weight."""

    state: str
    places: int
    in_time: dict[str, float]  # mean over the places, by posture
    least: float  # of the places, in the posture "alert"


@cache
def edge_intruders() -> dict[str, EdgeIntruder]:
    """The kinds of intruder, by id."""
    data = (files("vedette") / "data" / "studies" / FILE).read_bytes()
    try:
        found = msgspec.convert(yaml.safe_load(data), list[EdgeIntruder])
        for one in found:
            for spread in (one.height_agl_m, one.speed_mps, one.inside_s):
                spread.check()
    except (msgspec.ValidationError, ValueError) as error:
        raise RuleError(f"{FILE}: {error}") from error
    return {one.id: one for one in found}


def edge(zones: ZoneIndex, spacing_m: float, states: Sequence[str] = ()) -> list[EdgePlace]:
    """Places along the edge, about ``spacing_m`` apart; of some states, or of all.

    Raises:
        SettingError: a state has no sovereign airspace of a member.
    """
    members = {
        zone.state: row
        for row, zone in enumerate(zones.zones)
        if zone.kind == "sovereign" and zone.member and zone.state is not None
    }
    strangers = sorted(set(states) - set(members))
    if strangers:
        near = near_states(strangers[0], members) if len(strangers) == 1 else ""
        raise SettingError(f"{', '.join(strangers)}: no member{near}")
    out = []
    for state, row in sorted(members.items()):
        if states and state not in states:
            continue
        for part in shapely.get_parts(zones.geometries[row]):
            out += _ring(zones, row, state, shapely.get_coordinates(part.exterior), spacing_m)
    return out


def _ring(
    zones: ZoneIndex, row: int, state: str, ring: Floats, spacing_m: float
) -> list[EdgePlace]:
    _, _, lengths = WGS84.inv(ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1])
    along = np.append(0.0, np.cumsum(lengths))
    if along[-1] < _SMALL_RING * spacing_m:
        return []
    count = max(1, round(along[-1] / spacing_m))
    at = (np.arange(count) + 0.5) * along[-1] / count
    leg = np.minimum(np.searchsorted(along, at, side="right") - 1, len(lengths) - 1)
    rest = (at - along[leg]) / np.maximum(along[leg + 1] - along[leg], 1e-9)
    place = ring[leg] + (ring[leg + 1] - ring[leg]) * rest[:, None]
    # the course of the border over some kilometres, not of one short edge
    back, fore = (_at(ring, along, at + shift) for shift in (-_STEP_M, _STEP_M))
    course, _, _ = WGS84.inv(back[:, 0], back[:, 1], fore[:, 0], fore[:, 1])
    right = np.asarray(course) + 90.0
    sides = [_moved(place, right + turn, _STEP_M) for turn in (0.0, 180.0)]
    owners = [_owners(zones, side) for side in sides]
    found = []
    for k in range(count):
        for inward, (ours, theirs) in enumerate(
            ((owners[0][k], owners[1][k]), (owners[1][k], owners[0][k]))
        ):
            if row not in ours or any(zones.zones[other].member for other in theirs):
                continue
            beyond = sorted(zones.zones[other].state or "" for other in theirs)
            found.append(
                EdgePlace(
                    state, float(place[k, 1]), float(place[k, 0]),
                    float((right[k] + 180.0 * inward) % 360.0), beyond[0] if beyond else None,
                )
            )  # fmt: skip
    return found


def _at(ring: Floats, along: Floats, at: Floats) -> Floats:
    where = np.mod(at, along[-1])
    return np.column_stack([np.interp(where, along, ring[:, k]) for k in (0, 1)])


def _moved(place: Floats, azimuth_deg: Floats, metres: float) -> Floats:
    x, y, _ = WGS84.fwd(place[:, 0], place[:, 1], azimuth_deg, np.full(len(place), metres))
    return np.column_stack((x, y))


def _owners(zones: ZoneIndex, places: Floats) -> list[set[int]]:
    out: list[set[int]] = [set() for _ in places]
    rows, which = zones.locate(places[:, 1], places[:, 0], _OWNED)
    for row, zone in zip(rows.tolist(), which.tolist(), strict=True):
        out[row].add(zone)
    return out


def study_of(
    place: EdgePlace, kind: EdgeIntruder, goal: StepName = "looked_at", *, doubts: bool = False
) -> Study:
    """The study of one place in the posture "alert".

    Args:
        place: of the edge.
        kind: of intruder.
        goal: the step in question.
        doubts: also count that a radar may never make a track of it, and that who is there may not find it.
            Without them what is left is the race against time, which is what differs from place to place.
    """

    def off(metres: float, turn_deg: float = 0.0) -> Place:
        x, y, _ = WGS84.fwd(
            place.longitude_deg, place.latitude_deg, place.inward_deg + turn_deg, metres
        )
        return float(y), float(x)

    entry = (place.latitude_deg, place.longitude_deg)
    inside: list[Place] = [entry, off(kind.inward_m)]
    if kind.ends == "leaves":
        inside.append(off(0.5 * kind.inward_m, 80.0))  # back to the edge a little to the right
    radar = off(_RADAR_INWARD_M)
    return Study(
        format="vedette-study/1",
        id="edge",
        title="one place of the edge",
        about=kind.text,
        state=place.state,
        intruder=Intruder(
            object_class=kind.object_class,
            before=(off(kind.outward_m, 180.0),),
            inside=tuple(inside),
            height_agl_m=kind.height_agl_m,
            speed_mps=kind.speed_mps,
            inside_s=kind.inside_s,
            ends=kind.ends,
            before_over="sea" if place.beyond is None else "state",
        ),
        watch=Watch(
            radars=(
                Radar(
                    name="radar", latitude_deg=radar[0], longitude_deg=radar[1],
                    antenna_agl_m=_RADAR_AGL_M, range_m=_RADAR_RANGE_M,
                ),
            ),
            sees=kind.sees if doubts else 1.0,
        ),
        ready=tuple(Ready(base=base.code) for _, base in nearest_bases(place)),
        patrol=off(_PATROL_INWARD_M),
        authority="commander",
        asked="looked_at",
        found=kind.found if doubts else 1.0,
        goal=goal,
        assumptions=("alike everywhere",),
    )  # fmt: skip


def nearest_bases(place: EdgePlace, state: str | None = None) -> list[tuple[float, Base]]:
    """The nearest airfields, of one state or of all, with their distance [m]."""
    known = [base for base in shipped_bases().values() if state is None or base.state == state]
    if not known:
        return []
    x, y = (
        np.array([getattr(b, name) for b in known]) for name in ("longitude_deg", "latitude_deg")
    )
    _, _, metres = WGS84.inv(
        np.full(len(x), place.longitude_deg), np.full(len(x), place.latitude_deg), x, y
    )
    order = np.argsort(metres, kind="stable")[:_NEAREST]
    return [(float(metres[k]), known[k]) for k in order if metres[k] <= _FAR_M]


def posture_of(study: Study, place: EdgePlace, posture: str) -> Study:
    """The study of a place in a posture."""
    if posture == "alert":
        return study
    if posture == "alone":
        ready = tuple(Ready(base=base.code) for _, base in nearest_bases(place, place.state))
        return msgspec.structs.replace(study, ready=ready)
    return changed(study, posture) or study


def readiness(
    places: Sequence[EdgePlace],
    kind: EdgeIntruder,
    times: Times,
    seed: int,
    worlds: int,
    postures: Sequence[str] = tuple(POSTURES),
    goal: StepName = "looked_at",
    told: Callable[[int], Any] | None = None,
    *,
    doubts: bool = False,
) -> Iterator[EdgeAnswer]:
    """Each place's answer; ``doubts`` as of ``study_of``.

    All places and postures meet the same luck, so that what differs is the place; what chance does
    to one it does to all.

    Raises:
        SettingError: there is no such posture, or the goal is a step of the council, which no place decides.
    """
    if goal in COUNCIL_STEPS:
        raise SettingError(f"{goal} is the same at every place; ask for a step before the council")
    strangers = [posture for posture in postures if posture not in POSTURES]
    if strangers:
        raise SettingError(f"no posture {strangers[0]!r}; there are {', '.join(POSTURES)}")
    shares = Kept(Draws(seed, 0, worlds))
    for k, place in enumerate(places):
        study = study_of(place, kind, goal, doubts=doubts)
        found = {}
        for posture in postures:
            lived = live(posture_of(study, place, posture), times, shares, council=False)
            found[posture] = share(lived.done_s[goal] <= lived.gone_s)
        near = nearest_bases(place)
        yield EdgeAnswer(
            state=place.state,
            beyond=place.beyond,
            latitude_deg=round(place.latitude_deg, 4),
            longitude_deg=round(place.longitude_deg, 4),
            in_time=found,
            nearest=near[0][1].code if near else "",
            nearest_m=float(round(near[0][0])) if near else None,
        )
        if told is not None:
            told(k + 1)


def by_state(answers: Sequence[EdgeAnswer]) -> list[StateAnswer]:
    """Means over each member's edge; who has the least first."""
    out = []
    for state in sorted({answer.state for answer in answers}):
        own = [answer for answer in answers if answer.state == state]
        postures = own[0].in_time
        first = next(iter(postures))
        out.append(
            StateAnswer(
                state=state,
                places=len(own),
                in_time={
                    posture: round(float(np.mean([a.in_time[posture].value for a in own])), 4)
                    for posture in postures
                },
                least=round(min(a.in_time[first].value for a in own), 4),
            )
        )
    return sorted(out, key=lambda row: next(iter(row.in_time.values())))
