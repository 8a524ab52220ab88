"""Every tunable of the filter, with its unit, its reason and its maximum."""

import math
from typing import Annotated, Literal

import msgspec

from vedette.model.errors import SettingError

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
MotionKind = Literal["straight", "turn", "slow"]


class Motion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way in which an object may move between two plots.

    ``straight`` and ``turn`` are nearly constant velocity and nearly constant turn rate with white
    acceleration; ``slow`` is a velocity that is forgotten (Ornstein-Uhlenbeck), for what hovers or drifts.
    Source of the models: Li and Jilkov, Survey of Maneuvering Target Tracking, part I (2003).
    """

    name: str
    kind: MotionKind
    turn_rate_rps: Annotated[float, msgspec.Meta(ge=-1, le=1)] = 0.0  # positive turns left [rad/s]
    acceleration_density: Annotated[float, msgspec.Meta(gt=0, le=1e6)]  # white acceleration [m²/s³]
    decay_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 60.0  # memory of velocity, slow only
    stay_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)]  # mean time in this motion
    entry: Annotated[
        float, msgspec.Meta(gt=0, le=1)
    ]  # weight when another motion is left, or at birth
    birth_speed_sigma_mps: Annotated[
        float, msgspec.Meta(gt=0, le=2000)
    ]  # per axis, before a 2nd plot


# Straight: an airliner or jet that holds its course wanders by about 1 m/s in 10 s (0.15 m²/s³) and turns once
# in minutes. Turns: 2.3°/s lies between the 1°/s of a jet at 25° of bank and the standard 3°/s; the density
# covers both. Manoeuvre: what turns harder (a fighter at 9 g: 12°/s) or starts and stops; rare, and so wide
# that the gate holds it. Densities and times were chosen on seeds below 100 of the scenes "normal",
# "manoeuvre" and "straight", never on the seeds that figures are reported from.
# Birth: 300 m/s per axis puts Mach 3 (1,020 m/s at sea level) inside a gate of four sigma.
DEFAULT_MOTIONS = (
    Motion(
        name="straight", kind="straight", acceleration_density=0.15, stay_s=150.0, entry=0.7,
        birth_speed_sigma_mps=300.0,
    ),
    Motion(
        name="left", kind="turn", turn_rate_rps=0.04, acceleration_density=5.0, stay_s=25.0,
        entry=0.15, birth_speed_sigma_mps=300.0,
    ),
    Motion(
        name="right", kind="turn", turn_rate_rps=-0.04, acceleration_density=5.0, stay_s=25.0,
        entry=0.15, birth_speed_sigma_mps=300.0,
    ),
    Motion(
        name="manoeuvre", kind="straight", acceleration_density=1500.0, stay_s=15.0, entry=0.03,
        birth_speed_sigma_mps=300.0,
    ),
)  # fmt: skip
# What is slow may stop, hover, drift or turn on the spot: it needs less noise and no turn rate.
# Straight: a balloon or a drone on its way; hover: a velocity that is forgotten within 20 s; agile: 1 m/s² held.
DEFAULT_SLOW_MOTIONS = (
    Motion(
        name="straight", kind="straight", acceleration_density=0.1, stay_s=60.0, entry=0.6,
        birth_speed_sigma_mps=40.0,
    ),
    Motion(
        name="hover", kind="slow", acceleration_density=2.0, decay_s=20.0, stay_s=60.0, entry=0.2,
        birth_speed_sigma_mps=12.0,
    ),
    Motion(
        name="agile", kind="straight", acceleration_density=10.0, stay_s=20.0, entry=0.2,
        birth_speed_sigma_mps=40.0,
    ),
)  # fmt: skip


# Until its third plot a track may be fast or slow and nothing else: the velocity tells nothing of turns yet.
DEFAULT_BIRTH_MOTIONS = (
    Motion(
        name="fast", kind="straight", acceleration_density=20.0, stay_s=600.0, entry=0.7,
        birth_speed_sigma_mps=300.0,
    ),
    Motion(
        name="slow", kind="straight", acceleration_density=4.0, stay_s=600.0, entry=0.3,
        birth_speed_sigma_mps=20.0,
    ),
)  # fmt: skip


class FusionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the recognised air picture is computed; part of the record, since it decides the result.

    A track has one of three sets of motions by its age and speed (variable-structure IMM, Li and Bar-Shalom 1996).

    Raises:
        SettingError: no motion, more than four in a set, or limits that contradict each other.
    """

    motions: tuple[Motion, ...] = DEFAULT_MOTIONS
    slow_motions: tuple[Motion, ...] = DEFAULT_SLOW_MOTIONS  # none: all objects have the others
    birth_motions: tuple[Motion, ...] = DEFAULT_BIRTH_MOTIONS
    slow_below_mps: Annotated[float, msgspec.Meta(gt=0, le=300)] = 40.0

    # association
    gate_chi2: Annotated[float, msgspec.Meta(ge=4, le=100)] = 16.0  # 2 dof: loses 0.03 % of plots
    gate_max_m: Annotated[float, msgspec.Meta(ge=1000, le=100_000)] = 25_000.0
    cell_m: Annotated[float, msgspec.Meta(ge=1000, le=50_000)] = 8_000.0  # of the spatial hash
    same_address_factor: Positive = 3_000.0  # likelihood ratio of an equal 24-bit address
    other_address_factor: Positive = 1e-4  # addresses are seldom garbled: CRC of 24 bits
    same_code_factor: Positive = 30.0  # Mode A: 4,096 codes, some shared by many
    other_code_factor: Positive = 0.05  # codes are changed in flight and garbled
    same_callsign_factor: Positive = 100.0
    other_callsign_factor: Positive = 0.1
    second_look: Share = 0.02  # chance that a radar reports one object twice in half a turn

    # existence
    birth_per_m2: Positive = 1e-11  # new objects per scan: one in 300 km x 300 km
    birth_per_turn: Positive = 1.0  # of a sensor, at least: rules where the range is short
    clutter_per_scan: Positive = (
        40.0  # false plots of a turn of a long-range radar, before its map has learnt
    )
    clutter_memory_s: Annotated[float, msgspec.Meta(ge=10, le=86_400)] = 300.0
    geographic_clutter_per_m2: Positive = 1e-13
    confirm_odds: Annotated[float, msgspec.Meta(ge=10, le=1e12)] = 3e4  # of a primary-only track
    confirm_updates: Annotated[int, msgspec.Meta(ge=2, le=20)] = 3
    confirm_updates_cooperative: Annotated[int, msgspec.Meta(ge=1, le=20)] = 2
    end_existence: Share = 0.02
    latency_s: Annotated[float, msgspec.Meta(ge=0, le=30)] = 1.0  # plots reach us this much later
    coast_periods: Annotated[float, msgspec.Meta(ge=1, le=20)] = 1.5
    tentative_periods: Annotated[float, msgspec.Meta(ge=1, le=20)] = 2.2
    end_periods: Annotated[float, msgspec.Meta(ge=1, le=100)] = 5.0
    end_min_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 30.0
    end_max_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 180.0
    merge_chi2: Annotated[float, msgspec.Meta(gt=0, le=100)] = 9.5  # 4 dof, 95 %
    merge_checks: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3  # in a row, each after new plots

    # time
    late_max_s: Annotated[float, msgspec.Meta(ge=0, le=120)] = 30.0
    future_max_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 5.0  # clocks that run ahead

    # height
    height_assumed_hae_m: Annotated[float, msgspec.Meta(ge=0, le=30_000)] = (
        7_000.0  # nobody told us
    )
    height_assumed_sigma_m: Annotated[float, msgspec.Meta(ge=100, le=20_000)] = 4_000.0
    # above the site, with as much sigma: what a sensor of drones or a person reports
    low_assumed_m: Annotated[float, msgspec.Meta(ge=10, le=5_000)] = 200.0
    height_unknown_sigma_m: Positive = 2_500.0  # above it the picture says null
    height_drift: NotNegative = 400.0  # random walk of an unmeasured height [m²/s]
    pressure_sigma_m: Positive = 20.0  # Mode C steps of 25 and 100 ft, altimeter tolerance
    # pressure height to ellipsoid: surface pressure ±15 hPa, geoid ±50 m; temperature ±8 K of ISA
    datum_sigma_m: Positive = 130.0
    datum_sigma_share: Share = 0.03
    geometric_sigma_m: Positive = 30.0
    elevation_sigma_rad: Positive = math.radians(0.3)
    climb_density: Positive = 1.0  # white vertical acceleration [m²/s³]

    # measured velocity
    velocity_sigma_mps: Positive = 10.0  # broadcast velocity, used at birth only
    range_rate_sigma_mps: Positive = 3.0  # of a radar that measures it

    # registration of radars against what others see; a sigma of 0 leaves that bias out
    register_range_m: NotNegative = 40.0  # before anything is known
    register_azimuth_rad: Annotated[float, msgspec.Meta(ge=0, le=0.1)] = math.radians(0.04)
    register_time_s: Annotated[float, msgspec.Meta(ge=0, le=10)] = 0.1
    # errors of one track repeat from plot to plot: so many plots count as one
    register_repeats: Annotated[float, msgspec.Meta(ge=1, le=1_000)] = 4.0
    register_memory_s: Annotated[float, msgspec.Meta(ge=10, le=86_400)] = 600.0
    register_samples: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = (
        64  # per sensor and tick, about
    )

    # work
    cores: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1  # threads; changes no bit of the result

    # bounds
    tracks_max: Annotated[int, msgspec.Meta(ge=1, le=200_000)] = 50_000
    plots_max: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 200_000  # per step
    sensors_max: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 256
    belief_rounds: Annotated[int, msgspec.Meta(ge=1, le=200)] = 30

    def __post_init__(self) -> None:
        if not 1 <= len(self.motions) <= 4:
            raise SettingError(f"fusion: give 1 to 4 motions, not {len(self.motions)}")
        if not 1 <= len(self.birth_motions) <= 4:
            raise SettingError(f"fusion: give 1 to 4 birth motions, not {len(self.birth_motions)}")
        if len(self.slow_motions) > 4:
            raise SettingError(f"fusion: give up to 4 slow motions, not {len(self.slow_motions)}")
        if self.end_min_s > self.end_max_s:
            raise SettingError("fusion: end_min_s is larger than end_max_s")
