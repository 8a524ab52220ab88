"""When a body of states has decided: replies of capitals as they come in, counted by the council's own rules.

Nothing is counted here. Each time at which something could have changed is put to ``council.decision.decide``; since
what has been said only grows, the first such time is found by halving.
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
        reply.append(np.full(shares.count, NEVER) if state in council.unreachable else taken)
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
    reply, objects, abstains = (part[:, pick] for part in said[1:])
    order = np.argsort(reply, axis=1, kind="stable")
    after = np.full(len(reply), NEVER)
    for world in range(len(reply)):
        after[world] = _first(
            _Case(rule.id, body, deciding),
            [names[k] for k in order[world]],
            reply[world, order[world]].tolist(),
            [_position(objects[world, k], abstains[world, k]) for k in order[world]],
            silence_s,
        )
    late = objects & (reply > after[:, None]) & np.isfinite(after)[:, None]
    return Adopted(after, np.asarray(late.any(axis=1)))


class _Case(NamedTuple):
    rule: str
    body: Body
    deciding: str | None


def _position(objects: bool, abstains: bool) -> Position:
    return "no" if objects else "abstain" if abstains else "yes"


def _first(
    case: _Case,
    names: list[str],
    at_s: list[float],
    positions: list[Position],
    silence_s: float | None,
) -> float:
    """The first time at which the rule adopts; names in the order of their replies."""
    reached = sum(1 for second in at_s if second < NEVER)
    heard = reached
    if silence_s is not None:
        heard = sum(1 for second in at_s[:reached] if second < silence_s)
    mute = frozenset(names[reached:])

    def so_far(count: int, passed: bool = False) -> bool:
        yes, no, aside = [], [], []
        for name, position in zip(names[:count], positions[:count], strict=True):
            (yes if position == "yes" else no if position == "no" else aside).append(name)
        return _counted(case, frozenset(yes), frozenset(no), frozenset(aside), mute, passed)

    if so_far(heard):
        low, high = 0, heard  # not adopted after `low` replies, adopted after `high`
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if so_far(middle) else (middle, high)
        return at_s[high - 1]
    return silence_s if silence_s is not None and so_far(heard, passed=True) else NEVER


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
