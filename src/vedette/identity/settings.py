"""Settings of the identity stage: every number a person may want to change, with its limits."""

import math
from typing import Annotated

import msgspec

from vedette.model.assessment import CLASSES
from vedette.model.errors import SettingError

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Metres = Annotated[float, msgspec.Meta(gt=0, le=1e6)]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]

# How often each class is what a new track turns out to be, before anything is known of it. Judged
# from the traffic mix of European surveillance (30,000 to 35,000 civil movements a day, A1 of the
# policy's sources), not measured: to be fitted on recordings.
PRIORS = {
    "airliner": 0.42,
    "ga_aircraft": 0.20,
    "helicopter_civil": 0.04,
    "glider_ultralight": 0.07,
    "military_aircraft": 0.05,
    "helicopter_military": 0.01,
    "drone_small": 0.03,
    "drone_long_range": 0.006,
    "cruise_missile": 0.0002,
    "ballistic_missile": 0.0001,
    "balloon": 0.02,
    "bird": 0.06,
    "clutter_artefact": 0.06,
    "unknown": 0.0337,
}


class MonitorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the integrity monitor: what an aircraft's own word may say without being doubted."""

    fastest_mps: Metres = 800.0  # no aircraft with an address is faster
    room_m: Metres = 2_000.0  # a report may lie this far off beside
    twin_m: Metres = 20_000.0  # one address in two places
    window_s: Seconds = 20.0  # over which the way flown is held against the speed reported
    remote_share: Share = 0.4  # of that for a drone, which speaks every few seconds
    slip_mps: Metres = 40.0  # they may differ by this ...
    slip_share: Share = 0.25  # ... and this share of the speed, in three windows
    break_mps: Metres = 60.0  # a velocity that changes by more at once, and keeps to it
    gap_m: Metres = 200.0  # change of the difference of geometric and pressure height ...
    gap_share: Share = 0.08  # ... and this share of the climb since
    radar_m: Metres = 3_000.0  # from what a radar or multilateration measures ...
    radar_rad: Share = 0.02  # ... and this of its range: a radar may be turned by a degree
    circle_mps: Metres = 100.0  # slower than this in full circles ...
    circle_m: Metres = 7_500.0  # ... above this pressure altitude flies nothing with an address
    clock_s: Metres = 3.0  # from the clocks of the others heard with it
    common_m: Metres = 20_000.0  # jumps that end within this of each other end in one place ...
    common_count: Count = 3  # ... when so many do
    turns_s: Seconds = 5.0  # a serial number heard for no longer ...
    turns_count: Count = 6  # ... and then another, so many times: one transmitter
    hold_s: Seconds = 300.0  # a reason stays this long after it was last seen
    forget_s: Seconds = 1_800.0  # an aircraft not heard for this long is forgotten
    aircraft_max: Count = 50_000

    cell_deg: Annotated[float, msgspec.Meta(ge=0.1, le=5.0)] = (
        0.5  # of latitude; twice of longitude
    )
    map_s: Seconds = 600.0  # what was heard in this time makes the map of interference
    disturbed_prior: Share = 0.005  # of cells, before anything is heard
    disturbed_share: Share = 0.5  # of aircraft that show it where there is interference
    undisturbed_share: Share = 0.005  # and where there is none: faults of their own equipment


class IdentitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of time, size and belief of one identity stage.

    Raises:
        SettingError: the priors do not cover all classes with positive numbers.
    """

    priors: dict[str, float] = msgspec.field(default_factory=lambda: dict(PRIORS))
    abstain_below: Share = 0.5  # the best class must reach this, or the answer is "unknown"
    change_probability: Share = 0.1  # a class probability that moves by more is told again

    traffic_stated: Count = 100  # aircraft heard that weigh as much as the stated mix
    traffic_floor: Share = 0.25  # no civil class falls below this part of its stated share
    traffic_age_s: Seconds = 60.0  # an aircraft is counted when it has been seen for so long
    traffic_half_life_s: Seconds = 21_600.0  # what was heard fades by half

    pending_s: Seconds = 15.0  # a track is PENDING until it is this old ...
    pending_updates: Count = 3  # ... and has been seen this often
    fresh_s: Seconds = 30.0  # a reply or broadcast older than this is not current
    need_updates: Count = 2  # replies in a row that show a distress code before it counts
    suspect_expires_s: Seconds = 1800.0  # SUSPECT and HOSTILE lapse unless a person renews them
    excluded_expires_s: Seconds = 1800.0  # and so does a person's "no civil aircraft"
    refusal_shown_s: Seconds = 600.0  # how long the reason of a refused act stays among the doubts

    look_s: Seconds = 60.0  # memory of the running kinematic evidence
    kinematic_weight_max: Annotated[float, msgspec.Meta(gt=0, le=5)] = 1.0  # independent looks
    accelerate_s: Seconds = 4.0  # base line over which an acceleration is taken

    formation_m: Annotated[float, msgspec.Meta(gt=0, le=20_000)] = 5_000.0
    formation_height_m: Annotated[float, msgspec.Meta(gt=0, le=5_000)] = 600.0
    formation_mps: Annotated[float, msgspec.Meta(gt=0, le=100)] = 30.0
    formation_born_s: Seconds = 300.0  # so early in its life that it came together, not joined
    formation_keep_s: Seconds = 120.0  # alone for this long, it has company no more
    formation_s: Seconds = 30.0  # together for this long before it counts

    duplicate_m: Annotated[float, msgspec.Meta(gt=0)] = 20_000.0  # one address in two places
    disagree_m: Annotated[float, msgspec.Meta(gt=0)] = (
        3_000.0  # broadcast against radar, one address
    )
    jump_mps: Annotated[float, msgspec.Meta(gt=0)] = 800.0  # no aircraft with an address is faster
    integrity_hold_s: Seconds = 300.0  # a doubt stays this long after it was last seen

    register_max: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 200_000  # aircraft
    airway_s: Seconds = 60.0  # a track keeps to a route when it has for so long
    airways_max: Count = 20_000
    airway_checks_max: Count = 64  # tracks held against all routes in one step

    plan_early_s: Seconds = 1800.0  # before its departure time a plan does not count
    plan_late_s: Seconds = 7200.0  # after its arrival time it still counts this long
    plan_route_m: Annotated[float, msgspec.Meta(gt=0)] = 60_000.0
    # a silent track flies as a plan says this near to its route and this near in time; design choices: wider
    # than what a navigator errs by, narrower than what separates two flights of one route
    plan_like_m: Annotated[float, msgspec.Meta(gt=0)] = 15_000.0
    plan_like_slip_s: Seconds = 900.0
    plan_like_checks_max: Count = 64  # tracks held against all legs in one step
    plan_level_m: Annotated[float, msgspec.Meta(gt=0)] = 700.0  # above its cruising level
    report_place_s: Seconds = 600.0  # a report of a place is matched this far in time
    report_height_m: Annotated[float, msgspec.Meta(gt=0)] = 900.0

    hand_over_s: Seconds = 900.0  # a track that ends may re-appear within this time
    hand_over_m: Annotated[float, msgspec.Meta(gt=0)] = 5_000.0  # of its predicted place, plus
    hand_over_share: Annotated[float, msgspec.Meta(gt=0, le=2)] = (
        0.35  # of the way it may have gone
    )
    forget_s: Seconds = 1800.0  # an ended track is forgotten after this

    monitor: MonitorSettings = msgspec.field(default_factory=MonitorSettings)

    tracks_max: Count = 50_000
    plans_max: Count = 20_000
    reports_max: Count = 2_000
    plan_checks_max: Count = 1_000  # per step; the others wait for the next one

    def __post_init__(self) -> None:
        if set(self.priors) != set(CLASSES):
            odd = sorted(set(self.priors) ^ set(CLASSES))
            raise SettingError(f"priors must name each class once; missing or unknown: {odd}")
        if not all(value > 0 and math.isfinite(value) for value in self.priors.values()):
            raise SettingError("every prior must be a positive number; none may rule a class out")
