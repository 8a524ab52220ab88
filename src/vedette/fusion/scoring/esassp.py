"""The figures of the EUROCONTROL surveillance specification that a picture and its truth can give."""

import msgspec
import numpy as np

from vedette.fusion.scoring.consistency import Errors
from vedette.fusion.scoring.pictures import Near, Pictures
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.model.columns import Floats


class Esassp(msgspec.Struct, frozen=True, kw_only=True):
    """EUROCONTROL-SPEC-147 (ESASSP), edition 1.2 of 20 April 2021, volume 1, quality of service.

    A position counts as updated in an interval when a track that follows the object took in a measurement
    in it: an extrapolated position is none.
    """

    update_probability: float | None  # of horizontal position
    gaps_ratio: float | None  # states in gaps longer than three intervals and a tenth
    horizontal_rms_m: float | None
    horizontal_rms_worst_object_m: float | None
    large_series_ratio: float | None  # states in series of at least three large errors
    speed_rms_mps: float | None  # of the ground speed
    course_rms_rad: float | None  # where the object is quicker than 20 m/s
    interval_s: float


def _series(rows: Floats, length: int) -> int:
    """How many of the flags stand in unbroken series of at least ``length``; NaN breaks a series."""
    total = run = 0
    for value in rows.tolist():
        if value == 1.0:
            run += 1
            continue
        total, run = total + (run if run >= length else 0), 0
    return total + (run if run >= length else 0)


def esassp(pictures: Pictures, pairs: Near, found: Errors, settings: ScoreSettings) -> Esassp:
    """The figures over all pictures that count."""
    interval_ns = round(settings.update_interval_s * 1e9)
    start_ns = int(pictures.instants_ns[min(pictures.first, len(pictures.instants_ns) - 1)])
    rows = np.flatnonzero(pictures.counted(pictures.truth))
    slot = (pictures.instants_ns[pictures.truth.picture] - start_ns) // interval_ns
    updated = pictures.updated_ns[pairs.track]
    slots = int(slot[rows].max()) + 1 if len(rows) else 0
    # an interval counts for an object that was there in all of its pictures
    here = np.zeros((len(pictures.objects), slots), np.int64)
    np.add.at(here, (pictures.truth.name[rows], slot[rows]), 1)
    per_slot = np.bincount(
        (pictures.instants_ns[pictures.first :] - start_ns) // interval_ns, minlength=slots
    )[:slots]
    whole = (here == per_slot) & (per_slot > 0)
    if slots and len(pictures.instants_ns) > 1:
        # the last interval may be cut short
        left_ns = int(pictures.instants_ns[-1]) - start_ns - (slots - 1) * interval_ns
        whole[:, -1] &= left_ns + round(pictures.period_s * 1e9) >= interval_ns
    fresh = np.zeros((len(pictures.objects), slots), np.bool_)
    when = (updated - start_ns) // interval_ns
    good = (when >= 0) & (when < slots)
    fresh[pictures.truth.name[pairs.truth][good], when[good]] = True
    # a gap: pictures of an object at which its last measurement is older than 3.3 intervals
    order = np.lexsort((pictures.truth.picture[rows], pictures.truth.name[rows]))
    ages = np.full(len(pictures.truth.name), np.nan)
    ages[pairs.truth] = (pictures.instants_ns[pictures.track.picture[pairs.track]] - updated) / 1e9
    stale = _stale(pictures, rows[order], ages, 3.3 * settings.update_interval_s)
    error = found.error
    place = np.hypot(error[:, 0], error[:, 1])
    things = np.bincount(found.thing, minlength=len(pictures.objects))
    squares = np.bincount(found.thing, place**2, len(pictures.objects))
    flags = np.full(len(pictures.truth.name), np.nan)
    flags[pairs.truth] = place > settings.large_error_m
    sorted_names = pictures.truth.name[rows[order]]
    cuts = np.flatnonzero(np.diff(sorted_names)) + 1
    large = 0
    if len(place) and (flags == 1.0).any():
        large = sum(
            _series(part, settings.large_errors_in_series)
            for part in np.split(flags[rows[order]], cuts)
        )
    true, mine = (_plane(pictures, pairs, states) for states in ("truth", "track"))
    speed = np.hypot(*mine.T) - np.hypot(*true.T)
    quick = np.hypot(*true.T) > 20.0
    turn = np.arctan2(mine[:, 0], mine[:, 1]) - np.arctan2(true[:, 0], true[:, 1])
    turn = (turn[quick] + np.pi) % (2.0 * np.pi) - np.pi
    return Esassp(
        update_probability=float(fresh[whole].mean()) if whole.any() else None,
        gaps_ratio=float(stale.mean()) if len(stale) else None,
        horizontal_rms_m=_rms(place),
        horizontal_rms_worst_object_m=float(
            np.sqrt((squares[things > 0] / things[things > 0]).max())
        )
        if len(place)
        else None,
        large_series_ratio=large / len(place) if len(place) else None,
        speed_rms_mps=_rms(speed),
        course_rms_rad=_rms(turn),
        interval_s=settings.update_interval_s,
    )


def _rms(values: Floats) -> float | None:
    return float(np.sqrt((values**2).mean())) if len(values) else None


def _plane(pictures: Pictures, pairs: Near, which: str) -> Floats:
    """(n, 2) east and north velocity in the track's plane."""
    states, rows = (
        (pictures.truth, pairs.truth) if which == "truth" else (pictures.track, pairs.track)
    )
    plane: Floats = np.einsum("nac,nc->na", pictures.axes[pairs.track], states.velocity_mps[rows])
    return plane


def _stale(pictures: Pictures, rows: np.ndarray, ages_s: Floats, limit_s: float) -> np.ndarray:
    """Of each object's states from its first track on: whether no measurement is newer than the limit."""
    name = pictures.truth.name[rows]
    when_s = pictures.instants_ns[pictures.truth.picture[rows]] / 1e9
    measured = when_s - ages_s[rows]
    # the newest measurement so far, of this object: objects follow each other, so restart by an offset
    last = np.where(np.isnan(measured), -np.inf, measured)
    starts = np.flatnonzero(np.concatenate(([True], name[1:] != name[:-1])))[: len(name)]
    for a, b in zip(starts, np.append(starts[1:], len(name)), strict=True):
        np.maximum.accumulate(last[a:b], out=last[a:b])
    known = np.isfinite(last)
    return np.asarray((when_s - last)[known] > limit_s)
