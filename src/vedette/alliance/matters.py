"""Council matters over the wire: one keeper's log decides, and time passes in it alone.

The rule. A matter is what its keeper's log says of it: the lines in their order, each with the keeper's time
of receipt, and closings, by which the keeper states that time has come to an instant. What a node shows of a
matter is ``council.matter.step`` over the lines that it holds, at the latest time that those lines or closings
name, never at a time of its own clock. Two nodes that hold as much of the keeper's log therefore show the
same, bit for bit; one that holds less shows an earlier state of the same matter. No act, however late it
arrives anywhere, changes an outcome: it is in the keeper's log before the closing, or after it and late.

A silence ends by a closing alone. A state that the keeper could not hear then, and that had said nothing to the
text, is named in it, and its silence is none: the text is *unconfirmed*, and stays so. What is wanted of it is
put again in a matter of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from vedette.alliance.items import Closing, MatterLine, Submission
from vedette.council import matter as council
from vedette.council.act import CHAIR, DRILL, Receipt, Roster, decode_act, roster_fault
from vedette.council.lines import FORMAT, Header, line_digest
from vedette.council.matter import Event, Matter, MatterSettings
from vedette.model.signature import from_base64


class Kept(msgspec.Struct, kw_only=True):
    """One matter as a node holds it."""

    matter_id: str
    settings: MatterSettings
    lines: list[bytes]
    heads: set[str]  # digests of the lines
    state: Matter
    at_ns: int = 0  # the latest time that the keeper's log names
    closings: list[Closing] = []
    dropped: int = 0  # acts signed after a line that the keeper's log does not hold


Standing = Literal["open", "agreed", "unconfirmed", "withdrawn", "lapsed"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a matter stands in the keeper's log, as far as this node holds it."""

    matter_id: str
    standing: Standing
    version: str | None  # agreed
    by: str | None  # silence or consent
    unheard: tuple[str, ...]
    receipts: int
    at_ns: int
    dropped: int  # acts signed after a line that is not in the keeper's log


def outcome(kept: Kept) -> Outcome:
    """How a matter stands: a function of the keeper's lines and closings, and of nothing else."""
    state = kept.state
    silent: tuple[str, ...] = ()
    standing: Standing = "open"
    if state.status == "agreed":
        standing = "agreed"
        if state.agreed_by == "silence":
            closing = next((one for one in kept.closings if _ends(one, state)), None)
            silent = () if closing is None else closing.unheard
            # a silence ends by a closing alone: a keeper that gives none has not said whom it could hear
            standing = "unconfirmed" if closing is None or silent else "agreed"
    elif state.status in ("withdrawn", "lapsed"):
        standing = "withdrawn" if state.status == "withdrawn" else "lapsed"
    return Outcome(
        matter_id=kept.matter_id,
        standing=standing,
        version=state.agreed_version,
        by=state.agreed_by,
        unheard=silent,
        receipts=len(kept.lines) - 1,
        at_ns=kept.at_ns,
        dropped=kept.dropped,
    )


def unheard(kept: Kept) -> frozenset[str]:
    """States of which the keeper's log does not say that they could be heard when the silence ended.

    All that have said nothing to the text where it has no closing, also while its silence still runs.
    """
    found = outcome(kept)
    if found.standing == "agreed" or found.unheard:
        return frozenset(found.unheard)
    state = kept.state
    return kept.settings.roster.states - state.consented(state.current) - state.aside


def _ends(closing: Closing, state: Matter) -> bool:
    return closing.at_ns >= state.placements[-1].deadline_ns


def opened(line: MatterLine, keeper: str) -> Kept | str:
    """A matter from its header line, or why it is none that ``keeper`` keeps."""
    try:
        header = msgspec.json.decode(line.line, type=Header)
        roster = msgspec.convert(
            {"keys": header.roster, "deputies": header.deputies, "keeper": header.keeper}, Roster
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"no header of a matter: {error}"
    fault = roster_fault(roster)
    if fault is not None or header.format != FORMAT or header.matter_id != line.matter_id:
        return fault or "no header of this matter"
    if header.keeper not in (None, CHAIR, keeper):
        return f"its roster names another keeper, {header.keeper}"
    drill = header.matter_id.startswith(DRILL)
    settings = (
        MatterSettings(roster=roster, window_min_s=1.0) if drill else MatterSettings(roster=roster)
    )
    return Kept(
        matter_id=header.matter_id,
        settings=settings,
        lines=[line.line],
        heads={line_digest(line.line)},
        state=council.initial(settings),
    )


def follow(kept: Kept, item: MatterLine | Closing) -> tuple[tuple[Event, ...], str | None]:
    """Take the next line or closing of a matter; what happened, and what is wrong with it."""
    if isinstance(item, Closing):
        fits = item.receipts == len(kept.lines) - 1 and item.head == line_digest(kept.lines[-1])
        if not fits:
            return (), "a closing over other lines"
        kept.closings.append(item)
        return _advance(kept, (), item.at_ns), None
    if item.number != len(kept.lines):
        return (), f"line {item.number} after line {len(kept.lines) - 1}"
    try:
        receipt = msgspec.json.decode(item.line, type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return (), f"line {item.number}: {error}"
    if receipt.previous != line_digest(kept.lines[-1]):
        return (), f"line {item.number} does not follow the line before it"
    if receipt.received_ns < kept.at_ns:
        return (), f"line {item.number} was received before what is already settled"
    act = decode_act(from_base64(receipt.act))
    words = None
    if act is not None and act.seen is not None and act.seen not in kept.heads:
        kept.dropped += 1
        words = f"line {item.number}: {act.party} signed after a line that the keeper left out"
    kept.lines.append(item.line)
    kept.heads.add(line_digest(item.line))
    return _advance(kept, (receipt,), receipt.received_ns), words


def _advance(kept: Kept, receipts: Sequence[Receipt], at_ns: int) -> tuple[Event, ...]:
    kept.at_ns = max(kept.at_ns, at_ns)
    kept.state, events = council.step(kept.settings, kept.state, receipts, kept.at_ns)
    return events


# ---------------------------------------------------------------------------- the keeper


def receive(kept: Kept, submission: Submission, now_ns: int) -> MatterLine | str:
    """The line by which the keeper records an act, stamped with its time; or why it fills no line.

    An act that nobody of the roster signed is refused here; a signed one that has no effect gets its
    line all the same: it is spent, and nobody can bring it forward when it would have effect.
    """
    receipt = Receipt(
        received_ns=max(now_ns, kept.at_ns),
        act=submission.act,
        public_key=submission.public_key,
        signature=submission.signature,
        previous=line_digest(kept.lines[-1]),
    )
    act = decode_act(from_base64(receipt.act))
    if act is None:
        return "no act that can be read"
    if act.matter_id != kept.matter_id or act.roster != kept.settings.roster.digest:
        return "made for another matter or under another roster"
    if (act.party, act.act_id) in kept.state.act_ids:
        return "was already taken"
    _, events = council.step(kept.settings, kept.state, (receipt,), receipt.received_ns)
    refused = [event for event in events if event.kind == "refused"]
    if refused and refused[-1].party is None:
        return refused[-1].words
    line = msgspec.json.encode(receipt)
    return MatterLine(matter_id=kept.matter_id, number=len(kept.lines), line=line)


class Hearing(NamedTuple):
    """When the node of a state was heard, by the keeper's clock."""

    last_ns: int
    silent_ns: tuple[int, int] = (0, 0)  # the last long stretch in which it was not, from and to

    def just_before(self, deadline_ns: int, hearing_ns: int) -> bool:
        """Whether it was heard at most ``hearing_ns`` before a deadline; what is heard since says nothing."""
        low_ns = deadline_ns - hearing_ns
        begun_ns, ended_ns = self.silent_ns
        return self.last_ns >= low_ns and not (begun_ns < low_ns and ended_ns > deadline_ns)


NEVER = Hearing(0)


def closing_due(
    kept: Kept, now_ns: int, heard: Mapping[str, Hearing], hearing_ns: int
) -> Closing | None:
    """The closing that the keeper owes a matter whose silence or life has ended by its clock.

    Args:
        kept: the matter.
        now_ns: by the keeper's clock.
        heard: when the node of each state was heard, by the same clock; of the keeper's own, when it ran.
        hearing_ns: how long before the deadline a state may have been heard last and still count as heard.
    """
    state = kept.state
    if state.status not in ("talks", "silence"):
        return None
    deadline_ns = state.placements[-1].deadline_ns if state.status == "silence" else None
    ends = [end for end in (deadline_ns, state.lapses_ns) if end is not None and end <= now_ns]
    if not ends:
        return None
    silent: tuple[str, ...] = ()
    if deadline_ns is not None and deadline_ns <= now_ns:
        said = state.consented(state.current) | state.aside
        silent = tuple(
            party
            for party in sorted(kept.settings.roster.states - said)
            if not heard.get(party, NEVER).just_before(deadline_ns, hearing_ns)
        )
    return Closing(
        matter_id=kept.matter_id,
        receipts=len(kept.lines) - 1,
        head=line_digest(kept.lines[-1]),
        at_ns=max(now_ns, kept.at_ns),
        unheard=silent,
    )
