"""The integrity monitor in a run: what it found, for the stages, for the ledger and for people."""

from typing import Final

import pyarrow as pa

from vedette.identity import monitor
from vedette.identity.interference import InterferenceMap, interference
from vedette.identity.monitor import Finding, Verdicts
from vedette.identity.settings import IdentitySettings
from vedette.model.assessment import Assessment
from vedette.model.incident import Incident
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

_MAP_EVERY_NS: Final = 10 * SECOND_NS
_AFFECTED: Final = frozenset({"suspected_spoofing", "suspected_interference"})


class Integrity:
    """What is found of the word of each aircraft, and where navigation is disturbed."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._settings = settings
        self._state = monitor.initial()
        self.verdicts: Verdicts = monitor.nothing()
        self.map = InterferenceMap(from_ns=0, to_ns=0)
        self._mapped_ns = self._told_ns = self._now_ns = 0

    def tick(
        self, plots: pa.Table, sensors: tuple[Sensor, ...], now_ns: int
    ) -> tuple[tuple[Finding, ...], InterferenceMap | None]:
        """Verdicts that changed, and the map where it is due to be told: as it changes, and by the clock."""
        settings = self._settings
        self._state, self.verdicts = monitor.step(settings, self._state, plots, sensors, now_ns)
        self._now_ns = now_ns
        if now_ns - self._mapped_ns < _MAP_EVERY_NS and not self.verdicts.changed:
            return (), None
        before = {(c.latitude_deg, c.longitude_deg) for c in self.map.disturbed()}
        self.map, self._mapped_ns = interference(settings, self._state, now_ns), now_ns
        after = {(c.latitude_deg, c.longitude_deg) for c in self.map.disturbed()}
        if not self._told_ns:
            self._told_ns = now_ns
        due = now_ns - self._told_ns >= int(settings.monitor.map_s * SECOND_NS)
        if not due and before == after:
            return self.verdicts.changed, None
        self._told_ns = now_ns
        return self.verdicts.changed, self.map

    def findings(self) -> list[Finding]:
        """What is found of all aircraft now, by their names."""
        return monitor.findings(self._settings, self._state, self._now_ns)

    def disturbed(self, incident: Incident, assessment: Assessment | None) -> bool | None:
        """Whether satellite navigation is disturbed where an object is, or for the object itself."""
        if assessment is not None and _AFFECTED & set(assessment.integrity):
            return True
        return self.map.at(incident.latitude_deg, incident.longitude_deg)
