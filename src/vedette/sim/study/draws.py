"""Chance of a study: one share for each world and name, whatever is drawn before it and however worlds are split.

The share of a name in a world depends on the seed, the name and the world's number alone (Philox, a counter-based
generator: Salmon et al. 2011). So a change of a study meets the same luck as the study itself (common random
numbers), and worlds 0 to 9,999 are the same bits in one batch or in ten.
"""

from hashlib import sha256
from typing import Final, NamedTuple, Protocol

import numpy as np
from scipy.special import ndtri

from vedette.model.columns import Flags, Floats
from vedette.response.timing import Spread, at_shares

_LANES: Final = 4  # numbers that Philox makes for one counter


class Shares(Protocol):
    """Where a study takes its chance from."""

    @property
    def worlds(self) -> int:
        """Number of worlds."""

    def share(self, name: str) -> Floats:
        """(worlds,) numbers between 0 and 1, both left out, even over that range."""


class Draws(NamedTuple):
    """The worlds ``first`` to ``first + worlds - 1`` of a seed."""

    seed: int
    first: int
    worlds: int

    def share(self, name: str) -> Floats:
        """(worlds,) shares of a name.

        >>> whole, half = Draws(1, 0, 9).share("x"), Draws(1, 5, 4).share("x")
        >>> bool((whole[5:] == half).all())
        True
        """
        key = int.from_bytes(sha256(f"{self.seed} {name}".encode()).digest()[:16], "big")
        block, skip = divmod(self.first, _LANES)
        raw = np.random.Philox(key=key, counter=block).random_raw(skip + self.worlds)[skip:]
        out: Floats = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
        return out


class Given(NamedTuple):
    """Shares that were chosen beforehand, by name; for sensitivity."""

    worlds: int
    shares: dict[str, Floats]
    rest: Shares  # of names that were not chosen

    def share(self, name: str) -> Floats:
        """(worlds,) shares of a name."""
        return self.shares[name] if name in self.shares else self.rest.share(name)


class Heard:
    """Shares of another source, and a list of the names that were asked for."""

    def __init__(self, inner: Shares) -> None:
        self._inner = inner
        self.names: list[str] = []

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self._inner.worlds

    def share(self, name: str) -> Floats:
        """(worlds,) shares of a name."""
        if name not in self.names:
            self.names.append(name)
        return self._inner.share(name)


class Kept:
    """Shares of another source, and what was made of them, kept: for many studies in the same worlds."""

    def __init__(self, inner: Shares) -> None:
        self._inner = inner
        self._shares: dict[str, Floats] = {}
        self._values: dict[tuple[Spread, str], Floats] = {}

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self._inner.worlds

    def share(self, name: str) -> Floats:
        """(worlds,) shares of a name."""
        if name not in self._shares:
            self._shares[name] = self._inner.share(name)
        return self._shares[name]

    def value(self, spread: Spread, name: str) -> Floats:
        """(worlds,) values of a distribution."""
        key = spread, name
        if key not in self._values:
            self._values[key] = value(spread, self._inner, name)
        return self._values[key]


def value(spread: Spread, shares: Shares, name: str) -> Floats:
    """(worlds,) values of a distribution in each world."""
    if isinstance(shares, Kept):
        return shares.value(spread, name)
    drawn = shares.share(name)
    return at_shares(spread, drawn, np.asarray(ndtri(drawn)))


def happens(probability: float, shares: Shares, name: str) -> Flags:
    """(worlds,) whether something of a probability happens in each world."""
    return np.asarray(shares.share(name) < probability)
