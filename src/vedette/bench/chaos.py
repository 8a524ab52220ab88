"""How many chaotic worlds go through the real engine in a second, and how many break a law."""

from collections.abc import Iterator
from time import perf_counter

from vedette.bench.row import Note, Row
from vedette.sim.chaos.many import Broken, run_seeds, summary
from vedette.sim.chaos.world import SMALL


def run(*, seed: int = 1, quick: bool = False) -> Iterator[Row | Note]:
    """Worlds of CI's size on one core; ``vedette sim chaos --nightly`` runs the long ones.

    Args:
        seed: of the first world.
        quick: 2 worlds instead of 20.
    """
    list(run_seeds([seed], SMALL, 1))  # what is read and compiled once is ready
    begun_s = perf_counter()
    found = list(run_seeds(range(seed, seed + (2 if quick else 20)), SMALL, 1))
    spent_s = perf_counter() - begun_s
    for one in found:
        if isinstance(one, Broken):
            yield Note(one.law)
    told = summary(found)
    kinds = f"{len(told.faults)} kinds of faults"
    yield Row(
        area="chaos", name="worlds a second, each run and replayed", value=told.worlds / spent_s, unit="1/s",
        note=kinds,
    )  # fmt: skip
    yield Row(
        area="chaos", name="worlds that broke a law", value=len(told.broken), unit="", target="0",
        note=f"{told.worlds} worlds, {told.totals['ticks']} ticks, {told.totals['civil_judged']} views of civil "
        "flights judged",
    )  # fmt: skip
