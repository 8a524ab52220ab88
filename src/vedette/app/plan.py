"""What a run is begun with: its feeds, sensors, and all that people chose."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from vedette.airspace.terrain import Terrain
from vedette.engine.address import FeedAddress
from vedette.engine.ports import Feed
from vedette.engine.settings import FeedSpec
from vedette.model.sensor import Sensor


class Source(NamedTuple):
    """One feed of a run: its description and where its bytes come from."""

    spec: FeedSpec
    address: FeedAddress | None  # None: a simulated world's feed
    feed: Feed | None  # None: live


class Plan(NamedTuple):
    """All that begins a run."""

    sources: Sequence[Source]
    sensors: tuple[Sensor, ...] = ()
    day_start_ns: int | None = None
    created_ns: int = 0
    zones: Sequence[Path] = ()
    rules: Path | None = None
    mode: str = "live"
    label: str | None = None
    exercise: bool = False
    as_in_life: bool = False  # of an exercise: people are asked what they would be asked
    scenario: bytes | None = None  # file of the simulated world, kept in the record, with its seed
    seed: int = 1
    tick_s: float = 1.0
    offices: Path | None = None  # who may act at the desk
    council: Path | None = None  # folder of council matters that the page shows
    reactions: Path | None = None  # register that the page shows; no input of the run
    terrain: Terrain | None = None  # for what the page's map shows; no input of the run
    share: bool = False  # each picture beside the record, for a node of an alliance
    node: Path | None = None  # folder of the node of an alliance that this watch belongs to
    from_beginning: bool = False  # a record that is continued is replayed whole, whatever was kept
    paced_from_ns: int = 0  # a recording plays as fast as it goes up to here
