"""The ground: heights of a terrain grid, and how much the ground differs within a cell.

No terrain is bundled. A file is given by the user:

- ``.npz`` with ``elev_m`` (rows, columns), ``lat`` (rows) and ``lon`` (columns) of the cells' centres, evenly
  spaced, in metres above mean sea level;
- ``.hgt``, a tile of SRTM: big-endian int16, its south-west corner in its name (``N46E008.hgt``).
"""

import io
import re
import zipfile
from typing import Any, Final, NamedTuple

import numpy as np

from vedette.model.columns import Floats
from vedette.model.errors import ShapeError, ZoneError

CELL_SIGMA_M: Final = 10.0  # of the grid's own heights
NO_DATA: Final = -32_768
CELLS_MAX: Final = 400_000_000
_TILE: Final = re.compile(r"([NS])(\d{2})([EW])(\d{3})\.hgt$", re.IGNORECASE)


class Ground(NamedTuple):
    """(n,) heights of the ground above mean sea level and their 1-sigma errors [m]; NaN off the grid."""

    amsl_m: Floats
    sigma_m: Floats


class Terrain:
    """An even grid of ground heights. Water counts as ground: limits above it are above its surface."""

    def __init__(
        self, heights_m: Any, north_deg: float, west_deg: float, step_deg: tuple[float, float]
    ) -> None:
        self._heights_m = heights_m  # (rows from the north, columns from the west), int16
        self._north_deg, self._west_deg = north_deg, west_deg  # of the first cell's centre
        self._rise_deg, self._turn_deg = step_deg

    @classmethod
    def read(cls, data: bytes, name: str) -> "Terrain":
        """A terrain file.

        Raises:
            ZoneError: it is in neither format, or too large.
        """
        tile = _TILE.search(name)
        if tile is not None:
            side = round((len(data) / 2) ** 0.5)
            if side * side * 2 != len(data) or side < 2:
                raise ZoneError(f"{name}: no square tile of two-byte heights")
            south = int(tile[2]) * (1.0 if tile[1].upper() == "N" else -1.0)
            west = int(tile[4]) * (1.0 if tile[3].upper() == "E" else -1.0)
            grid = np.frombuffer(data, dtype=">i2").reshape(side, side).astype(np.int16)
            return cls(grid, south + 1.0, west, (1.0 / (side - 1), 1.0 / (side - 1)))
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                grid, latitude, longitude = file["elev_m"], file["lat"], file["lon"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ZoneError(
                f"{name}: no terrain: neither .hgt nor .npz with elev_m, lat, lon"
            ) from error
        if grid.ndim != 2 or grid.shape != (len(latitude), len(longitude)) or min(grid.shape) < 2:
            raise ZoneError(f"{name}: elev_m, lat and lon do not pair up")
        if grid.size > CELLS_MAX:
            raise ZoneError(f"{name}: more than {CELLS_MAX} cells")
        latitude, longitude = latitude.astype(np.float64), longitude.astype(np.float64)
        rise = float(latitude[0] - latitude[-1]) / (len(latitude) - 1)
        turn = float(longitude[-1] - longitude[0]) / (len(longitude) - 1)
        if rise < 0.0:
            grid, latitude, rise = grid[::-1], latitude[::-1], -rise
        uneven = np.abs(np.diff(latitude) + rise).max() + np.abs(np.diff(longitude) - turn).max()
        if rise == 0.0 or turn <= 0.0 or uneven > 0.01 * (rise + turn):
            raise ZoneError(f"{name}: the grid is not even")
        return cls(grid, float(latitude[0]), float(longitude[0]), (rise, turn))

    def ground(self, latitude_deg: Floats, longitude_deg: Floats) -> Ground:
        """Height of the ground at (n,) places, bilinear; sigma from how much the cells around differ.

        Raises:
            ShapeError: the arrays do not pair up.
        """
        latitude = np.asarray(latitude_deg, dtype=np.float64)
        longitude = np.asarray(longitude_deg, dtype=np.float64)
        if latitude.shape != longitude.shape:
            raise ShapeError(expected=latitude.shape, actual=longitude.shape)
        rows, columns = self._heights_m.shape
        y = (self._north_deg - latitude) / self._rise_deg
        x = np.mod(longitude - self._west_deg, 360.0) / self._turn_deg
        on_grid = (y >= 0.0) & (y <= rows - 1) & (x >= 0.0) & (x <= columns - 1)
        row = np.where(on_grid, np.minimum(y, rows - 1 - 1e-9), 0.0).astype(np.int64)
        column = np.where(on_grid, np.minimum(x, columns - 1 - 1e-9), 0.0).astype(np.int64)
        corners = np.stack(
            [self._heights_m[row + dy, column + dx] for dy in (0, 1) for dx in (0, 1)]
        ).astype(np.float64)
        known = on_grid & (corners > NO_DATA).all(axis=0)
        corners = np.maximum(corners, 0.0)
        down, right = y - row, x - column
        weights = np.stack(
            [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]
        )
        height = (weights * corners).sum(axis=0)
        # a cell's mean hides about as much as it differs from its neighbours
        spread = np.hypot(np.ptp(corners, axis=0) / 2.0, CELL_SIGMA_M)
        return Ground(np.where(known, height, np.nan), np.where(known, spread, np.nan))
