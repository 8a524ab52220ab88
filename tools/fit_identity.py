"""Fit ``src/vedette/data/identity/fitted.json``, and draw ``docs/pictures/identity-reliability.svg``.

    VEDETTE_RECORDINGS=FOLDER VEDETTE_AIRCRAFT=FOLDER python tools/fit_identity.py [--draw]

One scale for each factor, and how flights that speak share out over the crewed civil classes, by the
log-likelihood of what the aircraft truly are, held near 1 and near the stated priors by a penalty. Classes
count as the stated priors say, however many of each were recorded: one place and hour is not the sky. The file
holds a dozen numbers, none of the recordings' data. ``--draw`` only draws, with the numbers as they are.
"""

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
from scipy.optimize import minimize

from vedette.bench.identity.classes import FITTED_ON, SCORED_ON, Calibration, calibration, sample
from vedette.bench.identity.labels import database
from vedette.bench.recordings import folder
from vedette.identity.classes import spoken_logs
from vedette.identity.settings import PRIORS, IdentitySettings
from vedette.identity.tables import CIVIL, fitted
from vedette.model.assessment import CLASSES
from vedette.model.columns import Floats

ROOT: Final = Path(__file__).parent.parent
NUMBERS: Final = ROOT / "src/vedette/data/identity/fitted.json"
PICTURE: Final = ROOT / "docs/pictures/identity-reliability.svg"
FACTORS: Final = ("kinematics", "limits", "address", "callsign", "reply")
PENALTY: Final = 0.1  # on squared logarithms; from 0.05 to 0.2 the scored error stays below 0.05


def fit(logs: dict[str, Floats], truth: Floats) -> tuple[dict[str, float], dict[str, float]]:
    """Scales by factor, and what a reply adds for each crewed civil class.

    Args:
        logs: by factor, (n, classes) log-likelihoods with all scales 1.
        truth: (n,) class.
    """
    prior = np.array([PRIORS[name] for name in CLASSES])
    prior /= prior.sum()
    count = np.bincount(truth, minlength=len(CLASSES))
    weight = (prior / np.maximum(count, 1))[truth]
    weight /= weight.sum()
    moved = np.stack([logs[name] for name in FACTORS], axis=1)
    fixed = sum(values for name, values in logs.items() if name not in FACTORS)
    civil = np.flatnonzero(CIVIL)

    def loss(numbers: Floats) -> float:
        scale, add = np.exp(numbers[: len(FACTORS)]), np.zeros(len(CLASSES))
        add[civil] = numbers[len(FACTORS) :] - numbers[len(FACTORS) :].min()
        total = np.log(prior) + add + fixed
        total = total + np.einsum("nfc,f->nc", moved, scale)
        total -= total.max(axis=1, keepdims=True)
        right = total[np.arange(len(truth)), truth] - np.log(np.exp(total).sum(axis=1))
        return float(-(weight * right).sum() + PENALTY * (numbers**2).sum())

    found = minimize(loss, np.zeros(len(FACTORS) + len(civil)), method="L-BFGS-B").x
    scales = {name: round(float(np.exp(v)), 4) for name, v in zip(FACTORS, found, strict=False)}
    adds = found[len(FACTORS) :] - found[len(FACTORS) :].min()
    return scales, {CLASSES[c]: round(float(v), 4) for c, v in zip(civil, adds, strict=True)}


def draw(panels: list[tuple[str, Calibration]]) -> str:
    """Reliability diagrams side by side: stated probability to the right, share that was right upwards."""
    size, left, top = 170.0, 46.0, 48.0
    pitch = size + 44.0
    width, height = left + pitch * len(panels), top + size + 56.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="B612, DejaVu Sans, sans-serif" fill="#1b1f24" role="img" '
        'aria-labelledby="t"><title id="t">Stated probability of the class against the share that was '
        "right</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        '<text x="46" y="16" font-size="12" font-weight="bold">Share right (up) against stated probability '
        "of the class told (right)</text>",
    ]
    for at, (words, one) in enumerate(panels):
        x0 = left + at * pitch
        parts += [
            f'<rect x="{x0}" y="{top}" width="{size}" height="{size}" fill="none" stroke="#8a939c"/>',
            f'<path d="M{x0} {top + size}L{x0 + size} {top}" stroke="#8a939c" stroke-dasharray="3 3"/>',
            f'<text x="{x0}" y="{top - 8}" font-size="10">{words}, error {one.error:.3f}</text>',
            f'<text x="{x0}" y="{top + size + 14}" font-size="9">0</text>',
            f'<text x="{x0 + size}" y="{top + size + 14}" font-size="9" text-anchor="end">1</text>',
        ]
        most = max(int(one.samples.max()), 1)
        for p, y, n in zip(one.stated, one.right, one.samples, strict=True):
            if n:
                bar = (
                    2.0 * (max(y * (1 - y), 0.25 / n) / (n / 3.0)) ** 0.5
                )  # three samples an aircraft
                low, high = max(0.0, y - bar), min(1.0, y + bar)
                x = x0 + size * p
                parts += [
                    f'<path d="M{x:.1f} {top + size * (1 - low):.1f}V{top + size * (1 - high):.1f}" '
                    'stroke="#0a64a4" opacity="0.5"/>',
                    f'<circle cx="{x:.1f}" cy="{top + size * (1 - y):.1f}" r="{2 + 5 * (n / most) ** 0.5:.1f}" '
                    f'fill="#0a64a4" fill-opacity="0.75"><title>stated {p:.2f}, right {y:.2f}, {n} '
                    "samples</title></circle>",
                ]
    parts.append(
        f'<text x="46" y="{height - 14:.0f}" font-size="9" fill="#5b6570">bars: two standard errors, '
        "aircraft as the unit; area: samples at 1, 3 and 7 minutes</text>"
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    """Fit and draw."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draw", action="store_true")
    only_draw = parser.parse_args().draw
    recordings, known = folder(), database()
    if recordings is None or known is None:
        raise SystemExit("name the folders: VEDETTE_RECORDINGS and VEDETTE_AIRCRAFT")
    if not only_draw:
        found = sample(recordings, FITTED_ON, known, silent=False, learnt=False)
        found.logs["traffic"][:] = 0.0  # what each learnt from the others on the way
        held = fitted().scales
        found.logs["reply"] = found.logs["reply"] - spoken_logs()  # all of them speak
        raw = {name: values / held.get(name, 1.0) for name, values in found.logs.items()}
        scales, adds = fit(raw, found.truth)
        numbers = {
            "scales": scales,
            "class_logs": adds,
            "fitted_on": list(FITTED_ON),
            "aircraft": len(np.unique(found.aircraft)),
        }
        NUMBERS.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
        print(NUMBERS.read_text())
        fitted.cache_clear()
        spoken_logs.cache_clear()
    panels = []
    for names, words in ((SCORED_ON, "scored, not fitted to"), (FITTED_ON, "fitted to")):
        one = sample(recordings, names, known, silent=False)
        told = one.probabilities.max(axis=1) >= IdentitySettings().abstain_below
        panels.append((words, calibration(one, told)))
    PICTURE.write_text(draw(panels), encoding="utf-8")


if __name__ == "__main__":
    main()
