"""The review of an exercise in lines for a terminal."""

from collections.abc import Iterator

import msgspec

from vedette.model.probability import percent
from vedette.sim.exercise.review import HURRIED_S, Cost, Review

_COST = {
    "questions": "questions to offices", "answered": "of them answered", "wait_median_s": "median wait [s]",
    "sorties": "aircraft sent", "sorties_for_nothing": "… where nothing was",
    "sorties_to_civil": "… to civil flights",
    "warnings": "warnings to the public", "warnings_for_nothing": "… about nothing",
    "closed_airspace_s": "closed airspace [s]", "intruders": "intruders inside", "intruders_met": "… met in time",
    "intruders_missed": "… never an incident", "inside_before_word_s": "inside before any yes [s]",
}  # fmt: skip


def _at(second: float) -> str:
    return f"{int(second) // 60:3d}:{int(second) % 60:02d}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{round(value, 1):g}"


def review_lines(found: Review) -> Iterator[str]:
    """All of a review."""
    yield found.label
    yield f"seed {found.seed}, {found.duration_s:g} s; times are minutes and seconds of the night"
    yield ""
    yield "What was known, and when"
    for known in found.known:
        yield f"  {known.incident_id}  {known.object} ({known.object_class})"
        for change in known.changes:
            yield f"    {_at(change.at_s)}  {change.what}"
    yield ""
    yield "What was decided"
    for one in found.decisions:
        wait = f"after {one.waited_s:.0f} s" if one.waited_s is not None else "-"
        if one.status in ("open", "asked", "lapsed"):
            wait = "nobody decided"
        late = {True: ", in time", False: ", not in time", None: ""}[one.in_time]
        people = f"  {'; '.join(one.people)}" if one.people else ""
        yield f"  {_at(one.asked_s)}  {one.measure}  {one.object:12} {one.status:9} {wait}{late}{people}"
    if found.refused:
        yield f"  {found.refused} acts that the desk refused"
    yield ""
    yield from cost_lines(found, None)
    yield ""
    share = "nobody said yes" if found.rate is None else percent(found.rate)
    yield f"Rubber stamps: {share} (sooner than {HURRIED_S:g} s, or before anybody had checked anything)"
    for stamp in found.stamps:
        yield (
            f"  {stamp.person}: {stamp.accepted} yeses, {stamp.hurried} hurried, {stamp.unchecked} unchecked, "
            f"{percent(stamp.rate)}"
        )


def cost_lines(found: Review, other: Review | None) -> Iterator[str]:
    """What it cost, beside what it would have cost with others."""
    columns: list[tuple[str, Cost, float | None]] = [("as it was", found.cost, found.rate)]
    if other is not None:
        columns.append(("with others", other.cost, other.rate))
    yield "What it cost".ljust(30) + "".join(f"{name:>14}" for name, _, _ in columns)
    for name in msgspec.structs.fields(Cost):
        values = [_figure(getattr(cost, name.name)) for _, cost, _ in columns]
        yield f"  {_COST[name.name]:28}" + "".join(f"{value:>14}" for value in values)
    rates = ["-" if rate is None else percent(rate) for _, _, rate in columns]
    yield f"  {'rubber stamps':28}" + "".join(f"{rate:>14}" for rate in rates)
