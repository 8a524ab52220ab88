"""Compiled inner loops of the watch stage: smoothing of one track's filter states, normal probabilities."""

import math

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, kernel

SEMI_MAJOR_M = 6_378_137.0  # WGS 84, NGA.STND.0036
ECCENTRICITY2 = 0.0066943799901413165
ROOM = 6  # squares of four that smoothing works in


@bare_kernel
def normal_cdf(z: Floats, out: Floats) -> None:
    for i in range(z.shape[0]):
        out[i] = 0.5 * math.erfc(-z[i] / math.sqrt(2.0))


@bare_kernel
def radii_m(latitude_deg: float, height_m: float) -> tuple[float, float]:
    """Metres in one radian of latitude and of longitude, for an object at this height."""
    sine = math.sin(math.radians(latitude_deg))
    root = math.sqrt(1.0 - ECCENTRICITY2 * sine * sine)
    meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY2) / (root * root * root)
    parallel = (SEMI_MAJOR_M / root + height_m) * math.cos(math.radians(latitude_deg))
    return meridian + height_m, max(parallel, 1.0)  # never zero: a pole divides by it


@bare_kernel
def advance(state: Floats, dt_s: float, height_m: float, out: Floats) -> None:
    """Latitude, longitude [degrees], east and north speed [m/s] after a straight flight of ``dt_s``."""
    meridian, _ = radii_m(state[0], height_m)
    middle = state[0] + 0.5 * math.degrees(state[3] * dt_s / meridian)
    meridian, parallel = radii_m(middle, height_m)
    dlongitude = state[2] * dt_s / parallel
    # a great circle turns against the meridians by the convergence
    turn = dlongitude * math.sin(math.radians(middle))
    out[0] = state[0] + math.degrees(state[3] * dt_s / meridian)
    out[1] = state[1] + math.degrees(dlongitude)
    out[2] = state[2] * math.cos(turn) + state[3] * math.sin(turn)
    out[3] = state[3] * math.cos(turn) - state[2] * math.sin(turn)


@bare_kernel
def grow(p: Floats, dt_s: float, q_m2ps3: float, out: Floats) -> None:
    """Covariance after ``dt_s`` of straight flight with white acceleration noise."""
    for i in range(2):
        for j in range(2):
            out[i, j] = p[i, j] + dt_s * (p[i, j + 2] + p[i + 2, j]) + dt_s * dt_s * p[i + 2, j + 2]
            out[i, j + 2] = p[i, j + 2] + dt_s * p[i + 2, j + 2]
            out[i + 2, j] = p[i + 2, j] + dt_s * p[i + 2, j + 2]
            out[i + 2, j + 2] = p[i + 2, j + 2]
    for i in range(2):
        out[i, i] += q_m2ps3 * dt_s * dt_s * dt_s / 3.0
        out[i, i + 2] += q_m2ps3 * dt_s * dt_s / 2.0
        out[i + 2, i] += q_m2ps3 * dt_s * dt_s / 2.0
        out[i + 2, i + 2] += q_m2ps3 * dt_s


@bare_kernel
def invert(a: Floats, work: Floats, out: Floats) -> None:
    """Inverse of a positive definite 4 x 4 matrix by Gauss and Jordan; no pivots are needed."""
    for i in range(4):
        for j in range(4):
            work[i, j] = a[i, j]
            out[i, j] = 1.0 if i == j else 0.0
    for i in range(4):
        pivot = work[i, i]
        for j in range(4):
            work[i, j] /= pivot
            out[i, j] /= pivot
        for k in range(4):
            if k != i:
                factor = work[k, i]
                for j in range(4):
                    work[k, j] -= factor * work[i, j]
                    out[k, j] -= factor * out[i, j]


# Element by element: Numba takes seconds to compile a copy of one slice to another, with its checks of shape
@bare_kernel
def put_row(values: Floats, out: Floats) -> None:
    for i in range(4):
        out[i] = values[i]


@bare_kernel
def put_square(values: Floats, out: Floats) -> None:
    for i in range(4):
        for j in range(4):
            out[i, j] = values[i, j]


@bare_kernel
def far_off(spread: Floats, step: Floats, work: Floats) -> float:
    """Square of ``step`` over the covariance ``spread`` (4 x 4); infinite where that is not positive definite."""
    total = 0.0
    for i in range(4):  # Cholesky, and the forward substitution along with it
        for j in range(i + 1):
            value = spread[i, j]
            for k in range(j):
                value -= work[i, k] * work[j, k]
            if i == j:
                if value <= 0.0:
                    return math.inf
                work[i, i] = math.sqrt(value)
            else:
                work[i, j] = value / work[j, j]
        value = step[i]
        for k in range(i):
            value -= work[i, k] * work[4, k]
        work[4, i] = value / work[i, i]
        total += work[4, i] * work[4, i]
    return total


@bare_kernel
def fit_noise(
    times_ns: Integers,
    states: Floats,
    covariances: Floats,
    heights_m: Floats,
    most_m2ps3: float,
    far: float,
    room: Floats,
    noise_m2ps3: Floats,
) -> None:
    """Double the noise of each step until the next state may follow from the one before it.

    ``room`` is (ROOM, 5, 4), to work in.
    """
    step, ahead, work, predicted, spread = room[0, 0], room[0, 1], room[1], room[2], room[3]
    for k in range(times_ns.shape[0] - 1):
        dt_s = (times_ns[k + 1] - times_ns[k]) * 1e-9
        advance(states[k], dt_s, heights_m[k], ahead)
        meridian, parallel = radii_m(ahead[0], heights_m[k])
        turn = (states[k + 1, 1] - ahead[1] + 180.0) % 360.0 - 180.0
        step[0] = math.radians(turn) * parallel
        step[1] = math.radians(states[k + 1, 0] - ahead[0]) * meridian
        step[2] = states[k + 1, 2] - ahead[2]
        step[3] = states[k + 1, 3] - ahead[3]
        while True:
            grow(covariances[k], dt_s, noise_m2ps3[k], predicted)
            for i in range(4):
                for j in range(4):
                    # two measured numbers move four: the difference has no full rank, so a little is added
                    spread[i, j] = predicted[i, j] - 0.98 * covariances[k + 1, i, j]
                spread[i, i] += 1e-4
            if far_off(spread, step, work) <= far or noise_m2ps3[k] >= most_m2ps3:
                break
            noise_m2ps3[k] = min(2.0 * noise_m2ps3[k], most_m2ps3)


@bare_kernel
def smooth(
    times_ns: Integers,
    pieces: Integers,
    states: Floats,
    covariances: Floats,
    noise_m2ps3: Floats,
    heights_m: Floats,
    room: Floats,
    predicted: Floats,
    step: Floats,
    out_ns: Integers,
    out_state: Floats,
    out_covariance: Floats,
    out_gain: Floats,
) -> None:
    """Rauch-Tung-Striebel over the stored filter states and ``pieces`` steps between each two of them.

    Corrections are small vectors in the plane at each state, so no frame spans the whole path. ``room`` is
    (ROOM, 5, 4), to work in, as are ``predicted``, (t, 4, 4), and ``step``, (t, 4): filter state less the state
    predicted for it [m, m/s]; both may be longer.
    """
    stored = times_ns.shape[0]
    total = out_ns.shape[0]
    for at in range(total):
        for i in range(4):
            step[at, i] = 0.0
    ahead = room[0, 0]
    at = 0
    for k in range(stored):
        out_ns[at] = times_ns[k]
        put_row(states[k], out_state[at])
        put_square(covariances[k], out_covariance[at])
        if k == stored - 1:
            break
        span_ns = times_ns[k + 1] - times_ns[k]
        for piece in range(pieces[k]):
            begin_ns = times_ns[k] + span_ns * piece // pieces[k]
            end_ns = times_ns[k] + span_ns * (piece + 1) // pieces[k]
            dt_s = (end_ns - begin_ns) * 1e-9
            grow(out_covariance[at], dt_s, noise_m2ps3[k], predicted[at + 1])
            advance(out_state[at], dt_s, heights_m[k], ahead)
            if piece < pieces[k] - 1:
                out_ns[at + 1] = end_ns
                put_row(ahead, out_state[at + 1])
                put_square(predicted[at + 1], out_covariance[at + 1])
            else:
                meridian, parallel = radii_m(ahead[0], heights_m[k])
                wrapped = (states[k + 1, 1] - ahead[1] + 180.0) % 360.0 - 180.0
                step[at + 1, 0] = math.radians(wrapped) * parallel
                step[at + 1, 1] = math.radians(states[k + 1, 0] - ahead[0]) * meridian
                step[at + 1, 2] = states[k + 1, 2] - ahead[2]
                step[at + 1, 3] = states[k + 1, 3] - ahead[3]
            at += 1
    correction, change = room[0, 1], room[0, 2]
    inverse, cross, spread, smoothed, work = room[1], room[2], room[3], room[4], room[5]
    for i in range(4):
        correction[i] = 0.0
    for at in range(total - 2, -1, -1):
        dt_s = (out_ns[at + 1] - out_ns[at]) * 1e-9
        p = out_covariance[at]
        for i in range(4):  # P F'
            for j in range(2):
                cross[i, j] = p[i, j] + dt_s * p[i, j + 2]
                cross[i, j + 2] = p[i, j + 2]
        invert(predicted[at + 1], work, inverse)
        gain = out_gain[at]
        for i in range(4):
            for j in range(4):
                total_ij = 0.0
                for m in range(4):
                    total_ij += cross[i, m] * inverse[m, j]
                gain[i, j] = total_ij
        for i in range(4):
            change[i] = correction[i] + step[at + 1, i]
        for i in range(4):
            correction[i] = 0.0
            for j in range(4):
                correction[i] += gain[i, j] * change[j]
        for i in range(4):
            for j in range(4):
                spread[i, j] = out_covariance[at + 1, i, j] - predicted[at + 1, i, j]
        for i in range(4):
            for n in range(4):
                total_ij = 0.0
                for m in range(4):
                    total_ij += gain[i, m] * spread[m, n]
                cross[i, n] = total_ij
        for i in range(4):
            for j in range(4):
                total_ij = p[i, j]
                for n in range(4):
                    total_ij += cross[i, n] * gain[j, n]
                smoothed[i, j] = total_ij
        put_square(smoothed, out_covariance[at])
        meridian, parallel = radii_m(out_state[at, 0], heights_m[0])
        out_state[at, 0] += math.degrees(correction[1] / meridian)
        out_state[at, 1] += math.degrees(correction[0] / parallel)
        out_state[at, 2] += correction[2]
        out_state[at, 3] += correction[3]


@bare_kernel
def smooth_all(
    ring_begin: Integers,
    path_begin: Integers,
    times_ns: Integers,
    pieces: Integers,
    states: Floats,
    covariances: Floats,
    noise_m2ps3: Floats,
    heights: Floats,
    most_m2ps3: float,
    far: float,
    room: Floats,
    predicted: Floats,
    step: Floats,
    ground_m: Floats,
    out_ns: Integers,
    out_state: Floats,
    out_covariance: Floats,
    out_gain: Floats,
    out_heights: Floats,
) -> None:
    """``smooth`` for each of (r,) rings, with the noise that fits and heights drawn straight between states.

    Args:
        ring_begin: (r + 1,) where the states of each ring begin.
        path_begin: (r + 1,) where the instants of each path begin.
        times_ns: (k,) of all states, ring by ring.
        pieces: (k,) steps to the next state; that of a ring's last is not read.
        states: (k, 4).
        covariances: (k, 4, 4).
        noise_m2ps3: (k,) to the next state; raised where it does not fit.
        heights: (k, 3) above the ellipsoid, by pressure, sigma [m]; NaN unknown.
        most_m2ps3: as ``fit_noise``.
        far: as ``fit_noise``.
        room: as ``smooth``, as the next two, which are as long as the longest path.
        predicted: the same.
        step: the same.
        ground_m: (k,) to work in.
        out_ns: (t,) instants, path by path, as the others.
        out_state: (t, 4).
        out_covariance: (t, 4, 4).
        out_gain: (t, 4, 4).
        out_heights: (t, 3).
    """
    for k in range(times_ns.shape[0]):
        ground_m[k] = heights[k, 1] if math.isnan(heights[k, 0]) else heights[k, 0]
        if math.isnan(ground_m[k]):
            ground_m[k] = 0.0
    for ring in range(ring_begin.shape[0] - 1):
        a, b = ring_begin[ring], ring_begin[ring + 1]
        c, d = path_begin[ring], path_begin[ring + 1]
        fit_noise(
            times_ns[a:b], states[a:b], covariances[a:b], ground_m[a:b], most_m2ps3, far, room,
            noise_m2ps3[a:b],
        )  # fmt: skip
        smooth(
            times_ns[a:b], pieces[a:b], states[a:b], covariances[a:b], noise_m2ps3[a:b],
            ground_m[a:b], room, predicted, step, out_ns[c:d], out_state[c:d], out_covariance[c:d],
            out_gain[c:d],
        )  # fmt: skip
        at = c
        for k in range(a, b):
            count = pieces[k] if k < b - 1 else 1
            for piece in range(count):
                for column in range(3):
                    value = heights[k, column]
                    if piece > 0:
                        value += (heights[k + 1, column] - value) * piece / count
                    out_heights[at, column] = value
                at += 1


@kernel
def cross_covariance(
    gains: Floats, covariances: Floats, first: int, second: int, out: Floats
) -> None:
    """Covariance of the smoothed errors at two places of a path, ``first`` not after ``second``."""
    put_square(covariances[second], out)
    work = np.empty((4, 4))
    for k in range(second - 1, first - 1, -1):
        for i in range(4):
            for j in range(4):
                total = 0.0
                for m in range(4):
                    total += gains[k, i, m] * out[m, j]
                work[i, j] = total
        put_square(work, out)


@bare_kernel
def limit_margins(
    zone: Integers,
    limit_m: Floats,
    datum: Integers,
    geoid_m: Floats,
    height_hae_m: Floats,
    pressure_altitude_m: Floats,
    height_sigma_m: Floats,
    sign: float,
    unknown_sigma_m: float,
    datum_sigma_m: float,
    out: Floats,
) -> None:
    """Margins of (k,) heights over the limits of their zones, or under them where ``sign`` is -1.

    ``datum`` is 0 for no limit, 1 by pressure, 2 above the ellipsoid, 3 another, 4 above the sea, which is
    ``geoid_m`` above the ellipsoid. See ``zone_facts``.
    """
    for k in range(zone.shape[0]):
        z = zone[k]
        out[k] = math.inf
        if datum[z] == 0:
            continue
        own, other = height_hae_m[k], pressure_altitude_m[k]
        if datum[z] == 1:
            own, other = other, own
        exact = not math.isnan(own) and datum[z] != 3
        height_m = other if math.isnan(own) else own
        sigma_m = unknown_sigma_m if math.isnan(height_sigma_m[k]) else height_sigma_m[k]
        sigma_m = math.hypot(sigma_m, 1.0 if exact else datum_sigma_m)
        # a height by pressure is compared with a limit above the sea as it stands
        sea_m = geoid_m[z] if datum[z] == 4 and exact else 0.0
        margin = sign * (height_m - limit_m[z] - sea_m) / sigma_m
        if not math.isnan(margin):
            out[k] = margin
