"""Flight plans that were given: until when they say anything, and their routes by the track that each is of."""

from collections.abc import Iterable, Mapping
from typing import Final

from vedette.model.assessment import Assessment
from vedette.model.report import FlightPlan, Report
from vedette.model.time import SECOND_NS

PLANS: Final = 100_000  # callsigns that are remembered
_HOUR_NS: Final = 3_600 * SECOND_NS
# ICAO Doc 4444: a plan is filed no more than 120 hours before the aircraft leaves (4.4.2.1), and its elapsed
# time has two digits of hours (appendix 2, item 16)
AHEAD_NS: Final = 120 * _HOUR_NS
LONGEST_NS: Final = 100 * _HOUR_NS


def planned_until_ns(plan: FlightPlan, heard_ns: int) -> int:
    """Until when a plan shows that somebody gives us plans; 0: its date cannot be right, and it shows nothing.

    While they are given, that none fits an object counts against it: one wrong date must not make that for good.
    """
    if plan.departure_ns > heard_ns + AHEAD_NS:
        return 0
    return min(plan.arrival_ns, plan.departure_ns + LONGEST_NS)


Route = tuple[tuple[float, float], ...]


class PlanRoutes:
    """What identity says of a plan is a callsign; its way points are what prediction needs."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}  # empty: several plans of this callsign that differ

    def hear(self, reports: Iterable[Report]) -> None:
        """Plans among the reports of a tick. One without way points, or filed twice with others, gives none."""
        for report in reports:
            if not isinstance(report, FlightPlan) or len(report.route) < 2:
                continue
            known = self._routes.get(report.callsign)
            if known is None and len(self._routes) >= PLANS:
                continue
            self._routes[report.callsign] = report.route if known in (None, report.route) else ()

    def of_tracks(self, assessments: Mapping[str, Assessment]) -> dict[str, Route]:
        """Way points by track_id, of tracks that a plan with way points fits."""
        if not self._routes:
            return {}
        return {
            track_id: route
            for track_id, known in assessments.items()
            if known.flight_plan is not None and (route := self._routes.get(known.flight_plan))
        }
