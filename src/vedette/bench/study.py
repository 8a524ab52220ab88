"""How fast studies run, and how well their model fits what is published."""

from collections.abc import Iterator
from time import perf_counter

from vedette.bench.row import Note, Row
from vedette.sim.study.answer import answer
from vedette.sim.study.calibration import calibration
from vedette.sim.study.comparison import comparison
from vedette.sim.study.life import joined, lives
from vedette.sim.study.sensitivity import sensitivity
from vedette.sim.study.study import gallery, named
from vedette.sim.study.times import shipped_times

_STUDY = "estonia-september-2025"


def run(*, seed: int = 1, quick: bool = False) -> Iterator[Row | Note]:
    """Times of one study of the gallery on one core, and the calibration of all.

    Args:
        seed: of the worlds.
        quick: 500 worlds instead of 10,000.
    """
    worlds = 500 if quick else 10_000
    study, times = named(_STUDY), shipped_times()
    joined(lives(study, times, seed, 64))  # what is read once is read
    for council, name in ((False, "steps without the council"), (True, "steps with the council")):
        start = perf_counter()
        joined(lives(study, times, seed, worlds, council=council))
        yield Row(
            area="study",
            name=name,
            value=worlds / (perf_counter() - start),
            unit="worlds/s",
            target="> 1000",
        )
    start = perf_counter()
    answer(study, times, seed, worlds)
    yield Row(
        area="study", name=f"{worlds} worlds with every change", value=perf_counter() - start,
        unit="s", target="< 60",
    )  # fmt: skip
    start = perf_counter()
    few = max(worlds // 10, 50)
    comparison(study, times, seed, few)
    yield Row(
        area="study",
        name=f"{few} worlds, every way of deciding",
        value=perf_counter() - start,
        unit="s",
    )
    start = perf_counter()
    sensitivity(study, times, seed, power=6 if quick else 10)
    yield Row(area="study", name="sensitivity", value=perf_counter() - start, unit="s")
    yield Note(text="every study beside what is published ...")
    found = calibration(gallery().values(), times, seed, worlds)
    yield Row(
        area="study",
        name="published times of steps in the middle 90 %",
        value=float(found.within_90),
        unit=f"of {found.steps}",
    )
    yield Row(
        area="study",
        name="published times of steps in the middle 50 %",
        value=float(found.within_50),
        unit=f"of {found.steps}",
    )
    yield Row(
        area="study", name="Brier score of published outcomes", value=found.brier, unit="", target="< 0.25",
        note=f"{found.outcomes} outcomes",
    )  # fmt: skip
