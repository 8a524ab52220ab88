"""Settings of the watch stage; every bound on its work and memory is here."""

from typing import Annotated

import msgspec

from vedette.model.errors import SettingError
from vedette.model.zone import ZoneKind

Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
Probability = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class WatchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as inside, how long we wait, how much we keep.

    ``certain`` is the one threshold of the hysteresis: an object is inside once P(inside) reaches it, and outside
    again once P(inside) falls to ``1 - certain``. Between the two nothing changes.

    Raises:
        SettingError: a value that cannot be used, or two that contradict each other.
    """

    kinds: tuple[ZoneKind, ...] = (
        "sovereign",
        "disputed",
        "restricted",
        "prohibited",
        "danger",
        "ctr",
        "temporary",
        "shield",
    )
    certain: Probability = 0.98
    grace_s: Seconds = (
        10.0  # how long an object may stay unassessed before it counts as unexplained
    )
    settle_s: Seconds = 30.0  # after this much more track an entry or exit is no longer revised
    revision_s: Seconds = 10.0  # an open incident is revised at least this often
    watch_ahead_s: Seconds = 15.0  # states are kept of what could reach a boundary within this time
    check_s: Seconds = 10.0  # nothing goes unchecked for longer, wherever it is
    fine_s: Annotated[float, msgspec.Meta(ge=0.1, le=10)] = 1.0  # step of the smoothed path
    ring_states: Annotated[int, msgspec.Meta(ge=8, le=1_024)] = 96  # filter states kept of a track
    stretch_s: Seconds = 20.0  # states further apart than this count as independent for the depth
    stretches: Annotated[int, msgspec.Meta(ge=1, le=256)] = 32  # kept of each crossing, the deepest
    # acceleration noise of a steady and of a turning object [m²/s³], used until the track's own is seen
    steady_m2ps3: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = 1.0
    turning_m2ps3: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = 50.0
    # boundary errors this far apart are nearly independent; surveyed in pieces by different states
    boundary_correlation_m: Annotated[float, msgspec.Meta(gt=0, le=1e7)] = 5_000.0
    height_sigma_m: Annotated[float, msgspec.Meta(gt=0, le=10_000)] = (
        50.0  # where a track states none
    )
    datum_sigma_m: Annotated[float, msgspec.Meta(gt=0, le=10_000)] = (
        150.0  # limit and height differ in datum
    )
    unseen_s: Seconds = 3_600.0  # an entry nobody saw is at most this much older than the track
    predict_s: Seconds = 5.0  # how often the unexplained are predicted
    due_s: Seconds = 15.0  # a prediction this near its time waits for the crossing itself
    predict_horizon_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 120.0
    futures: Annotated[int, msgspec.Meta(ge=16, le=4_096, multiple_of=2)] = (
        128  # flights drawn for each prediction
    )
    route_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = (
        0.9  # of them that keep to a route, where one is known
    )
    # height [m], east and north of the wind [m/s], heights rising; empty: calm
    wind: tuple[tuple[float, float, float], ...] = ()
    hand_over_horizon_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = (
        300.0  # how long before a border the next member may be told
    )
    left_s: Seconds = 120.0  # how long a zone counts as just left
    return_s: Seconds = 15.0  # one just left is expected again after it was headed for so long
    predict_probability: Probability = 0.5
    withdraw_probability: Probability = 0.1
    help_radius_m: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 100_000.0
    group_s: Seconds = 60.0
    group_m: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 10_000.0
    group_course_rad: Annotated[float, msgspec.Meta(ge=0, le=3.2)] = 0.524  # 30 degrees
    reacquire_s: Seconds = 180.0  # a lost object may be found again within this time
    reacquire_m: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = (
        2_000.0  # beside what its motion allows
    )
    reacquire_mps2: Annotated[float, msgspec.Meta(ge=0, le=200)] = (
        5.0  # how hard it may have manoeuvred
    )
    keep_s: Seconds = 3_600.0  # a closed or lost incident is remembered, so that it can go on
    incidents: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10_000  # kept at once

    def __post_init__(self) -> None:
        if not 0.5 < self.certain < 1.0:
            raise SettingError("certain must lie between 0.5 and 1")
        if not 0.0 < self.withdraw_probability < self.predict_probability < 1.0:
            raise SettingError("withdraw_probability must lie below predict_probability")
        heights = [height_m for height_m, _, _ in self.wind]
        if heights != sorted(set(heights)):
            raise SettingError("the heights of the wind must rise")
        if self.fine_s <= 0.0 or self.ring_states < 8:
            raise SettingError("fine_s must be above 0 and ring_states at least 8")
