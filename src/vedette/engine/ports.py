"""The closed list of ports: all ways in and out of the program.

Feed (bytes of sensors in), Clock, Store (the record), Link (another node), Notice (tell a person, send a
standard message) and Desk (hear a person). There is no other, and none acts on the world otherwise than by
telling a person; ``tests/contracts/test_ports.py`` fails if one appears.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final, Protocol, runtime_checkable

from vedette.feeds.decoder import Chunk
from vedette.model.act import Act
from vedette.response.desk.signed import SignedAct

PORTS: Final = ("Feed", "Clock", "Store", "Link", "Notice", "Desk")


@runtime_checkable
class Feed(Protocol):
    """A recorded or simulated feed: chunks in the order of their own times.

    A live feed is an async one: see ``LiveFeed`` in ``sockets``; both hand over bytes and nothing else.
    """

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Chunks after the first ``skip`` ones, which a continued record already holds."""
        ...


@runtime_checkable
class Clock(Protocol):
    """Where the engine gets the time: the wall, or a recording's own course."""

    def now_ns(self) -> int:
        """The current instant, ns UTC; never goes back."""
        ...

    async def until(self, instant_ns: int) -> None:
        """Returns once the instant has come."""
        ...


@runtime_checkable
class Store(Protocol):
    """The record: what is written here is the truth, everything else is a cache."""

    def append_item(self, encoded: bytes) -> None:
        """Add one item to the input log."""
        ...

    def append_line(self, line: bytes) -> None:
        """Add one entry to the ledger; it reaches the disk after the items that it came from."""
        ...

    def commit(self) -> None:
        """Make everything appended so far durable, and sign the head."""
        ...


@runtime_checkable
class Link(Protocol):
    """Another nation's node: heads, tracks and acts that its release rules allow, both ways."""

    def publish(self, subject: str, payload: bytes) -> None:
        """Hand a signed message to the transport."""
        ...


@runtime_checkable
class Notice(Protocol):
    """Tells a person: a line on a terminal, the page, a standard message to a named recipient."""

    def tell(self, text: str) -> None:
        """Show ``text`` to the person on watch."""
        ...


@runtime_checkable
class Desk(Protocol):
    """Hears a person: acts with name, office and reasons in words."""

    async def acts(self) -> AsyncIterator[tuple[Act | SignedAct, Callable[[str | None], None]]]:
        """Acts as they come, each with what to tell once it is durable: why it was refused, or None."""
        ...
