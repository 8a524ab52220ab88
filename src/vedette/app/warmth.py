"""Compiling the kernels before the first run on a machine, on two cores at once.

Numba keeps what it has compiled beside the sources (or in its cache folder). Compiling is one thread's work
in a process, so two processes do it in half the time; the run then finds nearly everything done.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

import vedette

if TYPE_CHECKING:
    from vedette.engine.settings import FeedSpec, RunBody
    from vedette.model.sensor import Sensor

_PACKAGE: Final = Path(vedette.__file__).parent
_KERNEL: Final = re.compile(r"^@\w*kernel$", re.MULTILINE)
_WORLD_S: Final = 30.0  # long enough for every kind of message of the demonstration's receivers
_TOGETHER_S: Final = 20
_PICTURE_S: Final = 150  # long enough for a crossing to be found and looked back at


def _kept() -> list[Path]:
    """Index files of compiled kernels, newer than the newest source of a kernel."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    places = Path(folder).rglob("*.nbi") if folder else _PACKAGE.rglob("__pycache__/*.nbi")
    newest = max((path.stat().st_mtime for path in _PACKAGE.rglob("_*.py")), default=0.0)
    return [path for path in places if path.stat().st_mtime >= newest]


def kernels_are_cold() -> bool:
    """True while fusion, the longest to compile, is not kept: the first run compiles the kernels."""
    return not any(path.name.startswith("_fuse.") for path in _kept())


def _kernels() -> int:
    """How many kernels there are; a run needs most of them."""
    found = (_KERNEL.findall(path.read_text()) for path in _PACKAGE.rglob("*.py"))
    return sum(len(kernels) for kernels in found)


def warm_up(tell: Callable[[str], None], abandoned: Event) -> bool:
    """Compile what a first run needs, in two processes, and tell twice a second how far it is.

    Whether all of it went well. What fails here is not lost: the run compiles it itself, and reports what is
    wrong. It ends early once ``abandoned`` is set.
    """
    whole, begun_s = _kernels(), time.monotonic()
    children = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", __name__, part],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for part in _PARTS
    ]
    try:
        while any(child.poll() is None for child in children) and not abandoned.wait(0.5):
            passed_s = time.monotonic() - begun_s
            tell(f"compiling kernels, once: {len(_kept())} of some {whole}, {passed_s:.0f} s")
    finally:
        for child in children:
            child.kill()
    return all(child.wait() == 0 for child in children)


def _body(feeds: tuple["FeedSpec", ...], sensors: tuple["Sensor", ...] = ()) -> "RunBody":
    from vedette.engine.bundled import sovereign_digest
    from vedette.engine.settings import RunBody
    from vedette.response.rule_set import shipped_rules

    return RunBody(
        version=vedette.__version__,
        created_ns=0,
        feeds=feeds,
        sensors=sensors,
        sovereign_digest=sovereign_digest(),
        rules_digest=shipped_rules().digest,
        platform={},
    )


def _feeds() -> None:
    """What follows fusion, which the other part needs last, and the simulated feeds' encoders and decoders."""
    import msgspec

    from vedette.app.worlds import bundled_world
    from vedette.engine.decoders import decoder_for
    from vedette.sim.scenario import Variation
    from vedette.sim.world import World

    _judge()
    scenario = bundled_world("gulf_of_finland", Variation()).scenario
    world = World(msgspec.structs.replace(scenario, duration_s=_WORLD_S), Variation(), "first run")
    body = _body(tuple(feed.spec for feed in world.feeds), world.sensors)
    for feed in world.feeds:
        decoder = decoder_for(feed.spec, body)
        for number, chunk in enumerate(feed.emitter.chunks(0)):
            if decoder is not None:
                decoder.decode(chunk.data, chunk.received_ns, number)


def _judge() -> None:
    """Zones, identity and watch: two aircraft, one within a state, one bound for the next."""
    import numpy as np
    import pyarrow as pa

    from vedette.airspace.sovereign import sovereign_airspace
    from vedette.identity import assess as identity
    from vedette.identity.settings import IdentitySettings
    from vedette.model.assessment import Assessment
    from vedette.model.time import SECOND_NS
    from vedette.model.track import tracks
    from vedette.watch import incidents as watch
    from vedette.watch.prediction import predict
    from vedette.watch.settings import WatchSettings

    zones, known = sovereign_airspace(), dict[str, Assessment]()
    looked, watched = identity.initial(IdentitySettings()), watch.initial(WatchSettings())
    sure = np.diag([900.0, 900.0, 9.0, 9.0])[np.triu_indices(4)]
    for second in range(_PICTURE_S):
        now_ns = second * SECOND_NS
        picture = tracks(
            track_id=["a", "b"],
            valid_ns=[now_ns] * 2,
            latitude_deg=[59.9 - 0.002 * second, 58.6 - 0.002 * second],
            longitude_deg=[26.5, 25.0],
            pressure_altitude_m=[3_000.0] * 2,
            east_mps=[0.0] * 2,
            north_mps=[-222.0] * 2,
            covariance=pa.FixedSizeListArray.from_arrays(np.tile(sure, 2), 10),
            status=["confirmed"] * 2,
            birth_ns=[0] * 2,
            updated_ns=[now_ns] * 2,
            updates=[second + 1] * 2,
            sensors=[["first run"]] * 2,
            kinds=[["psr"]] * 2,
        )
        looked, assessed = identity.step(IdentitySettings(), looked, picture, (), (), now_ns)
        known |= {one.track_id: one for one in assessed}
        watched, _ = watch.step(WatchSettings(), watched, picture, known, zones, now_ns)
        if second == _PICTURE_S - 1:
            predict(picture, zones)
    _seldom()


def _picture() -> None:
    """Fusion, which is the longest, of the same two as a table; then all stages together.

    What follows fusion is compiled in the other process meanwhile.
    """
    import io
    from collections import deque

    import pyarrow as pa
    import pyarrow.parquet as pq

    from vedette.engine.decoders import decoder_for
    from vedette.engine.opening import Unrecorded, course_of
    from vedette.engine.settings import FeedSpec
    from vedette.feeds.table import TableFramer
    from vedette.fusion import picture as fusion
    from vedette.ledger.raw_log import Item, ItemKind
    from vedette.model.time import SECOND_NS

    seconds = range(_PICTURE_S)
    table = pa.table(
        {
            "time": [float(second) for second in seconds for _ in (0, 1)],
            "icao24": ["4b1801", "4b1802"] * _PICTURE_S,
            "lat": [
                value
                for second in seconds
                for value in (59.9 - 0.002 * second, 58.6 - 0.002 * second)
            ],
            "lon": [26.5, 25.0] * _PICTURE_S,
            "baro_alt": [3000.0] * (2 * _PICTURE_S),
        }
    )
    held = io.BytesIO()
    pq.write_table(table, held)
    framer = TableFramer()
    chunks = [*framer.push(held.getvalue()), *framer.finish()]
    body = _body((FeedSpec(feed_id="table-1", url="", decoder="table"),))
    settings, state = body.stages.fusion, fusion.initial(body.stages.fusion)
    if (decoder := decoder_for(body.feeds[0], body)) is not None:
        for number, chunk in enumerate(chunks):
            plots = decoder.decode(chunk.data, chunk.received_ns, number).plots
            state, _ = fusion.step(settings, state, plots, (), chunk.received_ns + SECOND_NS)

    course = course_of(Unrecorded(body, {}))
    course.open()
    waiting = deque(chunks)
    for second in seconds[:_TOGETHER_S]:  # the other process has compiled what comes later
        while waiting and waiting[0].received_ns <= second * SECOND_NS:
            chunk = waiting.popleft()
            course.run(Item(ItemKind.CHUNK, 0, chunk.received_ns, chunk.data), b"")
        course.run(Item(ItemKind.TICK, 0, second * SECOND_NS, b""), b"")
    course.run(Item(ItemKind.CONTROL, 0, _TOGETHER_S * SECOND_NS, b'{"event":"ended"}'), b"")


def _seldom() -> None:
    """Kernels that two aircraft for two minutes do not lead to."""
    import numpy as np

    from vedette.identity import _kernels as identity
    from vedette.watch import _kernels as watch
    from vedette.watch import _refining as refining
    from vedette.watch import _resting as resting
    from vedette.watch.path import Fix, smoothed
    from vedette.watch.settings import WatchSettings

    fixes = tuple(
        Fix(second * 10**9, np.array([59.5, 25.0, 0.0, 100.0]), np.eye(10)[0], np.zeros(3), 1.0)
        for second in range(3)
    )
    path = smoothed(WatchSettings(), fixes)
    watch.cross_covariance(path.gain, path.covariance, 0, 1, np.empty((4, 4)))
    margins, whole, edges = (
        np.ones(3),
        np.zeros(1, dtype=np.int64),
        np.empty((1, 6), dtype=np.int64),
    )
    refining.refine(
        np.array([0, 3]), whole, path.times_ns, path.state, path.covariance, path.gain, margins, margins,
        margins, margins, margins, whole, whole, whole, whole, 1.0, 1, whole.copy(), edges,
        edges.copy(), np.empty((1, 2), dtype=np.int64), np.empty((1, 2)),
        np.empty(9, dtype=np.int64), np.empty(9, dtype=np.int64),
    )  # fmt: skip
    pair = np.zeros((1, 1), dtype=np.int64)
    resting.ring_rows(pair, pair, whole, 1, np.empty(2, dtype=np.int64), whole.copy())

    none, places, numbers = np.empty(0), np.empty((0, 2)), np.empty(0, dtype=np.int64)
    flags = np.empty(0, dtype=np.bool_)
    lost = (places, none, places, numbers, numbers)
    identity.companions(none, none, none, places, 1.0, 1.0, 1.0, numbers)
    identity.successors(
        places, none, none, numbers, numbers, numbers, *lost, 1.0, 1.0, 1.0, numbers
    )
    identity.twins(numbers, numbers, none, none, 1.0, 1.0, flags, flags, flags, flags)


_PARTS: Final = {"feeds": _feeds, "picture": _picture}

if __name__ == "__main__":
    _PARTS[sys.argv[1]]()
