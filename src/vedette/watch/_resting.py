"""Compiled inner loops of ``resting``: which pairs of a track and a zone are due, and what a look shows."""

import math
from typing import TYPE_CHECKING

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel

if TYPE_CHECKING:
    from vedette.watch.pairs import Pairs

CLEAR = 4.0  # sigmas from a boundary at which nothing is about to happen, as in ``nearby``
FAR = -1e9
RIVAL = 6.0  # sigmas below the deepest place at which another cannot matter to the depth


@bare_kernel
def due_pairs(
    begin: Integers,
    looks: Integers,
    valid_ns: Integers,
    reach_mps: Floats,
    apart_ns: Integers,
    way_m: Floats,
    sigma_m: Floats,
    zone: Integers,
    from_ns: Integers,
    to_ns: Integers,
    check_ns: int,
    sigmas: float,
    passage: Integers,
    clear_m: Floats,
    due_ns: Integers,
    outside_ns: Integers,
    certain_ns: Integers,
    looked_ns: Integers,
    peak: Floats,
    out_row: Integers,
    out_pair: Integers,
) -> int:
    """Write row and position of each pair that is due and must be measured; returns how many.

    One that was far outside when last measured, and whose object has not flown as far since, is outside still:
    that is written without measuring.

    Args:
        begin: (n + 1,) where the pairs of each row begin.
        looks: (n,) 1 where the row has a new measurement; 2 where it has none but does not coast, so that a zone
            that came into force since finds it inside.
        valid_ns: (n,) times of the rows.
        reach_mps: (n,) speeds that the objects may soon reach.
        apart_ns: (n,) since the row's last measurement.
        way_m: (n,) flown till now.
        sigma_m: (n,) that no sigma of the place in any direction exceeds.
        zone: (p,) of the pairs, as the next but three and what follows.
        from_ns: (zones,) when each comes into force or did.
        to_ns: (zones,) when it ceases to be.
        check_ns: nothing goes unchecked for longer.
        sigmas: beyond which a look is certain after any time of doubt.
        passage: 1 where a passage is open.
        clear_m: way flown at which the object may come to the boundary's doubt.
        due_ns: changed, as the next four.
        outside_ns: last time certainly outside.
        certain_ns: last time certain.
        looked_ns: last look.
        peak: greatest margin since it was last certainly outside.
        out_row: (p,) filled as far as it goes.
        out_pair: (p,) the same.
    """
    count = 0
    for row in range(looks.shape[0]):
        if looks[row] == 0:
            continue
        now, spent_m = valid_ns[row], way_m[row] + sigmas * sigma_m[row]
        for pair in range(begin[row], begin[row + 1]):
            if due_ns[pair] > now:
                continue
            wait_s = (clear_m[pair] - spent_m) / reach_mps[row]
            spare_s = max(2e-9 * apart_ns[row], 0.2 * wait_s)
            z = zone[pair]
            if looks[row] == 2 and not looked_ns[pair] < from_ns[z] <= now < to_ns[z]:
                continue
            if (
                wait_s > 0.0
                and passage[pair] == 0
                and peak[pair] <= 0.0
                and from_ns[z] <= now < to_ns[z]
            ):
                ahead_ns = min(np.int64(max(wait_s - spare_s, 0.0) * 1e9), check_ns)
                outside_ns[pair], certain_ns[pair], looked_ns[pair] = now, now, now
                peak[pair] = FAR
                due_ns[pair] = min(now + ahead_ns, to_ns[z])
                continue
            out_row[count], out_pair[count] = row, pair
            count += 1
    return count


@bare_kernel
def look(
    row: Integers,
    pair: Integers,
    zone: Integers,
    valid_ns: Integers,
    reach_mps: Floats,
    gap_speed_mps: Floats,
    apart_ns: Integers,
    way_m: Floats,
    from_ns: Integers,
    to_ns: Integers,
    worst_sigma_m: Floats,
    limited: Integers,
    levels: Floats,
    stretch_ns: int,
    check_ns: int,
    distance_m: Floats,
    track_sigma_m: Floats,
    sigma_m: Floats,
    boundary_sigma_m: Floats,
    height_margin: Floats,
    probability: Floats,
    passage: Integers,
    due_ns: Integers,
    outside_ns: Integers,
    certain_ns: Integers,
    looked_ns: Integers,
    inside_ns: Integers,
    peak: Floats,
    reach: Floats,
    reach_stretch: Integers,
    best: Floats,
    best_stretch: Integers,
    clear_m: Floats,
    event: Integers,
    over_pair: Integers,
    over: Floats,
    crossed: Integers,
) -> int:
    """What (k,) due looks show, written to the (p,) columns of pairs; ``event`` (n,) is set where a row must be
    looked at by itself; ``crossed`` (k,) is 1 where a passage begins, -1 where it ends, and 2 where one too short
    for the filter to be certain of may be over, all left to the caller.

    ``reach`` is (p, 6): distance, sigma, unseen, sigma of the boundary, highest probability, and the share
    of the stretch ``reach_stretch`` (-1: nothing yet) at which it was; ``best`` is the deepest of those
    before. Reaches about as deep as that, of stretches that are over, go to ``over_pair`` (k,) and ``over``
    (k, 7), the stretch last.

    Returns:
        How many reaches are over.
    """
    gone = 0
    for k in range(row.shape[0]):
        i, p = row[k], pair[k]
        now = valid_ns[i]
        z = zone[p]
        if not from_ns[z] <= now < to_ns[z]:
            if passage[p] == 1:
                event[i] = 1
                continue
            # as good as never seen near it: should it wake with the object inside, it was outside till now
            outside_ns[p], certain_ns[p], looked_ns[p], peak[p] = now, now, now, FAR
            wake_ns = from_ns[z] if from_ns[z] > now else now + check_ns
            due_ns[p] = min(wake_ns, now + check_ns)
            continue
        margin = min(distance_m[k] / sigma_m[k], height_margin[k])
        wait_s = (abs(distance_m[k]) - CLEAR * sigma_m[k]) / reach_mps[i]
        if limited[z] == 1 and distance_m[k] > 0.0:
            wait_s = min(wait_s, abs(margin) - CLEAR)
        if height_margin[k] < -CLEAR:
            wait_s = max(wait_s, -height_margin[k] - CLEAR)
        # a look must come before it: two between measurements, or a fifth of the time
        spare_s = max(2e-9 * apart_ns[i], 0.2 * wait_s)
        ahead_ns = min(np.int64(max(wait_s - spare_s, 0.0) * 1e9), check_ns)
        clear_m[p] = -math.inf
        # there is no doubt before a zone comes into force
        doubt = 1 + max(now - max(certain_ns[p], from_ns[z]), 0) // stretch_ns
        level = levels[min(doubt, levels.shape[0] - 1)]
        if margin <= -level:
            if passage[p] == 1:
                crossed[k] = -1
                continue
            if peak[p] > 0.0:
                crossed[k] = 2
                continue
            outside_ns[p], certain_ns[p], peak[p] = now, now, FAR
            if distance_m[k] < 0.0:
                sigmas = max(CLEAR, levels[levels.shape[0] - 1])
                clear_m[p] = way_m[i] - distance_m[k] - sigmas * worst_sigma_m[z]
        elif passage[p] == 0:
            if margin >= level:
                crossed[k] = 1
                continue
            peak[p] = max(peak[p], margin)
        else:
            if margin >= level:
                certain_ns[p] = now
            if margin > 0.0:
                inside_ns[p] = now
                stretch = now // stretch_ns
                if reach_stretch[p] != stretch:
                    if reach_stretch[p] >= 0:
                        apart_m = reach[p, 0] - best[p, 0]
                        rival_m = RIVAL * max(reach[p, 1], best[p, 1])
                        if best_stretch[p] < 0 or apart_m > rival_m:
                            # what was deepest before is too shallow to count beside this
                            if best_stretch[p] >= 0:
                                reach[p, 2] = max(reach[p, 2], best[p, 2] - apart_m)
                            for column in range(6):
                                best[p, column] = reach[p, column]
                            best_stretch[p] = reach_stretch[p]
                        elif apart_m >= -rival_m:
                            over_pair[gone] = p
                            for column in range(6):
                                over[gone, column] = reach[p, column]
                            over[gone, 6] = reach_stretch[p]
                            gone += 1
                        else:
                            best[p, 2] = max(best[p, 2], reach[p, 2] + apart_m)
                    reach_stretch[p] = stretch
                    reach[p, 0], reach[p, 2], reach[p, 4] = -math.inf, 0.0, 0.0
                # deeper places may lie between this look and the one before or the next
                gap_s = max(now - looked_ns[p], ahead_ns, 0) * 1e-9
                bound_m = max(
                    distance_m[k] + 0.5 * gap_s * gap_speed_mps[i], reach[p, 0] + reach[p, 2]
                )
                if distance_m[k] > reach[p, 0]:
                    reach[p, 0], reach[p, 1] = distance_m[k], track_sigma_m[k]
                    reach[p, 3] = boundary_sigma_m[k]
                    reach[p, 5] = (now % stretch_ns) / stretch_ns
                reach[p, 2] = bound_m - reach[p, 0]
                reach[p, 4] = max(reach[p, 4], probability[k])
        looked_ns[p] = now
        due_ns[p] = min(now + ahead_ns, to_ns[z])
    return gone


@bare_kernel
def ring_rows(
    place: Integers,
    valid_ns: Integers,
    first_ns: Integers,
    most: int,
    begin: Integers,
    out_moment: Integers,
) -> None:
    """Write for each of (r,) tracks the last moments just after a measurement, from some time on.

    Args:
        place: (m, r) of its state, -1 where the track was not measured, and -2 where it was not in the picture of
            that moment; before an absence nothing counts.
        valid_ns: (m, r) times, moments in order.
        first_ns: (r,) earlier ones are left out.
        most: the last so many.
        begin: (r + 1,) filled: where those of each begin.
        out_moment: (m * r,) filled as far as it goes.
    """
    at = 0
    for track in range(first_ns.shape[0]):
        begin[track] = at
        for moment in range(place.shape[0]):
            if place[moment, track] == -2:
                at = begin[track]
            elif place[moment, track] >= 0 and valid_ns[moment, track] >= first_ns[track]:
                out_moment[at] = moment
                at += 1
        over = at - begin[track] - most
        if over > 0:
            for k in range(begin[track], begin[track] + most):
                out_moment[k] = out_moment[k + over]
            at -= over
    begin[first_ns.shape[0]] = at


@bare_kernel
def merged(
    old_begin: Integers,
    old_zone: Integers,
    passage: Integers,
    resting: Integers,
    searched: Integers,
    found_begin: Integers,
    found_zone: Integers,
    new_begin: Integers,
    out_zone: Integers,
    out_from: Integers,
) -> int:
    """Write the pairs of each row after a search: those found, and those that hold a passage.

    Args:
        old_begin: (n + 1,) where the pairs of each row begin; zones rise within a row.
        old_zone: (p,) their zones.
        passage: (p,) 1 where a pair holds a passage.
        resting: (n,) 1 where the pairs of a row still hold.
        searched: (n,) position of the row among those searched, -1: it keeps its pairs; -2: it has none.
        found_begin: (s + 1,) where the zones found for each search begin.
        found_zone: (f,) zones, rising within a search.
        new_begin: (n + 1,) filled.
        out_zone: filled as far as it goes.
        out_from: (as out_zone,) position of the old pair, -1: a new one.

    Returns:
        How many pairs there are.
    """
    at = 0
    for row in range(searched.shape[0]):
        new_begin[row] = at
        old, end = old_begin[row], old_begin[row + 1]
        if resting[row] == 0:
            old = end
        if searched[row] == -2:
            continue
        if searched[row] == -1:
            for p in range(old, end):
                out_zone[at], out_from[at] = old_zone[p], p
                at += 1
            continue
        f, last = found_begin[searched[row]], found_begin[searched[row] + 1]
        while old < end or f < last:
            if f >= last or (old < end and old_zone[old] < found_zone[f]):
                if passage[old] == 1:
                    out_zone[at], out_from[at] = old_zone[old], old
                    at += 1
                old += 1
            elif old >= end or found_zone[f] < old_zone[old]:
                out_zone[at], out_from[at] = found_zone[f], -1
                at += 1
                f += 1
            else:
                out_zone[at], out_from[at] = old_zone[old], old
                at += 1
                old += 1
                f += 1
    new_begin[searched.shape[0]] = at
    return at


@bare_kernel
def gather(
    begin: Integers, source: Integers, valid_ns: Integers, outside_ns: Integers, old: "Pairs", new: "Pairs"
) -> None:  # fmt: skip
    """Fill all columns but the zones from old pairs; one found near was outside till some time.

    Args:
        begin: (n + 1,) where the pairs of each row begin.
        source: (p,) position of the old pair, -1: a new one.
        valid_ns: (n,) times of the rows.
        outside_ns: (n,) till when the rows were certainly outside of what is found newly.
        old: pairs before.
        new: pairs to be filled.
    """
    for row in range(valid_ns.shape[0]):
        for p in range(begin[row], begin[row + 1]):
            k = source[p]
            if k < 0:
                new.due_ns[p], new.inside_ns[p], new.peak[p] = valid_ns[row], -1, FAR
                new.outside_ns[p] = new.certain_ns[p] = new.looked_ns[p] = outside_ns[row]
                new.passage[p], new.clear_m[p] = 0, -math.inf
                new.reach_stretch[p] = new.best_stretch[p] = -1
                for column in range(6):
                    new.reach[p, column] = new.best[p, column] = 0.0
                continue
            new.due_ns[p], new.inside_ns[p], new.peak[p] = (
                old.due_ns[k],
                old.inside_ns[k],
                old.peak[k],
            )
            new.outside_ns[p], new.certain_ns[p] = old.outside_ns[k], old.certain_ns[k]
            new.looked_ns[p], new.passage[p] = old.looked_ns[k], old.passage[k]
            new.clear_m[p], new.reach_stretch[p] = old.clear_m[k], old.reach_stretch[k]
            new.best_stretch[p] = old.best_stretch[k]
            for column in range(6):
                new.reach[p, column], new.best[p, column] = (
                    old.reach[k, column],
                    old.best[k, column],
                )


@bare_kernel
def lay_down(
    rows: Integers, latitude_deg: Floats, longitude_deg: Floats, east_mps: Floats, north_mps: Floats,
    covariance: Floats, height_hae_m: Floats, pressure_altitude_m: Floats, height_sigma_m: Floats,
    noise_m2ps3: Floats, out: Floats,
) -> None:  # fmt: skip
    """Write (m,) rows of columns as the (m, 18) rows of a ``moments.Moment``."""
    for k in range(rows.shape[0]):
        row = rows[k]
        out[k, 0], out[k, 1] = latitude_deg[row], longitude_deg[row]
        out[k, 2], out[k, 3] = east_mps[row], north_mps[row]
        for column in range(10):
            out[k, 4 + column] = covariance[row, column]
        out[k, 14], out[k, 15] = height_hae_m[row], pressure_altitude_m[row]
        out[k, 16], out[k, 17] = height_sigma_m[row], noise_m2ps3[row]
