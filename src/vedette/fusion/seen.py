"""Which sensors see a track now: of the few that somebody is asked about."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion.picture import FusionState
from vedette.fusion.track_table import LETTERS, NAME_BYTES, track_words

# A sensor sees a track while it has not missed it so often in a row: one that detects nine times in ten loses what
# it still sees by chance once in a thousand turns.
LATELY_TURNS: Final = 3.0
# What comes by the second comes in jerks, and with the delay of its feed: it has as long as a long-range
# radar takes for a turn (design choice).
LATELY_MIN_S: Final = 10.0
_DIGITS: Final = {chr(letter): digit for digit, letter in enumerate(LETTERS.tolist())}


def lately_s(period_s: float) -> float:
    """For how long after it saw a track a sensor of this period counts as seeing it.

    >>> lately_s(12.0), lately_s(1.0)
    (36.0, 10.0)
    """
    return max(LATELY_TURNS * period_s, LATELY_MIN_S)


def seen_lately(
    state: FusionState, track_ids: Sequence[str], now_ns: int
) -> dict[str, tuple[str, ...]]:
    """Sensors that see each of some tracks now, by name; of a track that is over, or unknown, none.

    Args:
        state: the picture; nothing in it changes.
        track_ids: a few: the table of tracks tells of all, and which have ever seen them.
        now_ns: time of the picture.
    """
    found: dict[str, tuple[str, ...]] = dict.fromkeys(track_ids, ())
    wanted = {word: name for name in found if (word := _word_of(name)) is not None}
    memory, sites = state.memory, state.register.sites
    if not wanted or sites is None:
        return found
    status = memory.ints[: int(memory.counters[c.C_HIGH]), c.STATUS]
    rows = np.flatnonzero((status == c.TENTATIVE) | (status == c.CONFIRMED))
    words = track_words(memory.ints[rows, c.KEY])
    asked = np.isin(words, np.fromiter(wanted, np.int64, len(wanted)))
    names = {number: name for name, number in state.register.numbers.items()}
    known = len(sites.floats)
    bound_ms = np.array([1e3 * lately_s(period) for period in sites.floats[:, c.S_PERIOD].tolist()])
    now_ms = (now_ns - memory.origin_ns) // 1_000_000
    for row, word in zip(rows[asked].tolist(), words[asked].tolist(), strict=True):
        hit = memory.hit[row, :known].astype(np.int64)
        seeing = np.flatnonzero((hit > c.NEVER_MS) & (now_ms - hit <= bound_ms))
        found[wanted[word]] = tuple(sorted(names[sensor] for sensor in seeing.tolist()))
    return found


def _word_of(track_id: str) -> int | None:
    """What a name says, as ``track_words`` has it; None where it is no name of a track."""
    if len(track_id) != NAME_BYTES or track_id[0] != "T" or not _DIGITS.keys() >= set(track_id[1:]):
        return None
    word = 0
    for letter in track_id[1:]:
        word = word << 5 | _DIGITS[letter]
    return word
