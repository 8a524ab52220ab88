"""How a node stands, and the journal lines that it follows from.

Everything that must survive a crash is a line: own entries, entries taken from others, key statements,
and what was refused. A line is applied the same way when it is made and when a node that restarts reads its
journal. A line is durable before any message that depends on it leaves.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated

import msgspec

from vedette.alliance.charter import Charter, Count, Instant, Nation, Statement
from vedette.alliance.items import Body, Closing, Item, MatterLine, RecordHead, Submission
from vedette.alliance.log import Log, extend, rotate
from vedette.alliance.matters import Kept, follow, opened
from vedette.alliance.merge import Told
from vedette.alliance.messages import (
    EntryMessage,
    Picture,
    SignedMessage,
    read_body,
    read_header,
    read_signed,
    unpack,
)
from vedette.alliance.release import OwnTrack, ReleaseRules
from vedette.alliance.witness import Witnessed, witness
from vedette.model.errors import RecordError
from vedette.model.signature import verify as verify_ed25519


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of a node; times in seconds, sizes in octets."""

    beat_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 1.0
    lost_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 5.0  # unheard so long: cut off
    resend_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 1.5
    skew_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 30.0  # dated further ahead is marked
    batch_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 524_288  # sent in answer to one beat
    rate_bytes_s: Annotated[float, msgspec.Meta(gt=0)] = 4e6  # heard from one nation
    link_bytes_s: Annotated[float, msgspec.Meta(gt=0)] | None = (
        None  # to one nation; null: no limit
    )
    early_max: Annotated[int, msgspec.Meta(ge=0)] = 1_024  # entries kept until those before come
    behind_max: Annotated[int, msgspec.Meta(ge=0)] = 64  # a reader further behind gets no pictures
    hearing_s: Annotated[float, msgspec.Meta(ge=0)] = 60.0  # see ``matters.closing_due``
    recorded_max: Annotated[int, msgspec.Meta(ge=0)] = 100  # refusals of one nation kept whole


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whose node it is, and what it may tell."""

    charter: Charter
    nation: str
    private_key: bytes
    secret: bytes  # makes salts and pseudonyms; never leaves
    rules: ReleaseRules
    limits: Limits = Limits()
    verify: Callable[[bytes, bytes, bytes], bool] = verify_ed25519  # (data, signature, public key)


# ---------------------------------------------------------------------------- inputs and outputs


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """Octets that came over the link of a nation."""

    via: str
    data: bytes


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """Something this nation says; an alert goes through the release rules instead of to ``to``."""

    key: str
    item: Item
    to: tuple[str, ...] = ()  # empty: every member


class OwnPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The tracks of this node now."""

    tracks: tuple[OwnTrack, ...]


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key statement of this nation, signed by its root key, as it travels."""

    packed: bytes


Input = Received | Made | OwnPicture | NewKey


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person should see."""

    kind: str
    nation: str
    words: str


class Outputs(msgspec.Struct, kw_only=True):
    """What a step gives: lines to be made durable first, then messages to send, and what came in."""

    lines: list[bytes] = []
    messages: list[tuple[str | None, bytes]] = []  # None: to every member
    told: list[Told] = []
    pictures: list[Picture] = []
    notes: list[Note] = []


# ---------------------------------------------------------------------------- journal lines


class Boot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="boot"):
    """The node began."""

    boot: Count
    at_ns: Instant


class Own(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="own"):
    """An own entry; ``answers`` names the submission that a keeper's line came of."""

    message: EntryMessage
    at_ns: Instant
    answers: tuple[Nation, Count] | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="taken"):
    """An entry of another nation."""

    nation: Nation
    message: EntryMessage
    at_ns: Instant
    ahead: bool = False
    note: str = ""


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="key"):
    """A key statement that took effect."""

    packed: bytes
    at_ns: Instant


class Refused(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="refused"):
    """Something that was not taken, kept with its octets: proof of a fork, a forged act, a void key."""

    nation: str
    via: str
    words: str
    data: bytes
    at_ns: Instant
    contests: bool = False  # two pasts of the nation are signed
    answers: tuple[Nation, Count] | None = None


Line = Boot | Own | Taken | Key | Refused
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Line)


class Peer(msgspec.Struct, kw_only=True):
    """What a node knows of its link with another nation; forgotten in a crash."""

    heard_ns: int = 0
    fresh_ns: int = 0  # when a beat was heard that had not been held up on its way
    silent_ns: tuple[int, int] = (0, 0)  # see ``matters.Hearing``
    seen: int = 0  # entries of ours that it holds
    sent: int = 0
    sent_ns: int = 0
    again: int = 0  # times that the same was sent in vain: each time it waits twice as long
    again_from: int = 0
    allowance: float = 0.0  # octets that may be sent now
    allowed_ns: int = 0
    heard_allowance: float = 0.0  # octets that may be heard now
    heard_allowed_ns: int = 0
    shed: int = 0  # tracks withheld from it since our boot
    beat: tuple[int, int] = (0, 0)
    picture: tuple[int, int] = (0, 0)
    picture_made_ns: int = 0
    picture_tracks: int = 0
    told_shed: int = 0  # tracks it says it withheld from us
    head: int = 0  # entries that its own log has, by its word
    early: dict[int, EntryMessage] = {}
    counts: dict[str, int] = {}


class NodeState(msgspec.Struct, kw_only=True):
    """How a node stands. A step changes it in place and hands it back."""

    boot: int = 0
    logs: dict[str, Log] = {}
    own: list[EntryMessage] = []
    keys: set[str] = set()
    matters: dict[str, Kept] = {}
    heads: dict[tuple[str, str], Witnessed] = {}
    submissions: dict[tuple[str, int], Submission] = {}  # at the keeper, not yet answered
    refusals: dict[str, int] = {}
    # forgotten in a crash
    peers: dict[str, Peer] = {}
    beat_number: int = 0
    beat_ns: int = 0
    picture_number: int = 0
    pictures: list[tuple[int, tuple[OwnTrack, ...]]] = []
    waiting: list[tuple[int, Made]] = []
    asks: set[tuple[str, int]] = set()
    hurry: bool = False
    booted_ns: int = 0
    stepped_ns: int = 0  # of the last step of this process
    stopped_ns: tuple[int, int] = (0, 0)  # the last long stretch in which it took none, from and to


def initial(settings: NodeSettings) -> NodeState:
    """A node before its first line."""
    others = [nation for nation in sorted(settings.charter.members) if nation != settings.nation]
    return NodeState(
        logs={nation: Log() for nation in sorted(settings.charter.members)},
        peers={nation: Peer() for nation in others},
    )


def recovered(settings: NodeSettings, lines: Iterable[bytes]) -> tuple[NodeState, list[Told]]:
    """A node as its journal left it, and all that it was told.

    Raises:
        RecordError: a line is none, or an own entry does not follow the one before.
    """
    state, told = initial(settings), []
    for number, data in enumerate(lines, start=1):
        try:
            line = _decode.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordError(f"journal line {number}: {error}") from error
        if isinstance(line, Own | Taken):
            nation = settings.nation if isinstance(line, Own) else line.nation
            header = read_header(line.message.header)
            log = state.logs.get(nation)
            if isinstance(header, str) or log is None or header.previous != log.digest:
                raise RecordError(f"journal line {number} does not follow: it was changed")
        outputs = Outputs()
        apply(settings, state, line, outputs)
        told += outputs.told
    return state, told


def own_told(settings: NodeSettings, state: NodeState) -> list[Told]:
    """What this nation told, as others have it who were given all."""
    found = []
    for sequence, message in enumerate(state.own, start=1):
        body = read_body(message.body or b"")
        if isinstance(body, Body):
            found.append(
                Told(
                    nation=settings.nation,
                    sequence=sequence,
                    body=body,
                    received_ns=body.made_ns,
                )
            )
    return found


def write(settings: NodeSettings, state: NodeState, line: Line, outputs: Outputs) -> None:
    """Put a line into the journal and apply it."""
    outputs.lines.append(_encode(line))
    apply(settings, state, line, outputs)


def read_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a journal, for whoever looks into one."""
    return (_decode.decode(line) for line in lines)


def apply(settings: NodeSettings, state: NodeState, line: Line, outputs: Outputs) -> None:
    """What a line does to a node."""
    if isinstance(line, Boot):
        state.boot, state.booted_ns = line.boot, line.at_ns
    elif isinstance(line, Own):
        _apply_own(settings, state, line, outputs)
    elif isinstance(line, Taken):
        log = state.logs[line.nation]
        new, disowned = extend(log, line.message)
        if disowned:
            words = (
                f"entries {log.sequence} to {log.sequence + disowned - 1} of before are disowned"
            )
            outputs.notes.append(Note(kind="disowned", nation=line.nation, words=words))
        body = None if line.message.body is None else read_body(line.message.body)
        if new and isinstance(body, Body):
            _tell(settings, state, line.nation, line, body, outputs)
    elif isinstance(line, Key):
        _apply_key(settings, state, line, outputs)
    else:
        state.refusals[line.nation] = state.refusals.get(line.nation, 0) + 1
        if line.answers is not None:
            state.submissions.pop(line.answers, None)
        if line.contests and line.nation in state.logs:
            state.logs[line.nation].contested = True
        kind = "contested" if line.contests else "refused"
        outputs.notes.append(Note(kind=kind, nation=line.nation, words=line.words))


def _apply_own(settings: NodeSettings, state: NodeState, line: Own, outputs: Outputs) -> None:
    extend(state.logs[settings.nation], line.message)
    state.own.append(line.message)
    body = None if line.message.body is None else read_body(line.message.body)
    assert isinstance(body, Body), "an own entry has its body"
    state.keys.add(body.key)
    if line.answers is not None:
        state.submissions.pop(line.answers, None)
    _follow(settings, state, settings.nation, len(state.own), body.item, outputs)


def _tell(
    settings: NodeSettings,
    state: NodeState,
    nation: str,
    line: Taken,
    body: Body,
    outputs: Outputs,
) -> None:
    sequence = state.logs[nation].sequence
    told = Told(
        nation=nation, sequence=sequence, body=body, received_ns=line.at_ns, ahead=line.ahead
    )
    outputs.told.append(told)
    _follow(settings, state, nation, sequence, body.item, outputs)


def _follow(
    settings: NodeSettings,
    state: NodeState,
    nation: str,
    sequence: int,
    item: Item,
    outputs: Outputs,
) -> None:
    """What an entry does beyond being told."""
    keeper = settings.charter.keeper
    words: str | None = None
    if isinstance(item, Submission):
        if settings.nation == keeper:
            state.submissions[nation, sequence] = item
    elif isinstance(item, MatterLine | Closing):
        words = (
            _follow_matter(state, item, keeper) if nation == keeper else "a matter has one keeper"
        )
    elif isinstance(item, RecordHead) and nation != settings.nation:
        found = witness(state.heads.get((nation, item.record)), item)
        if isinstance(found, Witnessed):
            state.heads[nation, item.record] = found
        else:
            outputs.notes.append(Note(kind="rewritten", nation=nation, words=found))
    if words is not None:
        outputs.notes.append(Note(kind="refused", nation=nation, words=words))


def _follow_matter(state: NodeState, item: MatterLine | Closing, keeper: str) -> str | None:
    kept = state.matters.get(item.matter_id)
    if kept is not None:
        return follow(kept, item)[1]
    if isinstance(item, Closing) or item.number != 0:
        return "a matter that was not opened"
    found = opened(item, keeper)
    if isinstance(found, str):
        return found
    state.matters[item.matter_id] = found
    return None


def _apply_key(settings: NodeSettings, state: NodeState, line: Key, outputs: Outputs) -> None:
    message = unpack(line.packed)
    assert isinstance(message, SignedMessage), "a key line holds a signed message"
    statement = read_signed(message)
    assert isinstance(statement, Statement), "a key line holds a statement"
    nation = statement.nation
    disowned = rotate(state.logs[nation], settings.charter.members[nation], statement, line.packed)
    if nation == settings.nation:
        del state.own[state.logs[nation].sequence :]
    else:
        state.peers[nation].early.clear()
    words = f"key {statement.number} from entry {statement.after} on"
    if statement.stolen:
        words += "; the key before was stolen"
    outputs.notes.append(Note(kind="key", nation=nation, words=words))
    if disowned:
        words = f"entries {disowned[0]} to {disowned[-1]} are disowned"
        outputs.notes.append(Note(kind="disowned", nation=nation, words=words))
