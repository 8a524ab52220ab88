"""How well predictions of entry keep their word for what is slow: gliders, helicopters, and balloons in the wind.

No recording of slow objects crosses enough real zones, so they are scored against squares of a few kilometres laid
over where they flew. Nothing was fitted to them. The wind of a balloon is what another balloon of the recording
measured half a day or more apart: a forecast would be better.
"""

from typing import Final

import numpy as np
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.bench import entries, recordings
from vedette.bench.recordings import GRID_S, Flight
from vedette.bench.row import Note, Row
from vedette.model.columns import Flags, Floats
from vedette.model.zone import Zone
from vedette.watch.futures import NO_WIND
from vedette.watch.motion import Behaviour
from vedette.watch.prediction import HORIZONS_S

SLOW: Final = ("gliders_danube_2019-05-23", "ambulance_rega_2019-05-23")
BALLOONS: Final = "radiosondes_oakland_dev"
_LAYER_M: Final = 500.0
# of what little there is of balloons, where the squares lie decides as much as what was foretold
_SHIFTS: Final = ((-0.5, -0.5), (0.0, -0.25), (-0.25, 0.25), (0.25, 0.0))
_CIRCLE_S: Final = (
    20.0  # in which what soars flies a circle: rows further apart do not show where it was
)


def squares(
    flights: list[Flight], size_m: float, shift: tuple[float, float] = (0.0, 0.0)
) -> ZoneIndex:
    """Every second square of a chequer over all places of flights, moved east and north by parts of a square."""
    latitude = np.concatenate([f.latitude_deg for f in flights])
    longitude = np.concatenate([f.longitude_deg for f in flights])
    high = size_m / 111_320.0
    wide = high / np.cos(np.radians(latitude.mean()))
    zones, shapes = [], []
    for i in range(int((latitude.max() - latitude.min()) / high) + 3):
        for j in range(int((longitude.max() - longitude.min()) / wide) + 3):
            if (i + j) % 2 == 0:
                south = latitude.min() + (i - 0.5 + shift[1]) * high
                west = longitude.min() + (j - 0.5 + shift[0]) * wide
                shapes.append(shapely.box(west, south, west + wide, south + high))
                zones.append(
                    Zone(
                        zone_id=f"square-{i}-{j}", kind="restricted", name="square", state=None,
                        source="bench", boundary_sigma_m=1.0,
                    )
                )  # fmt: skip
    return ZoneIndex.build(zones, shapes)


def wind_of(flights: list[Flight]) -> Floats:
    """(l, 3) height, east and north of the wind that balloons measured, by layers of 500 m."""
    height = np.concatenate([f.height_m for f in flights])
    east = np.concatenate([f.east_mps for f in flights])
    north = np.concatenate([f.north_mps for f in flights])
    layer = np.floor(height / _LAYER_M)
    rows = []
    for one in np.unique(layer[np.isfinite(layer)]):
        here = layer == one
        rows.append(((one + 0.5) * _LAYER_M, east[here].mean(), north[here].mean()))
    return np.array(rows)


def _straight(flights: list[Flight], zones: ZoneIndex, found: entries.Scored) -> Flags:
    now = recordings.picture(flights, found.flight, found.at)
    reach_s = entries.straight_s(now, zones, np.arange(len(found.flight)), found.zone)
    result: Flags = reach_s[:, None] <= np.array(HORIZONS_S)
    return result


def _rows(
    name: str,
    flights: list[Flight],
    size_m: float,
    behaviour: Behaviour | None = None,
    wind: Floats = NO_WIND,
    *,
    every_s: float = 30.0,
    shifts: tuple[tuple[float, float], ...] = ((0.0, 0.0),),
) -> list[Row]:
    parts, lines = [], []
    for shift in shifts:
        zones = squares(flights, size_m, shift)
        found = entries.scored(flights, zones, every_s=every_s, behaviour=behaviour, wind=wind)
        parts.append(found)
        lines.append(_straight(flights, zones, found))
    together = entries.Scored(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    hours = sum(len(f.latitude_deg) for f in flights) * GRID_S / 3_600.0
    scored = entries.reliability(together, np.concatenate(lines))
    places = f", laid in {len(shifts)} ways" if len(shifts) > 1 else ""
    return entries.reliability_rows(
        scored, f" of {name}", f"{hours:.1f} h, squares of {size_m / 1e3:g} km{places}"
    )


def run(*, seed: int = 1, quick: bool = False) -> list[Row | Note]:
    """Reliability and Brier score of slow flights and of balloons, where their recordings are.

    Nothing is drawn, and there is little of them: it is the same whatever the seed, and never quicker.
    """
    del seed, quick
    folder = recordings.folder()
    rows: list[Row | Note] = []
    missing = []
    if folder is not None and all((folder / f"{name}.parquet").exists() for name in SLOW):
        flights = [f for name in SLOW for f in recordings.flights(folder / f"{name}.parquet")]
        rows += _rows("gliders and a helicopter", flights, 5_000.0)
    else:
        missing += list(SLOW)
    path = None if folder is None else folder.parent / "balloons" / f"{BALLOONS}.parquet"
    if path is not None and path.exists():
        balloons = recordings.balloons(path)
        names = sorted({f.name for f in balloons})
        # the wind of the first is known to the others
        wind = wind_of([f for f in balloons if f.name == names[0]])
        others = [f for f in balloons if f.name != names[0]]
        # what remains of them is short: small squares, looked at often
        for name, known in (("wind of another", wind), ("wind not known", NO_WIND)):
            rows += _rows(
                f"balloons, {name}", others, 1_000.0, "adrift", known,
                every_s=GRID_S, shifts=_SHIFTS,
            )  # fmt: skip
    else:
        missing.append(BALLOONS)
    if missing:
        rows.append(Note(f"slow flights skipped: no {', '.join(missing)}"))
    return rows
