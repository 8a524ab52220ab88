"""Crossings of zones, lawful ones too: told as they happen, and listed from a record."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from vedette.airspace.zone_file import File, read_files
from vedette.engine.record import Record
from vedette.engine.track_tables import read_names
from vedette.model.assessment import Assessment
from vedette.model.errors import SettingError, SourceError
from vedette.model.incident import Crossing, Incident
from vedette.watch.settings import WatchSettings


class Revisions:
    """Tells revisions of one crossing from the next crossing of the same object through the same zone."""

    def __init__(self) -> None:
        self._ended_ns: dict[tuple[str, str], int | None] = {}  # None: inside

    def take(self, crossing: Crossing) -> tuple[bool, bool]:
        """Whether this revision is the first of a crossing, and whether it is the first that is over."""
        key = crossing.track_id, crossing.zone_id
        over = crossing.left is not None or crossing.lost_inside
        before = self._ended_ns.get(key, 0)
        begun = before is not None and crossing.entered.estimate_ns > before
        if before is not None and not begun:
            return False, False  # of a crossing that is over, revised
        inside = crossing.entered.estimate_ns + int(crossing.inside_s.estimate * 1e9)
        end_ns = inside if crossing.left is None else crossing.left.estimate_ns
        self._ended_ns[key] = end_ns if over else None
        return begun, over


class NamedCrossing(NamedTuple):
    """One crossing as it was last known, and whose."""

    crossing: Crossing
    told_ns: int  # when its last revision was given: what is still inside was there then
    callsign: str | None
    icao24: str | None
    object_class: str | None  # None: of a flight that was in no incident the ledger keeps none
    identity: str | None


def crossings_of(record: Record) -> list[NamedCrossing]:
    """All crossings in a record's ledger, by when they began; the last revision of each."""
    told = Revisions()
    latest: dict[tuple[str, str], int] = {}
    found: list[tuple[Crossing, int]] = []
    known: dict[str, Assessment] = {}
    for entry in record.entries(("crossing", "assessment", "incident")):
        if entry.kind == "assessment":
            about = msgspec.convert(entry.body, Assessment)
            known[about.track_id] = about
            continue
        revised = (
            (msgspec.convert(entry.body, Crossing),)
            if entry.kind == "crossing"
            else msgspec.convert(entry.body, Incident).crossings  # revised while it lasts
        )
        for crossing in revised:
            if crossing.predicted:
                continue
            key = crossing.track_id, crossing.zone_id
            begun, _ = told.take(crossing)
            if begun or key not in latest:
                latest[key] = len(found)
                found.append((crossing, entry.valid_ns))
            elif crossing.left is not None or found[latest[key]][0].left is None:
                found[latest[key]] = crossing, entry.valid_ns
    found.sort(key=lambda one: (one[0].entered.estimate_ns, one[0].track_id, one[0].zone_id))
    called = read_names(record.folder / "tables")
    return [
        NamedCrossing(
            crossing,
            told_ns,
            *called.get(crossing.track_id, (None, None)),
            known[crossing.track_id].object_class if crossing.track_id in known else None,
            known[crossing.track_id].identity if crossing.track_id in known else None,
        )
        for crossing, told_ns in found
    ]


def told_of(wanted: Sequence[str], files: Sequence[Path]) -> frozenset[str]:
    """Identifiers of the zones that a person wants to hear of, all volumes of an airspace by its name.

    Raises:
        SettingError: no zone of the files or of the bundled states is called so.
        SourceError: a file cannot be read.
    """
    if not wanted:
        return frozenset()
    zones, _, _ = read_files(list(_opened(files)))
    found: set[str] = set()
    for name in wanted:
        ids = {zone.zone_id for zone in zones if name in (zone.zone_id, zone.part_of, zone.name)}
        if name.startswith("sovereign:"):
            ids.add(name)
        watched = WatchSettings().kinds
        for zone in zones:
            if zone.zone_id in ids and zone.kind not in watched:
                raise SettingError(
                    f"--tell {name!r}: zones of kind {zone.kind} are shown and not watched; "
                    f"watched are {', '.join(watched)}"
                )
        if not ids:
            have = ", ".join(sorted(zone.zone_id for zone in zones)[:10]) or "none: give --zones"
            raise SettingError(f"--tell {name!r} is no zone of the files; there are {have}")
        found |= ids
    return frozenset(found)


def _opened(files: Sequence[Path]) -> Iterator[File]:
    for path in files:
        try:
            yield File(path.read_bytes(), path.name)
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}") from error
