"""Fit ``src/vedette/data/prediction/motion.json`` to recorded traffic.

    python tools/fit_prediction.py FOLDER UK_AIRSPACE.geojson [--sweeps 2] [--keep] [--only restless]

FOLDER holds the recordings named in ``FITTED_ON`` (OpenSky data, from the samples of Stone Soup and of the
Python package ``traffic``). They are read, never copied: what is written are a few dozen numbers. Recordings
that ``vedette bench watch`` scores against are others. What is restless is fitted to those of ``RESTLESS_ON`` as
well, aircraft that film a race and that survey land, against squares of 5 km laid over where they flew.

For each behaviour the parameters of ``_SEARCHED`` are moved by steps, one after the other, as long as the log
loss of stated entries falls; then log-odds are calibrated for each horizon, drawn to the identity by a prior.
"""

import argparse
import sys
from pathlib import Path

import msgspec
import numpy as np

from vedette.airspace.sovereign import sovereign_airspace
from vedette.bench import entries, recordings
from vedette.bench.watch_slow import squares
from vedette.watch.motion import BEHAVIOURS, Calibration, Motion, MotionSet
from vedette.watch.prediction import HORIZONS_S

FITTED_ON = ("uk_opensky_2021-07-12", "border_control_channel_2020-04-17")
RESTLESS_ON = ("vasaloppet_2020-03-01", "survey_fyn_2018-04-19")
SQUARE_M = 5_000.0
TARGET = Path(__file__).parent.parent / "src/vedette/data/prediction/motion.json"
_SEARCHED = (
    "turns_per_min", "small_share", "small_rad", "large_rad", "hold_s", "speed_per_min", "bend_rad_per_min",
    "level_off_per_min", "leave_level_per_min", "climb_mps",
)  # fmt: skip
MOVING = tuple(name for name in BEHAVIOURS if name != "adrift")
_TRUST = 40.0  # entries that the prior of the calibration weighs as much as
TYPED = {  # where the search begins
    "cruising": Motion(
        turns_per_min=0.08, small_share=0.8, small_rad=0.15, large_rad=0.8, hold_s=15.0, bank_rad=0.35,
        speed_per_min=0.01, level_off_per_min=0.15, leave_level_per_min=0.04, climb_mps=6.0, drift_s=0.0,
        bend_rad_per_min=0.005,
    ),
    "transit": Motion(
        turns_per_min=0.3, small_share=0.6, small_rad=0.15, large_rad=1.0, hold_s=15.0, bank_rad=0.35,
        speed_per_min=0.03, level_off_per_min=0.15, leave_level_per_min=0.1, climb_mps=6.0, drift_s=0.0,
        bend_rad_per_min=0.02,
    ),
    "slow": Motion(
        turns_per_min=0.6, small_share=0.5, small_rad=0.3, large_rad=1.5, hold_s=15.0, bank_rad=0.35,
        speed_per_min=0.06, level_off_per_min=0.4, leave_level_per_min=0.2, climb_mps=2.0, drift_s=0.0,
        bend_rad_per_min=0.05,
    ),
    "adrift": Motion(
        turns_per_min=0.0, small_share=0.0, small_rad=0.0, large_rad=0.0, hold_s=0.0, bank_rad=0.35,
        speed_per_min=0.0, level_off_per_min=0.0, leave_level_per_min=0.0, climb_mps=0.0, drift_s=300.0,
        # gusts: among 1, 2 and 4, 2 and 4 lose least for one radiosonde (U2450614) in another's wind
        bend_rad_per_min=0.0, gust_mps=3.0,
    ),
    "restless": Motion(
        turns_per_min=1.5, small_share=0.3, small_rad=0.3, large_rad=2.5, hold_s=40.0, bank_rad=0.35,
        speed_per_min=0.06, level_off_per_min=0.4, leave_level_per_min=0.1333, climb_mps=1.3333, drift_s=0.0,
        bend_rad_per_min=0.05,
        # of 0, 0.1, 0.2, 0.3 and 0.5, a fifth loses least where each recording of ``RESTLESS_ON`` counts alike
        calm_share=0.2,
    ),
}  # fmt: skip


def loss(found: list[entries.Scored], behaviour: int | None = None) -> float:
    """Log loss summed over all pairs and horizons that can be told."""
    total = 0.0
    for one in found:
        use = one.known & (True if behaviour is None else (one.behaviour == behaviour)[:, None])
        p = np.clip(one.stated[use], 1e-4, 1 - 1e-4)
        total -= float(np.sum(np.where(one.came[use], np.log(p), np.log(1 - p))))
    return total


def calibration(found: list[entries.Scored], behaviour: int) -> tuple[Calibration, ...]:
    """Shift and scale of the log-odds for each horizon, by penalised logistic regression (Newton).

    Of the restless one long recording has most pairs, and what it shows is one way of flying: there all recordings
    weigh by the root of how many they have.
    """
    alike = behaviour == BEHAVIOURS.index("restless")
    result = []
    for h, horizon_s in enumerate(HORIZONS_S):
        rows = [(one.known[:, h] & (one.behaviour == behaviour)) for one in found]
        p = np.concatenate([one.stated[r, h] for one, r in zip(found, rows, strict=True)])
        y = np.concatenate([one.came[r, h] for one, r in zip(found, rows, strict=True)]).astype(
            float
        )
        which = np.repeat(np.arange(len(rows)), [int(r.sum()) for r in rows])
        # the many that nobody would speak of must not decide what is said of the few
        p, y, which = p[p > 0.02], y[p > 0.02], which[p > 0.02]
        count = np.maximum(np.bincount(which, minlength=len(rows)), 1).astype(float)
        weight = (1.0 / np.sqrt(count))[which] if alike else np.ones(len(p))
        weight *= len(p) / max(weight.sum(), 1e-9)
        p = np.clip(p, 1e-4, 1 - 1e-4)
        design = np.column_stack((np.ones(len(p)), np.log(p / (1 - p))))
        beta, prior = np.array([0.0, 1.0]), np.array([0.0, 1.0])
        # a pair is seen many times on its way: a tenth of the weight each
        for _ in range(30):
            mu = 1 / (1 + np.exp(-design @ beta))
            slope = 0.1 * design.T @ (weight * (y - mu)) - _TRUST * (beta - prior)
            bend = 0.1 * (design * (weight * mu * (1 - mu))[:, None]).T @ design + _TRUST * np.eye(
                2
            )
            beta = beta + np.linalg.solve(bend, slope)
        result.append(
            Calibration(
                horizon_s=horizon_s, shift=round(float(beta[0]), 3), scale=round(float(beta[1]), 3)
            )
        )
    return tuple(result)


def main() -> None:
    """Search, calibrate, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("uk_airspace", type=Path)
    parser.add_argument("--sweeps", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="begin with the file's parameters")
    parser.add_argument(
        "--only", choices=MOVING, action="append", help="leave the others as they are"
    )
    parser.add_argument("--out", type=Path, default=TARGET)
    asked = parser.parse_args()
    uk = recordings.uk_zones(asked.uk_airspace)
    sets = []
    for name in FITTED_ON:
        zones = uk if name.startswith("uk") else sovereign_airspace()
        sets.append((recordings.flights(asked.folder / f"{name}.parquet"), zones))
    if (names := asked.only or list(MOVING)) and "restless" in names:
        for name in RESTLESS_ON:
            flights = recordings.flights(asked.folder / f"{name}.parquet")
            sets.append((flights, squares(flights, SQUARE_M)))
    behaviours = dict(TYPED)
    before_it = msgspec.json.decode(TARGET.read_bytes(), type=MotionSet)
    if asked.keep:
        behaviours |= before_it.behaviours

    def motion(calibrated: dict[str, tuple[Calibration, ...]] | None = None) -> MotionSet:
        return MotionSet(
            source="tools/fit_prediction.py; numbers fitted to OpenSky Network data, which are not included",
            fitted_on=(*FITTED_ON, *RESTLESS_ON),
            behaviours=behaviours,
            calibration=calibrated or {},
        )

    def run(every_s: float) -> list[entries.Scored]:
        return [
            entries.scored(flights, zones, every_s=every_s, motion=motion(), futures=64)
            for flights, zones in sets
        ]

    best = run(90.0)
    print(f"begin: {loss(best):.1f}", file=sys.stderr)
    for sweep in range(asked.sweeps):
        for field in _SEARCHED:
            # all behaviours move at once: each keeps the step only where its own loss falls
            for factor in (1.5, 1 / 1.5):
                before = dict(behaviours)
                for name in names:
                    old = getattr(before[name], field)
                    new = min(old * factor, 0.95) if field == "small_share" else old * factor
                    behaviours[name] = msgspec.structs.replace(
                        before[name], **{field: round(new, 4)}
                    )
                tried = run(90.0)
                kept = []
                for name in names:
                    index = BEHAVIOURS.index(name)
                    if loss(tried, index) < loss(best, index) - 0.5:
                        kept.append(name)
                    else:
                        behaviours[name] = before[name]
                if kept:
                    best = run(90.0) if len(kept) < len(names) else tried
                    print(
                        f"{sweep} {field} x{factor:.2f} {kept}: {loss(best):.1f}", file=sys.stderr
                    )
    found = run(60.0)
    stated = dict(before_it.calibration) if asked.only else {}
    fitted = motion(stated | {n: calibration(found, BEHAVIOURS.index(n)) for n in names})
    asked.out.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=1) + b"\n")


if __name__ == "__main__":
    main()
