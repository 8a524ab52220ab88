"""Which single changes of the rules a case or a proof notices, and how long the proofs take."""

from collections import Counter
from time import perf_counter

import numpy as np

from vedette.bench.row import Note, Row
from vedette.response.mutants import mutants
from vedette.response.mutation import FATES, shipped_jury
from vedette.response.proof import Prover
from vedette.response.rule_set import shipped_rules


def run(*, seed: int = 1, quick: bool = False) -> list[Row | Note]:
    """Proofs of the shipped rules, and the fate of every single change of them.

    Args:
        seed: of the sample that ``quick`` takes.
        quick: 40 changes instead of all.
    """
    rules = shipped_rules()
    start = perf_counter()
    prover = Prover(rules)
    proved = [prover.prove(item) for item in prover.properties()]
    rows: list[Row | Note] = [
        Row(
            area="rules",
            name="properties proved",
            value=float(sum(item.verdict == "proved" for item in proved)),
            unit="properties",
            note=f"{sum(item.obligations for item in proved)} obligations; "
            f"{sum(item.verdict == 'structural' for item in proved)} more are kept by other tests",
        ),
        Row(area="rules", name="proofs", value=perf_counter() - start, unit="s"),
    ]
    changes = list(mutants(rules))
    if quick:
        order = np.random.default_rng(seed).permutation(len(changes))
        changes = [changes[index] for index in order[:40]]
    jury = shipped_jury()
    fates: Counter[str] = Counter()
    for mutant in changes:
        fate = jury.fate(mutant)
        fates[fate] += 1
        if fate in ("survives", "no difference"):
            rows.append(Note(text=f"{fate}: {mutant.row}: {mutant.change}"))
    rows += [
        Row(
            area="rules",
            name=f"changes: {fate}",
            value=float(fates[fate]),
            unit=f"of {len(changes)}",
            target="0" if fate == "survives" else "",
        )
        for fate in FATES
    ]
    return rows
