"""What changes if a state leaves a shield: everything counted anew without what it gives."""

from collections.abc import Sequence

import msgspec

from vedette.council.shield.coverage import HEIGHTS_M, Figures, figures
from vedette.council.shield.proposal import Proposal
from vedette.council.shield.survey import Survey


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """The figures without one state; ``state`` None: with all."""

    state: str | None
    host: bool  # the volume over its territory ends with its consent
    takes: tuple[str, ...]  # names of sensors, bases and places that go
    figures: Figures


def without(surveyed: Survey, state: str, heights_m: Sequence[float] = HEIGHTS_M) -> Leaving:
    """The figures of a shield that one state has left."""
    return Leaving(
        state=state,
        host=state in surveyed.proposal.hosts,
        takes=given(surveyed.proposal, state),
        figures=figures(surveyed.without(state), heights_m),
    )


def departures(surveyed: Survey, heights_m: Sequence[float] = HEIGHTS_M) -> tuple[Leaving, ...]:
    """The figures with all, then without each state that gives or hosts in turn."""
    whole = Leaving(state=None, host=False, takes=(), figures=figures(surveyed, heights_m))
    states = sorted(surveyed.proposal.contributors | surveyed.proposal.hosts)
    return (whole, *(without(surveyed, state, heights_m) for state in states))


def given(proposal: Proposal, state: str) -> tuple[str, ...]:
    """Names of what a state gives."""
    return tuple(
        name
        for one in proposal.contributions
        if one.state == state
        for name in (
            *(sensor.name for sensor in one.sensors),
            *(alert.base for alert in one.alerts),
            *(site.name for site in one.places),
        )
    )
