"""Verification and replay of a record: what an outsider does with it."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import zip_longest

import msgspec

from vedette.engine.desk import desk_id
from vedette.engine.opening import course_of, replayed
from vedette.engine.record import Record, pieces
from vedette.engine.settings import RunBody
from vedette.ledger.entries import Verdict, decode_entry, verify_entries
from vedette.ledger.head import Head
from vedette.model.errors import RecordError
from vedette.model.signature import from_base64
from vedette.response.desk.admission import signer_of
from vedette.response.desk.docket import Paper, filled
from vedette.response.desk.offices import Roster, shared_keys
from vedette.response.desk.signed import DeskAct, SignedAct, decode_act


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What ``vedette ledger verify`` prints."""

    entries: int
    tree_head: str
    ok: bool
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    raw_items: int  # of the input log, attested by digests in the ledger


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
            raw_items=0,
        )
    verdict: Verdict = verify_entries(
        pieces(record.entries_path), [] if head is None else [head], older=older
    )
    if verdict.problem:
        problems.append(verdict.problem)
    attested = 0
    if not problems:
        attested, more = _check_inputs(record)
        problems += more
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
        raw_items=attested,
    )


def _check_inputs(record: Record) -> tuple[int, list[str]]:
    """The number of raw items that digests in the ledger attest, and what does not fit."""
    stretches: list[tuple[int, int, str]] = []
    problems = []
    try:
        for entry in record.entries(("record", "raw")):
            if entry.kind == "record":
                if entry.body.get("digest") != record.digest:
                    problems.append("record.json is not the one that the ledger began with")
            else:
                stretches.append(
                    (
                        int(str(entry.body["from"])),
                        int(str(entry.body["to"])),
                        str(entry.body["sha256"]),
                    )
                )
    except (RecordError, KeyError, ValueError) as error:
        return 0, [f"an entry cannot be read: {error}"]
    items: Iterator[bytes] = (encoded for _, encoded in record.items())
    attested = 0
    for start, end, wanted in stretches:
        digest, count = sha256(), 0
        for _ in range(end - start):
            encoded = next(items, None)
            if encoded is None:
                break
            digest.update(encoded)
            count += 1
        if count != end - start or digest.hexdigest() != wanted:
            problems.append(f"raw items {start} to {end} are not those that the ledger attests")
            break
        attested = end
    else:
        problems += _check_rest(record, attested)
    more, heard = _check_acts(record)
    problems += more
    problems += _check_papers(record, heard)
    for item in (*record.body.zones, *record.body.rules):
        try:
            record.input_bytes(item)
        except RecordError as error:
            problems.append(str(error))
    return attested, problems


def _check_acts(record: Record) -> tuple[list[str], dict[str, list[DeskAct]]]:
    """What signed acts do not bear out though the ledger says they were heard; and those that were, by id."""
    problems: list[str] = []
    heard: dict[str, list[DeskAct]] = {}
    seen: set[bytes] = set()
    try:
        # as it is written: whether this version knows its roles and its table is no matter here
        roster = (
            Roster()
            if record.body.offices is None
            else msgspec.json.decode(record.input_bytes(record.body.offices), type=Roster)
        )
        problems += [f"offices: {words}" for words in shared_keys(roster)]
        desk = desk_id(record.body, roster)
        for number, entry in enumerate(record.entries(("desk_act",)), start=1):
            if entry.body.get("refused") is not None:
                continue
            signed = msgspec.convert(entry.body.get("signed"), SignedAct)
            act = decode_act(signed)
            if act is None or msgspec.to_builtins(act) != entry.body.get("act"):
                problems.append(f"act {number} of the desk is not what was signed")
                continue
            office, reason = signer_of(roster, signed, act)
            if office is None:
                problems.append(f"act {act.act_id} of the desk: {reason}")
            elif act.desk != desk:
                problems.append(f"act {act.act_id} was signed for another run")
            elif from_base64(signed.signature) in seen:
                problems.append(f"act {act.act_id} was heard twice")
            seen.add(from_base64(signed.signature))
            heard.setdefault(act.act_id, []).append(act)
    except (RecordError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        problems.append(f"acts of the desk cannot be checked: {error}")
    return problems, heard


def _check_papers(record: Record, heard: Mapping[str, Sequence[DeskAct]]) -> list[str]:
    """Words and decisions in questions that nobody who signed bears out."""
    problems: list[str] = []
    try:
        for entry in record.entries(("paper",)):
            paper = msgspec.convert(entry.body, Paper)
            name = f"question {paper.measure} of {paper.incident_id}"
            for word in paper.words:
                wanted = (word.kind, word.person, word.office, word.words, paper.measure)
                acts = [
                    act
                    for act in heard.get(word.act_id, ())
                    if (act.kind, act.person, act.office, act.words, act.subject) == wanted
                    # a no may have been said in another incident that was of the same object
                    and (act.kind != "accept" or act.incident_id == paper.incident_id)
                ]
                if not acts:
                    problems.append(f"{name}: {word.person}'s {word.kind} was never signed")
                elif word.kind == "accept" and acts[-1].paper != paper.paper_id:
                    problems.append(f"{name}: {word.person} accepted another question")
            yes = [word for word in paper.words if word.kind == "accept"]
            if paper.status == "accepted" and not (paper.seats and filled(paper.seats, yes)):
                problems.append(f"{name} stands as accepted, and not every seat has said yes")
    except (RecordError, msgspec.MsgspecError) as error:
        problems.append(f"questions of the desk cannot be checked: {error}")
    return problems


def _check_rest(record: Record, attested: int) -> list[str]:
    """Items after the last digest are a crash's leavings; after a session's end there are none."""
    total = sum(1 for _ in record.items())
    last = None
    for entry in record.entries(("session", "raw")):
        last = entry
    if total > attested and last is not None and last.kind == "raw":
        sessions = [entry.body.get("event") for entry in record.entries(("session",))]
        if sessions and sessions[-1] == "ended":
            return [f"{total - attested} raw items stand behind the end that the ledger attests"]
    return []


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What ``vedette ledger replay`` prints."""

    entries: int
    digest: str
    recorded: str
    same: bool
    first_difference: str | None


def replay(record: Record, body: RunBody | None = None) -> Replayed:
    """Run the record's input log again and compare every entry."""
    course = course_of(record, body)
    difference = None
    count = 0
    for number, (made, kept) in enumerate(zip_longest(replayed(record, course), record.lines())):
        count = number + 1
        if difference is None and made != kept:
            difference = _describe(number, made, kept)
    recorded = verify_entries(pieces(record.entries_path), []).root
    digest = course.frontier.root().hex()
    return Replayed(
        entries=min(count, course.frontier.size),
        digest=digest,
        recorded=recorded,
        same=digest == recorded,
        first_difference=difference,
    )


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
