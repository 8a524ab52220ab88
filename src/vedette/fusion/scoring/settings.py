"""What a score depends on: cut-off, order, window and where the measuring begins."""

from typing import Annotated, Final

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0)]

SEEN: Final = ("confirmed", "coasting")


class ScoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a score; two scores compare only where these are equal."""

    cut_m: Positive = 1_000.0  # c of GOSPA and OSPA(2): farther apart is another object
    order: Annotated[float, msgspec.Meta(ge=1, le=10)] = 2.0  # p
    alpha: Annotated[float, msgspec.Meta(gt=0, le=2)] = 2.0  # 2: missed and false are parts
    window: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10  # pictures of an OSPA(2) window
    window_step: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 5  # from one window to the next
    since_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0  # start-up that only initiation looks at
    statuses: tuple[str, ...] = SEEN  # what an operator is shown
    # EUROCONTROL-SPEC-147 for 5 NM separation: interval of an update, an error that counts as large
    update_interval_s: Positive = 8.0
    large_error_m: Positive = 926.0
    large_errors_in_series: Annotated[int, msgspec.Meta(ge=1)] = 3
