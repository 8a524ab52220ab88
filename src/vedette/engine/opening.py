"""Making a pipeline for a record, and continuing a record by replaying its input log."""

from collections.abc import Callable, Iterator, Set
from itertools import islice, zip_longest
from typing import Protocol

import msgspec

from vedette.airspace.activity import known
from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.airspace.zone_file import File, read_files
from vedette.engine.attested import attested, stretch_of
from vedette.engine.bundled import sovereign_digest
from vedette.engine.checkpoint import Checkpoint, Checkpoints, put_back
from vedette.engine.course import Course
from vedette.engine.desk import OFFICES, DeskPlan, desk_files, desk_plan
from vedette.engine.pipeline import Pipeline
from vedette.engine.record import Record, RecordStore
from vedette.engine.settings import Input, RunBody
from vedette.engine.track_tables import TrackTables
from vedette.ledger.entries import decode_entry, kind_of
from vedette.ledger.merkle import Frontier, leaf_hash
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import RecordError
from vedette.model.time import format_utc
from vedette.response.rule_set import RuleSet, load_rules, shipped_rules


class RunInputs(Protocol):
    """What a run depends on: a record has it, and so has a run that keeps none."""

    body: RunBody
    digest: str

    def input_bytes(self, item: Input) -> bytes:
        """A file that the run uses."""
        ...


class Unrecorded:
    """A run that keeps no record: its inputs, in memory."""

    def __init__(self, body: RunBody, inputs: dict[str, bytes]) -> None:
        self.body, self.digest = body, ""
        self._inputs = inputs

    def input_bytes(self, item: Input) -> bytes:
        """A file that the run uses."""
        return self._inputs[item.digest]


def zones_of(record: RunInputs, body: RunBody) -> ZoneIndex:
    """The zones of a run: the bundled sovereign layer and the files it was given."""
    sovereign = sovereign_airspace()
    if sovereign_digest() != body.sovereign_digest:
        raise RecordError(
            "this program's sovereign airspace is not the one that the record was made with; "
            "use the version of Vedette named in record.json"
        )
    if not body.zones:
        return sovereign
    zones, geometries = list(sovereign.zones), list(sovereign.geometries)
    more, shapes, _ = read_files([File(record.input_bytes(i), i.name) for i in body.zones])
    for zone, shape in zip(more, shapes, strict=True):
        # asleep until a notice wakes them, or corrected by something read beside them
        if not zone.dormant and known(zone, None):
            zones.append(zone)
            geometries.append(shape)
    return ZoneIndex.build(zones, geometries)


def rules_of(record: RunInputs, body: RunBody) -> RuleSet:
    """The rule set of a run."""
    rules = (
        load_rules({item.name: record.input_bytes(item) for item in body.rules})
        if body.rules
        else shipped_rules()
    )
    if rules.digest != body.rules_digest:
        raise RecordError(
            "this program's rules are not those that the record was made with; "
            "use the version of Vedette named in record.json"
        )
    return rules


def desk_of(record: RunInputs, body: RunBody, rules: RuleSet) -> DeskPlan:
    """The desk of a run.

    Raises:
        RecordError: the table of who may decide what is not the one that the record was made with.
    """
    files = {item.name: record.input_bytes(item) for item in desk_files(body.rules)}
    if body.offices is not None:
        files[OFFICES] = record.input_bytes(body.offices)
    plan = desk_plan(body, files, rules)
    if body.offices is not None and plan.table.digest != body.desk_digest:
        raise RecordError(
            "this program's table of the desk is not the one that the record was made with; "
            "use the version of Vedette named in record.json"
        )
    return plan


def course_of(record: RunInputs, body: RunBody | None = None) -> Course:
    """A course at its beginning, with the record's settings or changed ones."""
    body = body or record.body

    rules = rules_of(record, body)
    pipeline = Pipeline(body, zones_of(record, body), rules, desk_of(record, body, rules))
    return Course(pipeline, record.digest)


def course_under(record: RunInputs, rules: RuleSet) -> Course:
    """A course of the record at its beginning under another rule set.

    The offices and what they may decide stay those of the record, so that the acts in it are heard as they were.
    """
    body = record.body
    desk = desk_of(record, body, rules_of(record, body))
    changed = msgspec.structs.replace(body, rules_digest=rules.digest)
    return Course(Pipeline(changed, zones_of(record, body), rules, desk), record.digest)


def replayed(
    record: Record, course: Course, ticked: Callable[[Course], None] | None = None
) -> Iterator[bytes]:
    """The lines that the record's input log leads to."""
    yield from course.open()
    yield from _run(course, record.items(), ticked)


def _run(
    course: Course,
    items: Iterator[tuple[Item, bytes]],
    ticked: Callable[[Course], None] | None,
) -> Iterator[bytes]:
    """The lines that items of a record lead to."""
    for item, encoded in items:
        try:
            lines = course.run(item, encoded)
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, IndexError) as error:
            raise RecordError(
                f"item {course.items - 1} of the input log is not one of ours: {error}"
            ) from error
        yield from lines
        if ticked is not None and item.kind is ItemKind.TICK:
            ticked(course)


def resume(
    store: RecordStore,
    tables: TrackTables | None = None,
    checkpoints: Checkpoints | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Course:
    """The course of a record where it stopped; entries that a crash kept from the disk are written now.

    Args:
        store: the record.
        tables: its track tables; None: none are made.
        checkpoints: where the state of the run may have been kept; without, all of it is replayed.
        told: is told from when on it is replayed.

    Raises:
        RecordError: the entries on disk are not those that the input log leads to.
    """
    tables = tables or TrackTables(None)
    on_disk = list(store.lines())
    found = [] if checkpoints is None else checkpoints.found()
    frontier, roots = _checked(store, on_disk, {one.stamp.entries for one in found})
    again = None
    for one in found:
        told(f"trying a checkpoint of {format_utc(one.stamp.last_tick_ns)} ...")
        try:
            again = _again(store, one, roots.get(one.stamp.entries), on_disk, tables)
        except Exception as error:  # whatever it is: the record is the truth, and is replayed
            told(f"it is of no use: {error}")
            one.drop()
            continue
        if again is not None:
            break
        told("nothing stands behind it yet that could prove it")
    else:
        told("replaying the record from its beginning ...")
        again = _whole(store, on_disk, tables)
    course, missing = again
    store.recovered(frontier)
    for line in missing:
        store.append_line(line)
    store.commit()
    return course


_Again = tuple[Course, list[bytes]]  # the course, and the lines that the disk lacks


def _whole(store: RecordStore, on_disk: list[bytes], tables: TrackTables) -> _Again:
    """A record replayed from its beginning."""
    tables.keep(0)
    course = course_of(store)
    missing: list[bytes] = []
    lines = replayed(store, course, tables.add)
    for number, (line, made) in enumerate(zip_longest(on_disk, lines)):
        if line is None and made is not None:
            missing.append(made)
        elif line != made:
            raise RecordError(
                f"entry {number} of {store.folder} is not what its input log leads to: made by another "
                "version, or changed; begin a new record (verify and replay still read this one)"
            )
    return course, missing


def _again(
    store: RecordStore,
    checkpoint: Checkpoint,
    root: str | None,
    on_disk: list[bytes],
    tables: TrackTables,
) -> _Again | None:
    """A record replayed from a checkpoint on; None where nothing follows that proves it to be one.

    The entries behind it, of which the record has the ``root``, must be those that it was made of, and the items
    those that the ledger attests: nobody looks at them again.

    Raises:
        OSError: it cannot be read.
        RecordError: it is not what it says, or what follows in the record does not come out of it.
    """
    stamp = checkpoint.stamp
    if root != stamp.root:
        raise RecordError("the entries behind it are not those that it was made of")
    state = checkpoint.state()
    behind = on_disk[: stamp.entries]
    stretches = [stretch_of(decode_entry(line)) for line in behind if kind_of(line) == "raw"]
    items = store.items()
    count, problem = attested(stretches, (encoded for _, encoded in items))
    if problem is not None or count != stamp.items:
        raise RecordError(
            problem or f"the ledger attests {count} items, it is behind {stamp.items}"
        )
    if not tables.keep(stamp.tables):
        raise RecordError("track tables of before it are missing")
    course = course_of(store)
    put_back(course, state)
    if (course.items, course.frontier.size) != (stamp.items, stamp.entries):
        raise RecordError("it holds another state than it says")
    missing: list[bytes] = []
    proved = False
    lines = _run(course, items, tables.add)
    for line, made in zip_longest(islice(on_disk, stamp.entries, None), lines):
        if line is None and made is not None:
            missing.append(made)
        elif line != made:
            raise RecordError("what follows it in the record does not come out of it")
        else:
            proved = proved or kind_of(made) == "picture"
    return (course, missing) if proved else None


def _checked(
    store: RecordStore, lines: list[bytes], sizes: Set[int]
) -> tuple[Frontier, dict[int, str]]:
    """The tree over the lines on disk, which must hold all that the signed head says; roots at some sizes.

    Raises:
        RecordError: entries that were signed for are missing or changed; going on would sign that.
    """
    head = store.head()
    frontier, roots = Frontier(), dict[int, str]()
    for line in lines:
        frontier.append(leaf_hash(line))
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root().hex()
        if head is not None and frontier.size == head.size and frontier.root().hex() != head.root:
            break
    else:
        if head is None or head.size <= frontier.size:
            return frontier, roots
    raise RecordError(
        f"{store.folder} lacks or changed entries that its head was signed for; it cannot be "
        "continued (verify says more)"
    )
