"""Compiled inner loops of ``refining``: entry, exit and deepest places of passages on smoothed paths."""

import math

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, kernel
from vedette.watch._kernels import cross_covariance

Z95 = 1.959963984540054  # 95 % of a normal error lie within
EARTH_M = 6_371_008.8  # mean radius, IUGG


@bare_kernel
def _phi(margin: float) -> float:
    return 0.5 * math.erfc(-margin / math.sqrt(2.0))


@bare_kernel
def _when(
    times_ns: Integers, margin: Floats, back: int, last: int, outer: int, level: float
) -> int:
    """Time between instants ``outer`` and the next towards the inside at which the margin is ``level``."""
    a = last - outer if back == 1 else outer
    if outer == last:
        return int(-times_ns[a] if back == 1 else times_ns[a])
    b = a - 1 if back == 1 else a + 1
    rise = margin[b] - margin[a]
    share = 0.0 if rise == 0.0 else min(max((level - margin[a]) / rise, 0.0), 1.0)
    found = int(times_ns[a]) + int(np.rint(share * (times_ns[b] - times_ns[a])))
    return -found if back == 1 else found


@bare_kernel
def edge(times_ns: Integers, margin: Floats, peak: int, back: int, out: Integers) -> None:
    """Write to (6,) ``out`` low, estimate and high end, place, and 1 each where the path holds the certain outside
    and inside.

    ``back`` 1 is the exit after instant ``peak``: the entry of reversed time. See ``refining.edge``.
    """
    last = times_ns.shape[0] - 1
    if back == 1:
        peak = last - peak
    outer, reached = 0, 0
    for i in range(peak, -1, -1):
        if margin[last - i if back == 1 else i] <= -Z95:
            outer, reached = i, 1
            break
    inner, above = peak, 0
    for i in range(outer, peak + 1):
        if margin[last - i if back == 1 else i] >= Z95:
            inner, above = i, 1
            break
    if reached == 1:
        low_ns = _when(times_ns, margin, back, last, outer, -Z95)
    else:
        low_ns = -times_ns[last] if back == 1 else times_ns[0]
    if above == 1 and inner > outer:
        high_ns = _when(times_ns, margin, back, last, inner - 1, Z95)
    else:
        high_ns = -times_ns[last - inner] if back == 1 else times_ns[inner]
    high_ns = max(high_ns, low_ns)
    # integrate P(inside) over the interval on its own instants and its two ends
    expected_ns, before_ns, before = 0.0, low_ns, -1.0
    for i in range(last + 1):
        here = last - i if back == 1 else i
        now_ns = -times_ns[here] if back == 1 else times_ns[here]
        if before < 0.0:
            if now_ns < low_ns and i < last:
                continue
            # the margin at the low end, between this instant and the one before
            value = margin[here]
            if now_ns > low_ns and i > 0:
                there = here + 1 if back == 1 else here - 1
                past_ns = -times_ns[there] if back == 1 else times_ns[there]
                value = margin[there] + (margin[here] - margin[there]) * (
                    (low_ns - past_ns) / (now_ns - past_ns)
                )
            before = _phi(value)
        if now_ns >= high_ns:
            value = margin[here]
            if now_ns > high_ns and i > 0:
                there = here + 1 if back == 1 else here - 1
                past_ns = -times_ns[there] if back == 1 else times_ns[there]
                value = margin[there] + (margin[here] - margin[there]) * (
                    (high_ns - past_ns) / (now_ns - past_ns)
                )
            expected_ns += 0.5 * (before + _phi(value)) * (high_ns - before_ns)
            before_ns = high_ns
            break
        if now_ns > before_ns:
            chance = _phi(margin[here])
            expected_ns += 0.5 * (before + chance) * (now_ns - before_ns)
            before, before_ns = chance, now_ns
    estimate_ns = int(high_ns) - int(np.rint(expected_ns))
    if reached == 0 and margin[last if back == 1 else 0] > 0.0:
        estimate_ns = low_ns  # it was already inside when we first saw it
    place = last
    for i in range(last + 1):
        if (-times_ns[last - i] if back == 1 else times_ns[i]) >= estimate_ns:
            place = i
            break
    if back == 1:
        out[0], out[1], out[2], out[3] = -high_ns, -estimate_ns, -low_ns, last - place
    else:
        out[0], out[1], out[2], out[3] = low_ns, estimate_ns, high_ns, place
    out[4], out[5] = reached, above


@kernel
def correlation(
    gain: Floats,
    covariance: Floats,
    state: Floats,
    azimuth_rad: Floats,
    distance_m: Floats,
    sigma_m: Floats,
    boundary_sigma_m: Floats,
    first: int,
    second: int,
    shared_m: float,
) -> float:
    """Correlation of the errors of the distances at two instants of a path, ``first`` before ``second``.

    The track's part comes from the smoother. The boundary's is common at one place and fades with the distance
    between the two places, by ``shared_m``.
    """
    cross = np.empty((4, 4))
    cross_covariance(gain, covariance, first, second, cross)
    # azimuths point to the boundary: outwards when inside, inwards when outside
    one = math.copysign(1.0, distance_m[first])
    other = math.copysign(1.0, distance_m[second])
    one_e, one_n = one * math.sin(azimuth_rad[first]), one * math.cos(azimuth_rad[first])
    other_e, other_n = other * math.sin(azimuth_rad[second]), other * math.cos(azimuth_rad[second])
    lat0, lat1 = math.radians(state[first, 0]), math.radians(state[second, 0])
    half_lat = math.sin(0.5 * (lat1 - lat0)) ** 2
    half_lon = math.sin(0.5 * math.radians(state[second, 1] - state[first, 1])) ** 2
    root = math.sqrt(min(1.0, half_lat + math.cos(lat0) * math.cos(lat1) * half_lon))
    apart_m = 2.0 * EARTH_M * math.asin(root)
    drawn_m2 = boundary_sigma_m[first] * boundary_sigma_m[second]
    # two sides of a strip are drawn from different points, however near: only like-facing ones share
    facing = max(0.0, one_e * other_e + one_n * other_n)
    total = drawn_m2 * math.exp(-apart_m / shared_m) * facing
    total += one_e * (cross[0, 0] * other_e + cross[0, 1] * other_n)
    total += one_n * (cross[1, 0] * other_e + cross[1, 1] * other_n)
    return float(min(max(total / (sigma_m[first] * sigma_m[second]), -1.0), 1.0))


@kernel
def refine(
    begin: Integers,
    path_first: Integers,
    times_ns: Integers,
    state: Floats,
    covariance: Floats,
    gain: Floats,
    distance_m: Floats,
    azimuth_rad: Floats,
    sigma_m: Floats,
    margin: Floats,
    boundary_sigma_m: Floats,
    outside_ns: Integers,
    gone_ns: Integers,
    settled: Integers,
    ceased: Integers,
    shared_m: float,
    stretch_ns: int,
    top: Integers,
    entry: Integers,
    exit_: Integers,
    span_ns: Integers,
    found: Floats,
    reach_job: Integers,
    reach_row: Integers,
) -> int:
    """Entry, exit and the deepest instant of each stretch of time of (j,) passages.

    Args:
        begin: (j + 1,) where the profile of each begins.
        path_first: (j,) first instant of its path in ``times_ns``, ``state``, ``covariance`` and ``gain``.
        times_ns: of the paths, as the next three.
        state: (t, 4).
        covariance: (t, 4, 4).
        gain: (t, 4, 4).
        distance_m: of the profiles, as the next four.
        azimuth_rad: towards the boundary.
        sigma_m: of track and boundary.
        margin: distances inside over their sigmas.
        boundary_sigma_m: of the boundary alone.
        outside_ns: (j,) last time certainly outside before; -1: none known.
        gone_ns: (j,) first time certainly outside after, or when the zone ceased; -1: still inside.
        settled: (j,) 1 where the entry stays as it was.
        ceased: (j,) 1 where the zone ceased to be in force: no path moves that exit.
        shared_m: as ``correlation``.
        stretch_ns: length of a stretch.
        top: (j,) deepest instant of its profile, -1: the path has none between the times outside.
        entry: (j, 6) as ``edge``.
        exit_: (j, 6) the same.
        span_ns: (j, 2) from when to when the object was inside, as far as the path shows it.
        found: (j, 2) correlation of the distances at entry and exit, greatest margin.
        reach_job: passages of the deepest instants, filled as far as it goes.
        reach_row: and those instants in the profiles.

    Returns:
        How many deepest instants there are.
    """
    count = 0
    for j in range(outside_ns.shape[0]):
        a, b = begin[j], begin[j + 1]
        p, q = path_first[j], path_first[j] + b - a
        times, here = times_ns[p:q], margin[a:b]
        first = 0
        if outside_ns[j] >= 0:
            while first < b - a and times[first] < outside_ns[j]:
                first += 1
        last = b - a
        if gone_ns[j] >= 0:
            while last > 0 and times[last - 1] > gone_ns[j]:
                last -= 1
        top[j] = -1
        if last <= first:
            continue
        peak = first
        for i in range(first, last):
            if here[i] > here[peak]:
                peak = i
        found[j, 0], found[j, 1] = 0.0, here[peak]
        edge(times, here, peak, 0, entry[j])
        own = entry[j, 4] == 1 and (outside_ns[j] < 0 or settled[j] == 0)
        low, high = (entry[j, 3] if own else first), last
        span_ns[j, 0] = entry[j, 1] if own else max(outside_ns[j], times[0])
        span_ns[j, 1] = gone_ns[j] if gone_ns[j] >= 0 else times[last - 1]
        if gone_ns[j] >= 0 and ceased[j] == 0:
            edge(times, here, peak, 1, exit_[j])
            if own and exit_[j, 4] == 1 and entry[j, 3] <= exit_[j, 3]:
                found[j, 0] = correlation(
                    gain[p:q], covariance[p:q], state[p:q], azimuth_rad[a:b], distance_m[a:b],
                    sigma_m[a:b], boundary_sigma_m[a:b], entry[j, 3], exit_[j, 3], shared_m,
                )  # fmt: skip
            high = exit_[j, 3] + 1
            span_ns[j, 1] = exit_[j, 1]
        best, top[j] = -1, low
        for i in range(low, max(high, low + 1)):
            if best >= 0 and times[i] // stretch_ns != times[best] // stretch_ns:
                reach_job[count], reach_row[count] = j, a + best
                count += 1
                best = -1
            if best < 0 or distance_m[a + i] > distance_m[a + best]:
                best = i
            if distance_m[a + i] > distance_m[a + top[j]]:
                top[j] = i
        reach_job[count], reach_row[count] = j, a + best
        count += 1
    return count
