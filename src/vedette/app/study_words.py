"""Studies in words and columns: times in their natural unit, shares with their intervals."""

from collections.abc import Iterator, Sequence

from vedette.model.probability import percent
from vedette.sim.study.answer import Answer
from vedette.sim.study.calibration import Beside, Calibration
from vedette.sim.study.comparison import Comparison
from vedette.sim.study.edge import EdgeIntruder, StateAnswer
from vedette.sim.study.estimate import Estimate, Middle
from vedette.sim.study.sensitivity import Sensitivity
from vedette.sim.study.study import Study

_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))
CAVEAT = (
    "Nothing here says what happens to the intruder: the model ends with people who know, who look and who "
    "decide. An interval is what chance alone does in so many worlds; what is assumed is not in it."
)
EDGE_ASSUMED = (
    "one radar near each place, aircraft at airfields that public text names for air policing",
    "no weather, no terrain, straight flight over members",
    "which airfield is manned on a given day is not known",
)


def duration(seconds: float | None) -> str:
    """A time as people say it.

    >>> duration(39.0), duration(-480.0), duration(90_000.0), duration(None)
    ('39 s', '-8.0 min', '25 h', 'never')
    """
    if seconds is None:
        return "never"
    size = abs(seconds)
    for unit_s, name in _UNITS:
        if size >= 2.0 * unit_s or unit_s == 1.0:
            number = seconds / unit_s
            return (
                f"{number:.0f} {name}"
                if abs(number) >= 20 or unit_s == 1.0
                else f"{number:.1f} {name}"
            )
    raise AssertionError


def span(middle: Middle) -> str:
    """A median and where nine in ten lie."""
    low, median, high = (duration(x) for x in (middle.low, middle.median, middle.high))
    return median if low == high == median else f"{median} [{low} … {high}]"


def share(estimate: Estimate) -> str:
    """A share with its interval."""
    return f"{percent(estimate.value, 1):>8} [{100 * estimate.low:5.1f} {100 * estimate.high:5.1f}]"


def points(estimate: Estimate) -> str:
    """A difference of shares, in points, with its interval."""
    return f"{100 * estimate.value:+6.1f} [{100 * estimate.low:+6.1f} {100 * estimate.high:+6.1f}]"


def bounded(estimate: Estimate, digits: int = 2) -> str:
    """A number with its interval."""
    value, low, high = (f"{x:.{digits}f}" for x in (estimate.value, estimate.low, estimate.high))
    return f"{value} [{low}, {high}]"


def gallery_lines(studies: dict[str, Study]) -> Iterator[str]:
    """One line for each study."""
    for name, study in studies.items():
        yield f"{name:24} {study.state}  {study.date:10}  {study.title}"


def answer_lines(study: Study, answer: Answer, found: Sensitivity | None) -> Iterator[str]:
    """The answer of a study."""
    yield f"{study.id}: {study.title}"
    yield study.about.strip()
    yield (
        f"{answer.worlds} worlds, seed {answer.seed}; gone {span(answer.gone_s)} after the entry"
    )
    yield ""
    yield f"{'step':16} {'in time':23}  done, after the entry"
    for step in answer.steps:
        mark = "*" if step.step == answer.goal else " "
        yield f"{step.step:15}{mark} {share(step.in_time)}  {span(step.done_s)}"
    yield ""
    yield f"which step on the way to {answer.goal} is the first too late"
    rest = 1.0
    for late in answer.late:
        rest -= late.share.value
        if late.share.value > 0.0:
            yield f"  {late.step:15} {share(late.share)}"
    yield f"  {'none: in time':15} {percent(max(rest, 0.0), 1):>8}"
    if answer.changes:
        yield ""
        yield (
            f"{'what a change buys':14} {answer.goal + ' in time':23}  {'points, same worlds':24}  "
            f"{'authority, points':24}  {'public warned, points':24}  the council has decided"
        )
    for change in answer.changes:
        yield (
            f"{change.change:18} {share(change.in_time)}  {points(change.gain):24}  "
            f"{points(change.gains['authority']):24}  {points(change.gains['public_warned']):24}  "
            f"{span(change.council_s)}"
        )
    for change in answer.changes:
        yield f"  {change.change}: {change.text}"
    if found is not None:
        yield ""
        yield f"Sobol's indices of {found.of}"
        for index in found.indices:
            yield (f"  {index.name:44} first {bounded(index.first)}  total {bounded(index.total)}")
    yield ""
    for words in study.assumptions:
        yield f"assumed: {words}"
    yield CAVEAT


def comparison_lines(study: Study, found: Comparison) -> Iterator[str]:
    """Ways of deciding, one a line."""
    yield f"{study.id}: {study.title}"
    yield (
        f"{found.worlds} worlds, seed {found.seed}; each member objects with probability {found.objects:g}, "
        f"abstains with {found.abstains:g}; put as soon as it is known, without a meeting"
    )
    yield (
        f"{'way':40} {'before it had gone':23}  {'within 24 h':23}  {'against 24 h of silence':24} "
        f"{'ever':8}  {'no unheard':10}  takes"
    )
    for way in found.ways:
        unheard = "-" if way.unheard is None else percent(way.unheard.value, 1)
        yield (
            f"{way.name:40} {share(way.in_time)}  {share(way.within['24'])}  {points(way.gain):24} "
            f"{percent(way.decided.value, 1):>8}  {unheard:>10}  {span(way.after_s)}"
        )
    yield (
        "no unheard: adopted before a member that would have objected had spoken. Nothing that any of these "
        "adopts is a national legal authority, and none of it stands for one."
    )


def race_words(kind: EdgeIntruder, *, doubts: bool) -> str:
    """What a share of the map is of."""
    if doubts:
        return f"all doubts counted (a radar tracks it: {kind.sees:g}, found by who is there: {kind.found:g})"
    return "where radars track what they can see and who is there finds it"


def state_lines(rows: Sequence[StateAnswer]) -> Iterator[str]:
    """Each member's edge, the least first."""
    postures = list(rows[0].in_time) if rows else []
    yield (
        f"{'state':6} {'places':>6}  "
        + "  ".join(f"{name:>10}" for name in postures)
        + "       least"
    )
    for row in rows:
        shares = "  ".join(f"{percent(row.in_time[name], 1):>10}" for name in postures)
        yield f"{row.state:6} {row.places:6}  {shares}  {percent(row.least, 1):>10}"


def calibration_lines(found: Calibration) -> Iterator[str]:
    """What is published beside the model."""
    yield f"{found.worlds} worlds of each study, seed {found.seed}"
    yield f"{'study':26} {'published':>12}  {'model':36} {'below':>6}  what"
    for row in found.rows:
        yield _beside(row)
        if row.why:
            yield f"{'':26} why: {row.why}"
    yield from calibration_summary(found)


def calibration_summary(found: Calibration) -> Iterator[str]:
    """How well it fits as a whole."""
    yield (
        f"steps: {found.within_90} of {found.steps} published times in the middle 90 % of the worlds, "
        f"{found.within_50} in the middle 50 %; {found.anchors} of them (=) are anchors of the model's own times, "
        "which are no independent evidence"
    )
    yield (
        f"ways: {found.ways_within_90} of {found.ways} published seconds inside in the middle 90 % of what a "
        f"drawn way and a speed give; outcomes: {found.outcomes}, Brier score {found.brier:.3f} (a coin: 0.25)"
    )


def _beside(row: Beside) -> str:
    if row.model_s is not None:
        published, model = duration(row.published_s), span(row.model_s)
        below = "" if row.below is None else percent(row.below)
    else:
        assert row.model_in_time is not None
        published = "in time" if row.published_in_time else "not in time"
        model, below = "in time " + share(row.model_in_time), ""
    mark = "!" if not row.fits else "=" if row.anchor else " "
    return f"{row.study:26} {published:>12}  {model:36} {below:>6} {mark}{row.what}"
