"""What a track leaves to the one that it turns out to be, or that may go on where it was lost."""

import msgspec
import numpy as np
import pyarrow as pa

from vedette.identity import _kernels, verdict
from vedette.identity._work import Work
from vedette.identity.dossier import EMPTY, NEED_SAYS
from vedette.identity.history import NEVER, Row, Rows
from vedette.model.columns import Flags, Integers
from vedette.model.report import AtsReport

# of a lost track, what says where it may be now
_HANDED = ("latitude_deg", "longitude_deg", "height_m", "velocity_mps", "updated_ns", "icao24")


def continue_lost(work: Work, tracks: pa.Table) -> None:
    """Let a new track inherit the needs and the civil past of a lost one that it may continue."""
    rows = work.rows
    ended = np.flatnonzero(rows["ended_ns"] >= 0)
    # a duplicate that ends in another track leaves it all it knew; by id, whatever the rows' order
    for row in sorted(ended.tolist(), key=work.ids.__getitem__):
        target = tracks.column("merged_into")[row].as_py()
        heir = work.index.get(target) if target else None
        if heir is None or heir == row:
            continue
        one = rows[row : row + 1]
        # what it says in the very tick in which it ends counts, too: nobody looks at it again
        if _worth(one)[0] or verdict.valid_civil_reply(one)[0][0]:
            _inherit(work, heir, rows[row], work.ids[row])
        inherit_doubts(work, heir, work.ids[row])
        past = work.dossiers.get(work.ids[row], EMPTY)
        # kept beside the track, and told of nobody: a doubt about it may still come
        work.dossiers[work.ids[row]] = msgspec.structs.replace(past, merged_into=target)
    # new tracks may continue one that was lost before ...
    young = (rows["samples"] <= 1) & (rows["ended_ns"] < 0) & ~rows["told"]
    _hand_over(work, np.flatnonzero(young), work.lost.rows, work.lost_ids)
    # ... and one that ends only now, after coasting, may have been continued for some time
    gone = np.flatnonzero((rows["ended_ns"] >= 0) & (_worth(rows) | _doubted(work, work.ids)))
    if len(gone):
        since_ns = rows["updated_ns"][gone].min()
        later = np.flatnonzero((rows["ended_ns"] < 0) & (rows["birth_ns"] > since_ns))
        _hand_over(work, later, rows[gone], [work.ids[row] for row in gone.tolist()])


def _worth(rows: Rows) -> Flags:
    """(n,) whether a lost track leaves anything to inherit."""
    found: Flags = (
        (rows["needs"] > 0)
        | (rows["civil"] == verdict.CONFIRMED)
        | (rows["civil_reply_ns"] >= 0)
        | rows["inherited"]
    )
    return found


def _hand_over(work: Work, heirs: Integers, lost: Rows, lost_ids: list[str]) -> None:
    settings = work.settings
    worth = np.flatnonzero(_worth(lost) | _doubted(work, lost_ids))
    worth = np.array(sorted(worth.tolist(), key=lost_ids.__getitem__), dtype=np.int64)
    if not len(worth) or not len(heirs):
        return
    one = work.rows[heirs]
    two = {name: lost[name][worth] for name in _HANDED}
    out = np.full(len(heirs), NEVER, dtype=np.int64)
    _kernels.successors(
        np.column_stack((one["latitude_deg"], one["longitude_deg"])),
        np.ascontiguousarray(one["height_m"]),
        np.hypot(one["velocity_mps"][:, 0], one["velocity_mps"][:, 1]),
        np.ascontiguousarray(one["birth_ns"]),
        np.ascontiguousarray(one["updated_ns"]),
        np.ascontiguousarray(one["icao24"]),
        np.column_stack((two["latitude_deg"], two["longitude_deg"])),
        two["height_m"],
        two["velocity_mps"],
        two["updated_ns"],
        two["icao24"],
        settings.hand_over_s,
        settings.hand_over_m,
        settings.hand_over_share,
        out,
    )
    for row, source in zip(heirs.tolist(), out.tolist(), strict=True):
        if source >= 0:
            past = int(worth[source])
            old_id = lost_ids[past]
            if _worth(lost[past : past + 1])[0]:
                _inherit(work, row, lost[past], old_id)
            inherit_doubts(work, row, old_id)


def _doubted(work: Work, ids: list[str]) -> Flags:
    """(n,) whether a person has said of a track that it may be civil."""
    doubted = {name for name, dossier in work.dossiers.items() if dossier.doubts}
    if not doubted:  # the usual case: nothing to look up for thousands of tracks
        return np.zeros(len(ids), dtype=np.bool_)
    return np.array([name in doubted for name in ids], dtype=np.bool_)


def inherit_doubts(work: Work, heir: int, old_id: str) -> None:
    """A person's "it may be civil" follows the object into whatever track it is now."""
    doubts = work.dossiers.get(old_id, EMPTY).doubts
    if doubts:
        mine = work.dossiers.get(work.ids[heir], EMPTY)
        work.put(work.ids[heir], mine.with_doubts(doubts, work.now_ns))


def _inherit(work: Work, heir: int, old: Row, old_id: str) -> None:
    rows = work.rows
    rows["inherited"][heir] = True
    rows["need_ns"][heir] = np.maximum(rows["need_ns"][heir], old["need_ns"])
    rows["answered"][heir] |= old["answered"]
    rows["civil_onset_ns"][heir] = work.now_ns
    past = work.dossiers.get(old_id, EMPTY)
    said = tuple(
        link
        for link in past.said
        if isinstance(link.report, AtsReport) and link.report.says in (*NEED_SAYS, "radio_contact")
    )
    track_id = work.ids[heir]
    mine = work.dossiers.get(track_id, EMPTY).with_said(said)
    lines = dict.fromkeys((*mine.continues, *past.continues, old_id))
    work.put(track_id, msgspec.structs.replace(mine, continues=tuple(lines)[-8:]))
