"""Draw the pictures of ``docs/explanation/fusion.md`` from seeded scenes, without a plotting library.

    python tools/draw_fusion.py [turn|registration|nees ...]

- ``fusion-turn.svg``: a jet that turns under two radars, ellipses that hold it with 95 %, weights of its motions;
- ``fusion-registration.svg``: what a biased radar is found to be wrong by, with two standard deviations;
- ``fusion-nees.svg``: squared error over stated covariance on straights and through a turn, with its band.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from vedette.bench.fusion.watching import watch
from vedette.fusion import _layout as c
from vedette.fusion.picture import initial, step
from vedette.fusion.scoring.score import measure
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.fusion.settings import FusionSettings
from vedette.model.frames import polar_to_geodetic_deg
from vedette.sim.scene.flight import START_NS, straight, turning
from vedette.sim.scene.observe import Telling
from vedette.sim.scene.scene import Scene, compose, make
from vedette.sim.scene.settings import named
from vedette.sim.scene.sites import radars

FOLDER = Path(__file__).parent.parent / "docs/pictures"
INK, FAINT, PURPLE, GREEN, AMBER, BLUE = (
    "#1b1f24", "#8a939c", "#7a1fa2", "#1b7f4b", "#b25e00", "#1565a8",
)  # fmt: skip
SETTINGS = FusionSettings()


class Plot:
    """Axes in a rectangle of the picture."""

    def __init__(
        self, box: tuple[float, float, float, float], x: tuple[float, float], y: tuple[float, float]
    ) -> None:
        self.box, self.x, self.y = box, x, y
        left, top, width, height = box
        self.parts = [
            f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" '
            f'stroke="{FAINT}"/>'
        ]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the axes is in the picture."""
        left, top, width, height = self.box
        return (
            left + width * (x - self.x[0]) / (self.x[1] - self.x[0]),
            top + height * (1.0 - (y - self.y[0]) / (self.y[1] - self.y[0])),
        )

    def line(self, xs: Any, ys: Any, colour: str, more: str = "") -> None:
        """A line through points."""
        points = " ".join(
            "{:.1f},{:.1f}".format(*self.at(x, y)) for x, y in zip(xs, ys, strict=True)
        )
        self.parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" {more}/>')

    def band(self, xs: Any, low: Any, high: Any, colour: str) -> None:
        """The area between two lines."""
        there = list(zip(xs, high, strict=True)) + list(zip(xs, low, strict=True))[::-1]
        points = " ".join("{:.1f},{:.1f}".format(*self.at(x, y)) for x, y in there)
        self.parts.append(f'<polygon points="{points}" fill="{colour}" opacity="0.18"/>')

    def words(
        self, x: float, y: float, text: str, colour: str = INK, anchor: str = "start"
    ) -> None:
        """A text at a point."""
        px, py = self.at(x, y)
        self.parts.append(
            f'<text x="{px:.1f}" y="{py:.1f}" font-size="10" fill="{colour}" '
            f'text-anchor="{anchor}">{text}</text>'
        )

    def ticks(self, xs: list[float], ys: list[float], x_name: str, y_name: str) -> None:
        """Numbers and names of the axes."""
        left, top, width, height = self.box
        for x in xs:
            px, _ = self.at(x, self.y[0])
            self.parts.append(
                f'<text x="{px:.1f}" y="{top + height + 13}" font-size="9" text-anchor="middle">{x:g}</text>'
            )
        for y in ys:
            _, py = self.at(self.x[0], y)
            self.parts.append(
                f'<text x="{left - 5}" y="{py + 3:.1f}" font-size="9" text-anchor="end">{y:g}</text>'
                f'<path d="M{left} {py:.1f}h{width}" stroke="{FAINT}" stroke-width="0.4"/>'
            )
        self.parts.append(
            f'<text x="{left + width / 2}" y="{top + height + 26}" font-size="10" '
            f'text-anchor="middle">{x_name}</text>'
            f'<text x="{left}" y="{top - 6}" font-size="10">{y_name}</text>'
        )


def picture(title: str, width: int, height: int, plots: list[Plot], foot: str) -> str:
    """A whole SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="B612, DejaVu Sans, sans-serif" fill="{INK}" role="img" '
        'aria-labelledby="t">',
        f'<title id="t">{title}</title><rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="46" y="18" font-size="12" font-weight="bold">{title}</text>',
        *(part for plot in plots for part in plot.parts),
        f'<text x="46" y="{height - 8}" font-size="9" fill="#5b6570">{foot}</text>',
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def jets(seed: int, count: int) -> Any:
    rng = np.random.default_rng(seed)
    return straight(
        56.0 + rng.uniform(-0.3, 0.3, count), 12.0 + rng.uniform(-0.3, 0.3, count),
        rng.uniform(8_000.0, 11_000.0, count), rng.uniform(200.0, 260.0, count),
        rng.uniform(0.0, 2.0 * np.pi, count),
    )  # fmt: skip


def seen_by_radars(flights: Any, seconds: int, seed: int) -> Scene:
    return compose(
        flights, radars(3, period_s=6.0), seconds, np.random.default_rng(seed),
        telling=Telling(heights=True),
    )  # fmt: skip


def draw_turn() -> str:
    """One jet turns left by 180 degrees at 2 degrees a second."""
    flight = turning(
        straight(np.array([56.0]), np.array([11.85]), np.array([9_500.0]), np.array([230.0]),
                 np.array([np.pi / 2])),
        -np.radians(2.0), 60.0, 150.0,
    )  # fmt: skip
    scene = seen_by_radars(flight, 210, 2)
    state, weights, ellipses, path = initial(SETTINGS), [], [], []
    lon_m = 111_195.0 * np.cos(np.radians(56.0))

    def flat(latitude: float, longitude: float) -> tuple[float, float]:
        return (longitude - 12.0) * lon_m / 1e3, (latitude - 56.0) * 111.195

    for now_ns, part in scene.batches():
        state, output = step(SETTINGS, state, part, scene.sensors, now_ns)
        second = (now_ns - START_NS) / 1e9
        for row in output.tracks.to_pylist():
            if row["status"] not in ("confirmed", "coasting"):
                continue
            place = flat(row["latitude_deg"], row["longitude_deg"])
            path.append(place)
            if second % 8 == 0:
                p = row["covariance"]
                ellipses.append((place, np.array([[p[0], p[1]], [p[1], p[4]]]) / 1e6))
            slot = int(np.flatnonzero(state.memory.ints[:, c.STATUS] == c.CONFIRMED)[0])
            if state.memory.ints[slot, c.GROUP] == c.MOVING:
                weights.append((second, *state.memory.states[slot, :, c.WEIGHT]))
    truth = [flat(r["latitude_deg"], r["longitude_deg"]) for r in scene.truth.to_pylist()]
    xs, ys = np.array(truth).T
    middle, half = (ys.min() + ys.max()) / 2.0, 0.6 * (ys.max() - ys.min()) / 0.532
    x_range = ((xs.min() + xs.max()) / 2.0 - half, (xs.min() + xs.max()) / 2.0 + half)
    above = Plot((46, 40, 620, 330), x_range, (middle - half * 0.532, middle + half * 0.532))
    above.line(xs, ys, FAINT, 'stroke-width="4" opacity="0.5"')
    for row in scene.plots.to_pylist():
        site = next(s for s in scene.sensors if s.sensor_id == row["sensor_id"])
        where = polar_to_geodetic_deg(
            (site.latitude_deg, site.longitude_deg, site.height_hae_m),
            *(np.array([value]) for value in (row["range_m"], row["azimuth_rad"], 9_500.0)),
        )[0]
        x, y = above.at(*flat(where[0], where[1]))
        above.parts.append(f'<path d="M{x - 3:.1f} {y:.1f}h6m-3-3v6" stroke="{BLUE}"/>')
    for (x, y), p in ellipses:
        angles = np.linspace(0.0, 2.0 * np.pi, 49)
        ring = np.linalg.cholesky(5.991 * p) @ np.array([np.cos(angles), np.sin(angles)])
        above.line(x + ring[0], y + ring[1], PURPLE)
    above.line(*np.array(path).T, PURPLE, 'stroke-width="0.7"')
    above.ticks([-5, 0, 5, 10], [0, 5, 10], "east [km]", "north [km]")
    below = Plot((46, 430, 620, 90), (0.0, 210.0), (0.0, 1.0))
    table = np.array(weights)
    for lane, (motion, colour) in enumerate(
        zip(SETTINGS.motions, (GREEN, PURPLE, AMBER, "#b3261e"), strict=True)
    ):
        below.line(table[:, 0], table[:, 1 + lane], colour, 'stroke-width="1.6"')
        below.words(2.0 + 30.0 * lane, 1.05, motion.name, colour)
    below.band([60.0, 150.0], [0.0, 0.0], [1.0, 1.0], PURPLE)
    below.ticks(
        [0, 30, 60, 90, 120, 150, 180, 210], [0, 0.5, 1], "time [s]; shaded: it turns left", ""
    )
    return picture(
        "A turn of 2°/s: plots, track with 95 % ellipses, weights of its motions",
        690, 574, [above, below], "python tools/draw_fusion.py turn; seed 2; grey: where it was; crosses: plots",
    )  # fmt: skip


def draw_registration() -> str:
    """The most biased of four radars."""
    base, replace = named("bias"), msgspec.structs.replace
    scene = make(
        replace(
            base,
            traffic=replace(base.traffic, objects=60, side_m=300_000.0),
            field=replace(base.field, radars=4, side_m=250_000.0, false_plots=10.0),
            duration_s=240,
        ),
        0,
    )  # fmt: skip
    worst = int(np.argmax([abs(site.range_bias_m) for site in scene.sites]))
    site, state, rows = scene.sites[worst], initial(SETTINGS), []
    for now_ns, part in scene.batches():
        state, output = step(SETTINGS, state, part, scene.sensors, now_ns)
        rows.append(output.registration[worst])
    time_s = np.arange(len(rows))
    degrees = 180.0 / np.pi
    panels = []
    azimuth = (site.azimuth_bias_rad + site.azimuth_drift_rps * time_s) * degrees
    for number, (name, values, sigmas, truth) in enumerate(
        [
            ("range bias [m]", [r.range_m for r in rows], [r.range_sigma_m for r in rows],
             np.full(len(rows), site.range_bias_m)),
            ("azimuth bias [degrees]", [r.azimuth_rad * degrees for r in rows],
             [r.azimuth_sigma_rad * degrees for r in rows], azimuth),
        ]
    ):  # fmt: skip
        value, sigma = np.array(values), np.array(sigmas)
        every = np.concatenate([value - 2 * sigma, value + 2 * sigma, truth])
        low, high = every.min(), every.max()
        rim = 0.08 * (high - low)
        panel = Plot((46, 46 + 190 * number, 620, 130), (0.0, 240.0), (low - rim, high + rim))
        panel.band(time_s, value - 2 * sigma, value + 2 * sigma, PURPLE)
        panel.line(time_s, truth, GREEN, 'stroke-dasharray="5 3"')
        panel.line(time_s, value, PURPLE, 'stroke-width="1.6"')
        ys = (
            [-300.0, -200.0, -100.0, 0.0, 100.0, 200.0, 300.0]
            if number == 0
            else [-0.1, -0.05, 0.0, 0.05, 0.1]
        )
        panel.ticks(
            [0, 60, 120, 180, 240], [y for y in ys if low <= y <= high], "time [s]", name
        )  # fmt: skip
        panels.append(panel)
    return picture(
        "A biased radar among four: found (band: ± 2 sigma) and true (dashed)",
        690, 424, panels,
        "python tools/draw_fusion.py registration; scene “bias” with 60 objects and 4 radars, seed 0",
    )  # fmt: skip


def draw_nees() -> str:
    """Thirty jets on straights, and the same jets through a turn."""
    seconds, seeds, count = 150, range(10), 3
    panel = Plot((46, 46, 620, 230), (20.0, 150.0), (0.0, 16.0))
    for turns, colour, name in ((False, GREEN, "straight"), (True, PURPLE, "turn of 3°/s")):
        sums, found = np.zeros(seconds + 1), np.zeros(seconds + 1)
        for seed in seeds:
            flights = jets(seed, count)
            if turns:
                flights = turning(flights, np.radians(3.0), 70.0, 100.0)
            scene = seen_by_radars(flights, seconds, seed)
            errors = measure(
                watch(scene, SETTINGS).tracks, scene.truth, ScoreSettings(since_s=20)
            ).errors
            at = errors.picture  # one a second, from second 0
            np.add.at(sums, at, errors.nees[:, 0])
            np.add.at(found, at, 1.0)
        there = np.flatnonzero(found > 0)
        panel.line(
            there, np.minimum(sums[there] / found[there], 16.0), colour, 'stroke-width="1.6"'
        )
        panel.words(24.0 + 26.0 * turns, 15.0, name, colour)
    half = 1.96 * np.sqrt(8.0 / (count * len(seeds)))
    panel.band([20.0, 150.0], [4.0 - half] * 2, [4.0 + half] * 2, BLUE)
    panel.band([70.0, 100.0], [0.0, 0.0], [16.0, 16.0], FAINT)
    panel.words(148.0, 4.0 + half + 0.3, "95 % of means of 30", BLUE, "end")
    panel.words(71.0, 13.9, "the turn")
    panel.ticks([20, 50, 70, 100, 150], [0, 4, 8, 12, 16], "time [s]", "NEES of 4, mean of 30 jets")
    return picture(
        "NEES: below the band tracks are better than they say, above it worse",
        690, 340, [panel], "python tools/draw_fusion.py nees; three radars of 6 s, seeds 0 to 9",
    )  # fmt: skip


PICTURES: dict[str, Callable[[], str]] = {
    "turn": draw_turn,
    "registration": draw_registration,
    "nees": draw_nees,
}


def main() -> None:
    """Draw those that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[*PICTURES, []], default=[])
    for name in parser.parse_args().names or PICTURES:
        (FOLDER / f"fusion-{name}.svg").write_text(PICTURES[name]())


if __name__ == "__main__":
    main()
