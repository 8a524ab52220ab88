"""When the parts of a recording were heard, by what each states: one wrong date does not move the time of all."""

from collections import deque
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from vedette.model.time import SECOND_NS

# A step by more is looked at before it is believed: what comes later than that is of no use to the air picture
STEP_NS: Final = 30 * SECOND_NS
EARLY_MAX: Final = 256
FOLLOWERS: Final = 32  # parts that are asked; up to half of them may be as wrong


Part = TypeVar("Part")


class Pace(Generic[Part]):
    """Gives parts back in their order, each with the time at which it was heard; that never goes back.

    A part that states a time far after the one before it, where most of the next ones go back again, was given a
    wrong time. It comes with the time of the one before it, or that of the first. A gap, after which all goes on,
    is a gap.
    """

    def __init__(self, start_ns: int | None = None) -> None:
        """Prepare for one recording; ``start_ns`` is when what comes before the first time was heard."""
        self.latest_ns = start_ns or 0
        self._begun = start_ns is not None
        self._waiting: deque[tuple[Part, int | None]] = deque()
        self._timed = 0  # of those that wait
        self._early: list[Part] = []  # before any right time: they come with the first

    def push(self, part: Part, heard_ns: int | None) -> Iterator[tuple[int, Part]]:
        """Parts of which it is known now; ``heard_ns`` is None where a part states no time."""
        if not self._begun and heard_ns is None and not self._waiting:
            self._early.append(part)
            if len(self._early) > EARLY_MAX:  # no time may ever come
                yield from self._given_early()
            return
        if not self._waiting and not self._steps(heard_ns):
            yield self._taken(part, heard_ns)
            return
        self._waiting.append((part, heard_ns))
        self._timed += heard_ns is not None
        if self._timed > FOLLOWERS:
            yield from self._settle(least=FOLLOWERS)

    def finish(self) -> Iterator[tuple[int, Part]]:
        """What still waits for those that would have followed."""
        yield from self._settle(least=-1)
        yield from self._given_early()

    def _steps(self, heard_ns: int | None) -> bool:
        return heard_ns is not None and (not self._begun or heard_ns > self.latest_ns + STEP_NS)

    def _settle(self, least: int) -> Iterator[tuple[int, Part]]:
        """Give what waits, up to a step that fewer than ``least`` others follow."""
        while self._waiting:
            part, heard_ns = self._waiting[0]
            if heard_ns is not None and self._steps(heard_ns):
                if self._timed <= least:
                    return
                after = [t for _, t in self._waiting if t is not None][1 : FOLLOWERS + 1]
                back = sum(self._goes_back(t, heard_ns) for t in after)
                if 2 * back > len(after):
                    self._pop()
                    if self._begun:
                        yield self.latest_ns, part
                    else:
                        self._early.append(part)
                    continue
            self._pop()
            if not self._begun and heard_ns is None:
                self._early.append(part)
                continue
            right = self._taken(part, heard_ns)
            yield from self._given_early()
            yield right

    def _given_early(self) -> Iterator[tuple[int, Part]]:
        early, self._early = self._early, []
        yield from ((self.latest_ns, part) for part in early)

    def _goes_back(self, after_ns: int, heard_ns: int) -> bool:
        return after_ns < heard_ns - STEP_NS and (
            not self._begun or after_ns >= self.latest_ns - STEP_NS
        )

    def _pop(self) -> None:
        self._timed -= self._waiting.popleft()[1] is not None

    def _taken(self, part: Part, heard_ns: int | None) -> tuple[int, Part]:
        if heard_ns is not None:
            self.latest_ns = max(self.latest_ns, heard_ns) if self._begun else heard_ns
            self._begun = True
        return self.latest_ns, part
