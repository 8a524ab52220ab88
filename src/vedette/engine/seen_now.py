"""Who sees the object of each open incident now, and for how long kinds of sensor have, without a break."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vedette.fusion.picture import FusionState
from vedette.fusion.seen import LATELY_MIN_S, seen_lately
from vedette.model.incident import Incident
from vedette.model.time import SECOND_NS


class Sight(NamedTuple):
    """Who sees one object."""

    track_id: str
    sensors: tuple[str, ...] = ()
    since_ns: Mapping[str, int] = {}  # by kind of sensor

    def agreed_s(self, now_ns: int) -> float:
        """For how long the same two kinds have seen it; 0 while no two do."""
        begun = sorted(self.since_ns.values())
        return (now_ns - begun[1]) / SECOND_NS if len(begun) > 1 else 0.0


class SeenNow:
    """Sights of the incidents that are open; of one that is closed, as it was when last it was open."""

    def __init__(self) -> None:
        self._sights: dict[str, Sight] = {}
        self._now_ns: int | None = None

    def tick(
        self,
        incidents: Iterable[Incident],
        picture: FusionState,
        kinds: Mapping[str, str],
        now_ns: int,
    ) -> None:
        """Look again.

        Args:
            incidents: all; those that are closed are not looked at.
            picture: of ``fusion`` at ``now_ns``.
            kinds: of sensors, where known; what is of no known kind agrees with nothing.
            now_ns: time of this look. After a gap nothing is known to have gone on without a break.
        """
        last_ns, self._now_ns = self._now_ns, now_ns
        broken = last_ns is None or now_ns - last_ns > LATELY_MIN_S * SECOND_NS
        open_ = [incident for incident in incidents if incident.status != "closed"]
        seen = seen_lately(picture, [incident.track_id for incident in open_], now_ns)
        for incident in open_:
            track_id, key = incident.track_id, incident.incident_id
            before = self._sights.get(key)
            since: Mapping[str, int] = {}
            if before is not None and before.track_id == track_id and not broken:
                since = before.since_ns
            self._sights[key] = Sight(
                track_id,
                seen[track_id],
                {kinds[name]: since.get(kinds[name], now_ns) for name in seen[track_id] if name in kinds},
            )  # fmt: skip

    def of(self, incident: Incident) -> Sight:
        """The sight of an incident at the last look; nobody's where there was none."""
        return self._sights.get(incident.incident_id, Sight(incident.track_id))
