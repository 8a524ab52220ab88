"""How well predictions of entry keep their word: on simulated flights always, on recorded ones where they are.

Recordings are not ours to ship. ``VEDETTE_RECORDINGS`` names a folder that holds those of ``SCORED_ON``; the
parameters were fitted to others (``tools/fit_prediction.py``).
"""

from pathlib import Path
from typing import Final

import numpy as np

from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.bench import entries, recordings
from vedette.bench.recordings import GRID_S, Flight
from vedette.bench.row import Note, Row
from vedette.bench.watch import area, index, plane
from vedette.model.columns import Flags
from vedette.watch.motion import shipped_motion
from vedette.watch.prediction import HORIZONS_S

SCORED_ON: Final = ("switzerland_2018-08-01", "calibration_bornholm_2018-11-26")
ALERT_HORIZONS_S: Final = (120.0, 180.0, 240.0, 300.0, 420.0)
STANDS_DOWN: Final = 0.2  # share of its level below which an alert stands down
_WANTED: Final = 0.95  # of entries alerted two minutes before


def wanderers(count: int, seed: int) -> list[Flight]:
    """Simulated flights of 20 minutes that turn as the shipped parameters say, drawn by other code."""
    rng = np.random.default_rng(seed)
    cruising = shipped_motion().behaviours["cruising"]
    gap_s = 60.0 / cruising.turns_per_min
    result = []
    for number in range(count):
        steps = int(1_200 / GRID_S)
        speed, course = rng.uniform(130.0, 250.0), rng.uniform(0.0, 2.0 * np.pi)
        turn = np.zeros(steps * 10)
        at = rng.exponential(gap_s)
        while at < len(turn):
            small = rng.random() < cruising.small_share
            size = cruising.small_rad if small else cruising.large_rad
            angle = rng.exponential(size) * rng.choice([-1.0, 1.0])
            length = max(1, round(abs(angle) / 0.02))
            turn[round(at) : round(at) + length] = np.sign(angle) * 0.02
            at += length + rng.exponential(gap_s)
        heading = course + np.cumsum(turn)
        east = rng.uniform(-80e3, 80e3) + np.cumsum(speed * np.sin(heading))
        north = rng.uniform(-80e3, 80e3) + np.cumsum(speed * np.cos(heading))
        grid = slice(0, None, round(GRID_S))
        longitude, latitude = plane()(east[grid], north[grid], inverse=True)
        zero = np.zeros(len(latitude))
        result.append(
            Flight(
                f"w{number}", "simulated", 0.0, np.asarray(latitude), np.asarray(longitude),
                zero + 9_000.0, speed * np.sin(heading[grid]), speed * np.cos(heading[grid]), zero,
                turn[grid], recordings.restless(turn[grid]), np.tile((50.0**2, 2.0**2), (len(zero), 1)),
            )
        )  # fmt: skip
    return result


def squares() -> ZoneIndex:
    """Nine states of 60 km beside each other."""
    size = 60e3
    return index(
        *(
            area(
                f"square-{i}{j}",
                [(i * size, j * size), (i * size + size, j * size), (i * size + size, j * size + size),
                 (i * size, j * size + size)],
                state="EST",
            )
            for i in (-1, 0, 1) for j in (-1, 0, 1)
        )
    )  # fmt: skip


def scored_recordings(
    folder: Path, *, share: int = 1, every_s: float = 60.0
) -> tuple[entries.Scored, list[entries.Reliability], float]:
    """Predictions for the recordings of ``SCORED_ON``, their reliability, and the hours flown.

    Args:
        folder: holds them.
        share: one flight in so many is looked at.
        every_s: seconds between the states of a flight.
    """
    flights = [
        flight
        for name in SCORED_ON
        for flight in recordings.flights(folder / f"{name}.parquet")[::share]
    ]
    zones = sovereign_airspace()
    found = entries.scored(flights, zones, every_s=every_s)
    hours = sum(len(f.latitude_deg) for f in flights) * GRID_S / 3_600.0
    return found, entries.reliability(found, _straight(flights, zones, found)), hours


def _straight(flights: list[Flight], zones: ZoneIndex, found: entries.Scored) -> Flags:
    now = recordings.picture(flights, found.flight, found.at)
    reach_s = entries.straight_s(now, zones, np.arange(len(found.flight)), found.zone)
    result: Flags = reach_s[:, None] <= np.array(HORIZONS_S)
    return result


def run(*, seed: int = 1, quick: bool = False) -> list[Row | Note]:
    """Reliability, Brier score and alerts."""
    flights = wanderers(60 if quick else 400, seed)
    zones = squares()
    found = entries.scored(flights, zones)
    scored = entries.reliability(found, _straight(flights, zones, found))
    rows: list[Row | Note] = [*entries.reliability_rows(scored, "", "simulated wanderers")]
    folder = recordings.folder()
    missing = (
        list(SCORED_ON)
        if folder is None
        else [name for name in SCORED_ON if not (folder / f"{name}.parquet").exists()]
    )
    if folder is None or missing:
        rows.append(
            Note(
                "recorded traffic skipped: VEDETTE_RECORDINGS names no folder with "
                + ", ".join(f"{name}.parquet" for name in missing)
            )
        )
        return rows
    _, scored, hours = scored_recordings(folder, share=20 if quick else 2)
    rows += entries.reliability_rows(scored, "", f"{' and '.join(SCORED_ON)}, {hours:.0f} h")
    rows += _alert_rows(folder, share=60 if quick else 6)
    return rows


def alert_curves(
    folder: Path, share: int
) -> tuple[list[tuple[float, entries.Alerts]], list[entries.Alerts], float]:
    """Alerts by probability (horizon with threshold), by straight lines, and the hours flown."""
    flights = recordings.flights(folder / f"{SCORED_ON[0]}.parquet")[::share]
    zones = sovereign_airspace()
    found = entries.scored(flights, zones, every_s=GRID_S, horizons_s=ALERT_HORIZONS_S)
    now = recordings.picture(flights, found.flight, found.at)
    reach_s = entries.straight_s(now, zones, np.arange(len(found.flight)), found.zone)
    hours = sum(len(f.latitude_deg) for f in flights) * GRID_S / 3_600.0
    ours = [
        (horizon_s, entries.alerts(found, p >= level, level, p >= STANDS_DOWN * level))
        for horizon_s, p in zip(ALERT_HORIZONS_S, found.stated.T, strict=True)
        for level in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
    ]
    lines = [
        entries.alerts(found, reach_s <= ahead_s, ahead_s)
        for ahead_s in (120.0, 130.0, 140.0, 150.0, 160.0, 180.0, 200.0, 240.0, 300.0, 360.0, 600.0)
    ]
    return ours, lines, hours


def _alert_rows(folder: Path, share: int) -> list[Row | Note]:
    ours, lines, hours = alert_curves(folder, share)
    where = f"1 flight in {share} of {SCORED_ON[0]}, {hours:.0f} h; an alert stands down at a fifth of its level"
    rows: list[Row | Note] = []
    best_line = min(
        (a for a in lines if a.caught >= _WANTED), key=lambda a: a.nuisance, default=None
    ) or max(lines, key=lambda a: (a.caught, -a.nuisance))
    best = min(
        (item for item in ours if item[1].caught >= max(_WANTED, best_line.caught)),
        key=lambda item: item[1].nuisance,
        default=None,
    ) or max(ours, key=lambda item: (item[1].caught, -item[1].nuisance))
    per = 1_000.0 / hours
    rows += [
        Row(
            area="watch",
            name="entries alerted 2 min before",
            value=best[1].caught,
            unit="share",
            target="≥ 0.95",
            note=f"P(entry within {best[0]:.0f} s) ≥ {best[1].setting:g}; "
            f"median lead {best[1].lead_s:.0f} s; {where}",
        ),
        Row(
            area="watch",
            name="nuisance alerts at that setting",
            value=best[1].nuisance * per,
            unit="per 1,000 h",
            target=f"< {best_line.nuisance * per:.0f}",
            note=f"straight line {best_line.setting:.0f} s ahead: {best_line.caught:.3f} caught, "
            f"{best_line.nuisance * per:.0f} nuisance, median lead {best_line.lead_s:.0f} s",
        ),
    ]
    # the trade at each lead: what straight lines catch, and what it costs us to catch as much
    for line in lines:
        as_good = [item for item in ours if item[1].caught >= line.caught]
        if not as_good:
            continue
        horizon_s, mine = min(as_good, key=lambda item: item[1].nuisance)
        rows.append(
            Row(
                area="watch",
                name=f"nuisance alerts, {line.caught:.3f} of entries 2 min before",
                value=mine.nuisance * per,
                unit="per 1,000 h",
                target=f"< {line.nuisance * per:.0f}",
                note=f"P(entry within {horizon_s:.0f} s) ≥ {mine.setting:g}, median lead {mine.lead_s:.0f} s; "
                f"straight line {line.setting:.0f} s ahead, median lead {line.lead_s:.0f} s",
            )
        )
    return rows
