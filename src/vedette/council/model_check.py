"""Every sequence of acts, within bounds, against what a matter must never do.

The state machine of ``council.matter`` itself is walked, breadth first: from each way in which a matter can stand,
every kind of act by every party, right ones and wrong ones, and the passing of the deadline. Two ways of standing
are the same when they differ only in which of the members that did not open it said what, or in the words of the
texts: parties are treated alike by every line of the machine but for who opened it and who chairs (a test
checks that).
Signatures are taken as given here; that a wrong one is refused is a law of its own.

Wrong acts are among those that are tried: of versions that are no longer talked about, placements whose deadline
is too near or after the matter lapses, a placement by a member where there is a chair.

Bounds: so many states, so many acts that have effect; at most one key revoked and one state out of reach.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import get_all_start_methods, get_context
from typing import Any, Final, NamedTuple

import msgspec

from vedette.council.act import CHAIR, ActKind, CouncilAct, MatterKind, Receipt, Roster
from vedette.council.act import encode_act as encode
from vedette.council.matter import BY_SILENCE, Matter, MatterSettings, initial, step
from vedette.council.standing import why_not_held
from vedette.model.signature import to_base64
from vedette.model.time import SECOND_NS

PROPERTIES: Final = {
    "no objection": "an agreed text has no outstanding objection, and nobody broke the silence it was agreed by",
    "in force": "what holds by consent of all has everybody's yes by a sound key, and no objection",
    "explicit": "a delegation or a shield is agreed by every state's explicit consent, never by silence",
    "can speak": "no silence of a state that cannot be reached, or has no key left, adopts anything",
    "somebody": "no silence adopts a text from which every state stands aside",
    "deadline": "the deadline of a running silence does not move; a new one takes a new placement",
    "once": "nobody acts twice: an act that was made, or refused, has no effect when it comes again",
    "named": "an answer has effect on the version that it names and on no other",
    "free": "a state can leave what every state consented to, whatever became of its keys",
    "one clock": "what a signer's clock shows changes nothing: only the keeper's receipt counts",
    "end": "what is agreed, withdrawn or lapsed stays so, and its text with it",
    "nothing lost": "events and objections are only ever added",
}
_MEMBERS: Final = tuple(f"S{letter}{letter}" for letter in "ABCDEFGH")
_START_NS: Final = 1_000_000 * SECOND_NS
_WINDOW_NS: Final = 100_000 * SECOND_NS
_LAPSES_NS: Final = _START_NS + 3 * _WINDOW_NS  # after any deadline that is placed
_PARTY_ACTS: Final[tuple[ActKind, ...]] = (
    "put",
    "place",
    "object",
    "lift",
    "consent",
    "abstain",
    "absent",
    "revoke",
    "leave",
    "remark",
    "withdraw",
)
# those that name a version, and could name one that is past
_ON_VERSION: Final[tuple[ActKind, ...]] = ("place", "object", "lift", "consent", "abstain")  # fmt: skip

# ways of standing at one depth, from which more than one process is worth it
_SHARED_FROM: Final = 64
_SHARE: Final = 32  # of them that one process takes at a time
_LAPSE: Final = "the time of the lapse comes"
Key = tuple[object, ...]


class Broken(NamedTuple):
    """A property that does not hold, with the acts that show it."""

    name: str
    acts: tuple[str, ...]


class Walked(NamedTuple):
    """How far the walk has come."""

    acts: int  # that had effect, in the longest sequence so far
    standings: int  # different ways of standing that were reached
    transitions: int
    broken: tuple[Broken, ...]
    done: bool


class _Move(NamedTuple):
    """An act that is tried, or the passing of time."""

    receipt: Receipt | None
    act: CouncilAct | None
    name: str


class _Place(NamedTuple):
    """One way of standing, and how it was reached."""

    matter: Matter
    now_ns: int
    acts: tuple[str, ...]
    cut_off: frozenset[str] = frozenset()  # counted here, not asked of what is checked


def walk(
    states: int,
    acts: int,
    kind: MatterKind,
    *,
    chair: bool = True,
    lapses: bool = False,
    processes: int = 1,
) -> Iterator[Walked]:
    """Walk all sequences of up to ``acts`` acts; gives each depth.

    Args:
        states: how many members take part.
        acts: that have effect.
        kind: of the matter.
        chair: whether there is one; without, who opened the matter places its texts.
        lapses: whether the matter ends undecided at a time.
        processes: that share the work; what is found does not depend on them.

    Raises:
        ValueError: there is no such number of members.
    """
    if not 1 <= states <= len(_MEMBERS):
        raise ValueError(f"1 to {len(_MEMBERS)} states")
    members = _MEMBERS[:states]
    # any text is a key here; the second key of the first member is its deputy's
    roster = Roster(
        keys={party: party for party in (*members, *((CHAIR,) if chair else ()))},
        deputies={members[0]: ("deputy",)},
    )
    settings = MatterSettings(roster=roster, window_min_s=1.0)
    first = _Place(initial(settings), _START_NS, ())
    opening: dict[str, Any] = {
        "matter_kind": kind, "lapses_ns": _LAPSES_NS if lapses else None,
    }  # fmt: skip
    opened = _taken(settings, first, _act(roster, first, members[0], "open", **opening))
    seen = {_key(settings, opened.matter)}
    layer, transitions, broken = [opened], 1, list[Broken]()
    for depth in range(1, acts):
        following: list[_Place] = []
        for part in _parts(settings, seen, layer, processes):
            transitions += part.transitions
            broken += part.broken
            for key, after in part.reached:
                if key not in seen:
                    seen.add(key)
                    following.append(after)
        layer = following
        yield Walked(depth + 1, len(seen), transitions, tuple(broken), done=depth + 1 == acts)
        if not layer or broken:
            break
    if acts <= 1 or (not layer or broken):
        yield Walked(acts, len(seen), transitions, tuple(broken), done=True)


class _Part(NamedTuple):
    """What is found from some ways of standing."""

    reached: list[tuple[Key, _Place]]  # in the order found, each once, none that was known
    transitions: int
    broken: list[Broken]


# what a child process is born with
_forked: tuple[MatterSettings, set[Key], list[_Place]] | None = None


def _parts(
    settings: MatterSettings, seen: set[Key], layer: list[_Place], processes: int
) -> Iterator[_Part]:
    """What is found from one depth, part by part in the order of its ways of standing."""
    global _forked  # noqa: PLW0603
    if processes < 2 or len(layer) < _SHARED_FROM or "fork" not in get_all_start_methods():
        for place in layer:
            yield _from(settings, seen, [place])
        return
    # a child is a copy of this process: it has the layer and what is known, and sends back what is new
    _forked = (settings, seen, layer)
    try:
        with get_context("fork").Pool(processes) as pool:
            yield from pool.imap(_from_forked, range(0, len(layer), _SHARE))
    finally:
        _forked = None


def _from_forked(begin: int) -> _Part:
    assert _forked is not None
    settings, seen, layer = _forked
    return _from(settings, seen, layer[begin : begin + _SHARE])


def _from(settings: MatterSettings, seen: set[Key], places: Sequence[_Place]) -> _Part:
    found: dict[Key, _Place] = {}
    transitions, broken = 0, list[Broken]()
    for place in places:
        for move in _moves(settings, place):
            after = _taken(settings, place, move)
            transitions += 1
            broken += _violations(settings, place, move, after)
            if _unmoved(place.matter, after.matter):
                continue
            key = _key(settings, after.matter)
            if key not in seen:
                found.setdefault(key, after)
    return _Part(list(found.items()), transitions, broken)


def _unmoved(before: Matter, after: Matter) -> bool:
    """Whether nothing but refusals and the clock has come: the way of standing is the same."""
    if any(event.kind != "refused" for event in after.events[len(before.events) :]):
        return False
    return before == msgspec.structs.replace(
        after, events=before.events, settled_ns=before.settled_ns, act_ids=before.act_ids
    )


# ---------------------------------------------------------------------------- moves


def _act(
    roster: Roster,
    place: _Place,
    party: str,
    kind: ActKind,
    by: str | None = None,
    **content: Any,
) -> _Move:
    at_ns = place.now_ns + SECOND_NS
    facts: dict[str, object] = {
        "act_id": f"{len(place.matter.events)} {party} {kind} {by}", "matter_id": "m", "roster": roster.digest,
        "party": party, "person": "p", "office": "o", "kind": kind, "valid_ns": at_ns, "words": "w", "title": "t",
    }  # fmt: skip
    act = CouncilAct(**(facts | content))  # type: ignore[arg-type]
    name = f"{party} {kind}" + (f" {content['about']}" if "about" in content else "")
    receipt = Receipt(
        received_ns=at_ns, act=to_base64(encode(act)), public_key=by or party, signature=""
    )
    return _Move(receipt, act, name)


def _alike(settings: MatterSettings, matter: Matter, parties: frozenset[str]) -> list[str]:
    """One of those members that stand alike, for what one may do the others may: and the opener and the chair."""
    opener = matter.opened_by or ""
    first: dict[Key, str] = {}
    for party in sorted(parties - {opener, CHAIR}):
        first.setdefault(_party_key(settings, matter, party), party)
    return [*sorted({opener, CHAIR} & parties), *first.values()]


def _moves(settings: MatterSettings, place: _Place) -> Iterator[_Move]:
    """Acts that somebody may try now, and the passing of time."""
    matter, roster = place.matter, settings.roster
    yield _Move(None, None, "the deadline passes")
    if matter.lapses_ns is not None:
        yield _Move(None, None, _LAPSE)
    past = matter.versions[-2].digest if len(matter.versions) > 1 else None
    for party in _alike(settings, matter, frozenset(roster.keys)):
        for kind in _PARTY_ACTS:
            content: dict[str, Any] = {"version": matter.current or "0" * 64}
            if kind == "put" and past is not None:  # an earlier version comes back
                yield _act(roster, place, party, kind, text=matter.versions[-2].text)
            if kind == "put":
                content = {"text": f"text {len(matter.versions) + len(matter.events)}"}
            elif kind == "place":
                content |= {"deadline_ns": place.now_ns + _WINDOW_NS, "deadline_zone": "UTC"}
                for wrong_ns in (place.now_ns + SECOND_NS, _LAPSES_NS + SECOND_NS):
                    if matter.lapses_ns is not None or wrong_ns < _LAPSES_NS:
                        yield _act(
                            roster, place, party, kind, **content | {"deadline_ns": wrong_ns}
                        )
            elif kind == "absent":
                if matter.absent:
                    continue
                for about in _alike(settings, matter, roster.states - {party}):
                    yield _act(roster, place, party, kind, about=about)
                continue
            elif kind == "revoke":
                if matter.revoked:
                    continue
                for key in roster.keys_of(party):
                    yield _act(roster, place, party, kind, revoked_key=key)
                continue
            yield _act(roster, place, party, kind, **content)
            if past is not None and kind in _ON_VERSION:
                yield _act(roster, place, party, kind, **content | {"version": past})
        if party in roster.deputies:
            version = {"version": matter.current or "0" * 64}
            yield _act(roster, place, party, "consent", roster.deputies[party][0], **version)


def _taken(settings: MatterSettings, place: _Place, move: _Move) -> _Place:
    if move.receipt is None:
        now_ns = place.now_ns
        if move.name == _LAPSE:
            now_ns = max(now_ns, _LAPSES_NS)
        elif place.matter.status == "silence":
            now_ns = max(now_ns, place.matter.placements[-1].deadline_ns)
        acts: Sequence[Receipt] = ()
    else:
        now_ns, acts = move.receipt.received_ns, (move.receipt,)
    matter, _ = step(settings, place.matter, acts, now_ns, verify=_given)
    cut_off = place.cut_off
    if move.act is not None and matter.taken > place.matter.taken:
        if move.act.kind == "absent" and move.act.about is not None:
            cut_off |= {move.act.about}
        if move.receipt is not None and move.receipt.public_key not in place.matter.revoked:
            cut_off -= {move.act.party}
    elif move.act is not None and move.act.kind == "remark":
        spoke = (
            len(matter.events) > len(place.matter.events) and matter.events[-1].kind != "refused"
        )
        cut_off -= {move.act.party} if spoke else set()
    return _Place(matter, now_ns, (*place.acts, move.name), cut_off)


def _given(data: bytes, signature: bytes, key: bytes) -> bool:
    del data, signature, key
    return True


def _party_key(settings: MatterSettings, matter: Matter, party: str) -> Key:
    """How one party stands."""
    current = matter.current
    keys = settings.roster.keys_of(party)
    return (
        any(one.party == party for one in matter.outstanding),
        tuple(
            any((c.party, c.key, c.version) == (party, key, current) for c in matter.consents)
            for key in keys
        ),
        party in matter.aside,
        party in matter.absent,
        party in matter.left,
        tuple(key in matter.revoked for key in keys),
        # with a key that is revoked, what it lifted stands again
        tuple(
            any(
                (o.party, o.lifted_by, o.version) == (party, key, current)
                for o in matter.objections
            )
            for key in keys
        ),
    )


def _key(settings: MatterSettings, matter: Matter) -> Key:
    """A way of standing, whatever the members are called that did not open it."""
    others = Counter(
        _party_key(settings, matter, party)
        for party in settings.roster.states
        if party != matter.opened_by
    )
    return (
        matter.status,
        matter.current is not None,
        len(matter.versions) > 1,
        matter.left != frozenset(),
        matter.revoked.issuperset(settings.roster.keys_of(CHAIR)),
        _party_key(settings, matter, matter.opened_by or ""),
        frozenset(others.items()),
        matter.agreed_by,
        # what was said in a silence that still runs is part of how it stands
        matter.status == "silence" and _spoken_against(matter),
    )


# ---------------------------------------------------------------------------- what must hold


def _violations(
    settings: MatterSettings, before: _Place, move: _Move, after: _Place
) -> list[Broken]:
    found = [
        *_agreement(settings, before, after),
        *_holding(settings, after.matter),
        *_time(before.matter, after.matter),
    ]
    if move.act is not None and move.receipt is not None:
        found += _spent(settings, before, move, after)
        found += _clocks(settings, before, move.act, move.receipt, after)
        found += _free(before.matter, move.act, after.matter)
        found += _named(before.matter, move.act, after.matter)
    return [Broken(one, after.acts) for one in found]


def _holding(settings: MatterSettings, matter: Matter) -> Iterator[str]:
    """What is said to hold, against what must be so, at every standing."""
    if why_not_held(settings.roster.states, matter) is not None:
        return
    sound = {
        c.party
        for c in matter.consents
        if c.version == matter.agreed_version and c.key not in matter.revoked
    }
    objecting = {
        o.party
        for o in matter.objections
        if o.version == matter.agreed_version
        and (o.lifted_ns is None or o.lifted_by in matter.revoked)
    }
    if sound != settings.roster.states or objecting or matter.left or matter.agreed_by != "consent":
        yield "in force"


def _agreement(settings: MatterSettings, was: _Place, now: _Place) -> Iterator[str]:
    before, after = was.matter, now.matter
    if after.status != "agreed" or before.status == "agreed":
        return
    if after.outstanding or after.agreed_version != after.current:
        yield "no objection"
    if after.agreed_by == "silence" and _spoken_against(after):
        yield "no objection"
    everybody = after.consented(after.current) == settings.roster.states
    if (after.kind not in BY_SILENCE or after.agreed_by == "consent") and not everybody:
        yield "explicit"
    unable = now.cut_off | {
        party
        for party in settings.roster.states
        if after.revoked.issuperset(settings.roster.keys_of(party))
    }  # of its own: what is checked is not asked
    if after.agreed_by == "silence" and unable:
        yield "can speak"
    aside = {one.party for one in after.abstentions if one.version == after.agreed_version}
    if after.agreed_by == "silence" and aside == settings.roster.states:
        yield "somebody"


def _spoken_against(matter: Matter) -> bool:
    """Whether somebody objected, or could not speak, since the last placement."""
    since = max((k for k, event in enumerate(matter.events) if event.kind == "placed"), default=0)
    return any(event.kind in ("objected", "broken") for event in matter.events[since:])


def _time(before: Matter, after: Matter) -> Iterator[str]:
    known = len(before.placements)
    if after.placements[:known] != before.placements or (
        before.status == after.status == "silence" and len(after.placements) != known
    ):
        yield "deadline"
    if before.status in ("agreed", "withdrawn", "lapsed") and (
        (after.status, after.agreed_version) != (before.status, before.agreed_version)
    ):
        yield "end"
    kept = [(o.version, o.party, o.received_ns, o.reason) for o in after.objections]
    had = [(o.version, o.party, o.received_ns, o.reason) for o in before.objections]
    if after.events[: len(before.events)] != before.events or kept[: len(had)] != had:
        yield "nothing lost"


def _spent(settings: MatterSettings, before: _Place, move: _Move, after: _Place) -> Iterator[str]:
    """Whoever acts, or is refused, cannot bring that act again: its name is spent, and stays so.

    That a spent act has no effect is asked here where it has one otherwise. What a revoked key signs is
    not spent: it has no effect for good.
    """
    assert move.act is not None
    assert move.receipt is not None
    name = (move.act.party, move.act.act_id)
    heard = move.receipt.public_key not in before.matter.revoked
    if (
        heard and name not in after.matter.act_ids
    ) or not after.matter.act_ids >= before.matter.act_ids:
        yield "once"
    if _plain(after.matter) != _plain(before.matter):
        spent = msgspec.structs.replace(before.matter, act_ids=before.matter.act_ids | {name})
        again = _taken(settings, before._replace(matter=spent), move)
        if _plain(again.matter) != _plain(spent):
            yield "once"


def _free(before: Matter, act: CouncilAct, after: Matter) -> Iterator[str]:
    if act.kind == "leave" and before.agreed_by == "consent" and act.party != CHAIR:
        if act.party not in after.left:
            yield "free"
    elif after.left != before.left:
        yield "free"


def _named(before: Matter, act: CouncilAct, after: Matter) -> Iterator[str]:
    if act.kind in _ON_VERSION and _plain(after) != _plain(before):
        answered = act.version == before.current and act.version is not None
        if not answered and after.taken > before.taken:
            yield "named"


def _clocks(
    settings: MatterSettings, before: _Place, act: CouncilAct, receipt: Receipt, after: _Place
) -> Iterator[str]:
    """The same act by a clock that is behind or ahead."""
    skew_ns = round(settings.clock_skew_s * SECOND_NS)
    for valid_ns in (0, receipt.received_ns + skew_ns):
        other = msgspec.structs.replace(act, valid_ns=valid_ns)
        moved = msgspec.structs.replace(receipt, act=to_base64(encode(other)))
        if _taken(settings, before, _Move(moved, other, "")).matter != after.matter:
            yield "one clock"
            return


def _plain(matter: Matter) -> Matter:
    return msgspec.structs.replace(matter, events=(), settled_ns=0)
