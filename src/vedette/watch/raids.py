"""Raids: incidents whose objects entered one state at about the same time, place and course."""

from bisect import bisect_left
from collections.abc import Iterable, Set

import msgspec
import numpy as np

from vedette.model.time import SECOND_NS
from vedette.watch.cases import Case, identifier
from vedette.watch.membership import angle_between_rad
from vedette.watch.passage import Passage
from vedette.watch.path import ground_distance_m
from vedette.watch.settings import WatchSettings


class Raids:
    """Cases by the state that their objects entered and when, so that each is compared with few others."""

    def __init__(self, settings: WatchSettings, cases: Iterable[Case]) -> None:
        self._settings = settings
        self._by_state: dict[str, list[tuple[int, str, Passage]]] = {}
        for case in cases:
            first = case.first()
            if first is None or first.zone.state is None or case.status == "closed":
                continue
            entry = first.entered.estimate_ns, case.incident_id, first
            self._by_state.setdefault(first.zone.state, []).append(entry)
        for entries in self._by_state.values():
            entries.sort(key=lambda entry: entry[:2])

    def mates(self, case: Case) -> list[str]:
        """Other open incidents that entered the same state together with this one, by id."""
        first = case.first()
        if first is None or first.zone.state is None:
            return []
        entries = self._by_state.get(first.zone.state, [])
        apart_ns = int(self._settings.group_s * SECOND_NS)
        begin_ns, end_ns = (first.entered.estimate_ns + sign * apart_ns for sign in (-1, 1))
        found = []
        for k in range(bisect_left(entries, begin_ns, key=lambda entry: entry[0]), len(entries)):
            entered_ns, incident_id, other = entries[k]
            if entered_ns > end_ns:
                break
            if incident_id != case.incident_id and _beside(self._settings, first, other):
                found.append(incident_id)
        return sorted(found)


def _beside(settings: WatchSettings, one: Passage, other: Passage) -> bool:
    if angle_between_rad(one.course_rad, other.course_rad) > settings.group_course_rad:
        return False
    where = (np.array([p.latitude_deg, p.longitude_deg]) for p in (one, other))
    return ground_distance_m(*where) <= settings.group_m


def tied(settings: WatchSettings, cases: dict[str, Case], touched: Set[str]) -> set[str]:
    """Tie incidents whose objects entered one state together.

    Args:
        settings: how near in time, place and course.
        cases: by incident_id; those that are tied are changed in it.
        touched: incidents that changed: of them each that is in no group is looked at.

    Returns:
        The incidents that have come into a group.
    """
    alone = [i for i in sorted(touched) if cases[i].group_id is None]
    raids = Raids(settings, cases.values() if alone else ())
    changed: set[str] = set()
    for incident_id in alone:
        case = cases[incident_id]
        mates = raids.mates(case) if case.group_id is None else []
        if not mates:
            continue
        known = sorted(g for m in mates if (g := cases[m].group_id) is not None)
        group_id = known[0] if known else identifier("G", min(incident_id, mates[0]))
        for member in (incident_id, *mates):
            if cases[member].group_id is None:
                cases[member] = msgspec.structs.replace(cases[member], group_id=group_id)
                changed.add(member)
    return changed
