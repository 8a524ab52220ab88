"""What goes wrong on the way of the bytes: lies, garbage, halves, silence, floods, and clocks."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from vedette.feeds.asterix.encoder import encode_cat048
from vedette.feeds.formats import codec
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.world import World


class Sent(NamedTuple):
    """A chunk on its way to the engine."""

    at_ns: int  # when it arrives, by a clock that is right
    feed: int
    data: bytes
    messages: int  # whole ones in it, if it arrives unhurt
    hurt: bool = False


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong, from when to when."""

    kind: str
    feed: int
    from_s: float
    until_s: float


_GREAT, _USUAL = 0.05, 10_000  # share of floods that may be as great as any, plots of the others
# lines that no decoder of text should trip over
_NASTY: Final = (
    b"[]\n", b"null\n", b'"', b"[" * 5_000 + b"\n", b'{"type":"sighting"}\n', b"\xff\xfe\x00\n", b"\n\n\n",
    b'{"type":"sighting","subject":{"latitude_deg":1e308,"longitude_deg":-1e308},"seen":"x","reporter":"A",'
    b'"valid_ns":9223372036854775807,"confidence":1}\n',
    b'{"type":"ats_report","subject":{"callsign":"CIV1"},"says":"unlawful_interference","unit":"","valid_ns":-1}\n',
    b'{"type":"flight_plan","callsign":"CIV2","departure":"X","destination":"Y","departure_ns":0,"arrival_ns":0,'
    b'"filed_ns":0,"route":[[91,181],[NaN,0]]}\n',
)  # fmt: skip


def sent_by(world: World) -> list[Sent]:
    """All that the sensors of a world send, unhurt, in the order in which it arrives."""
    found = []
    for index, feed in enumerate(world.feeds):
        reading = codec(feed.spec.decoder)
        decoder = reading.decoder(feed.spec.feed_id, world.sensors, None)
        for chunk in feed.emitter.chunks(0):
            counts = decoder.decode(chunk.data, chunk.received_ns, 0).counts
            messages = sum(count for key, count in counts.items() if reading.is_message(key))
            found.append(Sent(chunk.received_ns, index, chunk.data, messages))
    return sorted(found, key=lambda one: (one.at_ns, one.feed))


def drawn(world: World, rng: np.random.Generator) -> list[Fault]:
    """What goes wrong in a world."""
    duration_s = world.scenario.duration_s
    found = []
    for feed in range(len(world.feeds)):
        for kind in _KINDS:
            if rng.random() < 0.14:
                begin_s = float(rng.uniform(0.0, 0.8)) * duration_s
                length_s = float(rng.uniform(0.1, 0.5)) * duration_s
                found.append(
                    Fault(kind=kind, feed=feed, from_s=begin_s, until_s=begin_s + length_s)
                )
    return found


def suffer(
    world: World, sent: list[Sent], faults: Sequence[Fault], flood: int, rng: np.random.Generator
) -> list[Sent]:
    """What arrives of what was sent.

    Args:
        world: whose sensors they are.
        sent: unhurt.
        faults: what goes wrong.
        flood: number of plots of a flood.
        rng: the only source of chance.
    """
    for fault in faults:
        begin_ns = world.start_ns + round(fault.from_s * SECOND_NS)
        end_ns = world.start_ns + round(fault.until_s * SECOND_NS)
        mine = [one for one in sent if one.feed == fault.feed and begin_ns <= one.at_ns < end_ns]
        sent = [one for one in sent if one.feed != fault.feed or not begin_ns <= one.at_ns < end_ns]
        if fault.kind in _MADE:
            sent += mine + _MADE[fault.kind](world, fault, begin_ns, end_ns, flood, rng)
        else:
            sent += _DONE[fault.kind](mine, end_ns, rng)
        sent.sort(key=lambda one: (one.at_ns, one.feed))
    return sent


# ---------------------------------------------------------------------- what is done to what was sent


def _flipped(mine: list[Sent], end_ns: int, rng: np.random.Generator) -> list[Sent]:
    del end_ns
    found = []
    for one in mine:
        if rng.random() < 0.4 and one.data:
            data = np.frombuffer(one.data, np.uint8).copy()
            where = rng.integers(0, len(data), 1 + len(data) // 64)
            data[where] ^= rng.integers(1, 256, len(where)).astype(np.uint8)
            found.append(one._replace(data=data.tobytes(), messages=0, hurt=True))
        else:
            found.append(one)
    return found


def _cut(mine: list[Sent], end_ns: int, rng: np.random.Generator) -> list[Sent]:
    del end_ns
    found = []
    for one in mine:
        if rng.random() < 0.4 and len(one.data) > 1:
            keep = int(rng.integers(1, len(one.data)))
            found.append(one._replace(data=one.data[:keep], messages=0, hurt=True))
        else:
            found.append(one)
    return found


def _doubled(mine: list[Sent], end_ns: int, rng: np.random.Generator) -> list[Sent]:
    del end_ns
    return mine + [one for one in mine if rng.random() < 0.3]


def _late(mine: list[Sent], end_ns: int, rng: np.random.Generator) -> list[Sent]:
    """Held back by a link, and all of it at once at the end."""
    del rng
    return [one._replace(at_ns=end_ns) for one in mine]


def _disordered(mine: list[Sent], end_ns: int, rng: np.random.Generator) -> list[Sent]:
    del end_ns
    delays = rng.exponential(1.5, len(mine))
    return [
        one._replace(at_ns=one.at_ns + round(float(delay) * SECOND_NS))
        for one, delay in zip(mine, delays, strict=True)
    ]


def _silent(mine: list[Sent], end_ns: int, rng: np.random.Generator) -> list[Sent]:
    """The sensor is dead."""
    del mine, end_ns, rng
    return []


# ---------------------------------------------------------------------- what is said that nobody sent


def _garbage(
    world: World, fault: Fault, begin_ns: int, end_ns: int, flood: int, rng: np.random.Generator
) -> list[Sent]:
    del flood
    count = int(rng.integers(1, 12))
    is_text = world.feeds[fault.feed].spec.decoder in ("report", "people")
    found = []
    for at_ns in rng.integers(begin_ns, end_ns, count):
        data = rng.bytes(int(rng.integers(1, 1_500)))
        if is_text:
            data = _NASTY[int(rng.integers(len(_NASTY)))]
        found.append(Sent(int(at_ns), fault.feed, data, 0, hurt=True))
    return found


def _ghosts(
    world: World, fault: Fault, begin_ns: int, end_ns: int, flood: int, rng: np.random.Generator
) -> list[Sent]:
    """A radar that invents: an object of its own with the marks of a civil flight, or marks that nobody has."""
    del flood
    site = _radar_of(world, fault.feed)
    if site is None:
        return []
    steps = max(2, int((end_ns - begin_ns) / SECOND_NS / 2))
    civil = [m.flight.transponder for m in world.motions if m.flight.transponder is not None]
    marks = civil[int(rng.integers(len(civil)))]
    range_m, azimuth_rad = float(rng.uniform(5e3, 2e5)), float(rng.uniform(0, 2 * np.pi))
    jump_m = float(rng.choice([200.0, 600.0, 40_000.0]))
    found = []
    for step in range(steps):
        at_ns = begin_ns + step * 2 * SECOND_NS
        table = plots(
            sensor_id=[site.sensor_id], kind=["mode_s"], valid_ns=[at_ns - SECOND_NS], received_ns=[at_ns],
            range_m=[abs(range_m + jump_m * step) % 460_000.0], azimuth_rad=[azimuth_rad],
            pressure_altitude_m=[float(rng.choice([-300.0, 9_000.0, 38_000.0]))],
            icao24=[int(marks.icao24, 16)], mode3a=[0o7500], callsign=[marks.callsign],
        )  # fmt: skip
        found.append(Sent(at_ns, fault.feed, encode_cat048(table, site), 1))
    return found


def _flood(
    world: World, fault: Fault, begin_ns: int, end_ns: int, flood: int, rng: np.random.Generator
) -> list[Sent]:
    """False plots all over the sky within a few seconds."""
    del end_ns
    site = _radar_of(world, fault.feed)
    if site is None:
        return []
    most = flood if rng.random() < _GREAT else min(flood, _USUAL)
    count = int(np.exp(rng.uniform(np.log(200.0), np.log(most))))
    found = []
    for first in range(0, count, 500):
        some = min(500, count - first)
        at_ns = begin_ns + round(3 * SECOND_NS * first / count)
        found.append(
            Sent(at_ns, fault.feed, encode_cat048(_false(site, at_ns, some, rng), site), some)
        )
    return found


def _false(site: Sensor, at_ns: int, count: int, rng: np.random.Generator) -> pa.Table:
    valid_ns = at_ns - rng.integers(0, SECOND_NS, count)
    return plots(
        sensor_id=[site.sensor_id] * count, kind=["psr"] * count, valid_ns=valid_ns, received_ns=valid_ns,
        range_m=np.sqrt(rng.uniform(25e6, site.range_max_m**2, count)),
        azimuth_rad=rng.uniform(0, 2 * np.pi, count),
    )  # fmt: skip


def _radar_of(world: World, feed: int) -> Sensor | None:
    spec = world.feeds[feed].spec
    if spec.decoder != "asterix":
        return None
    return next(sensor for sensor in world.sensors if sensor.sensor_id == spec.feed_id)


_Done = Callable[[list[Sent], int, np.random.Generator], list[Sent]]
_Made = Callable[[World, Fault, int, int, int, np.random.Generator], list[Sent]]
_DONE: Final[dict[str, _Done]] = {
    "flipped": _flipped, "cut": _cut, "doubled": _doubled, "late": _late, "disordered": _disordered,
    "silent": _silent,
}  # fmt: skip
_MADE: Final[dict[str, _Made]] = {"garbage": _garbage, "ghosts": _ghosts, "flood": _flood}
_KINDS: Final = (*_DONE, *_MADE)
