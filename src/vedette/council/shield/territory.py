"""Whose territory the volume of a shield lies over, and what that leaves of it."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.airspace.polygon import area_km2
from vedette.council.shield.proposal import Proposal, outline
from vedette.model.probability import area, percent

# of the outline: a boundary drawn along a border by hand strays over it; what strays is cut off
STRAY_SHARE_MAX: Final = 0.01


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the outline over one state; ``state`` None: over nobody's."""

    state: str | None
    member: bool
    area_km2: float
    share: float
    shape: Any  # longitude and latitude [degrees]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the states should know of a proposal; ``grave``: it cannot be put like this."""

    where: str
    words: str
    grave: bool


def grounds(proposal: Proposal, sovereign: ZoneIndex) -> tuple[Ground, ...]:
    """The outline by state, the largest part first; then what lies over nobody's territory."""
    shape = outline(proposal.volume)
    total = area_km2(shape)
    by_state: dict[tuple[str, bool], Any] = {}
    rest = shape
    for row in _rows(sovereign, shape):
        zone = sovereign.zones[row]
        if zone.kind != "sovereign" or zone.state is None:
            continue
        part = shapely.intersection(sovereign.geometries[row], shape)
        if part.is_empty or shapely.area(part) == 0.0:
            continue
        key = (zone.state, zone.member)
        part = _areas(part)
        by_state[key] = shapely.union(by_state[key], part) if key in by_state else part
        rest = shapely.difference(rest, part)
    found = [
        Ground(state=state, member=member, area_km2=area_km2(part), share=area_km2(part) / total, shape=part)
        for (state, member), part in by_state.items()
    ]  # fmt: skip
    found.sort(key=lambda ground: (-ground.area_km2, ground.state or ""))
    rest = _areas(rest)
    left = area_km2(rest)
    if left > 1e-6 * total:
        found.append(
            Ground(state=None, member=False, area_km2=left, share=left / total, shape=rest)
        )
    return tuple(found)


def findings(
    proposal: Proposal, found: Sequence[Ground], sovereign: ZoneIndex
) -> tuple[Finding, ...]:
    """What is to be said of the territory: hosts that are none, states that are reached and do not host."""
    out = [
        Finding(where="territory", grave=True, words=f"no part of the volume lies over {state}")
        for state in sorted(proposal.hosts - {ground.state for ground in found})
    ]
    for ground in found:
        size = f"{area(ground.area_km2)} ({percent(ground.share, 1)})"
        if ground.state is None:
            words = f"{size} lie over nobody's territory: no host's law applies there, no zone is made of it"
            out.append(Finding(where="volume.boundary", grave=False, words=words))
        elif ground.state not in proposal.hosts:
            grave = ground.share > STRAY_SHARE_MAX
            then = "name it as a host or draw the boundary along its border" if grave else "cut off"
            words = f"{size} lie over {ground.state}, which is no host: {then}"
            out.append(Finding(where="volume.boundary", grave=grave, words=words))
    shape = outline(proposal.volume)
    for row in _rows(sovereign, shape):
        zone = sovereign.zones[row]
        if zone.kind == "disputed" and shapely.intersects(sovereign.geometries[row], shape):
            words = f"reaches into {zone.name}, claimed by {', '.join(zone.claims)}"
            out.append(Finding(where="volume.boundary", grave=False, words=words))
    return tuple(out)


def _rows(sovereign: ZoneIndex, shape: Any) -> list[int]:
    geometries = np.asarray(sovereign.geometries, dtype=object)
    near = shapely.intersects(
        shapely.box(*shapely.bounds(geometries).T), shapely.box(*shape.bounds)
    )
    return [int(row) for row in np.flatnonzero(near)]


def _areas(shape: Any) -> Any:
    """The polygons of what an intersection left, without lines and points."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    parts += [
        piece
        for part in shapely.get_parts(shape)
        if part.geom_type == "MultiPolygon"
        for piece in shapely.get_parts(part)
    ]
    return shapely.MultiPolygon(parts) if len(parts) != 1 else parts[0]
