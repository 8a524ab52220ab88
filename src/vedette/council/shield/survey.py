"""A shield cut into cells, and what each sensor and each base can do about each of them.

Everything that is said of coverage and reaction, with all states or without one, is read from one survey: leaving
somebody out drops rows, and recomputes nothing else.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from vedette.airspace.edges import WGS84
from vedette.airspace.polygon import area_km2
from vedette.airspace.terrain import Terrain
from vedette.council.shield.proposal import SILENT_KINDS, Alert, Proposal, Sensor, outline
from vedette.council.shield.sight import Sight, sight
from vedette.model.columns import Flags, Floats
from vedette.model.errors import ZoneError
from vedette.model.zone import Limit

CELLS: Final = 2_500  # about; set with ``cells``
CELLS_MAX: Final = 20_000
LAYERS: Final = 24  # in which the height of the volume is counted


class Cells(NamedTuple):
    """(c,) pieces of the outline, each spoken of at its middle."""

    latitude_deg: Floats
    longitude_deg: Floats
    area_km2: Floats
    shapes: Any  # (c,) polygons
    ground_amsl_m: Floats  # NaN where no terrain is known

    @property
    def side_km(self) -> float:
        """Side of a whole cell."""
        return float(np.sqrt(self.area_km2.max()))


class Survey(NamedTuple):
    """What a proposal's sensors and bases can do about each cell."""

    proposal: Proposal
    outline: Any
    cells: Cells
    with_terrain: bool
    sensors: tuple[tuple[str, Sensor], ...]  # each with its state
    sights: tuple[Sight, ...]
    alerts: tuple[tuple[str, Alert], ...]
    reach_s: Floats  # (a, c) from the order until an aircraft of each base is there

    def without(self, state: str) -> "Survey":
        """The same without what one state gives."""
        sensors = [k for k, (owner, _) in enumerate(self.sensors) if owner != state]
        alerts = [k for k, (owner, _) in enumerate(self.alerts) if owner != state]
        return self.only(sensors)._replace(
            alerts=tuple(self.alerts[k] for k in alerts), reach_s=self.reach_s[alerts]
        )

    def only(self, sensors: list[int]) -> "Survey":
        """The same with some of the sensors."""
        return self._replace(
            sensors=tuple(self.sensors[k] for k in sensors),
            sights=tuple(self.sights[k] for k in sensors),
        )

    def silent(self) -> "Survey":
        """The same with those sensors alone that see an object which does not answer."""
        return self.only([k for k, (_, s) in enumerate(self.sensors) if s.kind in SILENT_KINDS])

    def counts(self, height_amsl_m: Floats | float) -> Floats:
        """(c,) number of sensors that see an object over each cell at a height, one for all or (c,)."""
        out = np.zeros(len(self.cells.area_km2))
        for one in self.sights:
            out += one.sees(height_amsl_m)
        return out

    def air(self, height_amsl_m: Floats | float) -> Flags:
        """(c,) whether there is air at that height, as far as the ground is known."""
        height: Any = np.asarray(height_amsl_m, dtype=np.float64)
        return np.asarray(~(np.broadcast_to(height, self.cells.area_km2.shape)
                            < self.cells.ground_amsl_m))  # fmt: skip


def survey(proposal: Proposal, terrain: Terrain | None = None, cells: int = CELLS) -> Survey:
    """A proposal surveyed.

    Args:
        proposal: what is proposed.
        terrain: ground heights; without them the Earth is a smooth sea.
        cells: into about how many pieces the outline is cut.

    Raises:
        ZoneError: the antenna of a sensor lies below the ground of the terrain.
        ValueError: ``cells`` is below 1 or above ``CELLS_MAX``.
    """
    if not 1 <= cells <= CELLS_MAX:
        raise ValueError(f"cells must lie between 1 and {CELLS_MAX}")
    shape = outline(proposal.volume)
    pieces = _cells(shape, cells, terrain)
    sensors = tuple((one.state, s) for one in proposal.contributions for s in one.sensors)
    alerts = tuple((one.state, a) for one in proposal.contributions for a in one.alerts)
    if terrain is not None:
        _check_antennas(sensors, terrain)
    reach = np.empty((len(alerts), len(pieces.area_km2)))
    for k, (_, alert) in enumerate(alerts):
        count = len(pieces.area_km2)
        _, _, distance_m = WGS84.inv(
            np.full(count, alert.longitude_deg),
            np.full(count, alert.latitude_deg),
            pieces.longitude_deg,
            pieces.latitude_deg,
        )
        reach[k] = alert.readiness_s + np.asarray(distance_m) / alert.speed_mps
    return Survey(
        proposal=proposal,
        outline=shape,
        cells=pieces,
        with_terrain=terrain is not None,
        sensors=sensors,
        sights=tuple(
            sight(s, pieces.latitude_deg, pieces.longitude_deg, terrain) for _, s in sensors
        ),
        alerts=alerts,
        reach_s=reach,
    )


def layers_m(surveyed: Survey, layers: int = LAYERS) -> Floats:
    """(layers, c) heights in the middle of even layers of the volume [m above mean sea level].

    A height above ground counts from the ground where it is known, else from the sea; flight levels and heights
    above the ellipsoid are taken as heights above the sea: coverage is no finer than that.
    """
    volume = surveyed.proposal.volume
    low, high = _amsl_m(volume.floor, surveyed), _amsl_m(volume.ceiling, surveyed)
    share = (np.arange(layers) + 0.5) / layers
    out: Floats = low + share[:, None] * np.maximum(high - low, 0.0)
    return out


def _amsl_m(limit: Limit, surveyed: Survey) -> Floats:
    ground = np.nan_to_num(surveyed.cells.ground_amsl_m)
    return limit.height_m + (ground if limit.datum == "agl" else np.zeros_like(ground))


def _cells(shape: Any, cells: int, terrain: Terrain | None) -> Cells:
    west, south, east, north = shape.bounds
    squeeze = math.cos(math.radians(0.5 * (south + north)))
    step = math.sqrt(shape.area * squeeze / cells)  # of latitude [degrees]
    rows = max(1, math.ceil((north - south) / step))
    columns = max(1, math.ceil((east - west) * squeeze / step))
    y, x = np.linspace(south, north, rows + 1), np.linspace(west, east, columns + 1)
    boxes = shapely.box(
        np.tile(x[:-1], rows), np.repeat(y[:-1], columns),
        np.tile(x[1:], rows), np.repeat(y[1:], columns),
    )  # fmt: skip
    shapely.prepare(shape)
    pieces = shapely.intersection(boxes[shapely.intersects(shape, boxes)], shape)
    pieces = pieces[shapely.area(pieces) > 0.0]
    middle = shapely.get_coordinates(shapely.centroid(pieces))
    weights = shapely.area(pieces) * np.cos(np.radians(middle[:, 1]))
    latitude, longitude = middle[:, 1].copy(), middle[:, 0].copy()
    ground = np.full(len(pieces), np.nan)
    if terrain is not None:
        ground = terrain.ground(latitude, longitude).amsl_m
    return Cells(latitude, longitude, area_km2(shape) * weights / weights.sum(), pieces, ground)


def _check_antennas(sensors: tuple[tuple[str, Sensor], ...], terrain: Terrain) -> None:
    for state, sensor in sensors:
        ground = terrain.ground(np.array([sensor.latitude_deg]), np.array([sensor.longitude_deg]))
        low_m = float(ground.amsl_m[0]) - 2.0 * float(ground.sigma_m[0])
        if sensor.antenna_amsl_m < low_m:
            raise ZoneError(
                f"shield: contributions of {state}: {sensor.name}: the antenna at "
                f"{sensor.antenna_amsl_m:.0f} m above the sea lies below the ground ({low_m:.0f} m at least)"
            )
