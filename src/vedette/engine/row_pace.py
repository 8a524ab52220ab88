"""How often feeds of state vectors give a row of each object, found from the rows themselves.

A receiver's table or a server's answer states no pace, and what keeps a row every ten seconds is no less a
sensor than what keeps one each second. Without its pace, fusion would end a track before the next row.
"""

from statistics import median
from typing import Any, Final, NamedTuple, cast

import numpy as np
import pyarrow as pa

from vedette.fusion.sites import UNLISTED
from vedette.model.columns import integers
from vedette.model.sensor import Sensor, SensorKind
from vedette.model.time import SECOND_NS

STATE_VECTORS: Final = frozenset({"table", "opensky", "readsb"})  # decoders whose rows have a pace
GAP_MAX_NS: Final = 120 * SECOND_NS  # a longer one is a break
GAPS: Final = 5  # of each object that are remembered
OBJECTS: Final = 20_000
RESTATED_NS: Final = 10 * SECOND_NS  # between two looks at all objects
CHANGED: Final = 1.25  # times slower or faster, below which a pace stands
_NUMBERED: Final = 1 << 24  # track numbers lie above 24-bit addresses


class _Heard(NamedTuple):
    last_ns: int
    gaps_ns: tuple[int, ...]


class RowPace:
    """The pace of one sensor: the median over its objects of the median gap between rows of each."""

    def __init__(self, sensor_id: str, kind: SensorKind) -> None:
        self.sensor_id, self.kind = sensor_id, kind
        self.sensor: Sensor | None = None  # None: as quick as what is not listed is taken to be
        self._heard: dict[int, _Heard] = {}
        self._newest_ns = 0
        self._looked_ns = -RESTATED_NS

    def hear(self, object_: int, valid_ns: int) -> None:
        """A row of an object."""
        before = self._heard.get(object_)
        self._newest_ns = max(self._newest_ns, valid_ns)
        if before is None:
            if len(self._heard) >= OBJECTS:
                self._forget()
            self._heard[object_] = _Heard(valid_ns, ())
            return
        gap_ns = valid_ns - before.last_ns
        if gap_ns <= 0:
            return
        gaps = (*before.gaps_ns[1 - GAPS :], gap_ns) if gap_ns <= GAP_MAX_NS else before.gaps_ns
        self._heard[object_] = _Heard(valid_ns, gaps)

    def _forget(self) -> None:
        limit_ns = self._newest_ns - GAP_MAX_NS
        self._heard = {k: h for k, h in self._heard.items() if h.last_ns >= limit_ns}
        while len(self._heard) >= OBJECTS:  # more at once than we keep: the first heard go
            del self._heard[next(iter(self._heard))]

    def look(self) -> None:
        """State the pace anew where it has changed."""
        if self.sensor is not None and self._newest_ns - self._looked_ns < RESTATED_NS:
            return
        paces = [median(h.gaps_ns) for h in self._heard.values() if h.gaps_ns]
        if not paces:
            return
        self._looked_ns = self._newest_ns
        sigma_m, least_s = UNLISTED[self.kind]
        period_s = max(round(median(paces) / SECOND_NS, 1), least_s)
        held_s = least_s if self.sensor is None else self.sensor.period_s
        if held_s / CHANGED < period_s < held_s * CHANGED:
            return
        self.sensor = Sensor(
            sensor_id=self.sensor_id, kind=self.kind, latitude_deg=0.0, longitude_deg=0.0,
            range_sigma_m=sigma_m, period_s=period_s,
        )  # fmt: skip


class RowPaces:
    """Sensors of state vectors that nobody listed, with the pace that their rows have."""

    def __init__(self, listed: tuple[Sensor, ...]) -> None:
        self._listed = frozenset(sensor.sensor_id for sensor in listed)
        self._paces: dict[str, RowPace] = {}

    def hear(self, plots: pa.Table) -> None:
        """Rows that a feed of state vectors gave; those without a mark of their object say nothing."""
        names = plots.column("sensor_id").to_pylist()
        kinds = plots.column("kind").to_pylist()
        address = integers(plots, "icao24", missing=-1)
        number = integers(plots, "track_number", missing=-1)
        marks: Any = np.where(address >= 0, address, np.where(number >= 0, number + _NUMBERED, -1))
        for name, kind, mark, valid_ns in zip(
            names,
            kinds,
            marks.tolist(),
            integers(plots, "valid_ns", missing=0).tolist(),
            strict=True,
        ):
            if mark < 0 or name in self._listed or kind not in UNLISTED:
                continue
            pace = self._paces.get(name)
            if pace is None:
                pace = self._paces[name] = RowPace(name, cast(SensorKind, kind))
            pace.hear(mark, valid_ns)

    def sensors(self) -> tuple[Sensor, ...]:
        """Those whose pace is known to be slow, by name."""
        for pace in self._paces.values():
            pace.look()
        found = (self._paces[name].sensor for name in sorted(self._paces))
        return tuple(sensor for sensor in found if sensor is not None)
