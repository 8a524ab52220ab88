"""All crossings of an archive of trajectories, lawful ones too: rows by the million, a row for each crossing.

``part`` finds the runs of rows inside zones in one part of an archive, ``whole`` joins what parts cut in two
and gives the table. Neither has a clock, a file or a process: whoever calls them may share parts out as it
likes, and the table is the same.
"""

from typing import Annotated, Final, NamedTuple, Protocol

import msgspec
import numpy as np
import pyarrow as pa

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.time import SECOND_NS
from vedette.model.zone import ZoneKind
from vedette.watch import _scan
from vedette.watch.membership import Zones, probability
from vedette.watch.passage import Z95
from vedette.watch.timetable import timetable

_MOMENT: Final = ("low_ns", "ns", "high_ns")
CROSSINGS: Final = pa.schema(
    [
        pa.field("object_id", pa.string(), nullable=False),
        pa.field("zone_id", pa.string(), nullable=False),
        pa.field("state", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        # null: it was inside when first heard
        *(pa.field(f"entered_{name}", pa.int64()) for name in _MOMENT),
        # null: it was inside when last heard
        *(pa.field(f"left_{name}", pa.int64()) for name in _MOMENT),
        pa.field("first_inside_ns", pa.int64(), nullable=False),
        pa.field("last_inside_ns", pa.int64(), nullable=False),
        # from first or last heard where it was not seen to enter or leave: at least so long
        *(pa.field(name, pa.float64()) for name in ("inside_low_s", "inside_s", "inside_high_s")),
        *(pa.field(name, pa.float64()) for name in ("depth_low_m", "depth_m", "depth_high_m")),
        pa.field("probability", pa.float64(), nullable=False),  # that it was inside at all
        pa.field("entered_latitude_deg", pa.float64()),
        pa.field("entered_longitude_deg", pa.float64()),
        pa.field("rows", pa.int64(), nullable=False),
    ]
)


class ScanSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as a crossing of an archive."""

    kinds: tuple[ZoneKind, ...] = ("sovereign", "disputed", "restricted", "prohibited", "danger")
    position_sigma_m: Annotated[float, msgspec.Meta(gt=0, le=1e5)] = 50.0
    certain: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.98
    gap_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = (
        300.0  # a longer silence ends a stretch
    )
    samples: Annotated[int, msgspec.Meta(ge=3, le=256)] = 6  # rows of each run, to find the deepest


class Rows(NamedTuple):
    """Columns of (n,) rows of an archive, in any order."""

    codes: Integers  # position in ``names``
    times_ns: Integers
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats  # by pressure or above the ellipsoid; NaN unknown
    names: list[str]


class Visits(NamedTuple):
    """Visits of zones by objects, (v,) each."""

    code: Integers  # position in the names that go with them
    zone: Integers
    # (v, 4) time [ns], (v, 4, 2) latitude, longitude: before it, first in, last in, after it; time 0: none
    times_ns: Integers
    places: Floats
    deepest_m: Floats
    drawn_m: Floats  # 1-sigma accuracy of the boundary nearest to there
    between_m: Floats  # how much deeper it may have been between looks
    rows: Integers
    entered_ns: Integers  # (v, 3) low, estimate, high; 0: not seen
    left_ns: Integers  # (v, 3)
    entered_at: Floats  # (v, 2) latitude, longitude

    def take(self, rows: Integers | Flags) -> "Visits":
        """Some of them."""
        return Visits._make(column[rows] for column in self)


class Part(NamedTuple):
    """What one part of an archive gave: visits of zones, and the (s,) stretches of objects that it holds."""

    names: list[str]
    visits: Visits
    stretch: Integers  # (v,) which stretch each visit lies in
    stretch_code: Integers
    ends: Floats  # (s, 2, 2) latitude, longitude of the first and last row
    ends_ns: Integers  # (s, 2)


class Located(Zones, Protocol):
    """An index that locates, as ``airspace.index.ZoneIndex`` does."""


def part(settings: ScanSettings, rows: Rows, zones: Located) -> Part:
    """Runs of rows inside zones.

    Args:
        settings: kinds of zones, gaps.
        rows: of this part.
        zones: the index.
    """
    codes, times_ns, latitude, longitude, height = _ordered(rows)
    found, which = zones.locate(latitude, longitude, kinds=settings.kinds)
    run = _runs(settings, zones, found, which, codes, times_ns, height)
    gap_ns = round(settings.gap_s * SECOND_NS)
    first_of = np.ones(len(codes), dtype=np.bool_)
    first_of[1:] = (codes[1:] != codes[:-1]) | (np.diff(times_ns) > gap_ns)
    begins = np.flatnonzero(first_of)
    ends = np.append(begins[1:], len(codes))[: len(begins)] - 1
    stretch = np.searchsorted(begins, run[:, 1], side="right") - 1
    deepest_m, drawn_m, between_m = _deepest(settings, zones, run, times_ns, latitude, longitude)
    # by stretch, zone and time, so that what is joined lies together
    order = np.lexsort((run[:, 1], run[:, 0], stretch))
    run, stretch = run[order], stretch[order]
    deepest_m, drawn_m, between_m = deepest_m[order], drawn_m[order], between_m[order]
    joined = _joined(settings, zones, run, stretch, latitude, longitude)
    heads = np.flatnonzero(~joined)
    tails = np.append(heads[1:], len(run))[: len(heads)] - 1
    in_first, in_last = run[heads, 1], run[tails, 2]
    stretch = stretch[heads]
    four = np.column_stack((in_first - 1, in_first, in_last, in_last + 1))
    none = np.zeros(four.shape, dtype=np.bool_)
    none[:, 0] = in_first == begins[stretch]
    none[:, 3] = in_last == ends[stretch]
    four = np.clip(four, 0, max(len(codes) - 1, 0))
    at = np.column_stack((begins, ends))
    ends_of = np.stack((latitude[at], longitude[at]), axis=-1), times_ns[at]
    if not len(run):
        visits = _visits(settings, zones, heads, heads, four, np.empty((0, 4, 2)), *_NONE)
        return Part(rows.names, visits, heads, codes[begins], *ends_of)
    most_m = np.maximum.reduceat(deepest_m, heads)
    joined_as = np.repeat(np.arange(len(heads)), np.diff(np.append(heads, len(run))))
    there_m = np.where(deepest_m == most_m[joined_as], drawn_m, 0.0)
    visits = _visits(
        settings,
        zones,
        codes[in_first],
        run[heads, 0],
        np.where(none, 0, times_ns[four]),
        np.stack((latitude[four], longitude[four]), axis=-1),
        most_m,
        np.maximum.reduceat(there_m, heads),
        np.maximum.reduceat(between_m, heads),
        np.add.reduceat(run[:, 2] - run[:, 1] + 1, heads),
    )
    return Part(rows.names, visits, stretch, codes[begins], *ends_of)


_NONE: Final = np.empty(0), np.empty(0), np.empty(0), np.empty(0, dtype=np.int64)


def _visits(
    settings: ScanSettings,
    zones: Located,
    code: Integers,
    zone: Integers,
    times_ns: Integers,
    places: Floats,
    deepest_m: Floats,
    drawn_m: Floats,
    between_m: Floats,
    rows: Integers,
) -> Visits:
    """Visits with their ends, where they count at all."""
    count = len(zone)
    ends = np.zeros((count, 3), dtype=np.int64), np.zeros((count, 3), dtype=np.int64)
    result = Visits(
        code,
        zone,
        times_ns,
        places,
        deepest_m,
        drawn_m,
        between_m,
        rows,
        *ends,
        np.zeros((count, 2)),
    )
    _find_ends(
        settings, zones, result, np.flatnonzero(_inside(settings, result) >= settings.certain)
    )
    return result


def _inside(settings: ScanSettings, visits: Visits) -> Floats:
    """(v,) probabilities that the object was inside at all."""
    return probability(visits.deepest_m / np.hypot(visits.drawn_m, settings.position_sigma_m))


def _find_ends(settings: ScanSettings, zones: Located, visits: Visits, which: Integers) -> None:
    """Write when, and where, some visits began and ended."""
    some = visits.take(which)
    visits.entered_ns[which], visits.entered_at[which] = _edges(settings, zones, some, 0, 1)
    visits.left_ns[which], _ = _edges(settings, zones, some, 3, 2)


def _ordered(rows: Rows) -> tuple[Integers, Integers, Floats, Floats, Floats]:
    if len(rows.codes) and (np.diff(rows.codes) < 0).any():
        order = np.empty(len(rows.codes), dtype=np.int64)
        _scan.by_object(rows.codes, len(rows.names), order)
        rows = _taken(rows, order)
    if _scan.disordered(rows.times_ns, rows.codes):
        rows = _taken(rows, np.lexsort((rows.times_ns, rows.codes)))
    return rows.codes, rows.times_ns, rows.latitude_deg, rows.longitude_deg, rows.height_m


def _taken(rows: Rows, order: Integers) -> Rows:
    return Rows(
        rows.codes[order],
        rows.times_ns[order],
        rows.latitude_deg[order],
        rows.longitude_deg[order],
        rows.height_m[order],
        rows.names,
    )


def _runs(
    settings: ScanSettings,
    zones: Located,
    found: Integers,
    which: Integers,
    codes: Integers,
    times_ns: Integers,
    height: Floats,
) -> Integers:
    floor = np.array([-np.inf if z.floor is None else z.floor.height_m for z in zones.zones])
    ceiling = np.array([np.inf if z.ceiling is None else z.ceiling.height_m for z in zones.zones])
    gap_ns = round(settings.gap_s * SECOND_NS)
    span_ns = (int(times_ns.min()), int(times_ns.max())) if len(times_ns) else (0, 0)
    pieces = timetable(zones).pieces(*span_ns)
    room = 4_096
    while True:
        out = np.empty((room, 3), dtype=np.int64)
        last = np.full(len(floor), -2, dtype=np.int64)
        count = _scan.runs(
            found, which, codes, times_ns, height, floor, ceiling, *pieces, gap_ns,
            last, np.zeros(len(floor), dtype=np.int64), out,
        )  # fmt: skip
        if count <= room:
            return out[:count]
        room = count


def _deepest(
    settings: ScanSettings,
    zones: Located,
    run: Integers,
    times_ns: Integers,
    latitude: Floats,
    longitude: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Greatest distance to the boundary among rows of each run, the boundary's accuracy there, and what may lie
    between the rows looked at.
    """
    if not len(run):
        return np.empty(0), np.empty(0), np.empty(0)
    first, last = run[:, 1].astype(np.float64), run[:, 2].astype(np.float64)
    best = 0.5 * (first + last)
    width = 0.5 * (last - first)
    best_m, best_drawn_m = np.full(len(run), -np.inf), np.zeros(len(run))
    wanted = np.arange(len(run))
    for _ in range(2):  # over the whole run, then around the deepest place found
        share = np.linspace(-1.0, 1.0, settings.samples)
        at = best[wanted, None] + width[wanted, None] * share
        at = np.clip(np.round(at), first[wanted, None], last[wanted, None]).astype(np.int64)
        # a short run has the same row several times: look once
        fresh = np.ones(at.shape, dtype=np.bool_)
        fresh[:, 1:] = at[:, 1:] != at[:, :-1]
        found_m, _, found_drawn_m = zones.measured(
            latitude[at[fresh]],
            longitude[at[fresh]],
            np.broadcast_to(run[wanted, :1], at.shape)[fresh],
        )
        distance_m, drawn_m = np.full(at.shape, -np.inf), np.zeros(at.shape)
        distance_m[fresh], drawn_m[fresh] = found_m, found_drawn_m
        top = np.argmax(distance_m, axis=1)
        row = np.arange(len(wanted))
        better = distance_m[row, top] > best_m[wanted]
        best[wanted] = np.where(better, at[row, top], best[wanted])
        best_m[wanted] = np.maximum(best_m[wanted], distance_m[row, top])
        best_drawn_m[wanted] = np.where(better, drawn_m[row, top], best_drawn_m[wanted])
        width *= 2.0 / (settings.samples - 1)
        wanted = np.flatnonzero(width >= 1.0)
        if not len(wanted):
            break
    # the first pass looked at each run every so many rows; nothing moves faster than it did on the way there
    span_s = (times_ns[run[:, 2]] - times_ns[run[:, 1]]) * 1e-9
    apart_s = span_s / np.maximum(np.minimum(run[:, 2] - run[:, 1], settings.samples - 1), 1)
    speed = _speeds(run, times_ns, latitude, longitude)
    return best_m, best_drawn_m, 0.5 * apart_s * speed


def _speeds(run: Integers, times_ns: Integers, latitude: Floats, longitude: Floats) -> Floats:
    """(r,) greatest of the speeds [m/s] at the first step of each run, at its last and over all of it.

    Only rows of the run: the row before its first may be another object's.
    """
    first, last = run[:, 1], run[:, 2]
    fastest = np.zeros(len(run))
    for a, b in (
        (first, np.minimum(first + 1, last)),
        (np.maximum(last - 1, first), last),
        (first, last),
    ):
        north = np.radians(latitude[b] - latitude[a])
        east = np.radians((longitude[b] - longitude[a] + 180.0) % 360.0 - 180.0)
        way = np.hypot(north, east * np.cos(np.radians(latitude[a]))) * 6_371_008.8
        took_s = (times_ns[b] - times_ns[a]) * 1e-9
        np.maximum(fastest, way / np.maximum(took_s, 0.1), out=fastest)
    return np.minimum(fastest, 1_000.0)


def _joined(
    settings: ScanSettings,
    zones: Located,
    run: Integers,
    stretch: Integers,
    latitude: Floats,
    longitude: Floats,
) -> Flags:
    """Whether each run goes on from the one before it: in the same zone, never certainly outside between."""
    result = np.zeros(len(run), dtype=np.bool_)
    if len(run) < 2:
        return result
    pair = (run[1:, 0] == run[:-1, 0]) & (stretch[1:] == stretch[:-1])
    after = np.flatnonzero(pair) + 1
    before = after - 1
    if not len(after):
        return result
    out_first, out_last = run[before, 2] + 1, run[after, 1] - 1
    share = np.linspace(0.0, 1.0, 3)  # the middle of what is outside is the farthest, mostly
    at = np.round(out_first[:, None] + (out_last - out_first)[:, None] * share).astype(np.int64)
    zone = run[after, 0]
    distance_m, _, drawn_m = zones.measured(
        latitude[at].ravel(), longitude[at].ravel(), np.repeat(zone, at.shape[1])
    )
    distance_m = distance_m.reshape(at.shape)
    farthest_m = distance_m.min(axis=1)
    here = np.arange(len(at)), distance_m.argmin(axis=1)
    sigma_m = np.hypot(drawn_m.reshape(at.shape)[here], settings.position_sigma_m)
    level = _level(settings)
    # outside by height: the distance says inside
    outside = (farthest_m <= -level * sigma_m) | (farthest_m > 0.0)
    result[after] = ~outside
    return result


def _level(settings: ScanSettings) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(settings.certain)


def whole(settings: ScanSettings, parts: list[Part], zones: Located) -> pa.Table:
    """The crossings of all parts, sorted by object, time and zone.

    An object that one part leaves and another takes up within ``gap_s`` is one stretch. Parts in which the
    same object is heard at the same time are not joined: nothing says which rows follow which.

    Returns:
        CROSSINGS table. Those that were never inside with the probability ``certain`` are left out.
    """
    names = sorted({name for one in parts for name in one.names})
    code_of = {name: code for code, name in enumerate(names)}
    global_code = [np.array([code_of[n] for n in one.names], dtype=np.int64) for one in parts]
    columns = zip(*(one.visits for one in parts), strict=True)
    visits = Visits._make(np.concatenate(column) for column in columns)
    codes = [g[one.visits.code] for g, one in zip(global_code, parts, strict=True)]
    visits = visits._replace(code=np.concatenate(codes))
    kept, changed = _stitched(settings, parts, global_code, visits)
    _find_ends(settings, zones, visits, np.flatnonzero(kept & changed))
    return _table(settings, names, visits.take(kept), zones)


def _stitched(
    settings: ScanSettings, parts: list[Part], global_code: list[Integers], visits: Visits
) -> tuple[Flags, Flags]:
    """Join, in place, what parts cut in two; which visits remain, and which are other than they were."""
    kept = np.ones(len(visits.code), dtype=np.bool_)
    changed = np.zeros(len(visits.code), dtype=np.bool_)
    if len(parts) < 2:
        return kept, changed
    code = np.concatenate([g[one.stretch_code] for g, one in zip(global_code, parts, strict=True)])
    ends_ns = np.concatenate([one.ends_ns for one in parts])
    ends = np.concatenate([one.ends for one in parts])
    of_part = np.repeat(np.arange(len(parts)), [len(one.stretch_code) for one in parts])
    base = np.concatenate(([0], np.cumsum([len(one.stretch_code) for one in parts])))
    stretch = np.concatenate([one.stretch + base[k] for k, one in enumerate(parts)])
    order = np.lexsort((ends_ns[:, 1], ends_ns[:, 0], code))
    a, b = order[:-1], order[1:]
    wait_ns = ends_ns[b, 0] - ends_ns[a, 1]
    follows = (code[a] == code[b]) & (of_part[a] != of_part[b])
    follows &= (wait_ns > 0) & (wait_ns <= round(settings.gap_s * SECOND_NS))
    at_begin: dict[int, list[int]] = {}
    at_end: dict[int, dict[int, int]] = {}
    for k in np.flatnonzero(visits.times_ns[:, 0] == 0).tolist():
        at_begin.setdefault(int(stretch[k]), []).append(k)
    for k in np.flatnonzero(visits.times_ns[:, 3] == 0).tolist():
        at_end.setdefault(int(stretch[k]), {})[int(visits.zone[k])] = k
    for s, t in zip(a[follows].tolist(), b[follows].tolist(), strict=True):
        held = at_end.get(s, {})
        for k in at_begin.get(t, []):
            earlier = held.pop(int(visits.zone[k]), None)
            if earlier is None:  # it came in between the two parts
                visits.times_ns[k, 0], visits.places[k, 0] = ends_ns[s, 1], ends[s, 1]
                changed[k] = True
                continue
            visits.times_ns[earlier, 2:] = visits.times_ns[k, 2:]
            visits.places[earlier, 2:] = visits.places[k, 2:]
            if visits.deepest_m[k] > visits.deepest_m[earlier]:
                visits.deepest_m[earlier] = visits.deepest_m[k]
                visits.drawn_m[earlier] = visits.drawn_m[k]
            visits.between_m[earlier] = max(visits.between_m[earlier], visits.between_m[k])
            visits.rows[earlier] += visits.rows[k]
            kept[k], changed[earlier] = False, True
            if at_end.get(t, {}).get(int(visits.zone[k])) == k:
                at_end[t][int(visits.zone[k])] = earlier
        for k in held.values():  # it left between the two parts
            visits.times_ns[k, 3], visits.places[k, 3] = ends_ns[t, 0], ends[t, 0]
            changed[k] = True
    return kept, changed


def _edges(
    settings: ScanSettings, zones: Located, visits: Visits, outer: int, inner: int
) -> tuple[Integers, Floats]:
    """(v, 3) low, estimate, high [ns] of the passage between two points of each visit, and the place (v, 2).

    Where the straight line between the two rows meets the border; the interval is what the accuracy of both
    allows, over all of the silence where that lasted longer than a minute. 0: not seen.
    """
    times, places, zone = visits.times_ns, visits.places, visits.zone
    seen = times[:, outer] != 0
    out_m, _ = zones.boundary(places[:, outer, 0], places[:, outer, 1], zone)
    in_m, _, drawn_m = zones.measured(places[:, inner, 0], places[:, inner, 1], zone)
    # a passage through floor or ceiling has no border between its rows: the middle, and all of the time
    level = ~(out_m < 0.0)
    rise = np.where(level, 1.0, in_m - out_m)
    share = np.where(level, 0.5, np.clip(-out_m / np.where(rise == 0.0, 1.0, rise), 0.0, 1.0))
    span = times[:, inner] - times[:, outer]
    estimate = times[:, outer] + np.round(share * span).astype(np.int64)
    sigma_m = np.hypot(drawn_m, settings.position_sigma_m)
    half = np.abs(span) * np.minimum(Z95 * sigma_m / np.maximum(np.abs(rise), 1e-3), 10.0)
    half[~seen] = 0.0
    blind = level | (np.abs(span) > 60 * SECOND_NS)
    first, last = (
        np.minimum(times[:, outer], times[:, inner]),
        np.maximum(times[:, outer], times[:, inner]),
    )
    half = np.round(half).astype(np.int64)
    low = np.where(blind, np.minimum(first, estimate - half), estimate - half)
    high = np.where(blind, np.maximum(last, estimate + half), estimate + half)
    woke_ns = _woke_ns(zones, zone, times[:, inner], first, last, level & seen)
    woke = woke_ns != 0
    low[woke] = estimate[woke] = high[woke] = woke_ns[woke]
    place = places[:, outer] + share[:, None] * (places[:, inner] - places[:, outer])
    return np.where(seen[:, None], np.column_stack((low, estimate, high)), 0), place


def _woke_ns(
    zones: Located,
    zone: Integers,
    inside_ns: Integers,
    first: Integers,
    last: Integers,
    level: Flags,
) -> Integers:
    """When, between two rows that both lie over the zone, it came into force or ceased to be; 0: it did not."""
    found = np.zeros(len(zone), dtype=np.int64)
    times = timetable(zones)
    for k in np.flatnonzero(level).tolist():
        piece = times.stretch(int(zone[k]), int(inside_ns[k]))
        found[k] = next((end for end in piece or () if first[k] <= end <= last[k]), 0)
    return found


def _table(settings: ScanSettings, names: list[str], visits: Visits, zones: Located) -> pa.Table:
    visits = visits.take(_inside(settings, visits) >= settings.certain)
    visits = visits.take(np.lexsort((visits.zone, visits.times_ns[:, 1], visits.code)))
    zone, deep_m = visits.zone, visits.deepest_m
    sigma_m = np.hypot(visits.drawn_m, settings.position_sigma_m)
    inside = _inside(settings, visits)
    (e_low, e, e_high), (l_low, l, l_high) = visits.entered_ns.T, visits.left_ns.T
    place = visits.entered_at
    first, last = visits.times_ns[:, 1], visits.times_ns[:, 2]
    begin, end = np.where(e == 0, first, e), np.where(l == 0, last, l)
    stay_s = (end - begin) * 1e-9
    e_arm = np.where(e == 0, 0.0, (e_high - e_low) * 0.5e-9)
    l_arm = np.where(l == 0, 0.0, (l_high - l_low) * 0.5e-9)
    half_s = np.hypot(e_arm, l_arm)  # the errors of two places are independent here
    open_ended = (e == 0) | (l == 0)
    all_zones = zones.zones

    def fact(field: str) -> pa.Array:
        values = pa.array([getattr(z, field) for z in all_zones], pa.string())
        return values.take(pa.array(zone))

    def moment(values: Integers) -> pa.Array:
        return pa.array(values, mask=values == 0)

    columns = {
        "object_id": pa.array(names, pa.string()).take(pa.array(visits.code)),
        "zone_id": fact("zone_id"),
        "state": fact("state"),
        "kind": fact("kind"),
        "entered_low_ns": moment(e_low),
        "entered_ns": moment(e),
        "entered_high_ns": moment(e_high),
        "left_low_ns": moment(l_low),
        "left_ns": moment(l),
        "left_high_ns": moment(l_high),
        "first_inside_ns": first,
        "last_inside_ns": last,
        "inside_low_s": np.maximum(stay_s - half_s, 0.0),
        "inside_s": stay_s,
        "inside_high_s": pa.array(stay_s + half_s, mask=open_ended),
        "depth_low_m": np.maximum(deep_m - Z95 * sigma_m, 0.0),
        "depth_m": deep_m,
        "depth_high_m": deep_m + Z95 * sigma_m + visits.between_m,
        "probability": inside,
        "entered_latitude_deg": pa.array(place[:, 0], mask=e == 0),
        "entered_longitude_deg": pa.array(place[:, 1], mask=e == 0),
        "rows": visits.rows,
    }
    return pa.table([columns[f.name] for f in CROSSINGS], schema=CROSSINGS)
