"""What of the shipped rules a shield may name, and what may be delegated."""

from typing import Final

from vedette.council.shield.proposal import Rulebook
from vedette.response.evaluate import DOSSIER
from vedette.response.rule_set import shipped_rules

_CLOSED: Final = DOSSIER  # the question behind the gate is nobody's to delegate or to name


def rulebook() -> Rulebook:
    """Rows and measures of the shipped rules, and those that are closed to a shield."""
    rules = shipped_rules()
    return Rulebook(
        rows={row.id: frozenset(row.measures) for row in rules.rules.values()},
        measures=frozenset(rules.measures),
        # every row that permits the dossier of the question of force, whatever it is called
        closed_rows=frozenset(row.id for row in rules.rules.values() if _CLOSED in row.measures)
        | frozenset(rules.about.reading.force_rows),
        closed_measures=frozenset({_CLOSED}),
    )


def delegable() -> frozenset[str]:
    """Measures that a council may delegate."""
    return frozenset(shipped_rules().measures) - {_CLOSED}
