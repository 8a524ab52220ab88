"""One nation's node: ``step(settings, state, inputs, now_ns) -> (state, outputs)``.

Whoever runs it makes ``outputs.lines`` durable, and only then sends ``outputs.messages``. Messages may be
lost, doubled and reordered: a beat says how far its sender has read each log, and so asks for the rest.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from vedette.alliance import hearing
from vedette.alliance.items import Alert, Body, MatterLine, ReleasedTrack
from vedette.alliance.matters import Hearing, closing_due, receive
from vedette.alliance.messages import (
    BODY_MAX,
    TRACKS_MAX,
    Beat,
    EntryMessage,
    Header,
    Picture,
    body_bytes,
    content_of,
    header_bytes,
    pack,
    signed,
)
from vedette.alliance.release import (
    alert_rule,
    latest_valid_ns,
    released_alert,
    released_track,
    track_rule,
)
from vedette.alliance.state import (
    Boot,
    Input,
    Made,
    NewKey,
    NodeSettings,
    NodeState,
    Note,
    Outputs,
    Own,
    OwnPicture,
    Peer,
    Received,
    Refused,
    write,
)
from vedette.model.signature import public_key_of, sign
from vedette.model.time import SECOND_NS

_CALM: Final = 64  # members from which on nobody's beats come sooner for want of an entry
_BURST_S: Final = 2.0  # of allowances
_AGAIN_MAX: Final = 4  # a slow reader is sent the same no more often than 16 times the wait


def boot(settings: NodeSettings, state: NodeState, now_ns: int) -> tuple[NodeState, Outputs]:
    """Begin: the number of this boot is durable before anything is said in it."""
    outputs = Outputs()
    write(settings, state, Boot(boot=state.boot + 1, at_ns=now_ns), outputs)
    return state, outputs


def holds_its_key(settings: NodeSettings, state: NodeState) -> bool:
    """Whether the private key is the one that the nation's last key statement names."""
    log = state.logs[settings.nation]
    key = log.key or settings.charter.members[settings.nation].node
    return public_key_of(settings.private_key) == key


def step(
    settings: NodeSettings, state: NodeState, inputs: Sequence[Input], now_ns: int
) -> tuple[NodeState, Outputs]:
    """A node after some inputs.

    Args:
        settings: whose node it is.
        state: of the last step; it is used up.
        inputs: in the order in which they came.
        now_ns: by the node's clock [ns UTC]; it may go back.

    Returns:
        The new state, and what is to be written, sent and shown, in that order.
    """
    outputs = Outputs()
    if now_ns - state.stepped_ns > int(settings.limits.hearing_s * SECOND_NS):
        state.stopped_ns = (state.stepped_ns, now_ns)
    state.stepped_ns = now_ns
    for peer in state.peers.values():
        # the clock went back: what was heard was heard by now, or every resend would look to be in vain at once
        peer.heard_ns, peer.fresh_ns = min(peer.heard_ns, now_ns), min(peer.fresh_ns, now_ns)
    for item in inputs:
        if isinstance(item, Received):
            hearing.hear(settings, state, item, now_ns, outputs)
        elif isinstance(item, NewKey):
            hearing.hear_own_key(settings, state, item.packed, now_ns, outputs)
        elif isinstance(item, OwnPicture):
            _show(settings, state, item, now_ns, outputs)
        else:
            _make(settings, state, item, now_ns, outputs)
    due = [made for at_ns, made in state.waiting if at_ns <= now_ns]
    state.waiting = [one for one in state.waiting if one[0] > now_ns]
    for made in due:
        _append(settings, state, made, now_ns, outputs, again=True)
    if settings.nation == settings.charter.keeper:
        _keep(settings, state, now_ns, outputs)
    _push(settings, state, now_ns, outputs)
    wait_ns = int(settings.limits.beat_s * SECOND_NS)
    if state.hurry:
        # every member hears every beat: in a large alliance all in a hurry would leave nobody time to read
        wait_ns = int(wait_ns * min(1.0, max(0.1, len(settings.charter.members) / _CALM)))
    if not 0 <= now_ns - state.beat_ns < wait_ns:
        _beat(settings, state, now_ns, outputs)
    return state, outputs


# ---------------------------------------------------------------------------- own entries


def _make(
    settings: NodeSettings, state: NodeState, made: Made, now_ns: int, outputs: Outputs
) -> None:
    if not isinstance(made.item, Alert):
        _append(settings, state, made, now_ns, outputs)
        return
    views: dict[tuple[float, Alert], list[str]] = {}
    for reader in state.peers:
        rule = alert_rule(settings.rules, reader, made.item)
        if rule is not None:
            view = (rule.delay_s, released_alert(rule, made.item))
            views.setdefault(view, []).append(reader)
    for (delay_s, alert), readers in views.items():
        body = body_bytes(Body(key=made.key[:100], made_ns=0, item=alert))
        name = sha256(body + ",".join(readers).encode()).hexdigest()[:24]
        view_made = Made(key=f"{made.key[:100]}:{name}", item=alert, to=tuple(readers))
        if delay_s > 0:
            state.waiting.append((now_ns + int(delay_s * SECOND_NS), view_made))
        else:
            _append(settings, state, view_made, now_ns, outputs)


def _append(
    settings: NodeSettings,
    state: NodeState,
    made: Made,
    now_ns: int,
    outputs: Outputs,
    *,
    answers: tuple[str, int] | None = None,
    again: bool = False,
) -> None:
    """Write an own entry, once for each key; it waits while this node cannot sign for its nation."""
    if made.key in state.keys:
        return
    log = state.logs[settings.nation]
    if log.contested or not holds_its_key(settings, state):
        if answers is None and (again or all(made.key != one.key for _, one in state.waiting)):
            state.waiting.append((now_ns, made))
        if not again:
            words = f"{made.key} waits until this node alone holds its key"
            outputs.notes.append(Note(kind="contested", nation=settings.nation, words=words))
        return
    data = body_bytes(Body(key=made.key, made_ns=max(0, now_ns), item=made.item))
    if len(data) > BODY_MAX:
        words = f"{made.key} has {len(data)} octets, more than {BODY_MAX}: not told"
        outputs.notes.append(Note(kind="refused", nation=settings.nation, words=words))
        return
    sequence = log.sequence + 1
    salt = sha256(settings.secret + sequence.to_bytes(8) + data).digest()[:16]
    header = header_bytes(
        Header(
            charter=settings.charter.name,
            nation=settings.nation,
            key_number=log.key_number,
            sequence=sequence,
            previous=log.digest,
            to=tuple(sorted(set(made.to))),
            content=content_of(data, salt),
        )
    )
    message = EntryMessage(
        header=header, signature=sign(header, settings.private_key), body=data, salt=salt
    )
    write(settings, state, Own(message=message, at_ns=now_ns, answers=answers), outputs)


def _keep(settings: NodeSettings, state: NodeState, now_ns: int, outputs: Outputs) -> None:
    """What the keeper owes: a closing for each silence that ended, a line for each act that came."""
    heard = {nation: Hearing(peer.fresh_ns, peer.silent_ns) for nation, peer in state.peers.items()}
    heard[settings.nation] = Hearing(
        now_ns, state.stopped_ns
    )  # nobody can act at a node that stands
    hearing_ns = int(settings.limits.hearing_s * SECOND_NS)
    settled = now_ns - state.booted_ns >= 2 * int(settings.limits.beat_s * SECOND_NS)
    for kept in state.matters.values():
        closing = closing_due(kept, now_ns, heard, hearing_ns)
        if closing is None:
            continue
        if not settled:
            return  # after a boot nobody has been heard yet: acts wait with the closing
        key = f"closing:{kept.matter_id}:{closing.receipts}:{len(kept.closings)}"
        _append(settings, state, Made(key=key, item=closing), now_ns, outputs)
    for answers, submission in list(state.submissions.items()):
        kept_matter = state.matters.get(submission.matter_id)
        found = (
            "no matter of this name"
            if kept_matter is None
            else receive(kept_matter, submission, now_ns)
        )
        if isinstance(found, MatterLine):
            key = f"line:{found.matter_id}:{found.number}"
            _append(settings, state, Made(key=key, item=found), now_ns, outputs, answers=answers)
            continue
        words = f"act in {submission.matter_id[:40]} from {answers[0]}: {found}"
        line = Refused(
            nation=answers[0], via=answers[0], words=words, data=submission.act.encode(),
            at_ns=now_ns, answers=answers,
        )  # fmt: skip
        write(settings, state, line, outputs)


# ---------------------------------------------------------------------------- sending


def _allow(settings: NodeSettings, peer: Peer, now_ns: int) -> float:
    """Octets that may go to a nation now; without a limit as many as one answer holds."""
    rate = settings.limits.link_bytes_s
    if rate is None:
        return float(settings.limits.batch_bytes)
    passed_s = max(0.0, (now_ns - peer.allowed_ns) / SECOND_NS)
    peer.allowance = min(rate * _BURST_S, peer.allowance + rate * passed_s)
    peer.allowed_ns = now_ns
    return peer.allowance


def _is_heard(settings: NodeSettings, peer: Peer, now_ns: int) -> bool:
    return abs(now_ns - peer.heard_ns) < int(settings.limits.lost_s * SECOND_NS)


def isolated(settings: NodeSettings, state: NodeState, now_ns: int) -> bool | None:
    """Whether this node is cut off: no other member has been heard for ``lost_s`` of its limits.

    None is not known: after a boot nobody could have been heard yet; or what is heard was said long ago, by the
    clocks of all who are heard. A node whose charter has no other member is cut off from nobody.
    """
    peers = state.peers.values()
    lost_ns = int(settings.limits.lost_s * SECOND_NS)
    if not peers or any(abs(now_ns - peer.fresh_ns) < lost_ns for peer in peers):
        return False
    if any(_is_heard(settings, peer, now_ns) for peer in peers):
        return None
    # a clock that was set back to before the boot says nothing either
    settled = now_ns - state.booted_ns >= lost_ns
    return True if settled else None


def _push(settings: NodeSettings, state: NodeState, now_ns: int, outputs: Outputs) -> None:
    """Send entries to whom they are news: alerts and acts go before any picture."""
    last = len(state.own)
    for nation, peer in state.peers.items():
        if not _is_heard(settings, peer, now_ns):
            continue
        start = max(peer.sent, peer.seen)
        if peer.seen < peer.sent and _is_in_vain(settings, peer, now_ns):
            peer.again = peer.again + 1 if peer.seen == peer.again_from else 0
            start = peer.again_from = peer.seen
        if start >= last:
            continue
        allowed = _allow(settings, peer, now_ns)
        used = 0
        for message in state.own[start:last]:
            if used >= min(allowed, settings.limits.batch_bytes):
                break
            data = pack(for_reader(message, nation))
            outputs.messages.append((nation, data))
            used += len(data)
            start += 1
        if used:
            peer.sent, peer.sent_ns = start, now_ns
            peer.allowance -= used


def _is_in_vain(settings: NodeSettings, peer: Peer, now_ns: int) -> bool:
    """Whether what was sent last did not arrive: a beat from long enough after it does not know of it."""
    wait_ns = int(settings.limits.resend_s * SECOND_NS) << min(peer.again, _AGAIN_MAX)
    if not 0 <= now_ns - peer.sent_ns <= 2 * _AGAIN_MAX * wait_ns:
        return True  # long ago, or the clock went back
    return peer.heard_ns - peer.sent_ns >= wait_ns


def for_reader(message: EntryMessage, reader: str) -> EntryMessage:
    """An own entry as a nation may have it: with its body where it is released to it."""
    header = hearing.header_of(message)
    if not header.to or reader in header.to:
        return message
    return EntryMessage(header=message.header, signature=message.signature)


def _beat(settings: NodeSettings, state: NodeState, now_ns: int, outputs: Outputs) -> None:
    state.beat_number += 1
    state.beat_ns, state.hurry = now_ns, False
    beat = Beat(
        charter=settings.charter.name,
        nation=settings.nation,
        key_number=state.logs[settings.nation].key_number,
        boot=state.boot,
        number=state.beat_number,
        made_ns=max(0, now_ns),
        seen={
            nation: (log.sequence, log.digest, log.key_number)
            for nation, log in state.logs.items()
            if log.sequence or log.key_number > 1
        },
        ask=tuple(sorted(state.asks)[:64]),
    )
    state.asks.clear()
    outputs.messages.append((None, signed(beat, settings.private_key)))


def _show(
    settings: NodeSettings, state: NodeState, picture: OwnPicture, now_ns: int, outputs: Outputs
) -> None:
    """Send each nation the tracks that are released to it, or count what its link does not carry."""
    longest_ns = max([0, *(int(rule.delay_s * SECOND_NS) for rule in settings.rules.tracks)])
    state.pictures.append((now_ns, picture.tracks))
    while len(state.pictures) > 1 and state.pictures[1][0] <= now_ns - longest_ns:
        del state.pictures[0]
    for reader, peer in state.peers.items():
        tracks = _released(settings, state, reader, now_ns)
        if not tracks:
            continue
        behind = len(state.own) - max(peer.seen, peer.sent)
        if not _is_heard(settings, peer, now_ns) or behind > settings.limits.behind_max:
            peer.shed += len(tracks)
            continue
        for start in range(0, len(tracks), TRACKS_MAX):
            part = tuple(tracks[start : start + TRACKS_MAX])
            state.picture_number += 1
            value = Picture(
                charter=settings.charter.name,
                nation=settings.nation,
                key_number=state.logs[settings.nation].key_number,
                to=reader,
                boot=state.boot,
                number=state.picture_number,
                made_ns=max(0, now_ns),
                shed=peer.shed,
                tracks=part,
            )
            data = signed(value, settings.private_key)
            if len(data) > _allow(settings, peer, now_ns):
                peer.shed += len(part)
                continue
            peer.allowance -= len(data)
            outputs.messages.append((reader, data))


def _released(
    settings: NodeSettings, state: NodeState, reader: str, now_ns: int
) -> list[ReleasedTrack]:
    delays = {rule.delay_s for rule in settings.rules.tracks if reader in rule.to}
    found = []
    for delay_s in sorted(delays):
        newest_ns = now_ns - int(delay_s * SECOND_NS)
        shown = [tracks for at_ns, tracks in state.pictures if at_ns <= newest_ns]
        for track in shown[-1] if shown else ():
            rule = track_rule(settings.rules, reader, track)
            if rule is None or rule.delay_s != delay_s:
                continue
            if track.valid_ns <= latest_valid_ns(rule, now_ns):
                found.append(released_track(rule, reader, track, settings.secret))
    return found
