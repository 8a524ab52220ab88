"""Many courses of a play-book: each posture in the same worlds, and how far up the ladder each leads."""

from typing import Final

import msgspec
import numpy as np

from vedette.council.reactions.escalation import RUNGS, TOP
from vedette.model.columns import Floats, Integers
from vedette.model.errors import SettingError
from vedette.response.timing import Spread, at_shares
from vedette.sim.play.book import LADDER, Book, Move, Posture
from vedette.sim.study.draws import Draws
from vedette.sim.study.estimate import Estimate, share

WORLDS_MAX: Final = 1_000_000
_BATCH: Final = 20_000
# worlds in a row that have the same probabilities, so that what nobody knows can be told from luck
BLOCK: Final = 100
_Z: Final = 1.959963984540054


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one posture, (n,) worlds."""

    top: Integers  # highest rung reached
    end: Integers  # rung after the last round
    steps_up: Integers  # all steps up the ladder, by either side
    theirs_up: Integers  # those of the other side's moves
    moves: dict[str, Integers]  # how often each was made


class PostureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One posture, over all worlds."""

    posture: str
    text: str
    top: tuple[Estimate, ...]  # share of worlds whose highest rung is 0, 1, … 9
    steps_up: Estimate  # mean number
    theirs_up: Estimate  # mean number of those by the other side's moves
    fewer: Estimate  # steps up less than with the first posture, mean over the same worlds
    best: Estimate  # share of draws of the probabilities under which it has the fewest steps up, ties shared
    end: float  # mean rung after the last round
    moves: dict[str, float]  # mean number


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """The whole."""

    book: str
    seed: int
    worlds: int
    rungs: dict[str, str]
    postures: tuple[PostureAnswer, ...]


def course(book: Book, posture: Posture, draws: Draws) -> Course:
    """Courses of one posture. A round is their moves and then ours, each in the order of the book.

    A move is made at most once in a round. How probable it is, is drawn from its range once for each ``BLOCK`` of
    worlds: what nobody knows does not average out over the rounds, nor over the worlds of a block.
    """
    count = draws.worlds
    facts = {
        name: np.full(count, posture.start.get(name, fact.start), dtype=np.int64)
        for name, fact in book.facts.items()
    }
    moves = [
        move
        for side in ("theirs", "ours")
        for move in book.moves
        if move.side == side and (side == "theirs" or move.id in posture.moves)
    ]
    likely = {move.id: _probability(move, draws) for move in moves}
    made = {move.id: np.zeros(count, dtype=np.int64) for move in moves}
    top = facts[LADDER].copy()
    steps_up, theirs_up = (np.zeros(count, dtype=np.int64) for _ in range(2))
    for number in range(book.rounds):
        for move in moves:
            may = draws.share(f"{move.id} {number}") < likely[move.id]
            for name, (low, high) in move.when.items():
                may &= (facts[name] >= low) & (facts[name] <= high)
            before = facts[LADDER]
            for name, add in move.adds.items():
                fact = book.facts[name]
                facts[name] = np.where(
                    may, np.clip(facts[name] + add, fact.low, fact.high), facts[name]
                )
            up = np.maximum(facts[LADDER] - before, 0)
            steps_up += up
            if move.side == "theirs":
                theirs_up += up
            top = np.maximum(top, facts[LADDER])
            made[move.id] += may
    return Course(top=top, end=facts[LADDER], steps_up=steps_up, theirs_up=theirs_up, moves=made)


def _probability(move: Move, draws: Draws) -> Floats:
    first, last = draws.first // BLOCK, (draws.first + draws.worlds - 1) // BLOCK
    shares = Draws(draws.seed, first, last - first + 1).share(f"{move.id} probability")
    drawn = at_shares(Spread(triangular=move.probability), shares, shares)
    return drawn[np.arange(draws.first, draws.first + draws.worlds) // BLOCK - first]


def play(book: Book, seed: int, worlds: int) -> Played:
    """All postures of a play-book, in the same worlds.

    Raises:
        SettingError: the number of worlds is out of range.
    """
    if not 2 <= worlds <= WORLDS_MAX:
        raise SettingError(f"2 to {WORLDS_MAX} worlds")
    found = {
        posture.id: _joined(
            [
                course(book, posture, Draws(seed, first, min(_BATCH, worlds - first)))
                for first in range(0, worlds, _BATCH)
            ]
        )
        for posture in book.postures
    }
    base = found[book.postures[0].id]
    best = _best([found[posture.id].steps_up for posture in book.postures])
    return Played(
        book=book.id,
        seed=seed,
        worlds=worlds,
        rungs={str(rung): name for rung, name in RUNGS.items()},
        postures=tuple(
            PostureAnswer(
                posture=posture.id,
                text=posture.text,
                top=tuple(share(found[posture.id].top == rung) for rung in range(TOP + 1)),
                steps_up=_mean(found[posture.id].steps_up),
                theirs_up=_mean(found[posture.id].theirs_up),
                fewer=_mean(base.steps_up - found[posture.id].steps_up),
                best=_mean(best[:, k]),
                end=round(float(found[posture.id].end.mean()), 4),
                moves={
                    name: round(float(n.mean()), 4) for name, n in found[posture.id].moves.items()
                },
            )
            for k, posture in enumerate(book.postures)
        ),
    )


def _best(steps_up: list[Integers]) -> Floats:
    """(draws, postures) 1 where a posture has the fewest steps up on average, shared among ties."""
    blocks = max(len(steps_up[0]) // BLOCK, 1)
    means = np.stack(
        [np.array([part.mean() for part in np.array_split(one[: blocks * BLOCK], blocks)]) for one in steps_up],
        axis=1,
    )  # fmt: skip
    lowest = means == means.min(axis=1, keepdims=True)
    out: Floats = lowest / lowest.sum(axis=1, keepdims=True)
    return out


def _joined(parts: list[Course]) -> Course:
    return Course(
        top=np.concatenate([one.top for one in parts]),
        end=np.concatenate([one.end for one in parts]),
        steps_up=np.concatenate([one.steps_up for one in parts]),
        theirs_up=np.concatenate([one.theirs_up for one in parts]),
        moves={name: np.concatenate([one.moves[name] for one in parts]) for name in parts[0].moves},
    )


def _mean(values: Integers | Floats) -> Estimate:
    """A mean with the interval of the normal distribution."""
    middle = float(values.mean())
    half = _Z * float(values.std(ddof=1) if len(values) > 1 else 0.0) / float(np.sqrt(len(values)))
    return Estimate(value=middle, low=middle - half, high=middle + half)
