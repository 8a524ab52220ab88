"""Calibration of the classes: what was stated against what the aircraft truly is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from vedette.bench import recordings
from vedette.bench.identity.flights import AGES_S, Recorded, recorded, traffic_of, watched
from vedette.bench.identity.labels import database
from vedette.bench.row import Note, Row
from vedette.identity.classes import probabilities
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CIVIL, CLASS_INDEX, fitted
from vedette.model.columns import Flags, Floats, Integers

FITTED_ON: Final = (
    "ambulance_rega_2019-05-23",
    "calibration_bornholm_2018-11-26",
    "calibration_kiruna_2019-01-30",
    "gliders_danube_2019-05-23",
    "survey_fyn_2018-04-19",
    "uk_opensky_2021-07-12",
    "vasaloppet_2020-03-01",
)
SCORED_ON: Final = ("switzerland_2018-08-01",)
BINS: Final = 10
_GLIDERS: Final = "gliders"  # its aircraft is in no database: the recording's name says what it is


class Sample(NamedTuple):
    """Flights at some ages: three of each aircraft that was heard for long enough."""

    logs: dict[str, Floats]  # by factor, (n, classes)
    probabilities: Floats  # (n, classes)
    truth: Integers  # (n,) class
    aircraft: Integers  # (n,) number of the aircraft


def labelled(found: Recorded, known: dict[str, str]) -> list[str | None]:
    """The class of each flight; None where it is not known."""
    if found.recording.startswith(_GLIDERS):
        return ["glider_ultralight"] * len(found.flights)
    return [known.get(flight.name) for flight in found.flights]


def sample(
    folder: Path,
    names: tuple[str, ...],
    known: dict[str, str],
    *,
    silent: bool,
    seed: int = 1,
    settings: IdentitySettings | None = None,
    learnt: bool = True,
) -> Sample:
    """What the stage says of the labelled flights of recordings, as heard or as if they were silent.

    ``learnt``: where it has heard the traffic of the place before, without labels.
    """
    settings = settings or IdentitySettings()
    logs: dict[str, list[Floats]] = {}
    chances, truth, aircraft = [], [], []
    total = 0
    for name in names:
        found = recorded(folder / f"{name}.parquet")
        labels = labelled(found, known)
        mix = traffic_of(settings, found, seed=seed) if learnt else None
        for seen in watched(settings, found, silent=silent, seed=seed, ages_s=AGES_S, mix=mix):
            use = [at for at, k in enumerate(seen.which) if labels[k] is not None]
            for factor, values in seen.logs.items():
                logs.setdefault(factor, []).append(values[use])
            chances.append(seen.probabilities[use])
            truth += [CLASS_INDEX[labels[seen.which[at]] or ""] for at in use]
            aircraft += [total + seen.which[at] for at in use]
        total += len(found.flights)
    return Sample(
        {factor: np.concatenate(values) for factor, values in logs.items()},
        np.concatenate(chances),
        np.array(truth, dtype=np.int64),
        np.array(aircraft, dtype=np.int64),
    )


def _as_stated(settings: IdentitySettings, found: Sample) -> Sample:
    """The same without what was learnt of the mix of traffic."""
    logs = found.logs | {"traffic": np.zeros_like(found.logs["traffic"])}
    return found._replace(probabilities=probabilities(settings, logs))


class Calibration(NamedTuple):
    """Stated probability of the best class against how often it was right, by tenths."""

    stated: Floats  # (bins,) mean
    right: Floats  # (bins,) share
    samples: Integers  # (bins,)
    error: float  # expected calibration error: mean of |stated - right| by count
    error_chance: (
        float  # the same that this many aircraft would show if all were exactly calibrated
    )
    accuracy: float
    aircraft: int


def calibration(found: Sample, use: Flags, seed: int = 1) -> Calibration:
    """Of the samples to use."""
    chance = found.probabilities[use].max(axis=1)
    right = found.probabilities[use].argmax(axis=1) == found.truth[use]
    stated, share, count, error = _by_tenths(chance, right)
    dice = np.random.default_rng(seed)
    numbers = np.unique(found.aircraft[use], return_inverse=True)[1]
    draws = [
        # one throw an aircraft: its samples at several ages are right or wrong together
        _by_tenths(chance, dice.random(numbers.max() + 1)[numbers] < chance)[3]
        for _ in range(200)
    ]
    return Calibration(
        stated,
        share,
        count,
        error,
        float(np.mean(draws)),
        float(right.mean()),
        int(numbers.max()) + 1,
    )


def _by_tenths(chance: Floats, right: Flags) -> tuple[Floats, Floats, Integers, float]:
    which = np.minimum((chance * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(which, minlength=BINS)
    some = np.maximum(count, 1)
    stated = np.bincount(which, weights=chance, minlength=BINS) / some
    share = np.bincount(which, weights=right, minlength=BINS) / some
    error = float(np.sum(np.abs(stated - share) * count) / max(count.sum(), 1))
    return stated, share, count.astype(np.int64), error


def rows(seed: int, quick: bool) -> Iterator[Row | Note]:
    """Calibration on the recordings that were fitted to and on those that were not."""
    folder, known = recordings.folder(), database()
    if folder is None or known is None:
        yield Note(
            "classes skipped: VEDETTE_RECORDINGS names no folder of recordings, or VEDETTE_AIRCRAFT "
            "none with an aircraft database"
        )
        return
    settings = IdentitySettings()
    for names, what in ((SCORED_ON, "not fitted to"), (FITTED_ON, "fitted to"))[
        : 1 if quick else 2
    ]:
        for silent in (False, True):
            found = sample(folder, names, known, silent=silent, seed=seed, settings=settings)
            told = found.probabilities.max(axis=1) >= settings.abstain_below
            one, all_ = calibration(found, told), calibration(found, np.ones_like(told))
            how = "as if silent" if silent else "as heard"
            stated = calibration(_as_stated(settings, found), told)
            yield Row(
                area="identity",
                name=f"calibration error of classes told, {how}, {what}",
                value=one.error,
                unit="",
                target="< 0.05" if what == "not fitted to" else "",
                note=f"{one.aircraft} aircraft; {one.error_chance:.3f} by chance alone; right "
                f"{one.accuracy:.1%}; {1 - told.mean():.1%} left open; with those {all_.error:.3f}; "
                f"{stated.error:.3f} by the stated mix, before any traffic is heard",
            )
            civil = CIVIL[found.truth]
            yield Row(
                area="identity",
                name=f"probability of crewed civil, of those that are, {how}, {what}",
                value=float(np.median(found.probabilities[civil][:, CIVIL].sum(axis=1))),
                unit="",
                note="median; the class decides nothing by itself",
            )
    fit = fitted()
    yield Note(f"identity: fitted on {fit.aircraft} aircraft of {', '.join(fit.fitted_on)}")
