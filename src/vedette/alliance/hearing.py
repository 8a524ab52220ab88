"""What a node makes of the octets that come over a link: everything is checked here, and nothing trusted."""

from vedette.alliance.charter import Statement
from vedette.alliance.items import Body
from vedette.alliance.log import judge, leading, statement_fault
from vedette.alliance.messages import (
    Beat,
    EntryMessage,
    Header,
    Picture,
    SignedMessage,
    pack,
    read_header,
    read_signed,
    to_sign,
    unpack,
)
from vedette.alliance.state import (
    Key,
    NodeSettings,
    NodeState,
    Note,
    Outputs,
    Peer,
    Received,
    Refused,
    Taken,
    write,
)
from vedette.model.time import SECOND_NS

_BURST_S = 2.0


def header_of(message: EntryMessage) -> Header:
    """The header of an entry that was checked before."""
    header = read_header(message.header)
    assert isinstance(header, Header), "an entry of the journal has a header"
    return header


def hear(
    settings: NodeSettings, state: NodeState, item: Received, now_ns: int, outputs: Outputs
) -> None:
    """Take some octets that came over the link of a nation."""
    peer = state.peers.get(item.via)
    if peer is None:
        outputs.notes.append(Note(kind="refused", nation=item.via[:8], words="is no member"))
        return
    if not _may_be_heard(settings, peer, len(item.data), now_ns):
        _count(peer, "over_rate")
        return
    message = unpack(item.data)
    if isinstance(message, str):
        _refuse(settings, state, item, item.via, message, now_ns, outputs)
    elif isinstance(message, EntryMessage):
        _hear_entry(settings, state, item, message, now_ns, outputs)
    else:
        _hear_signed(settings, state, item, message, now_ns, outputs)


def _may_be_heard(settings: NodeSettings, peer: Peer, size: int, now_ns: int) -> bool:
    rate = settings.limits.rate_bytes_s
    passed_s = max(0.0, (now_ns - peer.heard_allowed_ns) / SECOND_NS)
    peer.heard_allowance = min(rate * _BURST_S, peer.heard_allowance + rate * passed_s)
    peer.heard_allowed_ns = now_ns
    if size > peer.heard_allowance:
        return False
    peer.heard_allowance -= size
    return True


def _count(peer: Peer, name: str) -> int:
    peer.counts[name] = peer.counts.get(name, 0) + 1
    return peer.counts[name]


def _refuse(
    settings: NodeSettings,
    state: NodeState,
    item: Received,
    nation: str,
    words: str,
    now_ns: int,
    outputs: Outputs,
    *,
    contests: bool = False,
) -> None:
    """Record a refusal; after the first hundred of a link only each that is a power of two."""
    times = _count(state.peers[item.via], "refused")
    if times > settings.limits.recorded_max and times & (times - 1) and not contests:
        return
    line = Refused(
        nation=nation, via=item.via, words=words[:500], data=item.data[:16_384],
        at_ns=now_ns, contests=contests,
    )  # fmt: skip
    write(settings, state, line, outputs)


# ---------------------------------------------------------------------------- entries


def _hear_entry(
    settings: NodeSettings,
    state: NodeState,
    item: Received,
    message: EntryMessage,
    now_ns: int,
    outputs: Outputs,
) -> None:
    header = read_header(message.header)
    if isinstance(header, str) or header.nation not in state.logs:
        words = header if isinstance(header, str) else f"{header.nation} is no member"
        _refuse(settings, state, item, item.via, words, now_ns, outputs)
        return
    nation = header.nation
    log = state.logs[nation]
    member = settings.charter.members[nation]
    judged = judge(log, member, settings.charter.name, settings.nation, message, settings.verify)
    peer = state.peers[item.via]
    if judged.finding == "refused":
        words = f"entry for {nation}: {judged.words}"
        _refuse(settings, state, item, nation, words, now_ns, outputs)
    elif judged.finding == "known":
        _count(peer, "doubled")
    elif nation == settings.nation:
        _second_self(settings, state, item, now_ns, outputs)
    elif judged.finding == "fork":
        if not log.contested:
            _refuse(settings, state, item, nation, judged.words, now_ns, outputs, contests=True)
    elif log.contested or item.via != nation:
        _count(peer, "held")
    elif judged.finding == "early":
        _count(peer, "early")
        state.hurry = True
        if len(peer.early) < settings.limits.early_max:
            peer.early[header.sequence] = message
    elif judged.finding == "unproved":
        peer.early[header.sequence] = message
        _take_proved(settings, state, item, nation, now_ns, outputs)
    elif judged.finding in ("key_unknown", "incomplete"):
        _count(peer, judged.finding)
    else:
        _take(settings, state, item, nation, message, judged.body, judged.note, now_ns, outputs)
        _take_early(settings, state, item, nation, now_ns, outputs)


def _take(
    settings: NodeSettings,
    state: NodeState,
    item: Received,
    nation: str,
    message: EntryMessage,
    body: Body | None,
    note: str,
    now_ns: int,
    outputs: Outputs,
) -> None:
    ahead_ns = now_ns + int(settings.limits.skew_s * SECOND_NS)
    ahead = body is not None and body.made_ns > ahead_ns
    if note:
        words = f"entry {state.logs[nation].sequence + 1} {note}"
        _refuse(settings, state, item, nation, words, now_ns, outputs)
    if body is None:  # not released to us, or unreadable and kept as refused: its place stays
        message = EntryMessage(header=message.header, signature=message.signature)
    _count(state.peers[item.via], "taken")
    line = Taken(nation=nation, message=message, at_ns=now_ns, ahead=ahead, note=note)
    write(settings, state, line, outputs)


def _take_proved(
    settings: NodeSettings,
    state: NodeState,
    item: Received,
    nation: str,
    now_ns: int,
    outputs: Outputs,
) -> None:
    """Entries of a void key, once all of them lead to the entry that the key statement names."""
    peer, log = state.peers[nation], state.logs[nation]
    found = leading(log, peer.early)
    if isinstance(found, int):
        peer.early.pop(found, None)  # another one with this number is asked for again
        return
    member, charter = settings.charter.members[nation], settings.charter.name
    for message in found:
        judged = judge(log, member, charter, settings.nation, message, settings.verify, proved=True)
        if judged.finding != "next":
            peer.early.pop(log.sequence + 1, None)
            return
        again = Received(via=item.via, data=pack(message))
        _take(settings, state, again, nation, message, judged.body, judged.note, now_ns, outputs)
    _take_early(settings, state, item, nation, now_ns, outputs)


def _take_early(
    settings: NodeSettings,
    state: NodeState,
    item: Received,
    nation: str,
    now_ns: int,
    outputs: Outputs,
) -> None:
    """Entries that came before their turn, as far as it has come."""
    peer, log = state.peers[nation], state.logs[nation]
    while (message := peer.early.pop(log.sequence + 1, None)) is not None:
        judged = judge(
            log, settings.charter.members[nation], settings.charter.name, settings.nation, message,
            settings.verify,
        )  # fmt: skip
        if judged.finding != "next":
            break  # it is asked for again
        again = Received(via=item.via, data=pack(message))
        _take(settings, state, again, nation, message, judged.body, judged.note, now_ns, outputs)
    for sequence in [number for number in peer.early if number <= log.sequence]:
        del peer.early[sequence]
    if peer.head > log.sequence:
        state.hurry = True


def _second_self(
    settings: NodeSettings, state: NodeState, item: Received, now_ns: int, outputs: Outputs
) -> None:
    """An entry in our own name, well signed, that we do not hold."""
    if state.logs[settings.nation].contested:
        return
    words = (
        "an entry signed with our key that is not ours: the key is stolen, or this node was"
        " restored from an old copy; revoke the key"
    )
    _refuse(settings, state, item, settings.nation, words, now_ns, outputs, contests=True)


# ---------------------------------------------------------------------------- beats, pictures, keys


def _hear_signed(
    settings: NodeSettings,
    state: NodeState,
    item: Received,
    message: SignedMessage,
    now_ns: int,
    outputs: Outputs,
) -> None:
    value = read_signed(message)
    if isinstance(value, str):
        _refuse(settings, state, item, item.via, value, now_ns, outputs)
        return
    if value.charter != settings.charter.name or value.nation not in state.logs:
        _refuse(settings, state, item, item.via, "of another alliance", now_ns, outputs)
        return
    signed = to_sign(message.kind, message.data)
    if isinstance(value, Statement):
        _hear_statement(settings, state, item, message, value, now_ns, outputs)
        return
    log, peer = state.logs[value.nation], state.peers[item.via]
    if value.nation != item.via:
        words = f"a {message.kind} in the name of {value.nation} over the link of {item.via}"
        _refuse(settings, state, item, item.via, words, now_ns, outputs)
        return
    if value.key_number > log.key_number:
        _count(peer, "key_unknown")
        return
    current = log.key or settings.charter.members[value.nation].node
    key, _ = log.void.get(value.key_number, (current, 0))
    if not settings.verify(signed, message.signature, key):
        words = f"{message.kind}: the signature does not fit"
        _refuse(settings, state, item, value.nation, words, now_ns, outputs)
        return
    if value.key_number < log.key_number:
        # right once, void now: its owner may not know yet, so it is told
        _count(peer, "void_key")
        if log.statement:
            outputs.messages.append((value.nation, log.statement))
        if isinstance(value, Picture) or peer.counts["void_key"] == 1:
            words = f"{message.kind} signed with key {value.key_number}, which is void"
            _refuse(settings, state, item, value.nation, words, now_ns, outputs)
        return
    if isinstance(value, Beat):
        _hear_beat(settings, state, value, now_ns, outputs)
    else:
        _hear_picture(settings, state, value, now_ns, outputs)


def _hear_beat(
    settings: NodeSettings, state: NodeState, beat: Beat, now_ns: int, outputs: Outputs
) -> None:
    peer = state.peers[beat.nation]
    if (beat.boot, beat.number) <= peer.beat:
        _count(peer, "replayed")
        return
    boot_before = peer.beat[0]
    if now_ns - peer.heard_ns > int(settings.limits.lost_s * SECOND_NS):
        peer.again = peer.sent = 0  # it is back: what it lacks goes at once
    peer.beat, peer.heard_ns = (beat.boot, beat.number), now_ns
    _freshen(settings, peer, beat, now_ns)
    seen = beat.seen.get(settings.nation, (0, b"", 1))
    peer.seen = min(seen[0], len(state.own))
    if peer.beat[0] != boot_before or peer.seen > peer.again_from:
        peer.again = 0
    peer.head = beat.seen.get(beat.nation, (0, b"", 1))[0]
    for nation, (sequence, digest, key_number) in beat.seen.items():
        log = state.logs.get(nation)
        if log is None:
            continue
        if key_number < log.key_number and log.statement:
            outputs.messages.append((beat.nation, log.statement))
        if key_number == log.key_number and 0 < sequence <= log.sequence:
            if log.digests[sequence - 1] != digest and not log.contested:
                state.asks.add((nation, sequence))
                state.hurry = True
        elif (key_number, nation) == (log.key_number, settings.nation) and sequence > log.sequence:
            state.asks.add((nation, log.sequence + 1))
    if peer.head > state.logs[beat.nation].sequence:
        state.hurry = True
    for nation, sequence in beat.ask:
        log = state.logs.get(nation)
        if log is not None and 0 < sequence <= log.sequence:
            header, signature = log.headers[sequence - 1]
            outputs.messages.append(
                (beat.nation, pack(EntryMessage(header=header, signature=signature)))
            )


def _freshen(settings: NodeSettings, peer: Peer, beat: Beat, now_ns: int) -> None:
    """Note a beat of now; one that was held up or kept for later does not say that its sender can be heard."""
    hearing_ns = int(settings.limits.hearing_s * SECOND_NS)
    if beat.made_ns < now_ns - hearing_ns - int(settings.limits.skew_s * SECOND_NS):
        _count(peer, "held_up")
        return
    if now_ns - peer.fresh_ns > hearing_ns:
        peer.silent_ns = (peer.fresh_ns, now_ns)
    peer.fresh_ns = now_ns


def _hear_picture(
    settings: NodeSettings, state: NodeState, picture: Picture, now_ns: int, outputs: Outputs
) -> None:
    peer = state.peers[picture.nation]
    if picture.to != settings.nation:
        _count(peer, "not_for_us")
        return
    if (picture.boot, picture.number) <= peer.picture:
        _count(peer, "replayed")
        return
    peer.picture = (picture.boot, picture.number)
    if state.logs[picture.nation].contested:
        _count(peer, "held")
        return
    if picture.made_ns > now_ns + int(settings.limits.skew_s * SECOND_NS):
        _count(peer, "dated_ahead")
        return
    peer.picture_made_ns, peer.picture_tracks = picture.made_ns, len(picture.tracks)
    peer.told_shed = picture.shed
    outputs.pictures.append(picture)


def _hear_statement(
    settings: NodeSettings,
    state: NodeState,
    item: Received,
    message: SignedMessage,
    statement: Statement,
    now_ns: int,
    outputs: Outputs,
) -> None:
    root = settings.charter.members[statement.nation].root
    if not settings.verify(to_sign("statement", message.data), message.signature, root):
        words = "a key statement that the root key did not sign"
        _refuse(settings, state, item, statement.nation, words, now_ns, outputs)
        return
    fault = statement_fault(
        state.logs[statement.nation], settings.charter.members, settings.charter.name, statement
    )
    if fault == "":
        return
    if fault is not None:
        _count(state.peers[item.via], "old_statement")
        return
    packed = pack(message)
    write(settings, state, Key(packed=packed, at_ns=now_ns), outputs)


def hear_own_key(
    settings: NodeSettings, state: NodeState, packed: bytes, now_ns: int, outputs: Outputs
) -> None:
    """Take this nation's own key statement, and tell it to all."""
    message = unpack(packed)
    statement = read_signed(message) if isinstance(message, SignedMessage) else "no statement"
    if not isinstance(message, SignedMessage) or not isinstance(statement, Statement):
        outputs.notes.append(Note(kind="refused", nation=settings.nation, words="no key statement"))
        return
    root = settings.charter.members[settings.nation].root
    fault = statement_fault(
        state.logs[settings.nation], settings.charter.members, settings.charter.name, statement
    )
    if statement.nation != settings.nation or not settings.verify(
        to_sign("statement", message.data), message.signature, root
    ):
        fault = "a key statement that our root key did not sign"
    if fault:
        outputs.notes.append(Note(kind="refused", nation=settings.nation, words=fault))
    if fault is None:
        write(settings, state, Key(packed=packed, at_ns=now_ns), outputs)
    if not fault:
        outputs.messages.append((None, packed))
