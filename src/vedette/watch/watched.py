"""What watching keeps of one track: when it was seen, and how it stands to each zone near it."""

from typing import Final

import msgspec

from vedette.watch.passage import Passage
from vedette.watch.settings import WatchSettings

FAR: Final = -1e9  # a margin below all


class Standing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a track stands to one zone near it."""

    outside_ns: int | None  # last time that it was certainly outside
    certain_ns: int = 0  # last time that it was certainly on one side or the other
    peak: float = FAR  # highest margin since it was last certainly outside
    first_distance_m: float = 0.0  # when it was first seen, for entries that nobody saw
    first_sigma_m: float = 0.0
    looked_ns: int = 0
    passage: Passage | None = None


class Watched(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One track. Structures are replaced, never changed."""

    track_id: str
    first_ns: int  # of its first plot
    appeared_ns: int  # of its first row
    seen_ns: int  # of its last row
    updated_ns: int  # of its last measurement that we looked at
    looked_ns: int  # when we last compared it with zones
    due_ns: int  # when we must do so again
    refined_ns: int = 0
    first_speed_mps: float = 0.0
    near_ns: int | None = None  # measurement since which it is near a boundary, or of interest
    standings: dict[str, Standing] = {}
    settling: tuple[Passage, ...] = ()  # left, but the exit may still be revised
    icao24: int | None = None
    confirmed: bool = False
    lawful_ns: int = -1  # last time that its authority was known
    incident_id: str | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing was measured since its authority was last known: silence explains nothing away."""
        return self.updated_ns <= self.lawful_ns

    def held(self) -> list[Passage]:
        """Open passages, and then settling ones."""
        held = [s.passage for s in self.standings.values() if s.passage is not None]
        return [*held, *self.settling]

    def passages(self) -> list[Passage]:
        """Open and settling passages, by entry."""
        return sorted(self.held(), key=lambda p: (p.entered.estimate_ns, p.zone.zone_id))

    def open_passages(self) -> list[Passage]:
        """Passages that have not ended."""
        return [p for p in self.passages() if p.gone_ns is None]


def final(passage: Passage) -> Passage:
    """The passage as it stays."""
    return msgspec.structs.replace(passage, final=True, settled=True)


def finished(watched: Watched, *, lost: bool) -> list[Passage]:
    """All passages of a track that ends now, as they stay; open ones are lost inside when ``lost``."""
    return [
        final(passage)
        if passage.gone_ns is not None
        else msgspec.structs.replace(passage, lost=lost)
        for passage in watched.passages()
    ]


def _better_entry(passage: Passage) -> tuple[bool, int]:
    return passage.unseen, passage.entered.estimate_ns


def inherited(settings: WatchSettings, watched: Watched, passages: list[Passage]) -> Watched:
    """The track goes on with the open passages of another that was the same object.

    An entry that was seen beats one that nobody saw, then the earlier holds; where the object now stands is for
    the next look to find.
    """
    standings = dict(watched.standings)
    for passage in passages:
        if passage.gone_ns is not None:
            continue
        zone_id = passage.zone.zone_id
        standing = standings.get(zone_id, Standing(outside_ns=passage.outside_ns))
        own = standing.passage
        if own is not None and _better_entry(own) <= _better_entry(passage):
            continue
        kept = msgspec.structs.replace(passage, lost=False, settled=True)
        if own is not None:
            kept = msgspec.structs.replace(
                kept,
                inside_ns=max(own.inside_ns, kept.inside_ns),
                reaches=tuple(sorted({*kept.reaches, *own.reaches})[-settings.stretches :]),
            )
        standings[zone_id] = msgspec.structs.replace(standing, passage=kept)
    return msgspec.structs.replace(watched, standings=standings)
