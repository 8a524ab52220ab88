"""How many situations the rules judge in a second, and what a rule check takes."""

from time import perf_counter

import msgspec
import numpy as np

from vedette.bench.row import Row
from vedette.model.assessment import CLASSES
from vedette.response import audit
from vedette.response.confirmations import Confirmations, check_states
from vedette.response.evaluate import completed, judge
from vedette.response.rule_set import load_rules, shipped_files, shipped_rules
from vedette.response.situation import Situation

_BASE = Situation(
    identity="unknown", civil="possible", cooperative=False, plan_fits=False, civil_sign=False,
    radio_failure=False, radio_contact_lost=False, emergency=False, unlawful_interference=False,
    crew_not_responding=False, threat_message=False, radio_answered=False, hostile_act=False,
    armed_type_seen=False, where="inside", state="EST", member=True, inside_s=300.0,
    depth_m=5_000.0, position_error_m=300.0, group_size=1, sensor_count=3, sensors_healthy=True,
    replay=False, exercise=False, node_isolated=False,
)  # fmt: skip


def _situations(seed: int, count: int) -> list[Situation]:
    generator = np.random.default_rng(seed)
    classes = generator.choice(len(CLASSES), size=count)
    silent = generator.random(count) < 0.2
    inside = generator.random(count) < 0.5
    return [
        msgspec.structs.replace(
            _BASE,
            object_class=CLASSES[classes[row]],
            radio_contact_lost=bool(silent[row]),
            where="inside" if inside[row] else "approaching",
        )
        for row in range(count)
    ]


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Situations judged per second on one core, loading of the tables, and the search for flaws.

    Args:
        seed: of the situations.
        quick: fewer of them, and no full check.
    """
    rules = shipped_rules()
    situations = _situations(seed, 300 if quick else 5_000)
    start = perf_counter()
    admissible = 0
    for raw in situations:
        situation = completed(raw, rules)
        checks = check_states(rules, situation, Confirmations(), 0)
        admissible += judge(rules, situation, checks, {}).force_question == "admissible"
    judged_s = perf_counter() - start
    files = shipped_files()
    start = perf_counter()
    load_rules(files)
    load_s = perf_counter() - start
    rows = [
        Row(
            area="response",
            name="situations judged",
            value=len(situations) / judged_s,
            unit="1/s",
            note=f"one core, all {len(rules.rules)} rows",
        ),
        Row(
            area="response",
            name="force question admissible without a person",
            value=float(admissible),
            unit="situations",
            target="0",
        ),
        Row(area="response", name="tables loaded", value=load_s, unit="s"),
    ]
    if not quick:
        start = perf_counter()
        report = audit.check(rules)
        rows.append(
            Row(
                area="response",
                name="rule check",
                value=perf_counter() - start,
                unit="s",
                note=f"{report.situations} situations, {len(report.findings)} findings",
            )
        )
    return rows
