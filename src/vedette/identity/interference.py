"""Where satellite navigation is disturbed: aircraft heard and aircraft affected, by cells of a grid."""

from typing import Final

import msgspec
import numpy as np

from vedette.identity import _monitor as k
from vedette.identity.monitor import SPOOFED_REASONS, MonitorState, is_address
from vedette.identity.settings import IdentitySettings, MonitorSettings
from vedette.model.columns import Floats, Integers
from vedette.model.probability import rounded
from vedette.model.time import SECOND_NS

DISTURBED: Final = 0.5  # from this probability on a cell counts as disturbed
QUIET: Final = 0.02  # and below this, with enough heard, as undisturbed
ENOUGH: Final = 5


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of the map, by its south-west corner."""

    latitude_deg: float
    longitude_deg: float
    height_deg: float
    width_deg: float
    seen: int  # aircraft heard here
    affected: int  # of them, whose stated accuracy collapsed or whose place is judged false
    spoofed: int  # of those, the latter
    probability: float  # that satellite navigation is disturbed here


class InterferenceMap(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard within a stretch of time."""

    from_ns: int
    to_ns: int
    cells: tuple[Cell, ...] = ()  # sorted by latitude, longitude

    def disturbed(self) -> tuple[Cell, ...]:
        """Cells that are more likely disturbed than not."""
        return tuple(cell for cell in self.cells if cell.probability >= DISTURBED)

    def at(self, latitude_deg: float, longitude_deg: float) -> bool | None:
        """Whether navigation is disturbed at a place; None where too few were heard to tell.

        A disturbance reaches over the edge of a cell: its eight neighbours count as well.
        """
        near = [
            cell
            for cell in self.cells
            if -cell.height_deg <= latitude_deg - cell.latitude_deg < 2 * cell.height_deg
            and -cell.width_deg
            <= (longitude_deg - cell.longitude_deg + 180.0) % 360.0 - 180.0
            < 2 * cell.width_deg
        ]
        if any(cell.probability >= DISTURBED for cell in near):
            return True
        quiet = all(cell.probability < QUIET for cell in near)
        return False if quiet and sum(cell.seen for cell in near) >= ENOUGH else None


def probability(settings: MonitorSettings, seen: Integers, affected: Integers) -> Floats:
    """(n,) that a cell is disturbed: of two states, in which a small and a large share show it.

    >>> chance = probability(MonitorSettings(), np.array([10, 10, 2]), np.array([0, 6, 2]))
    >>> [round(float(value), 4) for value in chance]
    [0.0, 1.0, 0.9805]
    """
    s = settings
    log_odds = np.log(s.disturbed_prior / (1.0 - s.disturbed_prior))
    log_odds = log_odds + affected * np.log(s.disturbed_share / s.undisturbed_share)
    log_odds += (seen - affected) * np.log((1.0 - s.disturbed_share) / (1.0 - s.undisturbed_share))
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500.0, 500.0)))
    return result


def interference(settings: IdentitySettings, state: MonitorState, now_ns: int) -> InterferenceMap:
    """The map of what was heard in the last ``map_s``.

    An aircraft counts where it was last believed to be: before it jumped, not where a spoofer put it.
    """
    monitor = settings.monitor
    since_ns = now_ns - int(monitor.map_s * SECOND_NS)
    # a recording without a date begins in 1970, where "never" is no longer ago than the map reaches
    recent = state.flag_ns >= max(since_ns, 0)
    jumped = recent[:, k.JUMP] & ~np.isnan(state.place[:, k.PAST_LAT])
    latitude = np.where(jumped, state.place[:, k.PAST_LAT], state.place[:, k.LAT])
    longitude = np.where(jumped, state.place[:, k.PAST_LON], state.place[:, k.LON])
    heard = is_address(state.keys) & (state.since[:, k.SEEN] >= since_ns) & ~np.isnan(latitude)
    where = np.flatnonzero(heard)
    if not len(where):
        return InterferenceMap(from_ns=since_ns, to_ns=now_ns)
    high, wide = monitor.cell_deg, 2.0 * monitor.cell_deg
    row = np.floor((latitude[where] + 90.0) / high).astype(np.int64)
    column = np.floor((longitude[where] + 180.0) / wide).astype(np.int64)
    spoofed = recent[where][:, SPOOFED_REASONS].any(axis=1)
    affected = spoofed | recent[where, k.COLLAPSE]
    cells, which = np.unique(np.column_stack((row, column)), axis=0, return_inverse=True)
    seen = np.bincount(which)
    hit = np.bincount(which, weights=affected).astype(np.int64)
    false = np.bincount(which, weights=spoofed).astype(np.int64)
    chance = probability(monitor, seen.astype(np.int64), hit)
    return InterferenceMap(
        from_ns=since_ns,
        to_ns=now_ns,
        cells=tuple(
            Cell(
                latitude_deg=round(float(cell[0]) * high - 90.0, 6),
                longitude_deg=round(float(cell[1]) * wide - 180.0, 6),
                height_deg=high,
                width_deg=wide,
                seen=int(seen[at]),
                affected=int(hit[at]),
                spoofed=int(false[at]),
                probability=rounded(float(chance[at]), 6),
            )
            for at, cell in enumerate(cells)
        ),
    )
