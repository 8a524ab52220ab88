"""An alarm about a radar is told when it begins and when it is over, and stands in between."""

from typing import Any

import pytest

import vedette
from vedette.engine.bias_alarms import QUIET_S, BiasAlarms
from vedette.engine.bundled import sovereign_digest
from vedette.engine.opening import Unrecorded, course_of
from vedette.engine.settings import RunBody
from vedette.fusion import picture as fusion
from vedette.fusion.registration import SensorBias
from vedette.model.time import SECOND_NS
from vedette.response.rule_set import shipped_rules


def bias(sensor_id: str, *, alarm: bool) -> SensorBias:
    return SensorBias(sensor_id, 150.0, 10.0, 0.0, 1e-4, 0.0, 0.02, 400, alarm)


def told(alarms: BiasAlarms, second: int, *, alarm: bool) -> list[str]:
    changes = alarms.tick(
        (bias("a", alarm=False), bias("b", alarm=alarm)), second * SECOND_NS
    )  # fmt: skip
    return [f"{change['sensor_id']} {change['event']}" for change in changes]


def test_an_alarm_begins_at_once_and_is_over_after_a_quiet_minute() -> None:
    alarms = BiasAlarms()
    assert told(alarms, 0, alarm=False) == []
    assert told(alarms, 1, alarm=True) == ["b alarm"]
    # at its edge it comes and goes: that is one alarm
    for second in range(2, 60):
        assert told(alarms, second, alarm=second % 2 == 0) == []
    (first, second) = alarms.shown((bias("a", alarm=False), bias("b", alarm=False)))
    assert (first.alarm, second.alarm) == (False, True)
    for second_of in range(60, 58 + QUIET_S):
        assert told(alarms, second_of, alarm=False) == []
    assert told(alarms, 58 + QUIET_S, alarm=False) == ["b over"]
    assert told(alarms, 59 + QUIET_S, alarm=False) == []
    assert not alarms.shown((bias("b", alarm=False),))[0].alarm


def test_alarms_enter_the_ledger_and_the_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = fusion.step

    def found(*arguments: Any, **named: Any) -> Any:
        state, output = genuine(*arguments, **named)
        now_s = arguments[-1] // SECOND_NS
        return state, output._replace(registration=(bias("r", alarm=now_s in (3, 4)),))

    monkeypatch.setattr(fusion, "step", found)
    course = course_of(
        Unrecorded(
            RunBody(
                version=vedette.__version__, created_ns=0, feeds=(), sensors=(),
                sovereign_digest=sovereign_digest(), rules_digest=shipped_rules().digest,
                platform={},
            ),
            {},
        )
    )  # fmt: skip
    course.open()
    pipeline, entries = course.pipeline, []
    for second in range(70):
        entries += pipeline.tick(second * SECOND_NS)
        assert len(pipeline.registration) == 1
        assert pipeline.registration[0].alarm == (3 <= second < 4 + QUIET_S)
    noted = [entry for entry in entries if entry.kind == "registration"]
    assert [(e.valid_ns // SECOND_NS, e.body["event"]) for e in noted] == [
        (3, "alarm"),
        (4 + QUIET_S, "over"),
    ]
    assert noted[0].body["range_m"] == 150.0
