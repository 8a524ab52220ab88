"""A shield that a matter is about, as the page shows it: how it stands, what it covers, who is missing."""

from functools import lru_cache
from typing import Any

import msgspec

from vedette.app.matter_file import MatterFile
from vedette.app.rulebook import rulebook
from vedette.app.shield_picture import shield_svg
from vedette.council.matter import Matter
from vedette.council.shield.coverage import HEIGHTS_M, figures
from vedette.council.shield.in_force import standing
from vedette.council.shield.leaving import departures
from vedette.council.shield.proposal import Proposal, read_proposal
from vedette.council.shield.survey import survey
from vedette.model.errors import ZoneError
from vedette.model.time import format_utc

_CELLS = 2_500
_PICTURE_HEIGHTS_M = (100.0, 1_000.0, 10_000.0)


def shield_json(file: MatterFile, state: Matter, now_ns: int) -> dict[str, Any] | None:
    """How the shield in the current version stands; None where the matter is about none."""
    if state.kind != "shield" or not state.versions:
        return None
    try:
        one = read_proposal(state.versions[-1].text, rulebook())
    except ZoneError as error:
        return {"fault": str(error)}
    stands = standing(one, state, file.settings.roster, rulebook(), now_ns)
    return {
        "fault": None,
        "version": state.current,
        "name": one.name,
        "purpose": one.purpose,
        "in_force": stands.in_force,
        "words": stands.words,
        "missing": list(stands.missing),
        "hosts": {host.state: host.law for host in one.territory},
        "since": format_utc(one.period.since_ns),
        "until": format_utc(one.period.until_ns),
        "floor": f"{one.volume.floor.height_m:.0f} m {one.volume.floor.datum.upper()}",
        "ceiling": f"{one.volume.ceiling.height_m:.0f} m {one.volume.ceiling.datum.upper()}",
        "rules": list(one.rules.rows),
        "measures": list(one.rules.measures),
        "contributions": [
            {
                "state": given.state,
                "sensors": [f"{s.name} ({s.kind})" for s in given.sensors],
                "alerts": [
                    f"{a.aircraft} at {a.base}, {a.readiness_s / 60:.0f} min, {a.hours_per_day:.0f} h a day"
                    for a in given.alerts
                ],
                "places": [f"{p.name}: {p.use}" for p in given.places],
                "caveats": list(given.caveats),
            }
            for given in one.contributions
        ],
    }


@lru_cache(maxsize=8)  # a survey takes seconds, and its text does not change
def cover_json(text: str) -> dict[str, Any]:
    """What a shield covers, and what it covers without each state in turn.

    Raises:
        ZoneError: the text is no shield.
    """
    surveyed = survey(_proposal(text), None, _CELLS)
    return {
        "figures": msgspec.to_builtins(figures(surveyed, HEIGHTS_M)),
        "without": [msgspec.to_builtins(one) for one in departures(surveyed, HEIGHTS_M)[1:]],
    }


def cover_svg(text: str, words: str) -> str:
    """Its maps, with how it stands in words.

    Raises:
        ZoneError: the text is no shield.
    """
    return _drawn(text, words)


@lru_cache(maxsize=8)
def _drawn(text: str, words: str) -> str:
    return shield_svg(survey(_proposal(text), None, _CELLS), _PICTURE_HEIGHTS_M, words)


def _proposal(text: str) -> Proposal:
    return read_proposal(text, rulebook())
