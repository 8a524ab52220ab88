"""Stated probabilities of entry against what recorded flights then did, and alerts against straight lines."""

from typing import Final, NamedTuple

import numpy as np

from vedette.airspace.index import ZoneIndex
from vedette.bench.recordings import GRID_S, Flight, entry_times_s, picture
from vedette.bench.row import Row
from vedette.model.columns import Flags, Floats, Integers
from vedette.watch.futures import NO_WIND, instants_s
from vedette.watch.membership import Picture
from vedette.watch.motion import BEHAVIOURS, Behaviour, MotionSet
from vedette.watch.prediction import HORIZONS_S, behaviours, forecast
from vedette.watch.settings import WatchSettings

KINDS: Final = (
    "sovereign", "cta", "ctr", "tma", "atz", "danger", "restricted", "prohibited",
)  # fmt: skip
LEAD_S: Final = 120.0
BINS: Final = 10
FAINT: Final = 0.01


class Scored(NamedTuple):
    """Pairs of a state of a flight and a zone that it is outside of, with what was said and what came."""

    flight: Integers  # (k,)
    at: Integers  # place on the flight's grid
    zone: Integers
    behaviour: Integers
    stated: Floats  # (k, h) probability of entry within each of ``HORIZONS_S``
    came: Flags  # (k, h)
    known: Flags  # (k, h): the recording goes on for long enough to tell
    entry_s: Floats  # (k,) seconds to the entry, infinite where none was seen


def outcomes(
    flights: list[Flight], zones: ZoneIndex, flight: Integers, at: Integers, zone: Integers
) -> tuple[Floats, Floats]:
    """Seconds to the next entry (infinite: none) and seconds that the recording goes on, of (k,) pairs."""
    entry_s = np.full(len(flight), np.inf)
    left_s = np.empty(len(flight))
    order = np.argsort(flight, kind="stable")
    for one in np.unique(flight).tolist():
        mine = order[np.searchsorted(flight[order], one) : np.searchsorted(flight[order], one + 1)]
        times = entry_times_s(zones, flights[one])
        left_s[mine] = (len(flights[one].latitude_deg) - 1 - at[mine]) * GRID_S
        for k in np.unique(zone[mine]).tolist():
            entries = times.get(k)
            if entries is None or not len(entries):
                continue
            here = mine[zone[mine] == k]
            now_s = at[here] * GRID_S
            which = np.searchsorted(entries, now_s, side="right")
            come = which < len(entries)
            entry_s[here[come]] = entries[which[come]] - now_s[come]
    return entry_s, left_s


def states(flights: list[Flight], every_s: float) -> tuple[Integers, Integers]:
    """Flights and places of their grids, ``every_s`` apart; the first 30 s of each are not used."""
    step = round(every_s / GRID_S)
    at = [np.arange(3, len(f.latitude_deg) - 1, step) for f in flights]
    flight = np.repeat(np.arange(len(flights)), [len(a) for a in at])
    return flight.astype(np.int64), np.concatenate(at).astype(np.int64)


def scored(
    flights: list[Flight],
    zones: ZoneIndex,
    *,
    every_s: float = 60.0,
    motion: MotionSet | None = None,
    futures: int = 128,
    horizons_s: tuple[float, ...] = HORIZONS_S,
    behaviour: Behaviour | None = None,
    wind: Floats = NO_WIND,
) -> Scored:
    """Predictions for the states of flights, beside what came.

    ``behaviour`` is that of all flights, None: as each shows; ``wind`` is as in ``prediction.predict``.
    """
    settings = WatchSettings(kinds=KINDS, futures=futures)
    flight, at = states(flights, every_s)
    now = picture(flights, flight, at)
    kinds = behaviours(now)
    if behaviour is not None:
        kinds = np.full(len(flight), BEHAVIOURS.index(behaviour), dtype=np.int64)
    found = forecast(settings, now, zones, horizons_s, motion=motion, behaviour=kinds, wind=wind)
    pair_flight, pair_at = flight[found.row], at[found.row]
    entry_s, left_s = outcomes(flights, zones, pair_flight, pair_at, found.zone)
    ahead_s = np.array(horizons_s)
    came = entry_s[:, None] <= ahead_s
    return Scored(
        pair_flight,
        pair_at,
        found.zone,
        kinds[found.row],
        found.probability,
        came,
        left_s[:, None] >= ahead_s,
        entry_s,
    )


class Reliability(NamedTuple):
    """How often what was stated came, by tenths of the probability, for one horizon."""

    horizon_s: float
    stated: Floats  # (bins,) mean
    observed: Floats  # (bins,) share
    pairs: Integers  # (bins,) how many
    error: (
        float  # mean of |stated - observed| by count, of pairs stated above 1 % or hit by the line
    )
    error_chance: float  # what it would be, by chance, were each pair as likely as stated
    error_doubtful: float  # the first, of pairs stated between 5 and 95 %
    unforeseen: float  # share of the entries that were stated at 1 % or less
    brier: float
    brier_straight: float  # of straight lines that say 0 or 1, over the same pairs
    brier_climate: float  # of the mean share, said of every pair


def reliability(found: Scored, straight: Flags) -> list[Reliability]:
    """Reliability of each horizon. ``straight`` (k, h) says what straight lines say of the same pairs."""
    result = []
    for h, horizon_s in enumerate(HORIZONS_S):
        # chosen by what was said, never by what came
        told = (found.stated[:, h] > FAINT) | straight[:, h]
        use = found.known[:, h] & told
        entered = found.known[:, h] & found.came[:, h]
        p, y = found.stated[use, h], found.came[use, h].astype(np.float64)
        line = straight[use, h].astype(np.float64)
        stated, observed, count = _binned(p, y, np.minimum((p * BINS).astype(np.int64), BINS - 1))
        doubtful = (p > 0.05) & (p < 0.95)
        d_stated, d_observed, d_count = _binned(
            p[doubtful], y[doubtful], np.minimum((p[doubtful] * BINS).astype(np.int64), BINS - 1)
        )
        result.append(
            Reliability(
                horizon_s,
                stated,
                observed,
                count,
                float(np.sum(np.abs(stated - observed) * count) / max(count.sum(), 1)),
                _by_chance(p, np.minimum((p * BINS).astype(np.int64), BINS - 1)),
                float(np.sum(np.abs(d_stated - d_observed) * d_count) / max(d_count.sum(), 1)),
                float(np.sum(entered & ~told) / max(entered.sum(), 1)),
                float(np.mean((p - y) ** 2)) if len(p) else np.nan,
                float(np.mean((line - y) ** 2)) if len(p) else np.nan,
                float(np.mean((y.mean() - y) ** 2)) if len(p) else np.nan,
            )
        )
    return result


def _binned(p: Floats, y: Floats, which: Integers) -> tuple[Floats, Floats, Integers]:
    count = np.bincount(which, minlength=BINS)
    stated = np.bincount(which, weights=p, minlength=BINS) / np.maximum(count, 1)
    observed = np.bincount(which, weights=y, minlength=BINS) / np.maximum(count, 1)
    return stated, observed, count.astype(np.int64)


def _by_chance(p: Floats, which: Integers) -> float:
    """Mean error that independent pairs of these probabilities have: the mean of a normal error of each bin."""
    spread = np.sqrt(np.bincount(which, weights=p * (1.0 - p), minlength=BINS))
    return float(np.sqrt(2.0 / np.pi) * spread.sum() / max(len(p), 1))


def straight_s(now: Picture, zones: ZoneIndex, row: Integers, zone: Integers) -> Floats:
    """(k,) seconds until straight lines at the speed and climb of now first meet each zone; infinite: never.

    What Area Proximity Warning does (EUROCONTROL-GUID-161), without its tolerances, within ten minutes.
    """
    times_s = instants_s((600.0,))
    speed = np.hypot(now.east_mps, now.north_mps)[row][:, None]
    course = np.arctan2(now.east_mps, now.north_mps)[row][:, None]
    way = speed * times_s / 6_371_008.8
    latitude = np.radians(now.latitude_deg[row])[:, None]
    sine = np.sin(latitude) * np.cos(way) + np.cos(latitude) * np.sin(way) * np.cos(course)
    turned = np.arctan2(
        np.sin(course) * np.sin(way) * np.cos(latitude), np.cos(way) - np.sin(latitude) * sine
    )
    longitude = now.longitude_deg[row][:, None] + np.degrees(turned)
    inside = np.zeros(way.shape, dtype=np.bool_)
    hit, which = zones.locate(np.degrees(np.arcsin(sine)).ravel(), longitude.ravel())
    mine = which == zone[hit // len(times_s)]
    inside.ravel()[hit[mine]] = True
    height = now.pressure_altitude_m[row][:, None] + now.up_mps[row][:, None] * times_s
    floor = np.array([-np.inf if z.floor is None else z.floor.height_m for z in zones.zones])
    ceiling = np.array([np.inf if z.ceiling is None else z.ceiling.height_m for z in zones.zones])
    inside &= ~(height < floor[zone][:, None]) & ~(height >= ceiling[zone][:, None])
    first = np.argmax(inside, axis=1)
    result: Floats = np.where(inside.any(axis=1), times_s[first], np.inf)
    return result


class Alerts(NamedTuple):
    """What one rule of alerting gave on all flights."""

    setting: float  # threshold of the probability, or seconds looked ahead
    caught: float  # share of entries alerted at least ``LEAD_S`` before
    nuisance: int  # alerts after which no entry came while they stood or within two minutes more
    lead_s: float  # median time from the alert to the entry


def alerts(
    found: Scored, alarm: Flags, setting: float, hold: Flags | None = None, step_s: float = GRID_S
) -> Alerts:
    """Alerts raised where ``alarm`` (k,) is set, and kept while ``hold`` is.

    An alert is an uninterrupted run of states of one flight and one zone. Entries are counted that the
    recording shows from ``LEAD_S`` + 10 s before, and before which the flight was outside for as long: where it
    clips a corner and comes back, nobody can warn of the second entry two minutes ahead. An alert counts as a
    nuisance where the recording goes on long enough to tell that no entry followed.
    """
    hold = alarm if hold is None else hold | alarm
    order = np.lexsort((found.at, found.zone, found.flight))
    flight, zone, at = found.flight[order], found.zone[order], found.at[order]
    entry_s, alarm, hold = found.entry_s[order], alarm[order], hold[order]
    known = found.known[order][:, -1] | np.isfinite(entry_s)
    caught = total = nuisance = 0
    leads: list[float] = []
    begins = np.flatnonzero(np.concatenate(([True], (np.diff(flight) != 0) | (np.diff(zone) != 0))))
    for begin, end in zip(begins, [*begins[1:], len(flight)], strict=True):
        on_since: int | None = None
        last_at = inside_at = -100
        due: float = np.inf
        for k in range(begin, end):
            if at[k] - last_at > 1 or (np.isfinite(entry_s[k]) and entry_s[k] > due + step_s):
                on_since = None
            last_at, due = int(at[k]), float(entry_s[k])
            was = on_since
            if alarm[k] and on_since is None:
                on_since = k
            if on_since is not None and not hold[k]:
                on_since = None
            ended = was is not None and on_since is None
            if ended and known[k] and entry_s[k] > LEAD_S:
                nuisance += 1
            if entry_s[k] <= step_s:  # the last state before an entry
                seen_s = (at[k] - max(int(at[begin]), inside_at)) * step_s
                if seen_s >= LEAD_S + step_s and _whole(at, int(begin), int(k)):
                    total += 1
                    if on_since is not None:
                        lead_s = (at[k] - at[on_since]) * step_s + entry_s[k]
                        leads.append(lead_s)
                        caught += lead_s >= LEAD_S
                on_since, inside_at = None, int(at[k])
    return Alerts(
        setting, caught / max(total, 1), nuisance, float(np.median(leads)) if leads else np.nan
    )


def _whole(at: Integers, begin: int, end: int) -> bool:
    """Whether the last ``LEAD_S`` before a place are all there: the pair was outside and within reach."""
    back = round(LEAD_S / GRID_S)
    return end - back >= begin and int(at[end] - at[end - back]) == back


def reliability_rows(scored: list[Reliability], of: str, where: str) -> list[Row]:
    """Rows of the figures; ``of`` names what flew, ``where`` how long and against what."""
    rows = []
    for one in scored:
        minutes = f"{one.horizon_s / 60:g} min"
        rows += [
            Row(
                area="watch",
                name=f"reliability error{of}, entry within {minutes}",
                value=one.error,
                unit="",
                target="< 0.05",
                note=f"{where}; {one.pairs.sum()} pairs; {one.error_doubtful:.3f} of those stated 5 to 95 %; "
                f"{one.unforeseen:.1%} of entries stated below 1 %; {one.error_chance:.3f} by chance alone",
            ),
            Row(
                area="watch",
                name=f"Brier score{of}, entry within {minutes}",
                value=one.brier,
                unit="",
                target=f"< {one.brier_straight:.4f}",
                note=f"straight line {one.brier_straight:.4f}, the mean share {one.brier_climate:.4f}; {where}",
            ),
        ]
    return rows
