"""The integrity monitor on recordings as they are: false alarms on civil flights, and captured spoofing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from vedette.bench import recordings
from vedette.bench.identity.playing import plots_of, stretches
from vedette.bench.row import Note, Row
from vedette.identity import monitor
from vedette.identity.settings import IdentitySettings

_SPOOFED: Final = "*spoofed*"


def verdicts_of(table: pa.Table) -> tuple[set[str], set[str]]:
    """Aircraft heard, and those whose place was doubted at any time."""
    settings = IdentitySettings()
    state = monitor.initial()
    doubted: set[str] = set()
    heard: set[int] = set()
    for part, now_ns in stretches(table):
        state, verdicts = monitor.step(settings, state, part, (), now_ns)
        heard.update(state.keys.tolist())
        doubted |= {
            finding.aircraft
            for finding in verdicts.changed
            if finding.verdict not in ("none", "suspected_interference")
        }
    return {str(key) for key in heard}, doubted


def _narrow(path: Path) -> bool:
    """Whether a table holds courses in a type that does not hold 360 degrees: its courses are wrong."""
    if path.suffix != ".parquet":
        return False
    schema = pq.read_schema(path)
    return "track" in schema.names and not pa.types.is_floating(schema.field("track").type)


def rows(seed: int, quick: bool) -> Iterator[Row | Note]:
    """False alarms and captures found."""
    del seed
    folder = recordings.folder()
    if folder is None:
        yield Note("captured data skipped: VEDETTE_RECORDINGS names no folder of recordings")
        return
    heard = wrong = 0
    odd, listed = [], []
    paths = sorted(folder.glob("*.parquet")) + sorted(folder.parent.glob("beast/*.beast"))
    for path in paths[: 3 if quick else None]:
        if _narrow(path):
            odd.append(path.stem)
            continue
        everyone, doubted = verdicts_of(plots_of(path))
        heard, wrong = heard + len(everyone), wrong + len(doubted)
        listed += sorted(doubted)
    yield Row(
        area="identity",
        name="false alarms on recorded civil flights",
        value=100.0 * wrong / max(heard, 1),
        unit="%",
        target="< 0.5",
        note=f"{wrong} of {heard} aircraft ({', '.join(listed)}); left out, since their courses are stored in "
        f"eight bits: {', '.join(odd)}",
    )
    found = captured = 0
    quiet = []
    for path in sorted(folder.parent.glob(f"remote_id/{_SPOOFED}")):
        everyone, doubted = verdicts_of(plots_of(path))
        captured, found = captured + len(everyone), found + len(doubted)
        if len(doubted) < len(everyone):
            quiet.append(path.stem)
    yield Row(
        area="identity",
        name="captured spoofed Remote ID found",
        value=float(found),
        unit=f"of {captured}",
        note=f"serial numbers; not all found in: {', '.join(quiet) or 'none'}",
    )
