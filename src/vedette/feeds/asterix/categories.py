"""Each category's records as plots: which items are used and what they mean.

Sources: EUROCONTROL-SPEC-0149, parts 2 (001, 002), 7 (010), 12 (021), 14 (020), 9 (062), 18 (019), 28 (205) and
29 (129); docs/reference/feeds-asterix.md has the list of items.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.airspace.heights import hae_from_amsl
from vedette.feeds.asterix import conversion as c
from vedette.feeds.asterix.conversion import Category, Converted
from vedette.feeds.asterix.records import MISSING, Records
from vedette.model.columns import Floats
from vedette.model.units import FOOT_PER_MINUTE_MPS

# I021/020 to the emitter categories of DO-260B
EMITTERS: Final = {
    1: "A1", 2: "A2", 3: "A3", 4: "A4", 5: "A5", 6: "A6", 10: "A7", 11: "B1", 12: "B2",
    13: "B6", 14: "B7", 15: "B4", 16: "B3", 20: "C1", 21: "C2", 22: "C3", 23: "C4", 24: "C5",
}  # fmt: skip
_EMITTER_NAMES: Final = pa.array([EMITTERS.get(code) for code in range(256)], pa.string())
_KINDS: Final = pa.array(["psr", "ssr"])
# I010/020 TYP
_SURFACE_KINDS: Final = pa.array(["mlat", "mlat", "ads_b", "psr", "psr", "mlat", "mlat", "psr"])
ICAO, DUPLICATE = 0, 1  # I021/040 ATP: whose address it is


def _names(codes: np.ndarray, names: pa.Array) -> pa.Array:
    known = (codes != MISSING) & (codes < len(names))
    return names.take(pa.array(np.where(known, codes, 0), pa.int64(), mask=~known))


def _plain(records: Records) -> Converted:
    return c.service(records, ticks="030")


def _surface_service(records: Records) -> Converted:
    return c.service(records, ticks="140")


# ---------------------------------------------------------------------------------------- 001, 002


def _monoradar(records: Records) -> Converted:
    """Category 001: plots and tracks of one radar, with a time of day that wraps every 512 s."""
    kind = records.raw("020.SSRPSR")
    level_fl = records.number("090.HGT")
    garbled = records.flag("090.V") | records.flag("090.G")
    polar = records.has("040.RHO")
    angle = records.number("200.HDG")
    return Converted(
        outcome=c.outcomes(
            len(kind),
            test=records.flag("020.SIM") | records.flag("020.TST"),
            monitor=records.flag("020.RAB"),
            none=(kind == 0) | (records.flag("020.TYP") & ~polar & ~records.has("042.X")),
        ),
        ticks=records.raw("141"),
        wrap_ticks=1 << 16,
        false=c.bad_level(level_fl) & ~garbled,
        columns={
            "kind": _KINDS.take(pa.array(np.where(kind == 1, 0, 1))),
            "range_m": records.number("040.RHO") * c.NAUTICAL_MILE_M,
            "azimuth_rad": np.radians(records.number("040.THETA")),
            "mode3a": c.squawk(
                records.raw("070.MODE3A"), ~(records.flag("070.V") | records.flag("070.G"))
            ),
            "pressure_altitude_m": c.level_m(level_fl, garbled),
            "ground_speed_mps": records.number("200.GSP") * c.NAUTICAL_MILE_M,
            "track_angle_rad": np.radians(angle),
            "track_number": c.optional(records.raw("161"), np.ones(len(kind), bool), pa.int32()),
        },
        cartesian_m=_local(records, "042", c.NAUTICAL_MILE_M, unless=polar),
        at_site=np.ones(len(kind), bool),
    )


def _local(records: Records, item: str, metres: float, unless: np.ndarray | None = None) -> Floats:
    places = np.column_stack((records.number(f"{item}.X"), records.number(f"{item}.Y"))) * metres
    if unless is not None:
        places[unless] = np.nan
    return places


MONORADAR: Final = Category(
    (
        *("020.TYP", "020.SIM", "020.SSRPSR", "020.RAB", "020.TST", "040.RHO", "040.THETA"),
        *("042.X", "042.Y", "070.V", "070.G", "070.MODE3A", "090.V", "090.G", "090.HGT"),
        *("141", "161", "200.GSP", "200.HDG"),
    ),
    _monoradar,
)

# --------------------------------------------------------------------------------------- 010, 020


def _surface(records: Records) -> Converted:
    """Category 010: surface movement radars and multilateration of aerodromes."""
    latitude_deg, longitude_deg = records.number("041.LAT"), records.number("041.LON")
    placed = ~np.isnan(latitude_deg)
    polar = records.has("040.RHO")
    kind = records.raw("020.TYP")
    level_fl = records.number("090.FL")
    garbled = records.flag("090.V") | records.flag("090.G")
    fast = c.velocity(records.number("202.VX"), records.number("202.VY"))
    speed = records.number("200.GSP") * c.NAUTICAL_MILE_M
    angle = np.radians(records.number("200.TRA"))
    everyone = np.ones(len(kind), bool)
    return Converted(
        outcome=c.outcomes(
            len(kind),
            test=records.flag("020.SIM") | records.flag("020.TST"),
            monitor=records.raw("020.RAB") == 1,
            none=~placed & ~polar & ~records.has("042.X"),
            service=(records.raw("000") != 1) & (records.raw("000") != MISSING),
        ),
        ticks=records.raw("140"),
        false=c.bad_time(records.raw("140"))
        | c.bad_place(latitude_deg, longitude_deg)
        | (c.bad_level(level_fl) & ~garbled),
        columns={
            "kind": _names(np.where(kind == MISSING, 4, kind), _SURFACE_KINDS),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "range_m": np.where(placed, np.nan, records.number("040.RHO")),
            "azimuth_rad": np.where(placed, np.nan, np.radians(records.number("040.TH"))),
            "position_sigma_m": np.sqrt(
                (records.number("500.DEVX") ** 2 + records.number("500.DEVY") ** 2) / 2.0
            ),
            "mode3a": c.squawk(
                records.raw("060.MODE3A"), ~(records.flag("060.V") | records.flag("060.G"))
            ),
            "pressure_altitude_m": c.level_m(level_fl, garbled),
            "ground_speed_mps": np.where(np.isnan(speed), fast["ground_speed_mps"], speed),
            "track_angle_rad": np.where(np.isnan(angle), fast["track_angle_rad"], angle),
            "icao24": c.address(records.raw("220"), everyone),
            "callsign": c.callsigns(records.raw("245.CHR"), records.raw("245.STI") == 1),
            "on_ground": c.ground(records.raw("020.GBS")),
            "track_number": c.optional(records.raw("161.TRK"), everyone, pa.int32()),
        },
        cartesian_m=_local(records, "042", 1.0, unless=placed | polar),
        at_site=~placed,
    )


SURFACE: Final = Category(
    (
        *(
            "000",
            "020.TYP",
            "020.GBS",
            "020.SIM",
            "020.TST",
            "020.RAB",
            "140",
            "041.LAT",
            "041.LON",
        ),
        *("040.RHO", "040.TH", "042.X", "042.Y", "200.GSP", "200.TRA", "202.VX", "202.VY"),
        *("161.TRK", "060.V", "060.G", "060.MODE3A", "220", "245.STI", "245.CHR"),
        *("090.V", "090.G", "090.FL", "500.DEVX", "500.DEVY"),
    ),
    _surface,
)


def _multilateration(records: Records) -> Converted:
    """Category 020: multilateration; Cartesian places are about the system's reference point."""
    latitude_deg, longitude_deg = records.number("041.LAT"), records.number("041.LON")
    placed = ~np.isnan(latitude_deg)
    level_fl = records.number("090.FL")
    garbled = records.flag("090.V") | records.flag("090.G")
    everyone = np.ones(len(placed), bool)
    return Converted(
        outcome=c.outcomes(
            len(placed),
            test=records.flag("020.SIM") | records.flag("020.TST"),
            monitor=records.flag("020.RAB"),
            none=~placed & ~records.has("042.X"),
        ),
        ticks=records.raw("140"),
        false=c.bad_time(records.raw("140"))
        | c.bad_place(latitude_deg, longitude_deg)
        | (c.bad_level(level_fl) & ~garbled),
        columns={
            "kind": pa.repeat("mlat", len(placed)),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "position_sigma_m": np.sqrt(
                (records.number("500.SDP.X") ** 2 + records.number("500.SDP.Y") ** 2) / 2.0
            ),
            "height_hae_m": c.height_m(records.number("105")),
            "height_sigma_m": records.number("500.SDH"),
            "mode3a": c.squawk(
                records.raw("070.MODE3A"), ~(records.flag("070.V") | records.flag("070.G"))
            ),
            "pressure_altitude_m": c.level_m(level_fl, garbled),
            **c.velocity(records.number("202.VX"), records.number("202.VY")),
            "icao24": c.address(records.raw("220"), everyone),
            "callsign": c.callsigns(records.raw("245.CHR"), records.raw("245.STI") == 1),
            "on_ground": c.ground(records.raw("020.GBS")),
            "track_number": c.optional(records.raw("161.TRN"), everyone, pa.int32()),
        },
        cartesian_m=_local(records, "042", 1.0, unless=placed),
        at_site=~placed,
    )


MULTILATERATION: Final = Category(
    (
        *(
            "020.RAB",
            "020.GBS",
            "020.SIM",
            "020.TST",
            "140",
            "041.LAT",
            "041.LON",
            "042.X",
            "042.Y",
        ),
        *(
            "161.TRN",
            "070.V",
            "070.G",
            "070.MODE3A",
            "202.VX",
            "202.VY",
            "090.V",
            "090.G",
            "090.FL",
        ),
        *("220", "245.STI", "245.CHR", "105", "500.SDP.X", "500.SDP.Y", "500.SDH"),
    ),
    _multilateration,
)

# --------------------------------------------------------------------------------------------- 021


def _ads_b(records: Records) -> Converted:
    """Category 021, editions 0.x and 2.x: reports of ADS-B ground stations."""
    rough = records.number("130.LAT"), records.number("130.LON")
    fine = records.number("131.LAT"), records.number("131.LON")
    latitude_deg = np.where(np.isnan(fine[0]), rough[0], fine[0])
    longitude_deg = np.where(np.isnan(fine[1]), rough[1], fine[1])
    ticks = records.first("071", "073", "030", "075", "072", "077")
    level_fl = records.number("145")
    speed = records.number("160.GS") * c.NAUTICAL_MILE_M
    climb = records.first("155.BVR", "157.GVR", "155", "157")
    climb_mps = np.where(climb == MISSING, np.nan, climb * 6.25 * FOOT_PER_MINUTE_MPS)
    kind = records.raw("040.ATP")
    anyone = (kind == ICAO) | (kind == DUPLICATE) | (kind == MISSING)
    version = records.raw("210.VN")
    modern = version >= 1  # before, the same bits held NUCp
    everyone = np.ones(len(ticks), bool)
    emergency = records.raw("200.PS")
    unlikely = records.flag("040.NOGO") | records.flag("040.IPC")
    garbled = records.flag("070.V") | records.flag("070.G")
    return Converted(
        outcome=c.outcomes(
            len(ticks),
            test=records.flag("040.SIM") | records.flag("040.TST"),
            monitor=records.flag("040.RAB"),
            none=unlikely,
        ),
        ticks=ticks,
        false=c.bad_time(ticks) | c.bad_place(latitude_deg, longitude_deg) | c.bad_level(level_fl),
        columns={
            "kind": pa.repeat("ads_b", len(ticks)),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "height_hae_m": c.height_m(records.number("140")),
            "pressure_altitude_m": c.level_m(level_fl, np.zeros(len(ticks), bool)),
            "ground_speed_mps": np.where(records.flag("160.RE"), np.nan, speed),
            "track_angle_rad": np.radians(records.number("160.TA")),
            "vertical_rate_mps": np.where(
                records.flag("155.RE") | records.flag("157.RE"), np.nan, climb_mps
            ),
            "icao24": c.address(records.raw("080"), anyone),
            "mode3a": c.squawk(records.raw("070.MODE3A"), ~garbled),
            "callsign": c.callsigns(records.raw("170"), everyone),
            "emitter_category": _names(records.raw("020"), _EMITTER_NAMES),
            "nic": c.optional(records.raw("090.NUCPNIC"), modern, pa.uint8()),
            "nac_p": c.optional(records.raw("090.NACP"), modern, pa.uint8()),
            "sil": c.optional(records.raw("090.SIL"), modern, pa.uint8()),
            "emergency": _names(emergency, c.EMERGENCY_NAMES),
            "on_ground": c.ground(records.raw("040.GBS")),
            "track_number": c.optional(records.raw("161.TRNUM"), everyone, pa.int32()),
        },
    )


ADS_B: Final = Category(
    (
        *("040.ATP", "040.RAB", "040.GBS", "040.SIM", "040.TST", "040.NOGO", "040.IPC"),
        *("161.TRNUM", "071", "073", "030", "075", "072", "077", "130.LAT", "130.LON", "131.LAT"),
        *(
            "131.LON",
            "080",
            "140",
            "090.NUCPNIC",
            "090.SIL",
            "090.NACP",
            "210.VN",
            "070.V",
            "070.G",
        ),
        *("070.MODE3A", "145", "200.PS", "155.RE", "155.BVR", "157.RE", "157.GVR", "155", "157"),
        *("160.RE", "160.GS", "160.TA", "170", "020"),
    ),
    _ads_b,
)

# --------------------------------------------------------------------------------------------- 062

_REPLIES: Final = pa.array([None, "friend", "unknown", None], pa.string())  # I062/080 MD4


def _system_tracks(records: Records) -> Converted:
    """Category 062: tracks of another system, as plots of kind track."""
    latitude_deg, longitude_deg = records.number("105.LAT"), records.number("105.LON")
    ticks = records.raw("070")
    level_fl = records.number("136")
    calculated_fl = np.where(records.flag("135.QNH"), np.nan, records.number("135.CTB"))
    garbled = records.flag("060.V") | records.flag("060.G")
    everyone = np.ones(len(ticks), bool)
    level = np.where(np.isnan(level_fl), calculated_fl, level_fl)
    names = c.callsigns(records.raw("380.ID"), everyone)
    sent = c.callsigns(records.raw("245.CHR"), records.raw("245.STI") == 0)
    on_ground = records.first("380.SAB.GBS", "080.SFC")
    sigma_m = np.sqrt((records.number("500.APC.X") ** 2 + records.number("500.APC.Y") ** 2) / 2.0)
    emergency = np.where(records.flag("080.EMS"), records.raw("080.EMS"), MISSING)
    emergency = np.where(emergency > 6, MISSING, emergency)
    return Converted(
        outcome=c.outcomes(
            len(ticks),
            test=records.flag("080.SIM"),
            # an ended or coasted track was not measured now
            none=records.flag("080.TSE") | records.flag("080.CST") | np.isnan(latitude_deg),
        ),
        ticks=ticks,
        false=c.bad_time(ticks)
        | (ticks == MISSING)
        | c.bad_place(latitude_deg, longitude_deg)
        | c.bad_level(level),
        columns={
            "kind": pa.repeat("track", len(ticks)),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "position_sigma_m": np.where(sigma_m > 0.0, sigma_m, np.nan),
            "pressure_altitude_m": c.level_m(level, np.zeros(len(ticks), bool)),
            "height_hae_m": c.height_m(records.number("130")),
            **c.velocity(records.number("185.VX"), records.number("185.VY")),
            "vertical_rate_mps": records.number("220") * FOOT_PER_MINUTE_MPS,
            "icao24": c.address(records.raw("380.ADR"), everyone),
            "mode3a": c.squawk(records.raw("060.MODE3A"), ~garbled),
            "callsign": pc.coalesce(names, sent),
            "emergency": _names(emergency, c.EMERGENCY_NAMES),
            "military_reply": _names(records.raw("080.MD4"), _REPLIES),
            "on_ground": c.ground(on_ground),
            "track_number": c.optional(records.raw("040"), everyone, pa.int32()),
        },
    )


SYSTEM_TRACKS: Final = Category(
    (
        *("070", "105.LAT", "105.LON", "185.VX", "185.VY", "060.V", "060.G", "060.MODE3A"),
        *("245.STI", "245.CHR", "380.ADR", "380.ID", "380.SAB.GBS", "040", "080.SIM", "080.TSE"),
        *("080.CST", "080.MD4", "080.EMS", "080.SFC", "136", "130", "135.QNH", "135.CTB", "220"),
        *("500.APC.X", "500.APC.Y"),
    ),
    _system_tracks,
)

# --------------------------------------------------------------------------------------------- 129

# I129/110 is the radius that holds half of the fixes: 1.1774 sigma of a circular normal error
_HALF_RADIUS_SIGMAS: Final = 1.1774
# Its 0 is "unknown, or more than 255 m"; the same is taken where the item is absent
_UNSTATED_SIGMA_M: Final = 500.0
_SERIAL_PARTS: Final = ("020", "030", "040.HI", "040.LO")


def _unmanned(records: Records) -> Converted:
    """Category 129: drones that say who and where they are, or gateways that heard them."""
    latitude_deg, longitude_deg = records.number("080.LAT"), records.number("080.LON")
    nowhere = c.bad_place(latitude_deg, longitude_deg)
    somewhere_deg = np.where(nowhere, np.nan, latitude_deg)
    height_m = hae_from_amsl(somewhere_deg, longitude_deg, records.number("090")).value_m
    radius_m = records.number("110")
    ticks = records.raw("070")
    count = len(ticks)
    return Converted(
        outcome=c.outcomes(count),
        ticks=ticks,
        false=c.bad_time(ticks) | nowhere,
        columns={
            "kind": pa.repeat("remote_id", count),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "position_sigma_m": np.where(
                radius_m > 0.0, radius_m / _HALF_RADIUS_SIGMAS, _UNSTATED_SIGMA_M
            ),
            "height_hae_m": height_m,
            **c.velocity(records.number("185.VX"), records.number("185.VY")),
            "vertical_rate_mps": records.number("220"),
            "remote_id": _serials(records),
            # what sends it says itself that it is an unmanned aircraft, not which
            "class_hint": pa.repeat("drone_small", count),
            "class_confidence": np.full(count, 0.5),
        },
    )


def _serials(records: Records) -> pa.Array:
    """Maker, model and serial number as one text; a part that is no text in hexadecimal digits."""
    parts = zip(*(records.raw(name).tolist() for name in _SERIAL_PARTS), strict=True)
    return pa.array([_serial(*row) for row in parts], pa.string())


def _serial(maker: int, model: int, high: int, low: int) -> str | None:
    texts = [_text(code.to_bytes(3, "big")) for code in (maker, model) if code != MISSING]
    if high != MISSING:
        texts.append(_text(high.to_bytes(6, "big") + low.to_bytes(6, "big")))
    return "".join(texts) or None


def _text(octets: bytes) -> str:
    shown = octets.strip(b"\0 ")
    return shown.decode() if all(32 < code < 127 for code in shown) else octets.hex().upper()


UNMANNED: Final = Category(
    (
        *_SERIAL_PARTS,
        *("070", "080.LAT", "080.LON", "090", "110", "185.VX", "185.VY", "220"),
    ),
    _unmanned,
)

# --------------------------------------------------------------------------------------------- 205


def _bearings(records: Records) -> Converted:
    """Category 205: bearings of radio direction finders, without a range."""
    ticks = records.raw("030")
    bearing_deg = records.number("070")
    count = len(ticks)
    return Converted(
        outcome=c.outcomes(count, service=np.isnan(bearing_deg)),
        ticks=ticks,
        false=c.bad_time(ticks) | (bearing_deg > 360.0),
        columns={"kind": pa.repeat("cuas", count), "azimuth_rad": np.radians(bearing_deg)},
        at_site=np.ones(count, bool),
    )


DIRECTION_FINDER: Final = Category(("030", "070"), _bearings)

BY_NUMBER: Final[dict[int, Category]] = {
    1: MONORADAR,
    2: Category(("030",), _plain),
    10: SURFACE,
    19: Category(("140",), _surface_service),
    20: MULTILATERATION,
    21: ADS_B,
    62: SYSTEM_TRACKS,
    63: Category(("030",), _plain),
    65: Category(("030",), _plain),
    129: UNMANNED,
    205: DIRECTION_FINDER,
}
