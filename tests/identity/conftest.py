"""A small sky for the tests of identity: objects on straight courses, seen at a steady pace."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from vedette.identity.assess import IdentityState, explain, initial, step
from vedette.identity.settings import IdentitySettings
from vedette.model.act import Act
from vedette.model.assessment import Assessment
from vedette.model.report import AtsReport, FlightPlan, Report, Subject
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks

START_NS = 1_758_265_080 * SECOND_NS
COVARIANCE = [1e4, 0, 0, 0, 1e4, 0, 0, 25.0, 0, 25.0]


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """One object. ``cooperative`` and the marks hold while ``speaks(t)``."""

    track_id: str = "one"
    latitude_deg: float = 55.0
    longitude_deg: float = 20.0
    velocity_mps: tuple[float, float] = (0.0, 230.0)
    height_m: float | None = 10_600.0
    climb_mps: float = 0.0
    kinds: tuple[str, ...] = ("psr",)
    icao24: int | None = None
    mode3a: int | None = None
    callsign: str | None = None
    emitter_category: str | None = None
    emergency: str | None = None
    military_reply: str | None = None
    nic: int | None = None
    nac_p: int | None = None
    class_hint: str | None = None
    class_confidence: float | None = None
    cooperative: bool = False
    silent_from_s: float = 1e9
    born_s: float = 0.0
    ends_s: float = 1e9
    merged_into: str | None = None
    squawks: tuple[tuple[float, int], ...] = ()  # from when on another code

    def code(self, t: float) -> int | None:
        code = self.mode3a
        for since, other in self.squawks:
            if t >= since:
                code = other
        return code

    def row(self, t: float) -> dict[str, object]:
        """Its TRACK row at second ``t``."""
        east, north = self.velocity_mps
        spoken = min(t, self.silent_from_s)
        ended = t >= self.ends_s
        return {
            "track_id": self.track_id,
            "valid_ns": START_NS + int(t * SECOND_NS),
            "latitude_deg": self.latitude_deg + north * t / 111_195.0,
            "longitude_deg": self.longitude_deg
            + east * t / (111_195.0 * float(np.cos(np.radians(self.latitude_deg)))),
            "pressure_altitude_m": None
            if self.height_m is None
            else self.height_m + self.climb_mps * t,
            "east_mps": east,
            "north_mps": north,
            "up_mps": self.climb_mps,
            "covariance": COVARIANCE,
            "status": "ended" if ended else "confirmed",
            "birth_ns": START_NS + int(self.born_s * SECOND_NS),
            "updated_ns": START_NS + int(min(t, self.ends_s) * SECOND_NS),
            "updates": int(t - self.born_s) + 1,
            "sensors": ["a"],
            "kinds": sorted(self.kinds),
            "icao24": self.icao24,
            "mode3a": self.code(t),
            "callsign": self.callsign,
            "emitter_category": self.emitter_category,
            "emergency": self.emergency if t < self.silent_from_s else None,
            "military_reply": self.military_reply,
            "nic": self.nic,
            "nac_p": self.nac_p,
            "class_hint": self.class_hint,
            "class_confidence": self.class_confidence,
            "cooperative_ns": START_NS + int(spoken * SECOND_NS) if self.cooperative else None,
            "merged_into": self.merged_into if ended else None,
        }


def picture(things: Sequence[Thing], t: float) -> pa.Table:
    """TRACK rows of the things that live at second ``t`` (and at the one in which they end)."""
    rows = [thing.row(t) for thing in things if thing.born_s <= t < thing.ends_s + 2]
    names = list(Thing().row(0))
    return tracks(**{name: [row[name] for row in rows] for name in names})


class Sky:
    """Runs the stage step by step and keeps what it said."""

    Thing = Thing
    START_NS = START_NS
    picture = staticmethod(picture)

    def __init__(
        self, *things: Thing, settings: IdentitySettings | None = None, pace_s: int = 2
    ) -> None:
        self.settings = settings or IdentitySettings()
        self.things = list(things)
        self.state: IdentityState = initial(self.settings)
        self.t = -pace_s
        self.pace_s = pace_s
        self.said: dict[str, list[Assessment]] = {}

    def run(
        self,
        until_s: int,
        *,
        reports: dict[int, list[Report]] | None = None,
        acts: dict[int, list[Act]] | None = None,
        each: Callable[[list[Assessment]], None] | None = None,
    ) -> "Sky":
        """Step to second ``until_s``, with reports and acts at their seconds."""
        while self.t < until_s:
            before, self.t = self.t, self.t + self.pace_s
            self.state, out = step(
                self.settings,
                self.state,
                picture(self.things, self.t),
                [r for t, some in (reports or {}).items() if before < t <= self.t for r in some],
                [a for t, some in (acts or {}).items() if before < t <= self.t for a in some],
                self.ns(self.t),
            )
            for assessment in out:
                self.said.setdefault(assessment.track_id, []).append(assessment)
            if each is not None:
                each(out)
        return self

    def ns(self, t: float) -> int:
        return START_NS + int(t * SECOND_NS)

    def of(self, track_id: str = "one") -> Assessment:
        found = explain(self.state, track_id)
        assert found is not None
        return found

    def ats(self, says: str, t: float = 0, **subject: object) -> AtsReport:
        return AtsReport(
            subject=Subject(**subject),  # type: ignore[arg-type]
            says=says,  # type: ignore[arg-type]
            unit="EETT ACC",
            valid_ns=self.ns(t),
        )

    def plan(self, **changes: object) -> FlightPlan:
        values: dict[str, object] = {
            "callsign": "AFR1234",
            "departure": "EFHK",
            "destination": "LFPG",
            "departure_ns": self.ns(-1800),
            "arrival_ns": self.ns(7200),
            "cruise_pressure_altitude_m": 10_600.0,
            "route": ((54.0, 20.0), (60.0, 20.0)),
            "filed_ns": self.ns(-3600),
        }
        return FlightPlan(**(values | changes))  # type: ignore[arg-type]

    def act(self, value: str, t: float = 0, **changes: object) -> Act:
        values: dict[str, object] = {
            "act_id": f"act-{value}-{t}",
            "kind": "set_identity",
            "person": "A. Kask",
            "office": "duty officer",
            "valid_ns": self.ns(t),
            "track_id": "one",
            "value": value,
            "words": "seen from the air: two-seat fighter without markings",
        }
        return Act(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def sky() -> type[Sky]:
    """The class of skies."""
    return Sky
