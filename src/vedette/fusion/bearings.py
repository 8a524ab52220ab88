"""Bearings without a range: directions in which a sensor heard or saw something.

A bearing says that the object is in the vertical plane through the observer that holds the direction. That is
one linear measurement of a track's place, across the line of sight, exact however far away it is and wherever on
Earth; only its variance depends on the distance. It narrows a track across the line and leaves it as it was along
it. It never begins a track; bearings of two observers that cross may (Bar-Shalom, Li and Kirubarajan 2001, 1.5
and 6.3, for the measurement; the unscaled inverse of the two planes for the covariance of the crossing).
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._fuse import run_plots
from vedette.fusion._life import carry_track, look
from vedette.fusion._place import grid_of, set_anchor
from vedette.fusion.memory import NOTHING_KEPT, Kept, Memory
from vedette.fusion.order import KINDS, Ordered, Sites
from vedette.fusion.settings import FusionSettings
from vedette.fusion.sites import Parameters, Register
from vedette.fusion.window import Workshop
from vedette.model._kernels import geodetic_to_ecef
from vedette.model.columns import Floats, Integers
from vedette.model.time import SECOND_NS

BEARINGS_MAX: Final = 1_000  # of one tick
GATE_CHI2: Final = 9.0  # 1 degree of freedom: loses 0.3 %
SHARE_MIN: Final = (
    0.95  # of all tracks in that direction, before a bearing is believed to be of one
)
WAIT_S: Final = 3.0  # that a bearing waits for another to cross it
TOGETHER_S: Final = 0.6  # bearings of one sensor within it are of different objects if they differ
CROSSING_MIN: Final = math.sin(math.radians(15.0))
SPREAD_MAX_M: Final = 3_000.0  # a crossing known no better than this begins nothing
EXISTENCE: Final = 0.3  # of what two bearings cross at
EVIDENCE_MAX: Final = 50.0
SPEED_MPS: Final = 50.0  # what flies between two bearings: one sigma, each axis
LINE_FLOOR_M: Final = 2.0  # one sigma of where an observer stands
DISTANCE_MAX_M: Final[dict[str, float]] = {"acoustic": 10_000.0, "person": 20_000.0}


class Bearing(NamedTuple):
    """One direction, in Earth-centred axes at its observer."""

    t_ns: int
    sensor: int
    kind: int
    key: int
    sigma_rad: float
    reach_m: float
    place: Floats  # (3,)
    along: Floats  # (3,) horizontal unit vector in the direction
    across: Floats  # (3,) horizontal, to its right
    up: Floats  # (3,)


def read_bearings(
    ordered: Ordered, rows: Integers, register: Register, sites: Sites
) -> tuple[Any, int]:
    """Bearings of a tick in the order of their time, and how many name no observer."""
    found, lost = [], 0
    for p in rows.tolist():
        s = int(ordered.names[c.P_SENSOR, p])
        has_site = register.columns[s][1]
        latitude, longitude = math.radians(ordered.raw[16, p]), math.radians(ordered.raw[17, p])
        height = float(ordered.raw[18, p])
        if math.isnan(latitude) or math.isnan(longitude):
            if not has_site:
                lost += 1
                continue
            latitude, longitude = float(sites.floats[s, c.S_LAT]), float(sites.floats[s, c.S_LON])
            height = float(sites.floats[s, c.S_H])
        azimuth = float(ordered.raw[1, p])
        if sites.floats[s, c.S_POLAR] > 0.0:
            azimuth -= float(sites.floats[s, c.S_AZIMUTH_BIAS])
        sine_lat, cosine_lat = math.sin(latitude), math.cos(latitude)
        sine_lon, cosine_lon = math.sin(longitude), math.cos(longitude)
        east = np.array([-sine_lon, cosine_lon, 0.0])
        north = np.array([-sine_lat * cosine_lon, -sine_lat * sine_lon, cosine_lat])
        up = np.array([cosine_lat * cosine_lon, cosine_lat * sine_lon, sine_lat])
        sine, cosine = math.sin(azimuth), math.cos(azimuth)
        kind = int(ordered.names[c.P_KIND, p])
        found.append(
            Bearing(
                int(ordered.names[c.P_T, p]), s, kind, int(ordered.names[c.P_KEY, p]),
                float(ordered.raw[4, p]),
                min(DISTANCE_MAX_M.get(KINDS[kind], math.inf), float(sites.floats[s, c.S_RANGE])),
                np.array(geodetic_to_ecef(latitude, longitude, 0.0 if math.isnan(height) else height)),
                sine * east + cosine * north, cosine * east - sine * north, up,
            )
        )  # fmt: skip
    return found, lost


def _dot(a: Floats, b: Floats) -> Any:
    """Products of last axes of three, summed in one order whatever the number of rows."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]


class Skies:
    """Tracks as the bearings of one tick see them."""

    def __init__(
        self, memory: Memory, kept: Kept, shop: Workshop, sites: Sites, p: Parameters,
        settings: FusionSettings, now_ns: int,
    ) -> None:  # fmt: skip
        self.m, self.kept, self.shop, self.sites, self.p = memory, kept, shop, sites, p
        self.settings, self.now_ns = settings, now_ns
        self.born: list[Integers] = []
        self.room = shop.sized(memory.rows, memory.rows + 1_024)
        self.lanes, self.work = shop.lanes(0)

    def fuse(self, bearings: list[Bearing]) -> None:
        """Let each bearing update the one track that it can be of, or wait to be crossed by another."""
        m = self.m
        for b in bearings:
            if self._update(b):
                continue
            waiting = [w for w in m.waiting if b.t_ns - w.t_ns <= WAIT_S * SECOND_NS]
            partner = _partner(b, waiting)
            if partner is None or not self._begin(b, partner):
                m.waiting = (*waiting, b)
                continue
            m.waiting = tuple(w for w in waiting if w is not partner)

    def _look(self, rows: Integers, t_ns: int) -> None:
        m, p = self.m, self.p
        look(
            t_ns, rows, m.floats, m.ints, m.states, p.motions, p.lanes, p.g, m.circles,
            self.lanes, self.work, self.room["view"],
        )  # fmt: skip

    def _near(self, b: Bearing) -> Integers:
        """Tracks that may lie in the direction: their gates are looked at one by one after."""
        m = self.m
        status = m.ints[: int(m.counters[c.C_HIGH]), c.STATUS]
        rows = np.flatnonzero((status == c.TENTATIVE) | (status == c.CONFIRMED))
        f = m.floats[rows]
        dt_s = (b.t_ns - m.ints[rows, c.T]) / SECOND_NS
        east = f[:, c.MEAN] + dt_s * f[:, c.MEAN + 1]
        north = f[:, c.MEAN + 2] + dt_s * f[:, c.MEAN + 3]
        point = (
            f[:, c.AX : c.AX + 3] + east[:, None] * f[:, c.EX : c.EX + 3]
            + north[:, None] * f[:, c.NX : c.NX + 3] - b.place
        )  # fmt: skip
        along, across = _dot(point, b.along), np.abs(_dot(point, b.across))
        room_m = 2_000.0 + 4.0 * b.sigma_rad * np.abs(along) + 500.0 * np.abs(dt_s)
        near = (along > 0.0) & (along < b.reach_m + 1_000.0) & (across < room_m)
        return np.asarray(rows[near])

    def _against(self, i: int, b: Bearing) -> tuple[float, float, float, float]:
        """Metres along and across the line to a track then, and variances: of the track across, of the line."""
        m, v = self.m, self.room["view"][i]
        f = m.floats[i]
        east, north = f[c.EX : c.EX + 3], f[c.NX : c.NX + 3]
        point = m.circles[i, c.CX : c.CX + 3] + min(max(v[c.H], -500.0), 40_000.0) * np.cross(
            east, north
        )
        offset = point - b.place
        along, across = float(_dot(offset, b.along)), float(_dot(offset, b.across))
        own = [float(_dot(axis, b.across)) for axis in (east, north)]
        far = [float(_dot(axis, b.along)) for axis in (east, north)]
        own_var = _form(own, v)
        line_var = b.sigma_rad**2 * (along * along + _form(far, v)) + LINE_FLOOR_M**2
        return along, across, own_var, line_var

    def _update(self, b: Bearing) -> bool:
        """Whether the bearing was of a track, or may be of one of several and is not used."""
        near = self._near(b)
        if not len(near):
            return False
        self._look(near, b.t_ns)
        likely: list[tuple[float, int, float]] = []
        for i in near.tolist():
            along, across, own_var, line_var = self._against(i, b)
            total = own_var + line_var
            if not 0.0 < along <= b.reach_m or across * across >= GATE_CHI2 * total:
                continue
            # per radian, so that near and far tracks compare
            density = (
                along * math.exp(-0.5 * across * across / total) / math.sqrt(2.0 * math.pi * total)
            )
            likely.append((density * float(self.m.floats[i, c.R]), i, density))
        if not likely:
            return False
        best = max(likely)
        if best[0] < SHARE_MIN * sum(weight for weight, _, _ in likely):
            return True
        self._learn(best[1], b, best[2])
        return True

    def _learn(self, i: int, b: Bearing, density: float) -> None:
        m, p = self.m, self.p
        row = np.array([i])
        m.save(self.kept, row)
        carry_track(
            i, b.t_ns, m.floats, m.ints, m.states, p.motions, p.lanes, p.g,
            self.lanes, self.work,
        )  # fmt: skip
        self._look(row, b.t_ns)
        _, across, _, line_var = self._against(i, b)
        f, n = m.floats[i], m.ints[i]
        models, coupled = int(p.lanes[n[c.GROUP]]), bool(n[c.COUPLED])
        dt_s = min(b.t_ns - int(n[c.T]), 0) / SECOND_NS
        if dt_s < 0.0:  # late: the line is widened by what noise could have done since
            weights = m.states[i, c.WEIGHT, :models]
            density_q = p.motions[n[c.GROUP], c.M_Q, :models]
            line_var += float((weights * density_q).sum()) * abs(dt_s) ** 3 / 3.0
        e = float(_dot(f[c.EX : c.EX + 3], b.across))
        o = float(_dot(f[c.NX : c.NX + 3], b.across))
        lanes = m.states[i, :, :models].T.copy()
        tell(
            lanes,
            np.array([e, e * dt_s, o, o * dt_s, 0.0]),
            across,
            line_var,
            coupled,
        )
        m.states[i, :, :models] = lanes.T
        carry_track(
            i, int(n[c.T]), m.floats, m.ints, m.states, p.motions, p.lanes, p.g,
            self.lanes, self.work,
        )  # fmt: skip
        r = float(f[c.R])
        ratio = min(max(2.0 * math.pi * density, 1.0), EVIDENCE_MAX)
        f[c.R] = min(r * ratio / (1.0 - r + r * ratio), 1.0 - 1e-7)
        self._note(i, b)

    def _note(self, i: int, b: Bearing) -> None:
        """Who has seen the track and when. It counts towards confirmation when another sensor came before."""
        m = self.m
        n = m.ints[i]
        if n[c.LAST_SENSOR] != b.sensor:
            n[c.UPDATES] += 1
            n[c.OTHERS_T], n[c.LAST_SENSOR] = n[c.UPDATED], b.sensor
        n[c.UPDATED] = max(int(n[c.UPDATED]), b.t_ns)
        n[c.KINDS] |= 1 << b.kind
        m.save_sight(self.kept, i, b.sensor)
        t_ms = (b.t_ns - m.origin_ns) // 1_000_000
        m.mark_seen(np.array([i]), np.array([b.sensor]), t_ms)

    def _begin(self, b: Bearing, other: Bearing) -> bool:
        crossing = cross(b, other)
        m = self.m
        if crossing is None or int(m.counters[c.C_FREE]) == 0:
            return False
        point, covariance, east, north = crossing
        values, axes = np.linalg.eigh(covariance)
        plot, ints = np.zeros((1, c.PLOT_FLOATS)), np.full((1, c.PLOT_INTEGERS), -1, np.int64)
        z, k = plot[0], ints[0]
        z[c.PX : c.PX + 3] = point
        z[c.UX : c.UX + 3] = axes[0, 1] * east + axes[1, 1] * north
        z[c.VAR_U], z[c.VAR_T] = values[1], max(values[0], 1.0)
        z[[c.Z_HAE, c.Z_PRESSURE, c.Z_CLIMB, c.RATE, c.CONFIDENCE]] = np.nan
        z[c.LAMBDA], z[c.R_BIRTH] = 1e-9, EXISTENCE
        k[c.P_T], k[c.P_SENSOR], k[c.P_KIND], k[c.P_KEY] = b.t_ns, b.sensor, b.kind, b.key
        k[c.P_CALLSIGN] = k[c.P_CATEGORY] = k[c.P_MILITARY] = 0
        k[c.P_GRID] = grid_of(
            float(point[0]), float(point[1]), float(point[2]), float(self.p.g[c.G_CELL])
        )  # fmt: skip
        free = int(m.counters[c.C_FREE])
        room = self.room
        m.counters[c.C_STAMP] = run_plots(
            True, 0, 1, int(m.counters[c.C_STAMP]), np.array([0, 1]), 0, np.zeros(0, np.int64),
            float(values[1]), b.t_ns, m.floats, m.ints, m.states, m.sights, m.chances, m.circles, m.free,
            m.counters, plot, ints, self.sites.floats, self.p.motions, self.p.lanes, m.origin_ns, self.p.g,
            room["head"], room["nodes"], room["lasts"], np.zeros(1, np.int64),
            np.zeros((1, c.LINKS), np.int64), np.zeros(64, np.int64), room["marks"], *NOTHING_KEPT,
            *self.shop.benches[0].sized(m.rows, 1, 64),
        )  # fmt: skip
        born = m.free[int(m.counters[c.C_FREE]) : free].copy()
        self.born.append(born)
        for i in born.tolist():
            m.ints[i, c.KINDS] |= 1 << other.kind
            t_ms = (other.t_ns - m.origin_ns) // 1_000_000
            m.mark_seen(np.array([i]), np.array([other.sensor]), t_ms)
        return True


def _form(a: list[float], v: Floats) -> float:
    """Variance of a packed lane's place along a direction of its plane."""
    return max(float(a[0] * a[0] * v[4] + 2.0 * a[0] * a[1] * v[6] + a[1] * a[1] * v[11]), 0.0)


def tell(lanes: Floats, h: Floats, miss: float, variance: float, coupled: bool) -> None:
    """Let one linear measurement of a track's mixture change all of its lanes, in place.

    The gain is that of the mixture, and each lane takes it (Joseph's form): the covariance of the mixture is then
    that of one Kalman step, which never grows. With a gain of each lane's own and new weights it could.

    Args:
        lanes: (models, ROW) with their weights.
        h: (5,) slope of what is measured by place, velocity and height.
        miss: the mixture's value less the measured one.
        variance: of the measurement.
        coupled: whether the height hangs together with the place.
    """
    size = 5 if coupled else 4
    at, weights = c.AT[:size, :size], lanes[:, c.WEIGHT] / lanes[:, c.WEIGHT].sum()
    means = lanes[:, [0, 1, 2, 3, c.H]][:, :size]
    spread = lanes[:, at]
    mean = (weights[:, None] * means).sum(axis=0)
    off = means - mean
    mixture = (weights[:, None, None] * (spread + off[:, :, None] * off[:, None, :])).sum(axis=0)
    h = h[:size]
    own = (mixture * h).sum(axis=1)
    total = float((h * own).sum()) + variance
    gain = own / total
    keep = np.eye(size) - np.outer(gain, h)
    added = np.outer(gain, gain) * variance
    for m in range(len(lanes)):
        moved = means[m] - gain * (miss + float((h * off[m]).sum()))
        lanes[m, [0, 1, 2, 3, c.H][:size]] = moved
        new = keep @ spread[m] @ keep.T + added
        lanes[m, at] = 0.5 * (new + new.T)


def _partner(b: Bearing, waiting: list[Bearing]) -> Bearing | None:
    """The bearing of another observer that crosses this one best; None where it could be one of several."""
    found: tuple[float, Bearing] | None = None
    if _several(b, waiting):
        return None
    for w in waiting:
        if w.sensor == b.sensor:
            continue
        crossing = cross(b, w)
        if crossing is None:
            continue
        if _several(w, waiting):
            return None
        size = float(np.trace(crossing[1]))
        if found is None or size < found[0]:
            found = (size, w)
    return None if found is None else found[1]


def _several(b: Bearing, waiting: list[Bearing]) -> bool:
    """Whether its sensor names another direction at about the same time: crossings may then be ghosts."""
    for w in waiting:
        if w is b or w.sensor != b.sensor or abs(w.t_ns - b.t_ns) > TOGETHER_S * SECOND_NS:
            continue
        if abs(float(_dot(w.along, b.across))) > 4.0 * math.hypot(w.sigma_rad, b.sigma_rad):
            return True
    return False


def cross(b: Bearing, other: Bearing) -> tuple[Floats, Floats, Floats, Floats] | None:
    """Where two bearings cross on the ellipsoid: point, (2, 2) covariance there, its east and north; or None.

    None: they run nearly along each other, cross behind one, too far away, or where next to nothing is known.
    """
    point = b.place
    f = np.zeros(c.FLOATS)
    slopes = np.zeros((2, 2))
    for _ in range(4):
        set_anchor(f, *(float(x) for x in point))
        east, north = f[c.EX : c.EX + 3].copy(), f[c.NX : c.NX + 3].copy()
        here = f[c.AX : c.AX + 3].copy()
        for row, one in enumerate((b, other)):
            slopes[row] = float(_dot(east, one.across)), float(_dot(north, one.across))
        det = float(slopes[0, 0] * slopes[1, 1] - slopes[0, 1] * slopes[1, 0])
        if abs(det) < CROSSING_MIN:
            return None
        miss = [float(_dot(here - one.place, one.across)) for one in (b, other)]
        step_e = -(slopes[1, 1] * miss[0] - slopes[0, 1] * miss[1]) / det
        step_n = -(slopes[0, 0] * miss[1] - slopes[1, 0] * miss[0]) / det
        if math.hypot(step_e, step_n) > 2e6:
            return None
        point = here + step_e * east + step_n * north
    set_anchor(f, *(float(x) for x in point))
    here, spread = f[c.AX : c.AX + 3].copy(), np.zeros((2, 2))
    apart_s = abs(b.t_ns - other.t_ns) / SECOND_NS
    for one in (b, other):
        along = float(_dot(here - one.place, one.along))
        if not 0.0 < along <= one.reach_m:
            return None
    for row, one in enumerate((b, other)):
        along = float(_dot(here - one.place, one.along))
        spread[row, row] = (along * one.sigma_rad) ** 2 + LINE_FLOOR_M**2
        if one is other:  # it has moved since, unless both are of one time
            spread[row, row] += (SPEED_MPS * apart_s) ** 2
    inverse = np.linalg.inv(slopes)
    covariance = inverse @ spread @ inverse.T
    covariance = 0.5 * (covariance + covariance.T)
    if not float(np.trace(covariance)) < SPREAD_MAX_M**2:
        return None
    return here, covariance, f[c.EX : c.EX + 3].copy(), f[c.NX : c.NX + 3].copy()
