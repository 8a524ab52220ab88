"""What a draft may say: facts of one incident from a record, with what people signed about it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from vedette.app.views import incidents_of_record, papers_of_record
from vedette.engine.record import Record
from vedette.model.assessment import CREWED_CIVIL
from vedette.model.errors import SettingError
from vedette.response.desk.signed import DeskAct
from vedette.response.situation import person_of


class Facts(NamedTuple):
    """One incident as a draft sees it."""

    incident: dict[str, Any]  # as ``incident_json`` gives it
    papers: list[dict[str, Any]]
    attributed: tuple[DeskAct, ...]  # who said, signed, which state it was, in order
    banner: str | None  # what must stand above every word: a label, an exercise
    record: str  # where it can be checked: size, head and key of the ledger

    @property
    def civil(self) -> bool:
        """It may be a civil aircraft with people on board, and is spoken of as one."""
        one = self.incident
        return one["civil"] == "confirmed" or one["object"]["class"] in CREWED_CIVIL

    def accepted(self, measure: str) -> dict[str, Any] | None:
        """The paper of a measure, where people have accepted it."""
        found = (p for p in self.papers if p["measure"] == measure and p["status"] == "accepted")
        return next(found, None)


def facts_of(record: Record, incident_id: str) -> Facts:
    """Facts of one incident.

    Raises:
        SettingError: the record has no such incident.
    """
    found = [one for one in incidents_of_record(record) if one["incident_id"] == incident_id]
    if not found:
        raise SettingError(f"{record.folder} has no incident {incident_id}")
    acts = (
        msgspec.convert(entry.body["act"], DeskAct)
        for entry in record.entries(("desk_act",))
        if entry.body.get("refused") is None
    )
    head = record.head()
    labels = ["EXERCISE"] if record.body.exercise else []
    labels += [record.body.label] if record.body.label else []
    return Facts(
        incident=found[0],
        papers=[p for p in papers_of_record(record) if p["incident_id"] == incident_id],
        attributed=tuple(
            act for act in acts if act.kind == "attribute" and act.incident_id == incident_id
        ),
        banner=" - ".join(labels) or None,
        record=(
            f"record {record.folder.name}, {head.size} entries, head {head.root}"
            if head is not None
            else f"record {record.folder.name}, without a head"
        ),
    )


def attribution(acts: Iterable[DeskAct], *, released: bool) -> tuple[str | None, str]:
    """The state that may be named, and why it may or may not.

    Two persons must have named the same state, each in words with where they know it from, nobody another
    one, and a spokesperson must have released it. Else none is named.
    """
    last = {person_of(act.person): act for act in acts}
    states = {act.value for act in last.values() if act.value is not None}
    if not states:
        return None, "nobody has confirmed one"
    if len(states) > 1:
        return None, "what was confirmed contradicts itself"
    if len(last) < 2:
        return None, "one confirmation is not two"
    if not released:
        return None, "confirmed twice, not released by a person"
    return states.pop(), "confirmed by two persons, released"
