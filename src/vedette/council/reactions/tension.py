"""A tension index per ordered pair of parties: a sum that anybody can redo by hand."""

from collections.abc import Iterable, Sequence
from math import fsum
from typing import Annotated, Final

import msgspec

from vedette.council.reactions.attribution import disputed_ids
from vedette.council.reactions.codes import SCALE_SOURCE, score_of
from vedette.council.reactions.reaction import Reaction
from vedette.council.reactions.register import Register
from vedette.model.time import DAY_NS

# Weights of the Admiralty scale are a choice of this program: the scale itself has no numbers. What cannot
# be judged (F, 6) counts as little as what is judged unreliable: doubt does not raise a tension.
SOURCE_WEIGHTS: Final = {"A": 1.0, "B": 0.8, "C": 0.6, "D": 0.4, "E": 0.2, "F": 0.2}
INFORMATION_WEIGHTS: Final = {"1": 1.0, "2": 0.8, "3": 0.6, "4": 0.4, "5": 0.2, "6": 0.2}
FORMULA: Final = (
    "T(A to B, t) = sum over the events of A towards B begun by t, each once by the report of it that weighs "
    "most, of max(0, -s) * q * 2^(-(t - t0) / H)\n"
    "  s: score of the event's category, -10 to +10; q: weight of the source's letter times that of the "
    "information's digit;\n"
    "  t0: when the event began; H: half-life. Retracted, corrected and unscored entries add nothing."
)


class TensionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How fast an event fades: a choice, to be varied."""

    half_life_d: Annotated[float, msgspec.Meta(gt=0, le=36_500)] = 14.0


class Tension(msgspec.Struct, frozen=True, kw_only=True):
    """The index of one ordered pair at one time, and what stands behind it."""

    actor: str
    addressee: str
    at_ns: int
    index: float  # all entries in force, each as its own source attributes it
    undisputed: float  # without those whose attribution is contradicted
    cooperation: float  # the same sum over max(0, s); not taken off the index
    entries: int  # scored entries behind the numbers
    events: int  # what they tell of, each once
    disputed: int  # of the entries
    unscored: int  # in force, of this pair, without a score
    largest: tuple[str, ...]  # ids of the entries that weigh most in the index, at most five


def quality_of(reliability: str) -> float:
    """Weight of an Admiralty grade, over 0 to 1.

    >>> quality_of("A1"), quality_of("F6")
    (1.0, 0.04000000000000001)
    """
    return SOURCE_WEIGHTS[reliability[0]] * INFORMATION_WEIGHTS[reliability[1]]


def _faded(reaction: Reaction, at_ns: int, half_life_d: float) -> float:
    score = score_of(reaction.codes)
    assert score is not None
    age_d = (at_ns - reaction.when.valid_ns) / DAY_NS
    fading: float = 2.0 ** (-age_d / half_life_d)
    return score * quality_of(reaction.reliability) * fading


def _sums(reactions: Sequence[Reaction], at_ns: int, half_life_d: float) -> tuple[float, float]:
    """Tension and cooperation: per event the report that weighs most; exact, so no order matters."""
    worst: dict[str, float] = {}
    best: dict[str, float] = {}
    for one in reactions:
        weight = _faded(one, at_ns, half_life_d)
        key = f"event {one.event}" if one.event is not None else f"entry {one.reaction_id}"
        worst[key] = max(worst.get(key, 0.0), -weight)
        best[key] = max(best.get(key, 0.0), weight)
    return fsum(worst.values()), fsum(best.values())


def tensions(
    register: Register,
    pairs: Iterable[tuple[str, str]],
    at_ns: int,
    settings: TensionSettings = TensionSettings(),  # noqa: B008  frozen
) -> tuple[Tension, ...]:
    """The index of each ordered pair (actor, addressee) at ``at_ns`` [ns UTC], by ``FORMULA``."""
    disputed = disputed_ids(register)
    return tuple(
        _read(register.between.get(pair, ()), disputed, *pair, at_ns, settings) for pair in pairs
    )


def tension(
    register: Register,
    actor: str,
    addressee: str,
    at_ns: int,
    settings: TensionSettings = TensionSettings(),  # noqa: B008  frozen
) -> Tension:
    """The index of ``actor`` towards ``addressee`` at ``at_ns`` [ns UTC], by ``FORMULA``."""
    return tensions(register, [(actor, addressee)], at_ns, settings)[0]


def _read(
    all_of_pair: Sequence[Reaction],
    disputed: frozenset[str],
    actor: str,
    addressee: str,
    at_ns: int,
    settings: TensionSettings,
) -> Tension:
    mine = [one for one in all_of_pair if one.when.valid_ns <= at_ns]
    scored = [one for one in mine if score_of(one.codes) is not None]
    sure = [one for one in scored if one.reaction_id not in disputed]
    index, cooperation = _sums(scored, at_ns, settings.half_life_d)
    by_weight = sorted(
        scored, key=lambda one: (_faded(one, at_ns, settings.half_life_d), one.reaction_id)
    )
    return Tension(
        actor=actor,
        addressee=addressee,
        at_ns=at_ns,
        index=index,
        undisputed=_sums(sure, at_ns, settings.half_life_d)[0],
        cooperation=cooperation,
        entries=len(scored),
        events=len({one.event or one.reaction_id for one in scored}),
        disputed=len(scored) - len(sure),
        unscored=len(mine) - len(scored),
        largest=tuple(
            one.reaction_id for one in by_weight[:5] if _faded(one, at_ns, settings.half_life_d) < 0
        ),
    )


def pairs_of_parties(register: Register) -> tuple[tuple[str, str], ...]:
    """Ordered pairs of parties that the entries in force speak of."""
    return tuple(register.between)


def course_of(
    register: Register,
    actor: str,
    addressee: str,
    first_ns: int,
    last_ns: int,
    step_ns: int,
    settings: TensionSettings = TensionSettings(),  # noqa: B008  frozen
) -> tuple[Tension, ...]:
    """The index at equal steps from ``first_ns``, and at ``last_ns`` [ns UTC]."""
    disputed = disputed_ids(register)
    mine = register.between.get((actor, addressee), ())
    instants = [*range(first_ns, last_ns, step_ns), last_ns]
    return tuple(_read(mine, disputed, actor, addressee, at_ns, settings) for at_ns in instants)


def printed_formula(settings: TensionSettings) -> str:
    """The formula with its constants and the source of its scale: printed beside every number."""
    letters = " ".join(f"{key}={value:g}" for key, value in SOURCE_WEIGHTS.items())
    digits = " ".join(f"{key}={value:g}" for key, value in INFORMATION_WEIGHTS.items())
    return (
        f"{FORMULA}\n  H = {settings.half_life_d:g} d (a choice). q: {letters}; {digits} (a choice).\n"
        f"  Scale: {SCALE_SOURCE}. It scores the kind of an event, not the event: read the trend only."
    )
