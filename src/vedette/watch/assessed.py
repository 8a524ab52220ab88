"""Of which tracks the authority is known, as a column."""

from typing import NamedTuple

import numpy as np

from vedette.model.assessment import Assessment
from vedette.model.columns import Flags


class Assessed(NamedTuple):
    """What was known of the rows of a picture, so that only what changed is read again."""

    known: list[Assessment | None]
    explained: Flags  # authority known, and no need

    @classmethod
    def of(cls, known: list[Assessment | None], before: "Assessed") -> "Assessed":
        """What is known now; ``before`` is of the tick before."""
        if known == before.known:  # most are the same objects, and told apart by that alone
            return before
        if len(known) != len(before.known):
            return cls(known, np.array([_explained(a) for a in known], dtype=np.bool_))
        explained = before.explained
        changed = [
            k for k, (a, b) in enumerate(zip(known, before.known, strict=True)) if a is not b
        ]
        if changed:
            explained = explained.copy()
            explained[changed] = [_explained(known[k]) for k in changed]
        return cls(known, explained)


def _explained(assessment: Assessment | None) -> bool:
    return assessment is not None and assessment.explained_by is not None and not assessment.needs
