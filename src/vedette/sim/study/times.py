"""How long each step takes: the rule set's times where it keeps one, the study's own where it does not."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec

from vedette.model.errors import RuleError
from vedette.response.rule_set import read_yaml, shipped_rules
from vedette.response.timing import StepPrior, load_timing, shipped_timing_bytes

FILE: Final = "steps.yaml"
_CHAINS: Final = {  # of the rule set: the measure whose steps are meant
    "neighbours_told": "M05",
    "public_warned": "M09",
    "airspace_closed": "M10",
}
_LOOK: Final = "M06"


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    steps: tuple[StepPrior, ...]
    quantities: tuple[StepPrior, ...]


class Times(NamedTuple):
    """All that is drawn, by name."""

    priors: Mapping[str, StepPrior]
    decide: tuple[str, ...]  # answers that it takes until aircraft are sent to look
    chains: Mapping[str, tuple[str, ...]]

    def faster(self, name: str, factor: float) -> "Times":
        """The same with one step that takes ``factor`` of its time."""
        old = self.priors[name]
        new = msgspec.structs.replace(
            old,
            lognormal=None if old.lognormal is None else (old.lognormal[0] * factor, old.lognormal[1]),
            triangular=None if old.triangular is None else (
                old.triangular[0] * factor, old.triangular[1] * factor, old.triangular[2] * factor
            ),
            values=tuple(value * factor for value in old.values),
        )  # fmt: skip
        return self._replace(priors={**self.priors, name: new})


@cache
def shipped_times() -> Times:
    """The times that come with the program.

    Raises:
        RuleError: the installation is damaged.
    """
    try:
        own = msgspec.convert(
            read_yaml(FILE, (files("vedette") / "data" / "studies" / FILE).read_bytes()), _File
        )
        for prior in (*own.steps, *own.quantities):
            prior.check()
    except (msgspec.ValidationError, ValueError) as error:
        raise RuleError(f"{FILE}: {error}") from error
    timing = load_timing(shipped_timing_bytes(), shipped_rules())
    priors = dict(timing.steps)
    for prior in (*own.steps, *own.quantities):
        if prior.id in priors:
            raise RuleError(f"{FILE}: {prior.id} stands twice")
        priors[prior.id] = prior
    chains = {
        step: (*timing.measures[measure].answers, *timing.measures[measure].then)
        for step, measure in _CHAINS.items()
    }
    return Times(priors=priors, decide=timing.measures[_LOOK].answers, chains=chains)
