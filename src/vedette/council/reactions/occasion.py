"""What reactions are reactions to: incidents and decisions, with the severity of incidents."""

from typing import Final, Literal

import msgspec

from vedette.council.reactions.reaction import Id, Name, Party, When

Severity = Literal["near_routine", "serious", "high_risk"]
SEVERITY_SOURCE: Final = (
    "European Leadership Network, Dangerous Brinkmanship (2014), three grades; which kind of incident has "
    "which grade is a proposal of this program"
)
# kinds of incident by grade; a kind that is not here has none
_GRADES: Final[dict[str, Severity]] = {
    "international_airspace_incident": "near_routine",
    "balloon": "near_routine",
    "crewed_violation": "serious",
    "uncrewed_violation": "serious",
    "uncrewed_violation_force_used": "serious",
    "missile_violation": "serious",
    "near_miss_international": "high_risk",
    "abuse_of_interception": "high_risk",
    "crewed_violation_force_used": "high_risk",
    "missile_impact": "high_risk",
    "missile_defence": "high_risk",
}


class Occasion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident, or a decision of a council or of a state."""

    occasion_id: Id
    kind: Literal["incident", "decision"]
    when: When
    parties: tuple[Party, ...] = ()  # whom it concerns: the state entered, those who decided
    title: Name
    category: str | None = None  # of an incident
    severity: Severity | None = None  # a person's grade; it comes before that of the category


def severity_of(occasion: Occasion) -> Severity | None:
    """ELN grade of an incident; None for a decision and where no grade is known."""
    if occasion.kind != "incident":
        return None
    return occasion.severity or _GRADES.get(occasion.category or "")
