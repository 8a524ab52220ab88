"""Compiled inner loops of identity: plain arrays in, ``out`` filled."""

import math

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.kernel import bare_kernel

EARTH_M = 6_371_008.8  # mean radius, IUGG
NEAREST_M = 400.0  # nearer than this two tracks may be one object seen twice
OUTSIDE = 0.003  # share of what any class does that no box describes: nothing is impossible
FLAT_MPS, FLAT_M, FLAT_CLIMB_MPS = 1_000.0, 30_000.0, 200.0  # over which that share is spread


@bare_kernel
def trapezoid(value: float, low: float, high: float, shoulder: float) -> float:
    """Density that is flat from low to high and falls to nothing over a shoulder on either side."""
    if value < low - shoulder or value > high + shoulder:
        return 0.0
    top = 1.0 / (high - low + shoulder)
    if value < low:
        return top * (value - low + shoulder) / shoulder
    if value > high:
        return top * (high + shoulder - value) / shoulder
    return top


@bare_kernel
def _within(value: float, low: float, high: float, shoulder: float) -> bool:
    return not (value <= low - shoulder or value >= high + shoulder)


@bare_kernel
def learn_phases(
    speed_mps: Floats,
    speed_sigma_mps: Floats,
    height_m: Floats,
    climb_mps: Floats,
    share: Floats,
    owners: Integers,
    weights: Floats,
    boxes: Floats,
    sums: Floats,
    phase_log: Floats,
) -> None:
    """Move running means of (n, classes) log-likelihoods by a ``share`` towards what a sample says.

    ``sums`` (classes,) is room. A class gets no less than -12 from one sample.
    """
    for i in range(phase_log.shape[0]):
        flat = OUTSIDE / FLAT_MPS
        with_height = not math.isnan(height_m[i])
        with_climb = not math.isnan(climb_mps[i])
        if with_height:
            flat /= FLAT_M
        if with_climb:
            flat /= FLAT_CLIMB_MPS
        for c in range(sums.shape[0]):
            sums[c] = flat
        for m in range(owners.shape[0]):
            speed_shoulder = 5.0 + 0.08 * boxes[m, 1] + 2.0 * speed_sigma_mps[i]
            height_shoulder = 150.0 + 0.05 * boxes[m, 3]
            climb_shoulder = 1.5 + 0.1 * max(-boxes[m, 4], boxes[m, 5])
            # most boxes are elsewhere: no density is computed where another one is nothing
            if not _within(speed_mps[i], boxes[m, 0], boxes[m, 1], speed_shoulder):
                continue
            if with_height and not _within(height_m[i], boxes[m, 2], boxes[m, 3], height_shoulder):
                continue
            if with_climb and not _within(climb_mps[i], boxes[m, 4], boxes[m, 5], climb_shoulder):
                continue
            density = trapezoid(speed_mps[i], boxes[m, 0], boxes[m, 1], speed_shoulder)
            if with_height:
                density *= trapezoid(height_m[i], boxes[m, 2], boxes[m, 3], height_shoulder)
            if with_climb:
                density *= trapezoid(climb_mps[i], boxes[m, 4], boxes[m, 5], climb_shoulder)
            sums[owners[m]] += weights[m] * density
        best = 0.0
        for c in range(sums.shape[0]):
            best = max(best, sums[c])
        nothing = math.log(flat / best)
        for c in range(sums.shape[0]):
            said = nothing if sums[c] == flat else math.log(sums[c] / best)
            phase_log[i, c] += share[i] * (max(said, -12.0) - phase_log[i, c])


@bare_kernel
def add_factors(
    prior: Floats,
    kinematic_weight: Floats,
    phase_log: Floats,
    most: Floats,
    limits: Floats,
    emitter: Integers,
    registered: Integers,
    address: Integers,
    callsign: Integers,
    reply: Integers,
    company: Floats,
    hint: Integers,
    hint_log: Floats,
    steady: Floats,
    clutter: int,
    told: Integers,
    airway: Integers,
    traffic: Floats,
    scale: Floats,
    tables: Floats,
    begin: Integers,
    out: Floats,
) -> None:
    """Sum of a prior and all factors, in their order, less the greatest of each row.

    Args:
        prior: (classes,) logarithms.
        kinematic_weight: (n,) by which ``phase_log`` (n, classes) counts.
        phase_log: running means of the kinematic evidence.
        most: (n, 4) the most that each has done, in the order of ``limits`` (classes, 4).
        limits: the most that each class does.
        emitter: (n,) row of the factor's part of ``tables``; so are the other codes.
        registered: (n,) the same; below 0 where it counts for nothing.
        address: (n,) the same.
        callsign: (n,) the same.
        reply: (n,) the same.
        company: (n,) weight of the one row of formation.
        hint: (n,) class, or below 0.
        hint_log: (n,) what is said for it.
        steady: (n,) what speaks against ``clutter``.
        clutter: class.
        told: (n,) row.
        airway: (n,) row.
        traffic: (n, classes).
        scale: (6,) of kinematics, limits, hint, persistence, traffic, formation; other tables hold theirs.
        tables: (rows, classes), one below the other.
        begin: (8,) where emitter, register, address, callsign, reply, formation, told, airway begin in it.
        out: (n, classes) filled.
    """
    for i in range(out.shape[0]):
        best = -math.inf
        for c in range(out.shape[1]):
            total = 0.0 + prior[c]
            total += max(kinematic_weight[i] * phase_log[i, c], -8.0) * scale[0]
            total += overdone(most, limits, i, c) * scale[1]
            total += tables[begin[0] + emitter[i], c]
            total += tables[begin[1] + registered[i], c] if registered[i] >= 0 else 0.0
            total += tables[begin[2] + address[i], c]
            total += tables[begin[3] + callsign[i], c]
            total += tables[begin[4] + reply[i], c]
            total += company[i] * tables[begin[5], c] * scale[5]
            total += hint_log[i] * scale[2] if hint[i] == c else 0.0
            total += -steady[i] * scale[3] if c == clutter else 0.0
            total += tables[begin[6] + told[i], c]
            total += tables[begin[7] + airway[i], c]
            total += traffic[i, c] * scale[4]
            out[i, c] = total
            best = max(best, total)
        for c in range(out.shape[1]):
            out[i, c] -= best


@bare_kernel
def overdone(most: Floats, limits: Floats, i: int, c: int) -> float:
    """Penalty of object i for what class c cannot do; a quarter beyond its limit costs 2."""
    total = 0.0
    for k in range(most.shape[1]):
        over = most[i, k] / limits[c, k] - 1.0
        if over > 0.0:
            total += min(8.0 * over, 6.0)
    return -min(total, 10.0)


@bare_kernel
def exceedance(most: Floats, limits: Floats, out: Floats) -> None:
    for i in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[i, c] = overdone(most, limits, i, c)


@bare_kernel
def distance_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance of two places given in degrees."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_lat = math.sin(0.5 * (phi_b - phi_a))
    half_lon = math.sin(0.5 * math.radians(lon_b - lon_a))
    chord = half_lat * half_lat + math.cos(phi_a) * math.cos(phi_b) * half_lon * half_lon
    return 2.0 * EARTH_M * math.asin(math.sqrt(min(1.0, chord)))


@bare_kernel
def companions(
    latitude_deg: Floats,
    longitude_deg: Floats,
    height_m: Floats,
    velocity_mps: Floats,
    apart_m: float,
    apart_height_m: float,
    apart_mps: float,
    out: Integers,
) -> None:
    """Count who flies beside whom; rows sorted by latitude. At most 256 neighbours are looked at."""
    reach_deg = math.degrees(apart_m / EARTH_M)
    n = latitude_deg.shape[0]
    for i in range(n):
        for j in range(i + 1, min(n, i + 257)):
            if latitude_deg[j] - latitude_deg[i] > reach_deg:
                break
            if abs(height_m[j] - height_m[i]) > apart_height_m:  # NaN compares as near
                continue
            east_mps = velocity_mps[j, 0] - velocity_mps[i, 0]
            north_mps = velocity_mps[j, 1] - velocity_mps[i, 1]
            if math.hypot(east_mps, north_mps) > apart_mps:
                continue
            away_m = distance_m(
                latitude_deg[i], longitude_deg[i], latitude_deg[j], longitude_deg[j]
            )
            if NEAREST_M <= away_m <= apart_m:
                out[i] += 1
                out[j] += 1


@bare_kernel
def successors(
    new_place_deg: Floats,
    new_height_m: Floats,
    new_speed_mps: Floats,
    new_birth_ns: Integers,
    new_ns: Integers,
    new_icao: Integers,
    old_place_deg: Floats,
    old_height_m: Floats,
    old_velocity_mps: Floats,
    old_ns: Integers,
    old_icao: Integers,
    gap_max_s: float,
    base_m: float,
    share: float,
    out: Integers,
) -> None:
    """For each new track the lost one that it may continue, or -1.

    The gate: within ``base_m`` and a share of the way flown of the place that the lost one would
    have reached, at half to one and a half times its speed, and within a climb of 20 m/s of its
    height. Equal addresses pass at once where the speed between the two places is one of aircraft.
    """
    for i in range(new_ns.shape[0]):
        out[i] = -1
        nearest = math.inf
        for j in range(old_ns.shape[0]):
            gap_s = (new_ns[i] - old_ns[j]) * 1e-9
            if new_birth_ns[i] < old_ns[j] or gap_s > gap_max_s:
                continue
            if new_icao[i] >= 0 and old_icao[j] >= 0 and new_icao[i] != old_icao[j]:
                continue
            speed_mps = math.hypot(old_velocity_mps[j, 0], old_velocity_mps[j, 1])
            cosine = max(0.01, math.cos(math.radians(old_place_deg[j, 0])))
            way_deg = math.degrees(gap_s / EARTH_M)
            away_m = distance_m(
                old_place_deg[j, 0] + old_velocity_mps[j, 1] * way_deg,
                old_place_deg[j, 1] + old_velocity_mps[j, 0] * way_deg / cosine,
                new_place_deg[i, 0],
                new_place_deg[i, 1],
            )
            if new_icao[i] >= 0 and new_icao[i] == old_icao[j]:
                if away_m > base_m + 1.5 * speed_mps * gap_s:
                    continue
            else:
                if away_m > base_m + share * speed_mps * gap_s:
                    continue
                if abs(new_speed_mps[i] - speed_mps) > 0.5 * speed_mps + 10.0:
                    continue
                if abs(new_height_m[i] - old_height_m[j]) > 600.0 + 20.0 * gap_s:
                    continue  # NaN passes: an unknown height excludes nothing
            if away_m < nearest:
                nearest = away_m
                out[i] = j


@bare_kernel
def twins(
    order: Integers,
    icao: Integers,
    latitude_deg: Floats,
    longitude_deg: Floats,
    apart_m: float,
    near_m: float,
    radar_only: Flags,
    broadcast_only: Flags,
    duplicate: Flags,
    disagree: Flags,
) -> None:
    """Mark rows that share an address but not a place; ``order`` sorts the rows by address."""
    n = order.shape[0]
    for a in range(n):
        i = order[a]
        if icao[i] < 0:
            continue
        for b in range(a + 1, min(n, a + 65)):
            j = order[b]
            if icao[j] != icao[i]:
                break
            away_m = distance_m(
                latitude_deg[i], longitude_deg[i], latitude_deg[j], longitude_deg[j]
            )
            if away_m > apart_m:
                duplicate[i] = True
                duplicate[j] = True
            mixed = (radar_only[i] and broadcast_only[j]) or (radar_only[j] and broadcast_only[i])
            if mixed and away_m > near_m:
                disagree[i] = True
                disagree[j] = True
