"""Playing a night with a script: a world into a record, or a record's own bytes with other people at the desk."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

import msgspec

from vedette.engine.course import Course
from vedette.engine.desk import OFFICES
from vedette.engine.opening import Unrecorded, course_of
from vedette.engine.record import Record
from vedette.engine.run import Run
from vedette.engine.settings import Input, RunBody
from vedette.ledger.raw_log import Item, ItemKind, encode_item
from vedette.model.entry import Entry
from vedette.model.errors import RecordError
from vedette.model.time import SECOND_NS
from vedette.sim.exercise.players import Players
from vedette.sim.exercise.script import Script
from vedette.sim.scenario import Variation, read_scenario
from vedette.sim.world import World

Ticked = Callable[[int], None]  # called with the time of each tick
_COMMIT_TICKS = 50


def world_of_record(record: Record) -> World:
    """The simulated world that a record is of.

    Raises:
        RecordError: it is of none.
    """
    if record.body.world is None:
        raise RecordError(
            f"{record.folder} is no record of an exercise: 'vedette sim exercise' makes one"
        )
    kept = record.body.world
    scenario = read_scenario(record.input_bytes(kept.scenario), kept.scenario.name)
    return World(scenario, Variation(seed=kept.seed), kept.scenario.name)


def items_of(world: World, tick_s: float) -> Iterator[Item]:
    """All that arrives in a world, with the ticks of the clock between."""

    def one(index: int) -> Iterator[Item]:
        last_ns = world.start_ns
        for chunk in world.feeds[index].emitter.chunks(0):
            last_ns = max(last_ns, chunk.received_ns)
            yield Item(ItemKind.CHUNK, index, last_ns, chunk.data)
        yield Item(ItemKind.LINK, index, last_ns, b'{"event":"ended"}')

    tick_ns = round(tick_s * SECOND_NS)
    next_ns = world.start_ns + tick_ns
    streams = [one(index) for index in range(len(world.feeds))]
    for item in heapq.merge(*streams, key=lambda item: (item.instant_ns, item.feed)):
        while item.instant_ns >= next_ns:
            yield Item(ItemKind.TICK, 0, next_ns, b"")
            next_ns += tick_ns
        yield item
    yield Item(ItemKind.TICK, 0, next_ns, b"")


def spoken(items: Iterable[Item], course: Course, players: Players | None) -> Iterator[Item]:
    """The items, and before each tick what the players say.

    ``course`` must take each before the next is asked for.
    """
    for item in items:
        if item.kind is ItemKind.TICK and players is not None:
            for act in players.say(course.pipeline, item.instant_ns):
                yield Item(ItemKind.ACT, 0, item.instant_ns, act)
        yield item


def play(run: Run, world: World, players: Players | None, ticked: Ticked) -> None:
    """A world from its first byte to its last into a run, as fast as it goes."""
    course = run.course
    run.control({"event": "began", "exercise": True}, world.start_ns)
    for item in spoken(items_of(world, course.pipeline.body.engine.tick_s), course, players):
        run.put(item)
        if item.kind is ItemKind.TICK:
            ticked(item.instant_ns)
            if course.ticks % _COMMIT_TICKS == 0:
                run.commit(force=True)
    run.control({"event": "ended", "reason": "feeds ended"}, course.pipeline.now_ns)
    run.commit(force=True)


def other_night(record: Record, script: Script, world: World, ticked: Ticked) -> list[Entry]:
    """The entries of the same night, byte for byte, with the people of a script in place of those who were there.

    Args:
        record: of the night.
        script: who sits at the desk now.
        world: of the record.
        ticked: called after each tick.
    """
    people = msgspec.json.encode(script.roster())
    offices = Input(name=OFFICES, digest=sha256(people).hexdigest())
    inputs = {offices.digest: people}
    for kept in (*record.body.zones, *record.body.rules):
        inputs[kept.digest] = record.input_bytes(kept)
    body: RunBody = msgspec.structs.replace(
        record.body, offices=offices, desk_nonce="other", desk_digest=_desk_digest(record)
    )
    course = course_of(Unrecorded(body, inputs))
    course.open()
    heard = (item for item, _ in record.items() if item.kind is not ItemKind.ACT)
    entries: list[Entry] = []
    for item in spoken(heard, course, Players(script, world)):
        lines = course.run(item, encode_item(item))
        entries += [msgspec.json.decode(line, type=Entry) for line in lines]
        if item.kind is ItemKind.TICK:
            ticked(item.instant_ns)
    return entries


def _desk_digest(record: Record) -> str:
    from vedette.engine.opening import rules_of
    from vedette.response.desk.seats import FILE, table_of

    rules = rules_of(record, record.body)
    files = {item.name: record.input_bytes(item) for item in record.body.rules if item.name == FILE}
    return table_of(files, rules).digest
