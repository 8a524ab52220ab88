"""A sensor's site, accuracy and pace: what recordings do not carry."""

from typing import Annotated, Literal

import msgspec

SensorKind = Literal[
    "psr", "ssr", "mode_s", "ads_b", "mlat", "remote_id", "cuas", "acoustic", "person", "track"
]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Sensor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sensor: where it stands and how well it measures.

    A radar is found by ``sac``/``sic``; its plots get ``sensor_id`` from here. Defaults are those of
    a long-range rotating radar (EUROCONTROL-SPEC-147 gives the order of magnitude).
    """

    sensor_id: str
    kind: SensorKind
    latitude_deg: Latitude
    longitude_deg: Longitude
    height_hae_m: float = 0.0
    sac: int | None = None
    sic: int | None = None
    range_max_m: Positive = 463_000.0  # 250 NM
    range_sigma_m: Positive = 70.0
    azimuth_sigma_rad: Positive = 0.00122  # 0.07 degrees
    period_s: Positive = 10.0
    detection_probability: Probability = 0.9
    edition: str | None = None  # ASTERIX editions pinned: "048/1.23,062/1.18"


def decode_sensors(data: bytes) -> tuple[Sensor, ...]:
    """Sensors of a JSON list, the file given as ``--sensors``.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: it is no JSON list of sensors; the message says where.
    """
    return tuple(msgspec.json.decode(data, type=list[Sensor]))
