"""The plots of recorded files, as their decoders give them."""

from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from vedette.engine.recordings import pieces_of
from vedette.feeds.decoder import Chunk
from vedette.feeds.formats import HEAD, codec, recognise
from vedette.model.columns import integers
from vedette.model.errors import SourceError
from vedette.model.plot import no_plots
from vedette.model.time import SECOND_NS


def chunks_of(path: Path) -> tuple[str, Iterator[Chunk]]:
    """The format of a file and its chunks.

    Raises:
        SourceError: it is of no format that we know, or cannot be read.
    """
    pieces = pieces_of(path)
    head = next(pieces, b"")
    name = recognise(head)
    if name is None:
        raise SourceError(f"{path}: of no format that is known here")
    framer = codec(name).framer(head[:HEAD], 0)

    def chunks() -> Iterator[Chunk]:
        for piece in chain((head,), pieces):
            yield from framer.push(piece)
        yield from framer.finish()

    return name, chunks()


def stretches(table: pa.Table, every_s: float = 10.0) -> Iterator[tuple[pa.Table, int]]:
    """Plots by their own times, a stretch at a time, with its end [ns]; where none are, none is given."""
    times_ns = integers(table, "valid_ns", missing=0)
    table, times_ns = table.take(np.argsort(times_ns, kind="stable")), np.sort(times_ns)
    every_ns = int(every_s * SECOND_NS)
    edges = np.arange(times_ns[0], times_ns[-1] + every_ns, every_ns)
    for (low, high), edge in zip(
        pairwise(np.searchsorted(times_ns, edges).tolist()), edges[1:].tolist(), strict=True
    ):
        if high > low:
            yield table.slice(low, high - low), edge


def plots_of(path: Path) -> pa.Table:
    """All plots of a file, in its order."""
    name, chunks = chunks_of(path)
    decoder = codec(name).decoder("bench", (), None)
    tables = [
        decoder.decode(chunk.data, chunk.received_ns, number).plots
        for number, chunk in enumerate(chunks)
    ]
    return pa.concat_tables([no_plots(), *(table for table in tables if table.num_rows)])
