"""The course of a run: items in, ledger lines out, the same live and in replay."""

from hashlib import sha256

import msgspec

from vedette.engine.pipeline import Pipeline
from vedette.engine.settings import RunBody
from vedette.ledger.entries import encode_entry
from vedette.ledger.merkle import Frontier, leaf_hashes
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.entry import Entry


def settings_digest(body: RunBody) -> str:
    """Digest of all settings: a replay with others is another run, whatever it finds."""
    settings = {"engine": body.engine, "stages": body.stages}
    return sha256(msgspec.json.encode(settings, order="deterministic")).hexdigest()


class Course:
    """Numbers the items, runs the pipeline at ticks, and chains its entries into the tree."""

    def __init__(self, pipeline: Pipeline, record_digest: str) -> None:
        self.pipeline = pipeline
        self.items = 0
        self.ticks = 0
        self.last_tick_ns: int | None = None
        self.chunks = [0] * len(pipeline.body.feeds)
        self.frontier = Frontier()
        self._raw = sha256()
        self._raw_from = 0
        self._first = Entry(
            kind="record",
            valid_ns=pipeline.body.created_ns,
            body={
                "digest": record_digest,
                "version": pipeline.body.version,
                "settings": settings_digest(pipeline.body),
            },
        )

    @property
    def digested(self) -> bool:
        """Whether an entry has the digest of all items so far."""
        return self._raw_from == self.items

    def open(self) -> list[bytes]:
        """The first line of every ledger: what the run depends on."""
        return self._lines([self._first])

    def run(self, item: Item, encoded: bytes) -> list[bytes]:
        """Take one item, given also as its bytes in the input log; the lines it led to."""
        index, self.items = self.items, self.items + 1
        self._raw.update(encoded)
        if item.kind in (ItemKind.CHUNK, ItemKind.SEALED):
            self.chunks[item.feed] += 1
        if item.kind is not ItemKind.TICK:
            self.pipeline.take(item, index)
            if item.kind is ItemKind.CONTROL and b'"event":"ended"' in item.payload:
                # an interrupted run goes on later: what is open stays open
                final = b'"interrupted"' not in item.payload
                entries = self.pipeline.finish(item.instant_ns, final=final)
                return self._lines([*entries, self._raw_entry(item)])
            return []
        self.ticks += 1
        self.last_tick_ns = item.instant_ns
        entries = self.pipeline.tick(item.instant_ns)
        if self.ticks % self.pipeline.body.engine.digest_ticks == 0:
            entries.append(self._raw_entry(item))
        return self._lines(entries)

    def _raw_entry(self, item: Item) -> Entry:
        entry = Entry(
            kind="raw",
            valid_ns=item.instant_ns,
            body={"from": self._raw_from, "to": self.items, "sha256": self._raw.hexdigest()},
        )
        self._raw, self._raw_from = sha256(), self.items
        return entry

    def _lines(self, entries: list[Entry]) -> list[bytes]:
        lines = [encode_entry(entry) for entry in entries]
        self.frontier.extend(leaf_hashes(lines))
        return lines
