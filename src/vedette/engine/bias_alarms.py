"""When a radar is found to be wrong, and when no longer: part of the run, so that a replay says the same."""

from typing import Any, Final

from vedette.fusion.registration import SensorBias
from vedette.model.time import SECOND_NS

QUIET_S: Final = (
    60  # an alarm is over when none has come for so long: no entry each tick at its edge
)


class BiasAlarms:
    """Which radars stand under an alarm."""

    def __init__(self) -> None:
        self._seen_ns: dict[str, int] = {}  # when each last gave cause for one

    def tick(self, biases: tuple[SensorBias, ...], now_ns: int) -> list[dict[str, Any]]:
        """Alarms that begin or end now, as bodies of entries, in the order of the radars."""
        changes = []
        for bias in biases:
            if bias.alarm:
                if bias.sensor_id not in self._seen_ns:
                    changes.append({"event": "alarm", **bias._asdict()})
                self._seen_ns[bias.sensor_id] = now_ns
            elif now_ns - self._seen_ns.get(bias.sensor_id, now_ns) >= QUIET_S * SECOND_NS:
                del self._seen_ns[bias.sensor_id]
                changes.append({"event": "over", **bias._asdict()})
        return changes

    def stands(self, sensor_id: str) -> bool:
        """Whether a radar stands under an alarm."""
        return sensor_id in self._seen_ns

    def shown(self, biases: tuple[SensorBias, ...]) -> tuple[SensorBias, ...]:
        """Biases for people to look at, with the alarms that stand."""
        return tuple(bias._replace(alarm=bias.sensor_id in self._seen_ns) for bias in biases)
