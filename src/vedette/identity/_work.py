"""What one step of the stage changes."""

import msgspec

from vedette.identity import verdict
from vedette.identity._lost import Lost
from vedette.identity.dossier import EMPTY, Dossier
from vedette.identity.history import Rows
from vedette.identity.settings import IdentitySettings
from vedette.model.columns import Flags


class Work(msgspec.Struct):
    """What one step changes, before it becomes the next state."""

    settings: IdentitySettings
    now_ns: int
    rows: Rows  # (n,) in the picture
    ids: list[str]
    callsigns: list[str | None]
    index: dict[str, int]
    lost: Lost
    lost_ids: list[str]
    lost_callsigns: list[str | None]
    dossiers: dict[str, Dossier]
    dirty: set[str]
    changed: Flags  # a mark changed, or new

    def put(self, track_id: str, dossier: Dossier) -> None:
        """Keep a changed dossier and what follows from it."""
        if self.dossiers.get(track_id, EMPTY) == dossier:
            return
        self.dossiers[track_id] = dossier
        self.dirty.add(track_id)
        row = self.index.get(track_id)
        if row is not None:
            verdict.enter(self.rows, row, dossier)
