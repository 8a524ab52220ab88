"""What may be different beforehand: changes of a study, each played in the same worlds as the study itself."""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from vedette.airspace.edges import WGS84
from vedette.council.decision import populations
from vedette.model.errors import SettingError
from vedette.sim.study.study import Place, Radar, Ready, Study

_MISSING: Final = (
    "ISL"  # who is out of reach where nobody foreign is ready: any member tells the same
)
_RADAR_AGL_M: Final = 30.0
_RADAR_RANGE_M: Final = 100_000.0
_PATROL_SHARE: Final = (
    0.35  # of the way from the entry to the nearest base, where a patrol would be
)
SHORT_SILENCE_H: Final = 2.0

_replace = msgspec.structs.replace


class Change(NamedTuple):
    """One change; ``make`` gives None where there is nothing to change."""

    id: str
    text: str
    make: Callable[[Study], Study | None]


def nearest(study: Study) -> list[tuple[float, str, str, Place]]:
    """Distance to the entry [m], name, state and place of all that is kept ready, the nearest first."""
    latitude, longitude = study.intruder.inside[0]
    found = []
    for name, state, place, _ in study.bases():
        _, _, metres = WGS84.inv(longitude, latitude, place[1], place[0])
        found.append((float(metres), name, state, place))
    return sorted(found)


def without(study: Study, state: str) -> Study | None:
    """A study without what one state gives, and without its voice."""
    ready = tuple(
        one
        for one, (_, owner, _, _) in zip(study.ready, study.bases(), strict=True)
        if owner != state
    )
    council = _replace(
        study.council, unreachable=tuple(sorted({*study.council.unreachable, state}))
    )
    return _replace(study, ready=ready, council=council)


def _delegation(study: Study) -> Study | None:
    if study.delegated and study.council.beforehand:
        return None
    return _replace(study, delegated=True, council=_replace(study.council, beforehand=True))


def _commander(study: Study) -> Study | None:
    if study.authority == "commander" and study.asked == "correlated":
        return None
    return _replace(study, authority="commander", asked="correlated")


def _patrol(study: Study) -> Study | None:
    if any(one.readiness == "airborne" for one in study.ready):
        return None
    place = study.patrol
    if place is None:
        near = nearest(study)
        latitude, longitude = study.intruder.inside[0]
        if not near:
            return None
        base = near[0][3]
        place = (
            latitude + _PATROL_SHARE * (base[0] - latitude),
            longitude + _PATROL_SHARE * (base[1] - longitude),
        )
    patrol = Ready(name="patrol", at=place, state=study.state, readiness="airborne")
    return _replace(study, ready=(*study.ready, patrol))


def _raised(study: Study) -> Study | None:
    if all(one.readiness != "alert" for one in study.ready):
        return None
    ready = tuple(
        _replace(one, readiness="raised") if one.readiness == "alert" else one
        for one in study.ready
    )
    return _replace(study, ready=ready)


def _radar(study: Study) -> Study | None:
    latitude, longitude = study.intruder.inside[0]
    radar = Radar(
        name="one more", latitude_deg=latitude, longitude_deg=longitude,
        antenna_agl_m=_RADAR_AGL_M, range_m=_RADAR_RANGE_M,
    )  # fmt: skip
    return _replace(study, watch=_replace(study.watch, radars=(*study.watch.radars, radar)))


def _neighbour(study: Study) -> Study | None:
    neighbour = study.watch.neighbour
    if neighbour is None or neighbour.tells == 1.0:
        return None
    return _replace(study, watch=_replace(study.watch, neighbour=_replace(neighbour, tells=1.0)))


def _silence(study: Study) -> Study | None:
    if study.council.silence_h <= SHORT_SILENCE_H:
        return None
    return _replace(study, council=_replace(study.council, silence_h=SHORT_SILENCE_H))


def _missing(study: Study) -> Study | None:
    foreign = [state for _, _, state, _ in nearest(study) if state != study.state]
    return without(study, foreign[0] if foreign else _MISSING)


CHANGES: Final = (
    Change("delegation", "the watch may send aircraft to look, agreed beforehand by all", _delegation),
    Change("commander", "a commander decides, and is asked at once", _commander),
    Change("raised", "crews sit ready in their aircraft", _raised),
    Change("patrol", "a patrol is already up", _patrol),
    Change("radar", "one more radar stands where it came in", _radar),
    Change("neighbour", "the neighbour always passes the track on", _neighbour),
    Change("silence", f"silence of {SHORT_SILENCE_H:g} h instead", _silence),
    Change("missing", "one state is missing", _missing),
)  # fmt: skip


def changed(study: Study, change_id: str) -> Study | None:
    """A study with one change; ``without:STATE`` too. None where it is so already.

    Raises:
        SettingError: there is no such change.
    """
    if change_id.startswith("without:"):
        state = change_id.removeprefix("without:")
        if state not in populations("nato"):
            raise SettingError(f"{change_id}: {state} has no part in it; alpha-3 codes of members")
        return without(study, state)
    for change in CHANGES:
        if change.id == change_id:
            return change.make(study)
    raise SettingError(
        f"no change {change_id!r}; there are {', '.join(c.id for c in CHANGES)} and without:STATE"
    )
