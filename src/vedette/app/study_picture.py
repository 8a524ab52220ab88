"""Pictures of studies as SVG, with what is assumed printed on them."""

from collections.abc import Iterable, Sequence
from typing import Final

from vedette.app.chart import (
    BLUE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    TimeAxis,
    cut,
    diamond,
    document,
    key,
    share_bar,
    text,
    wrapped,
)
from vedette.app.study_words import CAVEAT, calibration_summary, duration
from vedette.model.probability import percent
from vedette.sim.study.answer import Answer
from vedette.sim.study.calibration import Calibration
from vedette.sim.study.comparison import Comparison
from vedette.sim.study.estimate import Estimate, Middle
from vedette.sim.study.sensitivity import Sensitivity
from vedette.sim.study.study import Study

WIDTH: Final = 1_040.0
_LEFT: Final = 150.0
_ROW: Final = 21.0
_LATE: Final = (
    "#2d004b",
    "#542788",
    "#8073ac",
    "#b2abd2",
    "#fdb863",
    "#e08214",
    "#b35806",
    "#7f3b08",
)
_INDICES: Final = 8  # that are drawn


def _number(estimate: Estimate) -> str:
    return f"{percent(estimate.value, 1)}  [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def _points(estimate: Estimate) -> str:
    return f"{100 * estimate.value:+.1f} [{100 * estimate.low:+.1f}, {100 * estimate.high:+.1f}]"


def _bounds(middles: Iterable[Middle]) -> tuple[float, float]:
    known = [x for m in middles for x in (m.low, m.median, m.high) if x is not None]
    return min([*known, -30.0]) * 1.15, max([*known, 60.0]) * 1.15


def study_svg(study: Study, answer: Answer, found: Sensitivity | None) -> str:
    """Steps against the time that the intruder is there, the late step, changes and, if known, what tells most."""
    parts = [
        text(24, 34, "Does the decision come before the intruder has gone?", "t"),
        text(24, 56, study.title, "p"),
    ]
    y = 76.0
    head = (
        f"{study.id}, {answer.worlds:,} worlds, seed {answer.seed}. Bars: nine in ten worlds; dots: medians; "
        "shares with their 95 % interval."
    )
    parts.append(text(24, y, head, "g"))
    y = _steps(parts, answer, y + 34)
    y = _late(parts, answer, y + 44)
    if answer.changes:
        y = _changes(parts, answer, y + 48)
    if found is not None:
        y = _indices(parts, found, y + 48)
    y = _assumed(parts, study.assumptions, y + 40)
    return document(WIDTH, y + 12, f"Study {study.id}", parts)


def _steps(parts: list[str], answer: Answer, top: float) -> float:
    parts.append(text(24, top - 8, "When each step is done", "p"))
    parts.append(text(WIDTH - 24, top - 8, "share of worlds in which it is in time", "s g", "end"))
    low, high = _bounds([answer.gone_s, *(step.done_s for step in answer.steps)])
    axis = TimeAxis(_LEFT, WIDTH - 330, low, high)
    bottom = top + _ROW * len(answer.steps) + 4
    parts += axis.ticks(top, bottom)
    gone = answer.gone_s
    a, b = axis.x(gone.low), axis.x(gone.high)
    parts.append(
        f'<rect x="{a:.1f}" y="{top:.1f}" width="{max(b - a, 2):.1f}" height="{bottom - top:.1f}" '
        f'fill="{ORANGE}" fill-opacity="0.28"/>'
    )
    parts.append(
        f'<rect x="{b:.1f}" y="{top:.1f}" width="{max(axis.right - b, 0):.1f}" height="{bottom - top:.1f}" '
        f'fill="{ORANGE}" fill-opacity="0.07"/>'
    )
    parts.append(
        text(
            axis.x(gone.median),
            bottom + 28,
            f"gone {duration(gone.median)}",
            "s h",
            "middle",
            ORANGE,
        )
    )
    for k, step in enumerate(answer.steps):
        y = top + _ROW * (k + 0.6)
        bold = step.step == answer.goal
        parts.append(text(_LEFT - 10, y + 4, ("▸ " if bold else "") + step.step, "s", "end"))
        parts += axis.bar(y, step.done_s.low, step.done_s.median, step.done_s.high, BLUE)
        e = step.in_time
        parts += share_bar(WIDTH - 306, y, 110, e.low, e.value, e.high)
        parts.append(text(WIDTH - 24, y + 4, _number(e), "s", "end"))
    return bottom + 22


def _late(parts: list[str], answer: Answer, top: float) -> float:
    title = f"Which step on the way to {answer.goal} is the first that comes too late"
    parts.append(text(24, top - 8, title, "p"))
    width, x, at = WIDTH - 48, 24.0, 24.0
    shown = [(late.step, late.share.value) for late in answer.late]
    rest = max(0.0, 1.0 - sum(share for _, share in shown))
    for k, (name, share) in enumerate([*shown, ("none: in time", rest)]):
        last = k == len(shown)
        colour = "#dfe8ef" if last else _LATE[k % len(_LATE)]
        parts.append(
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{width * share:.1f}" height="22" fill="{colour}" '
            f'stroke="#fff" stroke-width="0.8"/>'
        )
        x += width * share
        if share >= 0.0005:
            words = f"{name} {percent(share, 1)}"
            parts += key(at, top + 37, colour, words)
            at += 34 + 6.6 * len(words)
    return top + 44


def _changes(parts: list[str], answer: Answer, top: float) -> float:
    base = next(step.in_time for step in answer.steps if step.step == answer.goal)
    parts.append(
        text(24, top - 8, f"What a change buys: {answer.goal} in time, in the same worlds", "p")
    )
    parts.append(text(WIDTH - 150, top - 8, "points gained", "s g", "end"))
    parts.append(text(WIDTH - 24, top - 8, "council decides", "s g", "end"))
    left, right = 470.0, WIDTH - 300
    bottom = top + _ROW * len(answer.changes) + 4
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + tick * (right - left)
        parts.append(
            f'<path d="M{x:.1f},{top:.1f}V{bottom:.1f}" stroke="{FAINT}" stroke-width="0.8"/>'
        )
        parts.append(text(x, bottom + 14, f"{100 * tick:.0f} %", "s g", "middle"))
    x0 = left + base.value * (right - left)
    parts.append(
        f'<path d="M{x0:.1f},{top:.1f}V{bottom:.1f}" stroke="{INK}" stroke-width="1.4" stroke-dasharray="4 3"/>'
    )
    for k, change in enumerate(answer.changes):
        y = top + _ROW * (k + 0.6)
        parts.append(text(24, y + 4, change.text, "s"))
        a, x, b = (
            left + v * (right - left)
            for v in (change.in_time.low, change.in_time.value, change.in_time.high)
        )
        colour = BLUE if change.gain.low > 0 else ORANGE if change.gain.high < 0 else GREY
        parts.append(
            f'<path d="M{x0:.1f},{y:.1f}H{x:.1f}" stroke="{colour}" stroke-width="3" stroke-opacity="0.35"/>'
        )
        parts.append(f'<path d="M{a:.1f},{y:.1f}H{b:.1f}" stroke="{INK}" stroke-width="1.4"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.2" fill="{colour}"/>')
        parts.append(text(WIDTH - 150, y + 4, _points(change.gain), "s", "end"))
        parts.append(text(WIDTH - 24, y + 4, duration(change.council_s.median), "s", "end"))
    return bottom + 18


def _indices(parts: list[str], found: Sensitivity, top: float) -> float:
    parts.append(
        text(
            24,
            top - 8,
            f"What tells most of {found.of}: Sobol's total index, and (dark) the first",
            "p",
        )
    )
    left, right = 330.0, WIDTH - 200
    shown = found.indices[:_INDICES]
    for k, index in enumerate(shown):
        y = top + _ROW * (k + 0.6)
        parts.append(text(left - 10, y + 4, index.name, "s", "end"))
        total, first = (max(min(v, 1.0), 0.0) for v in (index.total.value, index.first.value))
        parts += share_bar(
            left, y, right - left, max(index.total.low, 0.0), total, min(index.total.high, 1.0)
        )
        parts.append(
            f'<rect x="{left:.1f}" y="{y - 2:.1f}" width="{first * (right - left):.1f}" height="4" fill="{INK}"/>'
        )
        words = f"{index.total.value:.2f} [{index.total.low:.2f}, {index.total.high:.2f}]"
        parts.append(text(WIDTH - 24, y + 4, words, "s", "end"))
    return top + _ROW * len(shown)


def _assumed(parts: list[str], words: Sequence[str], top: float) -> float:
    parts.append(text(24, top, "Assumed", "p"))
    y = top
    for line in [piece for item in (*words, CAVEAT) for piece in wrapped("– " + item, WIDTH - 48)]:
        y += 16
        parts.append(text(24, y, line, "s g"))
    return y


def comparison_svg(study: Study, found: Comparison) -> str:
    """Ways of deciding over one axis of time."""
    parts = [
        text(24, 34, "Ways of deciding beside each other, in the same worlds", "t"),
        text(24, 56, study.title, "p"),
    ]
    head = (
        f"{found.worlds:,} worlds, seed {found.seed}; a member objects with probability {found.objects:g}, "
        f"abstains with {found.abstains:g}. Time after it was put; bars: nine in ten worlds; arrow: some never."
    )
    parts.append(text(24, 76, head, "g"))
    top, left = 118.0, 280.0
    _, high = _bounds([way.after_s for way in found.ways])
    axis = TimeAxis(left, WIDTH - 350, 0.0, high, "put")
    bottom = top + _ROW * len(found.ways) + 4
    for x, words in (
        (WIDTH - 254, "before it has gone"),
        (WIDTH - 140, "within 24 h"),
        (WIDTH - 24, "a no unheard"),
    ):
        parts.append(text(x, top - 8, words, "s g", "end"))
    parts += axis.ticks(top, bottom)
    for k, way in enumerate(found.ways):
        y = top + _ROW * (k + 0.6)
        parts.append(text(left - 10, y + 4, way.name, "s", "end"))
        parts += axis.bar(y, way.after_s.low, way.after_s.median, way.after_s.high, BLUE)
        parts.append(text(WIDTH - 254, y + 4, percent(way.in_time.value, 1), "s", "end"))
        parts.append(text(WIDTH - 140, y + 4, percent(way.within["24"].value, 1), "s", "end"))
        unheard = "–" if way.unheard is None else percent(way.unheard.value, 1)
        parts.append(text(WIDTH - 24, y + 4, unheard, "s", "end"))
    notes = (
        *study.assumptions,
        "replies of capitals are lognormal with a median of 6 h, alike for all members, each with luck of its own",
        "a no unheard: adopted before a member that would have objected had spoken",
        "nothing that any of these adopts is a national legal authority, and none of it stands for one",
    )
    y = _assumed(parts, notes, bottom + 52)
    return document(WIDTH, y + 12, f"Ways of deciding, {study.id}", parts)


def calibration_svg(found: Calibration) -> str:
    """Published times over the model's, and published outcomes over the model's share."""
    timed = [row for row in found.rows if row.model_s is not None]
    told = [row for row in found.rows if row.model_in_time is not None]
    parts = [text(24, 34, "The model beside what is published", "t")]
    parts.append(text(24, 54, f"{found.worlds:,} worlds of each study, seed {found.seed}.", "g"))
    lines = [piece for line in calibration_summary(found) for piece in wrapped(line, WIDTH - 48)]
    parts += [text(24, 70 + 16 * k, line, "s g") for k, line in enumerate(lines)]
    top, left, row_h = 96.0 + 16 * len(lines), 480.0, 19.0
    low, high = _bounds([row.model_s for row in timed if row.model_s is not None])
    stated = [row.published_s for row in timed if row.published_s is not None]
    axis = TimeAxis(left, WIDTH - 130, min(low, *stated), max(high, *stated) * 1.2, "0")
    bottom = top + row_h * len(timed) + 4
    parts.append(
        text(
            24,
            top - 10,
            "Times: bar and dot the model, diamond the published one (= an anchor)",
            "p",
        )
    )
    parts += axis.ticks(top, bottom)
    for k, row in enumerate(timed):
        assert row.model_s is not None
        y = top + row_h * (k + 0.6)
        parts.append(text(24, y + 4, cut(f"{row.study}: {row.what}", 68), "s"))
        parts += axis.bar(y, row.model_s.low, row.model_s.median, row.model_s.high, BLUE)
        x, colour = axis.x(row.published_s), INK if row.fits else ORANGE
        parts.append(diamond(x, y, colour))
        note = "misfit" if not row.fits else "=" if row.anchor else ""
        parts.append(
            text(
                WIDTH - 24,
                y + 4,
                f"{duration(row.published_s)}  {note}".strip(),
                "s",
                "end",
                "" if row.fits else ORANGE,
            )
        )
    top = bottom + 66
    parts.append(
        text(
            24,
            top - 12,
            "Outcomes: share of worlds in which it is in time; diamond: whether it was",
            "p",
        )
    )
    for k, row in enumerate(told):
        assert row.model_in_time is not None
        y = top + row_h * (k + 0.6)
        e = row.model_in_time
        parts.append(text(24, y + 4, cut(f"{row.study}: {row.what}", 68), "s"))
        parts += share_bar(left, y, axis.right - left, e.low, e.value, e.high)
        x = left + (axis.right - left) * float(bool(row.published_in_time))
        parts.append(diamond(x, y, INK if row.fits else ORANGE))
        parts.append(
            text(
                WIDTH - 24,
                y + 4,
                percent(e.value) + ("" if row.fits else "  misfit"),
                "s",
                "end",
            )
        )
    bottom = top + row_h * len(told)
    notes = [f"{row.study}: {row.why}" for row in found.rows if row.why]
    parts.append(text(24, bottom + 40, "Misfits, and why as far as is known", "p"))
    y = bottom + 40
    for line in [piece for note in notes for piece in wrapped("– " + note, WIDTH - 48)]:
        y += 16
        parts.append(text(24, y, line, "s g"))
    y = _assumed(parts, (), y + 34)
    return document(WIDTH, y + 12, "Calibration of studies", parts)
