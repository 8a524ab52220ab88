"""Kernels that check plots, name them by what they say, and cut them into batches."""

import math

import numpy as np

from vedette.fusion import _layout as c
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel

GOOD, LATE, UNUSABLE, BEARING = 0, 1, 2, 3
TWO_PI = 2.0 * math.pi
# columns of RAW: least and largest plausible value; 1 and 12 are angles
LIMITS = np.array(
    [
        [1.0, 2_000_000.0], [-1e3, 1e3], [-math.pi / 2, math.pi / 2], [1e-3, 1e5], [1e-7, 1.0],
        [-90.0, 90.0], [-360.0, 360.0], [1e-3, 1e5], [-1_000.0, 60_000.0], [-1_000.0, 200_000.0],
        [0.0, 50_000.0], [0.0, 4_000.0], [-1e3, 1e3], [-1_000.0, 1_000.0], [0.0, 1.0],
        [-4_000.0, 4_000.0], [-90.0, 90.0], [-360.0, 360.0], [-1_000.0, 60_000.0],
    ]
)  # fmt: skip
KEY_COLUMNS = np.array([0, 1, 2, 5, 6, 8, 9, 16, 17])  # of RAW, that tell one report from another
KEY_NAMES = np.array([c.P_ICAO, c.P_CODE, c.P_CALLSIGN, c.P_NUMBER])
# 95 % radius of NACp 1..11 [m], RTCA DO-260B; two equal Gaussian axes hold 95 % within 2.448 sigma
NAC_P_M = np.array(
    [0.0, 18_520.0, 7_408.0, 3_704.0, 1_852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0]
)
TIME_BITS, SENSOR_BITS, FINE_BITS, KEY_BITS = 18, 10, 19, 17


@inner_kernel
def stirred(value: np.uint64) -> np.uint64:
    """Spread bits (splitmix64, Steele, Lea and Flood 2014)."""
    z = value + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(z ^ (z >> np.uint64(31)))


@inner_kernel
def is_bearer(kind: int) -> bool:
    """Whether sensors of this kind give directions without a range: cuas, acoustic, person."""
    return bool(kind >= 6 and kind <= 8)


@bare_kernel
def examine(
    first: int, last: int, raw: Floats, bits: Integers, names: Integers, seeds: Integers,
    ranks: Integers, epochs: Integers, sensors: Floats, sigmas: Floats, heard: Integers, now_ns: int,
    late_ns: int, ahead_ns: int, status: Integers, keys: Integers, places: Integers, past: Flags,
) -> None:  # fmt: skip
    """Set the implausible to unknown, complete accuracies, and give each plot its key and its place in the order.

    Of the plots from ``first`` to ``last``; parts may run side by side.

    ``raw`` is (RAW, n), ``bits`` the same memory as integers, ``names`` (PLOT_INTEGERS, n). ``status`` gets
    GOOD, BEARING (it has no range and no place), LATE or UNUSABLE; ``keys`` a hash of what the plot says;
    ``places`` a number by which a plain sort gives the order (epoch, sensor, microsecond, key): equal numbers
    of different plots are settled after. ``past`` gets whether the plot is of a time up to which its sensor has
    been ``heard``: it may have come before.
    """
    base_ms = (now_ns - late_ns) // 1_000_000 - 1_000
    for p in range(first, last):
        s = names[c.P_SENSOR, p]
        t = names[c.P_T, p]
        status[p] = UNUSABLE
        if s < 0 or names[c.P_KIND, p] < 0 or t > now_ns + ahead_ns:
            continue
        for u in range(raw.shape[0]):
            value = raw[u, p]
            if not (value >= LIMITS[u, 0] and value <= LIMITS[u, 1]):
                raw[u, p] = math.nan
        for u in (1, 12):
            value = raw[u, p]
            if not (value >= 0.0 and value < TWO_PI) and not math.isnan(value):
                value = value % TWO_PI
                raw[u, p] = value if value < TWO_PI else 0.0
        bearing = False
        polar = (
            sensors[s, c.S_POLAR] > 0.0 and not math.isnan(raw[0, p]) and not math.isnan(raw[1, p])
        )
        if not polar:
            bearing = math.isnan(raw[5, p]) or math.isnan(raw[6, p])
            if bearing and (math.isnan(raw[1, p]) or not is_bearer(names[c.P_KIND, p])):
                continue
            raw[0, p] = math.nan
        if t < now_ns - late_ns:
            status[p] = LATE
            continue
        status[p] = BEARING if bearing else GOOD
        past[p] = t <= heard[s]
        key = stirred(np.uint64(seeds[s]) ^ stirred(np.uint64(t)))
        for u in KEY_COLUMNS:
            value = raw[u, p]
            if not math.isnan(value):
                raw[u, p] = value + 0.0  # one zero
                key = stirred(key ^ np.uint64(bits[u, p]) ^ np.uint64(u))
        for u in KEY_NAMES:
            key = stirred(key ^ np.uint64(names[u, p]))
        keys[p] = np.int64(key)
        names[c.P_KEY, p] = np.int64(key)
        epoch_ms = (t // 1_000_000) // epochs[s] * epochs[s]
        fine = np.uint64((t - epoch_ms * 1_000_000) // 1_000)
        place = np.uint64(epoch_ms - base_ms) << np.uint64(SENSOR_BITS + FINE_BITS + KEY_BITS)
        place |= np.uint64(ranks[s]) << np.uint64(FINE_BITS + KEY_BITS)
        place |= fine << np.uint64(KEY_BITS)
        places[p] = np.int64(place | (key >> np.uint64(64 - KEY_BITS)))
        # accuracies that the plot does not give: from its NACp, else from its sensor
        if math.isnan(raw[3, p]):
            raw[3, p] = sigmas[s, 0]
        if math.isnan(raw[4, p]):
            raw[4, p] = sigmas[s, 1]
        if math.isnan(raw[7, p]):
            nac = names[c.P_NAC_P, p]
            if nac > 0 and nac < NAC_P_M.shape[0]:
                # better than 10 m is not believed: latency of a broadcast alone moves a jet by metres
                raw[7, p] = max(NAC_P_M[nac] / 2.448, 10.0)
            else:
                raw[7, p] = sigmas[s, 0]
        raw[5, p] = math.radians(raw[5, p])
        raw[6, p] = math.radians(raw[6, p])


@inner_kernel
def precedes(a: int, b: int, raw: Floats, names: Integers) -> bool:
    """Whether plot a stands before plot b of the same place: by key, then by all that they say."""
    if names[c.P_KEY, a] != names[c.P_KEY, b]:
        return bool(names[c.P_KEY, a] < names[c.P_KEY, b])
    for u in range(names.shape[0]):
        if names[u, a] != names[u, b]:
            return bool(names[u, a] < names[u, b])
    for u in range(raw.shape[0]):
        x, y = raw[u, a], raw[u, b]
        if math.isnan(x) or math.isnan(y):
            if math.isnan(x) != math.isnan(y):
                return math.isnan(y)
        elif x != y:
            return bool(x < y)
    return False


@bare_kernel
def settle_order(order: Integers, places: Integers, raw: Floats, names: Integers) -> None:
    """Insertion sort among plots of equal place (in order already but for them)."""
    for k in range(1, order.shape[0]):
        p = order[k]
        j = k
        while j > 0 and places[order[j - 1]] == places[p] and precedes(p, order[j - 1], raw, names):
            order[j] = order[j - 1]
            j -= 1
        order[j] = p


@bare_kernel
def name_of(names: Integers, p: int) -> int:
    """What names the object of a plot to its own sensor, or -1."""
    name = np.int64(-1)
    if names[c.P_ICAO, p] >= 0:
        name = names[c.P_ICAO, p]
    elif names[c.P_NUMBER, p] >= 0:
        name = names[c.P_NUMBER, p] + (1 << 32)
    elif names[c.P_CALLSIGN, p] != 0:
        name = names[c.P_CALLSIGN, p]
    return int(name)


@bare_kernel
def cut_batches(
    order: Integers, places: Integers, names: Integers, table: Integers, rank: Integers,
    spare: Integers, bounds: Integers,
) -> int:  # fmt: skip
    """Bounds of the batches: one epoch and sensor, and no identity twice; returns their number.

    Where an identity comes again, its later plots go to a batch of their own after the others. ``table``
    is (2, power of two) of -1; ``rank`` and ``spare`` have room for all plots; ``bounds`` for one more.
    """
    n, found, mask = order.shape[0], 0, table.shape[1] - 1
    shift = np.int64(FINE_BITS + KEY_BITS)
    first = 0
    while first < n:
        head = places[order[first]] >> shift
        last = first
        most = 0
        while last < n and places[order[last]] >> shift == head:
            p = order[last]
            rank[last] = 0
            name = name_of(names, p)
            if name != -1:
                slot = np.int64(stirred(np.uint64(name))) & mask
                while table[0, slot] != -1 and table[0, slot] != name:
                    slot = (slot + 1) & mask
                if table[0, slot] == name:
                    rank[last] = table[1, slot]
                    most = max(most, rank[last])
                else:
                    table[0, slot], table[1, slot] = name, 0
                table[1, slot] += 1
            last += 1
        for k in range(first, last):  # clear what was used, by the same walk
            name = name_of(names, order[k])
            if name != -1:
                slot = np.int64(stirred(np.uint64(name))) & mask
                while table[0, slot] != -1:
                    table[0, slot] = -1
                    slot = (slot + 1) & mask
        if most == 0:
            bounds[found] = first
            found += 1
        else:
            at = first
            for wanted in range(most + 1):
                bounds[found] = at
                for k in range(first, last):
                    if rank[k] == wanted:
                        spare[at] = order[k]
                        at += 1
                found += 1
            for k in range(first, last):
                order[k] = spare[k]
        first = last
    bounds[found] = n
    return found
