"""Many seeds of the simulated alliance: how many hold, and how soon the nodes come together."""

import time
from collections.abc import Iterator

from vedette.bench.row import Note, Row
from vedette.sim.alliance import Trouble, run_seed
from vedette.sim.law import BrokenLawError


def rows(seed: int, quick: bool) -> Iterator[Row | Note]:
    """Figures of seeds from ``seed`` on."""
    plans = [(seed + k, Trouble(nodes=3 + k % 6, crashes=8)) for k in range(10 if quick else 100)]
    plans += [(seed + k, Trouble(seconds=30)) for k in range(1 if quick else 5)]
    broken, reports = 0, []
    begun_s = time.perf_counter()
    for number, trouble in plans:
        try:
            reports.append(run_seed(number, trouble))
        except BrokenLawError as error:
            broken += 1
            yield Note(str(error))
    spent_s = time.perf_counter() - begun_s
    area = "alliance"
    messages = sum(report.messages for report in reports)
    crashes = sum(report.crashes for report in reports)
    torn = sum(report.torn_lines for report in reports)
    yield Row(
        area=area,
        name="seeds",
        value=len(plans),
        unit="",
        note=f"{len(plans) - 5} of 3-8 nodes, the rest of 32" if not quick else "",
    )
    yield Row(area=area, name="seeds that broke a law", value=broken, unit="", target="0")
    yield Row(
        area=area, name="messages", value=messages, unit="",
        note=f"{sum(r.dropped for r in reports)} dropped, {sum(r.doubled for r in reports)} doubled",
    )  # fmt: skip
    yield Row(area=area, name="crashes", value=crashes, unit="", note=f"{torn} journal lines torn")
    worst_s = max((report.converged_s for report in reports), default=0.0)
    yield Row(area=area, name="longest convergence, virtual", value=worst_s, unit="s", target="< 5")
    yield Row(area=area, name="messages a second", value=messages / spent_s, unit="1/s")
