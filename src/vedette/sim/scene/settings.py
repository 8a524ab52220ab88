"""Parameters of a scene, and the scenes that have names."""

from typing import Annotated, Final, Literal

import msgspec

from vedette.model.errors import SettingError
from vedette.model.sensor import SensorKind

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Layout = Literal["area", "circle", "formation", "crossing"]

REPORTING_SEEDS: Final = 1000  # from here on: figures only, never looked at while tuning
TUNING_SEEDS: Final = 100  # below: free to look at


class Traffic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What flies, and where it begins. What is left after the shares are aircraft that now and then turn."""

    objects: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 100
    layout: Layout = "area"
    side_m: Positive = 1_000_000.0  # of the square, or across the circle
    spacing_m: Positive = 1_000.0  # of a formation; apart at the point of a crossing
    group: Annotated[int, msgspec.Meta(ge=1)] = 3  # objects of a formation or crossing
    speed_mps: tuple[float, float] = (60.0, 280.0)
    height_hae_m: tuple[float, float] = (1_500.0, 12_000.0)
    drones: Share = (
        0.0  # 5 to 30 m/s below 600 m, seen at a quarter of the range, half of them hover
    )
    fighters: Share = 0.0  # 150 to 450 m/s, turns of 3 to 12°/s, climbs of 60 m/s
    balloons: Share = 0.0  # 3 to 25 m/s with the wind, climbing slowly
    turn_deg_s: tuple[float, float] = (1.0, 3.0)
    straight_s: Positive = (
        90.0  # mean length of a straight leg; longer than the scene: nobody turns
    )
    climbing: Share = 0.3  # share of legs in climb or descent
    modelled: bool = False  # aircraft move as the tracker's own motions say, instead of by legs
    wander: NotNegative = 0.0  # density of white acceleration of everybody [m²/s³]
    equipped: Share = 0.0  # answers Mode S and broadcasts


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sensors look on, and what is wrong with them."""

    radars: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 8
    kind: SensorKind = "psr"
    side_m: Positive = 1_000_000.0
    offset_m: tuple[float, float] = (0.0, 0.0)  # north and east, of its middle from the traffic's
    period_s: Positive = 4.0
    range_max_m: tuple[float, float] = (200_000.0, 400_000.0)
    range_sigma_m: Positive = 70.0
    azimuth_sigma_deg: Positive = 0.08
    detection: Share = 0.9
    site_height_hae_m: float = 50.0
    false_plots: NotNegative = 0.0
    sea_clutter: NotNegative = 0.0  # plots a turn of each radar from a patch of 40 km
    wind_farms: Annotated[int, msgspec.Meta(ge=0, le=20)] = (
        0  # of each radar: 30 turbines, 4 plots a turn
    )
    range_bias_m: NotNegative = 0.0  # sigma over the radars, as all biases
    azimuth_bias_deg: NotNegative = 0.0
    time_bias_s: NotNegative = 0.0
    azimuth_drift_deg_h: NotNegative = 0.0
    outages: Share = 0.0  # of the radars: each is silent for a quarter of the scene
    delay_s: NotNegative = 0.0
    delay_max_s: NotNegative = 30.0
    receivers: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0  # of broadcasts (ADS-B)
    receiver_sigma_m: Positive = 20.0
    multilateration: bool = False


class SceneSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of a scene but its seed."""

    traffic: Traffic = Traffic()
    field: Field = Field()
    duration_s: Annotated[int, msgspec.Meta(ge=1, le=7200)] = 120
    centre_deg: tuple[float, float] = (56.0, 12.0)
    heights: bool = True  # plots carry pressure altitudes of their objects
    addresses: bool = (
        False  # also primary plots name their object: a test of the interface, no radar
    )
    pressure_bias_m: NotNegative = 0.0  # sigma of the air's own error, one for the scene
    duplicates: Share = 0.0


_SHORT: Final = Field(
    radars=1, kind="cuas", side_m=1_000.0, period_s=1.0, range_max_m=(20_000.0, 20_000.0),
    range_sigma_m=8.0, azimuth_sigma_deg=0.5, site_height_hae_m=20.0,
)  # fmt: skip

SCENES: Final[dict[str, SceneSettings]] = {
    "sparse": SceneSettings(
        traffic=Traffic(objects=20, side_m=300_000.0), field=Field(radars=3, side_m=200_000.0)
    ),
    "straight": SceneSettings(  # three jets, three slow radars: accuracy where nobody turns
        traffic=Traffic(
            objects=3, side_m=100_000.0, speed_mps=(170.0, 300.0), straight_s=1e6, climbing=0.0,
            height_hae_m=(7_000.0, 11_000.0),
        ),
        field=Field(radars=3, side_m=300_000.0, period_s=10.0, range_max_m=(4e5, 4e5), azimuth_sigma_deg=0.07),
    ),
    "drawn": SceneSettings(  # each flight one motion of the tracker after another, as it expects them
        traffic=Traffic(
            objects=12, side_m=200_000.0, speed_mps=(170.0, 300.0), modelled=True,
            height_hae_m=(7_000.0, 11_000.0),
        ),
        field=Field(radars=3, side_m=300_000.0, period_s=10.0, range_max_m=(4e5, 4e5), azimuth_sigma_deg=0.07),
        duration_s=90,
    ),
    "in_models": SceneSettings(  # white acceleration of the straight model's own density
        traffic=Traffic(
            objects=6, side_m=100_000.0, speed_mps=(170.0, 300.0), straight_s=1e6, climbing=0.0,
            height_hae_m=(7_000.0, 11_000.0), wander=0.2,
        ),
        field=Field(radars=3, side_m=300_000.0, period_s=10.0, range_max_m=(4e5, 4e5), azimuth_sigma_deg=0.07),
        duration_s=60,
    ),
    "normal": SceneSettings(
        traffic=Traffic(objects=500, drones=0.1), field=Field(false_plots=50.0)
    ),
    "clutter": SceneSettings(
        traffic=Traffic(objects=100, side_m=400_000.0),
        field=Field(radars=4, side_m=200_000.0, false_plots=300.0, sea_clutter=40.0, wind_farms=3),
    ),
    "low_pd": SceneSettings(
        traffic=Traffic(objects=200, side_m=500_000.0),
        field=Field(radars=6, side_m=400_000.0, detection=0.5, false_plots=50.0),
    ),
    "manoeuvre": SceneSettings(
        traffic=Traffic(objects=100, side_m=400_000.0, fighters=0.6, straight_s=25.0),
        field=Field(radars=6, side_m=300_000.0, false_plots=20.0),
    ),
    "formation": SceneSettings(
        traffic=Traffic(objects=30, layout="formation", side_m=300_000.0, straight_s=1e6, climbing=0.0,
                        speed_mps=(200.0, 280.0)),
        field=Field(radars=4, side_m=250_000.0, false_plots=20.0), heights=False,
    ),
    "crossing": SceneSettings(
        traffic=Traffic(objects=40, layout="crossing", group=2, side_m=300_000.0, spacing_m=100.0,
                        straight_s=1e6, climbing=0.0, speed_mps=(150.0, 280.0)),
        field=Field(radars=4, side_m=250_000.0, false_plots=20.0), heights=False,
    ),
    "drones": SceneSettings(
        traffic=Traffic(objects=20, side_m=8_000.0, drones=1.0),
        field=msgspec.structs.replace(_SHORT, false_plots=5.0), heights=False,
    ),
    "drones_flat": SceneSettings(  # the same under a radar that measures no height
        traffic=Traffic(objects=20, side_m=8_000.0, drones=1.0),
        field=msgspec.structs.replace(_SHORT, kind="psr", false_plots=5.0), heights=False,
    ),
    "balloons": SceneSettings(
        traffic=Traffic(objects=30, side_m=300_000.0, balloons=0.7),
        field=Field(radars=4, side_m=250_000.0, false_plots=20.0), duration_s=180,
    ),
    "bias": SceneSettings(
        traffic=Traffic(objects=200, side_m=500_000.0),
        field=Field(radars=6, side_m=400_000.0, false_plots=20.0, range_bias_m=100.0,
                    azimuth_bias_deg=0.1, time_bias_s=0.05, azimuth_drift_deg_h=0.2),
    ),
    "late": SceneSettings(  # out of order, up to 30 s
        traffic=Traffic(objects=200, side_m=500_000.0),
        field=Field(radars=6, side_m=400_000.0, false_plots=20.0, delay_s=6.0),
        duplicates=0.02,
    ),
    "outage": SceneSettings(
        traffic=Traffic(objects=200, side_m=500_000.0),
        field=Field(radars=6, side_m=400_000.0, false_plots=20.0, outages=0.5),
    ),
    "cooperative": SceneSettings(  # Mode S radars, receivers and multilateration; one in four is silent
        traffic=Traffic(objects=200, side_m=500_000.0, equipped=0.75),
        field=Field(radars=6, side_m=400_000.0, kind="mode_s", false_plots=20.0, receivers=2,
                    multilateration=True),
        heights=False, pressure_bias_m=60.0,
    ),
    # 1,000 objects in a circle of 60 km under one radar beside it, all at one height: heights help nobody
    "extreme": SceneSettings(
        traffic=Traffic(
            objects=1000, layout="circle", side_m=60_000.0, height_hae_m=(6_900.0, 7_100.0),
            climbing=0.0,
        ),
        field=Field(
            radars=1, side_m=1_000.0, offset_m=(-40_000.0, 0.0), range_max_m=(150_000.0, 150_000.0),
            false_plots=50.0,
        ),
    ),
    "nobody": SceneSettings(  # false plots alone
        traffic=Traffic(objects=0), field=Field(radars=8, false_plots=50.0), duration_s=600,
    ),
    "large": SceneSettings(
        traffic=Traffic(objects=10_000, drones=0.1),
        field=Field(radars=100, false_plots=50.0), duration_s=60,
    ),
}  # fmt: skip


def named(name: str) -> SceneSettings:
    """The scene of a name.

    Raises:
        SettingError: there is none; the message lists them.
    """
    if name not in SCENES:
        raise SettingError(f"no scene {name!r}; there are {', '.join(SCENES)}")
    return SCENES[name]
