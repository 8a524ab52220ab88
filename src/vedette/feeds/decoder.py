"""What every decoder and every framer of this package looks like."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import msgspec
import pyarrow as pa

from vedette.model.fault import Fault
from vedette.model.plot import no_plots
from vedette.model.report import Report


class Decoded(msgspec.Struct, kw_only=True):
    """All that one chunk of bytes gave.

    ``counts`` has one key for each kind of message and sensor, as shown to people ("048 25/10" for ASTERIX
    category and SAC/SIC, "DF17" for Mode S). ``unplaced`` counts plots of sensors without a site by sensor;
    they are not in ``plots``.
    """

    plots: pa.Table = msgspec.field(default_factory=no_plots)
    faults: list[Fault] = msgspec.field(default_factory=list)
    reports: list[Report] = msgspec.field(default_factory=list)
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    unplaced: dict[str, int] = msgspec.field(default_factory=dict)


class Decoder(Protocol):
    """Turns the bytes of one feed into plots; keeps what it must between chunks (a half frame, CPR pairs).

    It has no clock and no chance: the same chunks in the same order give the same result. It never raises on
    bytes, whatever they are.
    """

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk as received."""
        ...


@runtime_checkable
class BulkDecoder(Protocol):
    """A decoder that takes several chunks at about the price of one, with the same result."""

    def decode_many(self, chunks: Sequence["Chunk"], raw_refs: Sequence[int]) -> Decoded:
        """Plots, faults and counts of chunks in their order."""
        ...


@runtime_checkable
class GroupDecoder(Protocol):
    """A decoder that takes several chunks at about the price of one, and tells what each of them gave."""

    def decode_each(
        self, chunks: Sequence["Chunk"], raw_refs: Sequence[int]
    ) -> tuple[list[Decoded], pa.Table]:
        """Plots, faults and counts of each chunk, in their order; and the plots of all of them."""
        ...


class Chunk(NamedTuple):
    """Bytes with the time at which a recording says they were received."""

    received_ns: int
    data: bytes


class Framer(Protocol):
    """Cuts a recorded file into chunks as a socket would have given them, with memory flat at any size."""

    def push(self, data: bytes) -> Iterable[Chunk]:
        """Chunks completed by the next piece of the file."""
        ...

    def finish(self) -> Iterable[Chunk]:
        """What is left at the end of the file; garbage comes out as a chunk, for the decoder to quarantine."""
        ...
