"""What a draft may say: facts of one incident from a record, with what people signed about it."""

from typing import Any, NamedTuple

from vedette.app.views import incidents_of_record, papers_of_record
from vedette.engine.record import Record
from vedette.model.assessment import CREWED_CIVIL
from vedette.model.errors import SettingError


class Facts(NamedTuple):
    """One incident as a draft sees it."""

    incident: dict[str, Any]  # as ``incident_json`` gives it
    papers: list[dict[str, Any]]
    banner: str | None  # what must stand above every word: a label, an exercise
    record: str  # where it can be checked: size, head and key of the ledger

    @property
    def civil(self) -> bool:
        """It may be a civil aircraft with people on board, and is spoken of as one."""
        one = self.incident
        return one["civil"] == "confirmed" or one["object"]["class"] in CREWED_CIVIL

    @property
    def attribution(self) -> tuple[str | None, str]:
        """The state that a communique may name, and why it may or may not.

        Persons release a text with the name in it, or none: only the question that they accepted counts.
        """
        asked = next((paper for paper in self.papers if paper["measure"] == "M16"), None)
        if asked is None:
            return None, "no release was put to anybody"
        if asked["attributed_to"] is None or self.incident["civil"] != "excluded":
            return None, asked["attribution"] or "nobody has confirmed one"
        if asked["status"] != "accepted":
            return None, f"{asked['attribution']}, not released by a person"
        return asked["attributed_to"], f"{asked['attribution']}, released"

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
    head = record.head()
    return Facts(
        incident=found[0],
        papers=[p for p in papers_of_record(record) if p["incident_id"] == incident_id],
        banner=record.body.banner,
        record=(
            f"record {record.folder.name}, {head.size} entries, head {head.root}"
            if head is not None
            else f"record {record.folder.name}, without a head"
        ),
    )
