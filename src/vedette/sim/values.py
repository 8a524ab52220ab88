"""Kinds of numbers that people write into the simulator's files, with their limits."""

from typing import Annotated

import msgspec

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Speed = Annotated[float, msgspec.Meta(ge=0, le=2000)]
Metres = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Period = Annotated[float, msgspec.Meta(gt=0, le=600)]
Window = tuple[float, float]  # from and until, seconds after the start
