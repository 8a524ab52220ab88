"""When a body of states has decided: replies of capitals as they come in, counted by the council's own rules.

Nothing is counted here. Each time at which something could have changed is put to ``council.decision.decide``;
since what has been said only grows, the first such time is found by halving.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import numpy as np

from vedette.council.decision import DecisionRule, Position, decide, populations, shipped_rules
from vedette.model.columns import Flags, Floats
from vedette.sim.study.draws import Shares, value
from vedette.sim.study.study import Council
from vedette.sim.study.times import Times
from vedette.sim.study.way import NEVER

_CACHE: Final = 200_000
Body = Literal["nato", "eu"]


class Voices(NamedTuple):
    """What (m,) members would say in each of (n,) worlds, and when [s] after they were asked."""

    members: tuple[str, ...]
    reply_s: Floats  # (n, m); infinite: cannot be reached
    objects: Flags  # (n, m)
    abstains: Flags  # (n, m)


class Adopted(NamedTuple):
    """What came of it in each of (n,) worlds."""

    after_s: Floats  # infinite: never
    unheard: Flags  # adopted although a member that would have objected had not spoken yet


def voices(members: Sequence[str], council: Council, times: Times, shares: Shares) -> Voices:
    """Replies of capitals. A member's luck is its own, whichever body it sits in."""
    reply, objects, abstains = [], [], []
    for state in members:
        taken = value(times.priors["capital_replies"], shares, f"capital_replies {state}")
        reply.append(np.full(shares.worlds, NEVER) if state in council.unreachable else taken)
        mind = shares.share(f"position {state}")
        objects.append(mind < council.objects)
        abstains.append((mind >= council.objects) & (mind < council.objects + council.abstains))
    return Voices(
        tuple(members), np.stack(reply, 1), np.stack(objects, 1), np.stack(abstains, 1)
    )  # fmt: skip


def adopted(
    rule: DecisionRule,
    body: Body,
    said: Voices,
    *,
    silence_s: float | None = None,
    deciding: str | None = None,
) -> Adopted:
    """When a text is adopted by a rule of the council.

    Args:
        rule: how the body decides.
        body: of which members; their populations are the council's.
        said: replies; members of other bodies are passed over.
        silence_s: the text is put under silence and this is its deadline; only by a tacit rule. An objection
            before it breaks the silence: the text goes back to talks, which is never here.
        deciding: the member that decides, for a rule of one.

    Raises:
        ValueError: a silence under a rule that is not tacit, or a member whose reply is not known.
    """
    if silence_s is not None and not rule.tacit:
        raise ValueError(f"{rule.id}: silence adopts nothing under this rule")
    people = populations(body)
    columns = {state: k for k, state in enumerate(said.members)}
    if set(people) - set(columns):
        raise ValueError(f"no reply of {', '.join(sorted(set(people) - set(columns)))}")
    names = tuple(sorted(people))
    pick = [columns[name] for name in names]
    reply, objects, abstains = said.reply_s[:, pick], said.objects[:, pick], said.abstains[:, pick]
    case = _Case(rule.id, body, deciding)
    after = np.full(len(reply), NEVER)
    by_word = np.ones(len(reply), dtype=np.bool_)
    if silence_s is not None:
        # silence adopts by consensus only, which takes a word of every member before its deadline comes
        by_word = np.asarray((reply < silence_s).all(axis=1))
        after[~by_word] = _at_deadline(
            case,
            names,
            Voices(names, reply[~by_word], objects[~by_word], abstains[~by_word]),
            silence_s,
        )
    worlds = np.flatnonzero(by_word)
    order = np.argsort(np.ascontiguousarray(reply[worlds]), axis=1, kind="stable")
    for world, turn in zip(worlds.tolist(), order.tolist(), strict=True):
        heard = _Heard(
            [names[k] for k in turn],
            reply[world, turn].tolist(),
            [_position(objects[world, k], abstains[world, k]) for k in turn],
        )
        after[world] = _first(case, heard)
    late = objects & (reply > after[:, None]) & np.isfinite(after)[:, None]
    return Adopted(after, np.asarray(late.any(axis=1)))


class _Case(NamedTuple):
    rule: str
    body: Body
    deciding: str | None


class _Heard(NamedTuple):
    """One world's members in the order of their replies."""

    names: list[str]
    at_s: list[float]
    positions: list[Position]

    def first(self, count: int) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Who has said yes, no and abstain among the first ``count``."""
        found: dict[Position, list[str]] = {"yes": [], "no": [], "abstain": []}
        for name, position in zip(self.names[:count], self.positions[:count], strict=True):
            found[position].append(name)
        return frozenset(found["yes"]), frozenset(found["no"]), frozenset(found["abstain"])


def _position(objects: bool, abstains: bool) -> Position:
    return "no" if objects else "abstain" if abstains else "yes"


def _first(case: _Case, heard: _Heard) -> float:
    """The first time at which the rule adopts by what has been said."""
    reached = sum(1 for second in heard.at_s if second < NEVER)
    mute = frozenset(heard.names[reached:])

    def after(count: int) -> bool:
        return _counted(case, *heard.first(count), mute, False)

    if not after(reached):
        return NEVER
    low, high = 0, reached  # not adopted after `low` replies, adopted after `high`
    # where it will most likely turn is looked at first; that it turns there is the council's word all the same
    guess = _guess(case, heard, reached)
    for count in (guess - 1, guess):
        if low < count < high:
            low, high = (low, count) if after(count) else (count, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if after(middle) else (middle, high)
    return heard.at_s[high - 1]


def _guess(case: _Case, heard: _Heard, reached: int) -> int:
    """After how many replies a rule of a kind may turn; a wrong guess costs time and nothing else."""
    rule = shipped_rules()[case.rule]
    if rule.kind in ("one", "delegated"):
        return heard.names.index(case.deciding or "") + 1
    if rule.kind == "each":
        willing = [k for k, position in enumerate(heard.positions) if position == "yes"]
        return willing[rule.least - 1] + 1 if len(willing) >= rule.least else reached
    if rule.kind == "double_majority":
        return 2 * reached // 3
    return reached


def _at_deadline(case: _Case, names: tuple[str, ...], said: Voices, silence_s: float) -> Floats:
    """(n,) the deadline where silence adopts the text then, else never; worlds that are alike are counted once."""
    spoken = said.reply_s < silence_s
    # at the deadline a yes and a silence are one, so that those who assent need not be told apart
    rows = np.hstack((spoken & said.objects, spoken & said.abstains, ~np.isfinite(said.reply_s)))
    packed = np.ascontiguousarray(np.packbits(rows, axis=1))
    _, kinds, which = np.unique(
        packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_inverse=True
    )
    outcomes = np.empty(len(kinds))
    for k, row in enumerate(kinds):
        no, aside, mute = (
            frozenset(name for name, there in zip(names, part, strict=True) if there)
            for part in np.split(rows[row], 3)
        )
        passed = _counted(case, frozenset(), no, aside, mute, True)
        outcomes[k] = silence_s if passed else NEVER
    return outcomes[which.ravel()]


@lru_cache(_CACHE)
def _counted(
    case: _Case,
    yes: frozenset[str],
    no: frozenset[str],
    aside: frozenset[str],
    mute: frozenset[str],
    passed: bool,
) -> bool:
    positions: Mapping[str, Position] = {
        **dict.fromkeys(yes, "yes"), **dict.fromkeys(no, "no"), **dict.fromkeys(aside, "abstain")
    }  # fmt: skip
    outcome = decide(
        shipped_rules()[case.rule],
        populations(case.body),
        positions,
        deadline_passed=passed,
        mute=mute,
        deciding=case.deciding,
    )
    return outcome.adopted
