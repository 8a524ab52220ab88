"""Routes of the flight plans that were given, by the track that identity found each to be of."""

from collections.abc import Iterable, Mapping
from typing import Final

from vedette.model.assessment import Assessment
from vedette.model.report import FlightPlan, Report

PLANS: Final = 100_000  # callsigns that are remembered

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
