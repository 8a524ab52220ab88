"""Many seeds over several processes, and what came of all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import msgspec

from vedette.sim.chaos.run import Report, run_seed
from vedette.sim.chaos.world import Size
from vedette.sim.law import BrokenLawError


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A seed under which a law did not hold."""

    seed: int
    law: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What came of many seeds."""

    worlds: int
    broken: tuple[Broken, ...]
    faults: dict[str, int]  # worlds that had each kind
    totals: dict[str, int]


def run_seeds(seeds: Iterable[int], size: Size, workers: int) -> Iterator[Report | Broken]:
    """The reports of seeds, in their order, as they come.

    Args:
        seeds: which.
        size: of every world.
        workers: processes.
    """
    one = partial(_one, size=size)
    if workers == 1:
        yield from map(one, seeds)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, seeds)


def _one(seed: int, size: Size) -> Report | Broken:
    try:
        return run_seed(seed, size)
    except BrokenLawError as error:
        return Broken(seed=seed, law=str(error))


_SUMS = (
    "ticks", "chunks", "octets", "shed", "quarantined", "plots", "incidents", "civil_judged", "dead", "acts",
    "entries",
)  # fmt: skip


def summary(found: Iterable[Report | Broken]) -> Summary:
    """What came of all of them."""
    reports, broken = [], []
    for one in found:
        if isinstance(one, Broken):
            broken.append(one)
        else:
            reports.append(one)
    kinds = Counter(kind for report in reports for kind in report.faults)
    losses = Counter[str]()
    for report in reports:
        losses.update(report.losses)
    totals = {name: sum(getattr(report, name) for report in reports) for name in _SUMS}
    totals |= {f"plots {reason}": count for reason, count in sorted(losses.items())}
    totals["tracks at most"] = max((report.tracks_most for report in reports), default=0)
    return Summary(
        worlds=len(reports) + len(broken),
        broken=tuple(broken),
        faults=dict(sorted(kinds.items())),
        totals=totals,
    )
