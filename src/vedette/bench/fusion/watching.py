"""Trackers run over a scene: the pictures that they give and what those cost."""

import resource
import sys
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.fusion.picture import initial, step, whole_picture
from vedette.fusion.settings import FusionSettings
from vedette.model.columns import Floats
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.track import no_tracks
from vedette.sim.scene.flight import START_NS
from vedette.sim.scene.scene import Scene, whole


class Watched(NamedTuple):
    """Pictures of a scene and the work of each batch."""

    tracks: pa.Table
    steps_s: Floats  # (b,) wall time of each batch
    plots: int
    work_s: float  # processor time of this process
    losses: dict[str, int]
    # wall time of each whole picture where steps give what has changed
    wholes_s: Floats = np.zeros(0)
    works_s: Floats = np.zeros(0)  # (b,) processor time of each batch

    @property
    def plots_per_s(self) -> float:
        """Plots by processor second: other work on the machine does not lower it."""
        return self.plots / max(self.work_s, 1e-9)

    @property
    def plots_per_wall_s(self) -> float:
        """Plots by second of the clock: what several cores give, and what other work takes away."""
        return self.plots / max(float(self.steps_s.sum() + self.wholes_s.sum()), 1e-9)

    def latency_ms(self, share: float) -> float:
        """Percentile of the wall time of a batch [ms]."""
        return float(np.percentile(self.steps_s, 100.0 * share)) * 1e3

    def work_ms(self, share: float) -> float:
        """Percentile of the processor time of a batch [ms]: other work on the machine adds little to it."""
        return float(np.percentile(self.works_s, 100.0 * share)) * 1e3


def peak_memory_mb() -> float:
    """Highest memory that this process has held so far [MB]."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024.0 * 1024.0 if sys.platform == "darwin" else 1024.0)


def watch(
    scene: Scene, settings: FusionSettings | None = None, period_s: float = 1.0,
    keep_s: float | None = None, *, changes: bool = False,
) -> Watched:  # fmt: skip
    """Our tracker over a scene, one step for each ``period_s``.

    Args:
        scene: plots, sensors and duration.
        settings: of the filter; None: its defaults.
        period_s: of the steps.
        keep_s: keep pictures at multiples of this alone [s]; None: all, 0: none.
        changes: steps give what has changed, and the whole picture is asked for once a second.
    """
    return watch_batches(
        scene.batches(period_s),
        scene.sensors,
        settings or FusionSettings(),
        keep_s,
        changes=changes,
    )


def watch_batches(
    batches: Any, sensors: tuple[Sensor, ...], settings: FusionSettings, keep_s: float | None = None,
    *, changes: bool = False,
) -> Watched:  # fmt: skip
    """Our tracker over any batches of (time of the picture, PLOT rows)."""
    state, pictures, steps, plots = initial(settings), [no_tracks()], [], 0
    losses: dict[str, int] = {}
    work_s, works, wholes, second = 0.0, [], [], -1
    keep_ns = None if keep_s is None else round(keep_s * SECOND_NS)
    for now_ns, part in batches:
        begin, busy = perf_counter(), process_time()
        state, output = step(settings, state, part, sensors, now_ns, whole=not changes)
        steps.append(perf_counter() - begin)
        works.append(process_time() - busy)
        if changes and now_ns // SECOND_NS != second:
            second, begin = now_ns // SECOND_NS, perf_counter()
            whole_picture(settings, state)
            wholes.append(perf_counter() - begin)
        work_s += process_time() - busy
        plots += part.num_rows
        for reason, count in output.losses.items():
            losses[reason] = losses.get(reason, 0) + count
        if keep_ns is None or (keep_ns and (now_ns - START_NS) % keep_ns == 0):
            pictures.append(_shown(output.tracks))
    return Watched(
        pa.concat_tables(pictures), np.array(steps), plots, work_s, losses, np.array(wholes),
        np.array(works),
    )  # fmt: skip


def _shown(tracks: pa.Table) -> pa.Table:
    return tracks.filter(pc.is_in(tracks.column("status"), pa.array(["confirmed", "coasting"])))


def watch_oracle(
    scene: Scene, settings: FusionSettings | None = None, period_s: float = 1.0
) -> Watched:
    """Our filter with perfect association: each object's plots alone in a picture of its own.

    No plot is false and none belongs to another object, so what is left is the error of the filter.
    """
    chosen = settings or FusionSettings()
    received = scene.plots.column("received_ns").to_numpy()
    period_ns = round(period_s * SECOND_NS)
    count = -(-scene.settings.duration_s * SECOND_NS // period_ns)
    edges = START_NS + np.arange(count + 1) * period_ns
    parts, steps, work_s = [no_tracks()], [], 0.0
    for number in range(scene.flights.objects):
        rows = np.flatnonzero(scene.origin == number)
        own = whole(scene.plots.take(pa.array(rows)))
        ends = np.searchsorted(received[rows], edges, side="right")
        starts = np.concatenate(([0], ends[:-1]))
        batches = (
            (int(edge), own.slice(int(a), int(b - a)))
            for edge, a, b in zip(edges, starts, ends, strict=True)
        )
        watched = watch_batches(batches, scene.sensors, chosen)
        if watched.tracks.num_rows:
            names = pc.binary_join_element_wise(watched.tracks.column("track_id"), str(number), "/")
            parts.append(watched.tracks.set_column(0, watched.tracks.schema.field(0), names))
        steps.append(watched.steps_s)
        work_s += watched.work_s
    return Watched(
        pa.concat_tables(parts), np.concatenate(steps) if steps else np.zeros(1),
        scene.plots.num_rows, work_s, {},
    )  # fmt: skip


def warm() -> None:
    """Compile or load the kernels on a scene that has all kinds of plots."""
    from vedette.sim.scene.scene import make
    from vedette.sim.scene.settings import Field, SceneSettings, Traffic

    small = SceneSettings(
        traffic=Traffic(objects=12, side_m=100_000.0, equipped=0.5),
        field=Field(radars=2, side_m=80_000.0, kind="mode_s", false_plots=5.0, receivers=1),
        duration_s=20,
    )
    watch(make(small, 1))
