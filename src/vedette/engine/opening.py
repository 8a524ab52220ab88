"""Making a pipeline for a record, and continuing a record by replaying its input log."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Protocol

import msgspec

from vedette.airspace.activity import known
from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.airspace.zone_file import File, read_files
from vedette.engine.bundled import sovereign_digest
from vedette.engine.course import Course
from vedette.engine.desk import OFFICES, DeskPlan, desk_files, desk_plan
from vedette.engine.pipeline import Pipeline
from vedette.engine.record import Record, RecordStore
from vedette.engine.settings import Input, RunBody
from vedette.ledger.merkle import Frontier, leaf_hash
from vedette.ledger.raw_log import ItemKind
from vedette.model.errors import RecordError
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
    for number, (item, encoded) in enumerate(record.items()):
        try:
            lines = course.run(item, encoded)
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, IndexError) as error:
            raise RecordError(
                f"item {number} of the input log is not one of ours: {error}"
            ) from error
        yield from lines
        if ticked is not None and item.kind is ItemKind.TICK:
            ticked(course)


def resume(store: RecordStore, ticked: Callable[[Course], None] | None = None) -> Course:
    """The course of a record where it stopped; entries that a crash kept from the disk are written now.

    Raises:
        RecordError: the entries on disk are not those that the input log leads to.
    """
    course = course_of(store)
    missing: list[bytes] = []
    on_disk = list(store.lines())
    frontier = _checked(store, on_disk)
    for number, (line, made) in enumerate(zip_longest(on_disk, replayed(store, course, ticked))):
        if line is None and made is not None:
            missing.append(made)
        elif line != made:
            raise RecordError(
                f"entry {number} of {store.folder} is not what its input log leads to: made by another "
                "version, or changed; begin a new record (verify and replay still read this one)"
            )
    store.recovered(frontier)
    for line in missing:
        store.append_line(line)
    store.commit()
    return course


def _checked(store: RecordStore, lines: list[bytes]) -> Frontier:
    """The tree over the lines on disk, which must hold all that the signed head says.

    Raises:
        RecordError: entries that were signed for are missing or changed; going on would sign that.
    """
    head = store.head()
    frontier = Frontier()
    for line in lines:
        frontier.append(leaf_hash(line))
        if head is not None and frontier.size == head.size and frontier.root().hex() != head.root:
            break
    else:
        if head is None or head.size <= frontier.size:
            return frontier
    raise RecordError(
        f"{store.folder} lacks or changed entries that its head was signed for; it cannot be "
        "continued (verify says more)"
    )
