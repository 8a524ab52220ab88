"""A queue that is full by its octets as well: fifty thousand chunks may be a megabyte, or gigabytes."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

OCTETS_MAX: Final = 128 << 20  # tens of seconds of the busiest feeds


class OctetQueue(asyncio.Queue[T]):
    """Waits or refuses as ``asyncio.Queue`` does; what goes beyond the octets is taken if anything was free."""

    def __init__(self, most: int, size_of: Callable[[T], int], octets: int = OCTETS_MAX) -> None:
        """Prepare.

        Args:
            most: things that it holds.
            size_of: octets of one.
            octets: that it holds.
        """
        self._size_of, self._octets, self._held = size_of, octets, 0
        super().__init__(most)

    def full(self) -> bool:
        """Whether nothing more is taken."""
        return super().full() or self._held >= self._octets

    def _put(self, item: T) -> None:
        self._held += self._size_of(item)
        super()._put(item)  # the standard library means it to be extended so

    def _get(self) -> T:
        item: T = super()._get()
        self._held -= self._size_of(item)
        return item
