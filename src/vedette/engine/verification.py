"""Verification and replay of a record: what an outsider does with it."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

import msgspec

from vedette.engine.attested import Stretch, attested, stretch_of
from vedette.engine.course import Course
from vedette.engine.desk_check import check_desk
from vedette.engine.freed_memory import collecting_when_asked, give_back
from vedette.engine.opening import course_of, replayed, rules_of
from vedette.engine.record import Record, pieces
from vedette.engine.settings import RunBody
from vedette.engine.track_tables import TableCheck, has_track_tables
from vedette.ledger.entries import Verdict, decode_entry, verify_entries
from vedette.ledger.head import Head
from vedette.model.entry import Entry
from vedette.model.errors import RecordError, RuleError
from vedette.response import audit
from vedette.response.rule_set import shipped_rules

_FREE_TICKS: Final = 600  # of a replay: some tens of milliseconds of some ten seconds


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What ``vedette ledger verify`` prints."""

    entries: int
    tree_head: str
    ok: bool
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    # of the input log, attested by digests in the ledger; None: not counted, as the ledger itself is not sound
    raw_items: int | None


def verify(record: Record, older: Sequence[Head] = ()) -> Verified:
    """Check the entries against the heads, and the input log and ``record.json`` against the entries."""
    problems, notes = [], []
    try:
        head = record.head()
    except RecordError as error:
        head = None
        problems.append(str(error))
    else:
        if head is None:
            problems.append("there is no tree head beside the entries")
    if not record.entries_path.exists():
        return Verified(
            entries=0,
            tree_head="",
            ok=False,
            problems=("there are no entries",),
            notes=(),
            raw_items=None,
        )
    verdict: Verdict = verify_entries(
        pieces(record.entries_path), [] if head is None else [head], older=older
    )
    if verdict.problem:
        problems.append(verdict.problem)
    count = None
    if not problems:
        count, more = _check_inputs(record)
        problems += more
    if record.body.rules:
        notes += _of_its_rules(record)
    if has_track_tables(record.folder / "tables"):
        notes.append(
            "the states of tracks in tables/ are worked out from the raw items and attested by nothing: "
            "'vedette ledger replay' compares them"
        )
    if not older:
        notes.append(
            "a cut end can only be seen against a head kept elsewhere: give one with --head FILE"
        )
    return Verified(
        entries=verdict.entries,
        tree_head=verdict.root,
        ok=not problems,
        problems=tuple(problems),
        notes=tuple(notes),
        raw_items=count,
    )


def _of_its_rules(record: Record) -> list[str]:
    """What to know of a record whose rules are not those of this program."""
    try:
        rules = rules_of(record, record.body)
    except (RecordError, RuleError) as error:
        return [f"its rules cannot be read: {error}"]
    if rules.digest == shipped_rules().digest:
        return []
    said = [f"{one.row}: {one.problem}" for one in audit.check(rules).findings]
    more = f"; they are unsound: {'; '.join(said[:5])}" if said else ""
    return [f"it ran under {rules.name}, which are not this program's rules{more}"]


def _check_inputs(record: Record) -> tuple[int | None, list[str]]:
    """The number of raw items that digests in the ledger attest, and what does not fit."""
    stretches: list[Stretch] = []
    of_desk: list[Entry] = []
    session: object = None  # what was last said of one
    ended = False  # it has, and its digest stands behind it
    problems = []
    try:
        for entry in record.entries(("record", "session", "raw", "desk_act", "paper")):
            body = entry.body
            if entry.kind == "record":
                if body.get("digest") != record.digest:
                    problems.append("record.json is not the one that the ledger began with")
            elif entry.kind == "session":
                session, ended = body.get("event"), False
            elif entry.kind == "raw":
                stretches.append(stretch_of(entry))
                ended = session == "ended"
            else:
                of_desk.append(entry)
    except (RecordError, KeyError, ValueError) as error:
        return None, [f"an entry cannot be read: {error}"]
    items: Iterator[bytes] = (encoded for _, encoded in record.items())
    count, problem = attested(stretches, items)
    if problem is not None:
        problems.append(problem)
    else:
        # items after the last digest are a crash's leavings; after a session's end there are none
        left = sum(1 for _ in items)
        if left and ended:
            problems.append(f"{left} raw items stand behind the end that the ledger attests")
    problems += check_desk(record, of_desk)
    for item in (*record.body.zones, *record.body.rules):
        try:
            record.input_bytes(item)
        except RecordError as error:
            problems.append(str(error))
    return count, problems


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What ``vedette ledger replay`` prints."""

    entries: int
    digest: str
    recorded: str
    same: bool
    first_difference: str | None
    states: int | None = (
        None  # of tracks in the tables, compared; None: of other settings, or there are none
    )


def replay(record: Record, body: RunBody | None = None) -> Replayed:
    """Run the record's input log again and compare every entry, and every state of a track in its tables.

    With another ``body`` than the record's own the states are not compared: they are to be others.
    """
    course = course_of(record, body)
    own = body is None or body == record.body
    check = TableCheck(record.folder / "tables") if own else None
    difference = None
    count = 0

    def ticked(course: Course) -> None:
        _tidied(course)
        if check is not None:
            check.add(course.pipeline.tracks)

    lines = enumerate(zip_longest(replayed(record, course, ticked), record.lines()))
    with collecting_when_asked():
        for number, (made, kept) in lines:
            count = number + 1
            if difference is None and made != kept:
                difference = _describe(number, made, kept)
    recorded = verify_entries(pieces(record.entries_path), []).root
    digest = course.frontier.root().hex()
    if check is not None and difference is None:
        difference = check.difference()
    return Replayed(
        entries=min(count, course.frontier.size),
        digest=digest,
        recorded=recorded,
        same=digest == recorded and (check is None or check.difference() is None),
        first_difference=difference,
        states=check.states if check is not None else None,
    )


def _tidied(course: Course) -> None:
    """Memory given back once in a while, as a watch does it."""
    if course.ticks % _FREE_TICKS == 0:
        give_back()


def _describe(number: int, made: bytes | None, kept: bytes | None) -> str:
    if kept is None:
        return f"the replay has an entry {number} that the record lacks"
    if made is None:
        return f"the record has an entry {number} that the replay lacks"
    try:
        kinds = f"{decode_entry(kept).kind} in the record, {decode_entry(made).kind} in the replay"
    except RecordError:
        kinds = "not readable in the record"
    return f"entry {number} differs: {kinds}"
