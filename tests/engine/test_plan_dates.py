"""That plans are given to us is held against who fits none: a wrong date must not make it true for good."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.engine.bundled import sovereign_digest
from vedette.engine.opening import Unrecorded, course_of
from vedette.engine.plan_routes import AHEAD_NS, LONGEST_NS, planned_until_ns
from vedette.engine.settings import FeedSpec, RunBody
from vedette.feeds.reports import encode_report
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.report import FlightPlan
from vedette.model.time import SECOND_NS
from vedette.response.rule_set import shipped_rules

NOW_NS = 20_000 * 86_400 * SECOND_NS
PLAN = FlightPlan(
    callsign="TEST1", departure="EETN", destination="EFHK", departure_ns=NOW_NS,
    arrival_ns=NOW_NS + 1_800 * SECOND_NS, filed_ns=NOW_NS - 3_600 * SECOND_NS,
)  # fmt: skip
YEAR_NS = 365 * 86_400 * SECOND_NS


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 60), st.integers(0, 1 << 62))
def test_no_plan_says_anything_longer_than_one_may_be_filed_and_flown(
    departure_ns: int, flown_ns: int, heard_ns: int
) -> None:
    plan = msgspec.structs.replace(
        PLAN, departure_ns=departure_ns, arrival_ns=departure_ns + flown_ns
    )
    assert planned_until_ns(plan, heard_ns) <= heard_ns + AHEAD_NS + LONGEST_NS
    assert planned_until_ns(plan, heard_ns) <= plan.arrival_ns


@pytest.mark.parametrize(
    ("departure_ns", "arrival_ns", "held_until_ns"),
    [
        (PLAN.departure_ns, PLAN.arrival_ns, PLAN.arrival_ns),
        (PLAN.departure_ns, PLAN.arrival_ns + YEAR_NS, PLAN.departure_ns + LONGEST_NS),
        (PLAN.departure_ns + YEAR_NS, PLAN.arrival_ns + YEAR_NS, 0),
    ],
)
def test_a_plan_of_a_wrong_year_holds_no_plans_for_a_year(
    departure_ns: int, arrival_ns: int, held_until_ns: int
) -> None:
    body = RunBody(
        version="test", created_ns=NOW_NS,
        feeds=(FeedSpec(feed_id="plans", url="report+tcp://x:1", decoder="report"),),
        sovereign_digest=sovereign_digest(), rules_digest=shipped_rules().digest, platform={},
    )  # fmt: skip
    course = course_of(Unrecorded(body, {}))
    data = encode_report(
        msgspec.structs.replace(PLAN, departure_ns=departure_ns, arrival_ns=arrival_ns)
    )
    course.run(Item(ItemKind.CHUNK, 0, NOW_NS, data), data)
    course.run(Item(ItemKind.TICK, 0, NOW_NS + SECOND_NS, b""), b"")
    assert course.pipeline._planned_ns == held_until_ns
