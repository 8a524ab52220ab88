"""First checks of what tracks say of themselves: cooperative data are evidence, not truth."""

from typing import Final

import numpy as np

from vedette.identity import _kernels
from vedette.identity.classes import AIRLINE, BUSINESS, REGISTRATION, ROTORCRAFT
from vedette.identity.history import BROADCAST_BIT, NS, OWN_WORD_BITS, RADAR_BITS, Rows
from vedette.identity.monitor import DISAGREES as BY_RADAR
from vedette.identity.monitor import DUPLICATE as BY_TWO_PLACES
from vedette.identity.monitor import FALSE_PLACE, Verdicts
from vedette.identity.monitor import INTERFERENCE as BY_ACCURACY
from vedette.identity.monitor import KINEMATICS as BY_SPEED
from vedette.identity.monitor import NONE as BY_NOTHING
from vedette.identity.monitor import SPOOFING as BY_SPOOFING
from vedette.identity.settings import IdentitySettings
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.time import SECOND_NS

DOUBTS: Final = (
    "duplicate_address",
    "position_jump",
    "position_disagrees_with_radar",
    "kinematics_do_not_fit",
    "navigation_accuracy_collapse",
    "suspected_spoofing",
    "speed_does_not_fit",
    "position_not_believed",
)
DUPLICATE, JUMP, DISAGREE, MISFIT, COLLAPSE, SPOOFED, SPEED, UNBELIEVED = range(8)
# A jammed or deceived receiver makes the place doubtful, not the name: an aircraft that a radar sees keeps
# its own. Only the other doubts, and a place that is nothing but its own false word, void an address.
VOIDING: Final = 0b10001111
_PLACE_DOUBTS: Final = [DUPLICATE, JUMP, DISAGREE]
_SETTLE_NS: Final = (
    30 * SECOND_NS
)  # a doubt this new may be the beginning of what the monitor finds
MLAT_BIT: Final = 0b10000
CIVIL_EMITTERS: Final = (0, 1, 2, 3, 4, 7, 10)  # A1 to A5, B1, B4 in history.EMITTERS


def civil_like(rows: Rows) -> Flags:
    """(n,) whether nothing it did is beyond every crewed civil class.

    The bounds are the union of the civil rows of ``limits.csv``, and below 3,000 m 215 m/s: 250 kt
    is the rule for civil flights below FL100 (SERA.6001), with room for exceptions and wind.
    """
    found: Flags = (
        (rows["speed_max_mps"] <= 345.0)
        & (rows["low_speed_max_mps"] <= 215.0)
        & (rows["height_max_m"] <= 16_000.0)
        & (rows["climb_max_mps"] <= 45.0)
        & (rows["acceleration_max_mps2"] <= 20.0)
    )
    return found


def check(
    settings: IdentitySettings,
    rows: Rows,
    before_deg: Floats,
    gap_s: Floats,
    lost: Rows,
    now_ns: int,
    verdicts: Verdicts | None = None,
    drones: Integers | None = None,
) -> None:
    """Renew the doubts of tracks in the picture; each stays a while after it was last seen.

    Args:
        settings: distances and times.
        rows: (n,) tracks in the picture; changed in place.
        before_deg: (n, 2) where each was at the last step; NaN for a new one.
        gap_s: (n,) time since its measurement before this one [s].
        lost: (m,) tracks that are no longer in the picture.
        now_ns: this step.
        verdicts: of the monitor; None where no plots are at hand.
        drones: (n,) ``remote_key`` of each track, -1 where it has none; None: no track has one.
    """
    seen = np.zeros((len(rows), len(DOUBTS)), dtype=np.bool_)
    current = rows["fresh"] & (rows["icao24"] >= 0) & (rows["ended_ns"] < 0)
    where = np.flatnonzero(current)
    if len(where):
        sorted_icao = np.sort(rows["icao24"][where])
        if np.any(sorted_icao[1:] == sorted_icao[:-1]):
            _same_address(settings, rows, where, seen)
    seen[:, JUMP] = _jumps(settings, rows, before_deg, gap_s)
    _returns_elsewhere(settings, rows, lost, seen)
    claims = np.isin(rows["emitter"], CIVIL_EMITTERS) | np.isin(
        rows["callsign_kind"], (AIRLINE, REGISTRATION, BUSINESS, ROTORCRAFT)
    )
    seen[:, MISFIT] = rows["fresh"] & claims & ~civil_like(rows)
    for now, best in (("nic", "nic_best"), ("nac_p", "nac_best")):
        fallen = (rows[best] >= 7) & (rows[now] >= 0) & (rows[now] <= 4)
        seen[:, COLLAPSE] |= rows["fresh"] & fallen
    if verdicts is not None:
        keys = rows["icao24"] if drones is None else np.where(drones >= 0, drones, rows["icao24"])
        _take_verdicts(rows, seen, verdicts.of(keys), now_ns)
    rows["integrity_ns"] = np.where(seen, now_ns, rows["integrity_ns"])
    hold_ns = int(settings.integrity_hold_s * SECOND_NS)
    held = (rows["integrity_ns"] >= 0) & (now_ns - rows["integrity_ns"] <= hold_ns)
    rows["integrity"] = held @ (1 << np.arange(len(DOUBTS)))


def _take_verdicts(rows: Rows, seen: Flags, found: Integers, now_ns: int) -> None:
    """Doubts by what the monitor found of the plots.

    A place that is its own word and judged false is not believed. While a doubt of the place is new, the monitor
    may still be about to find that: until then it is not believed either.
    """
    seen[:, DUPLICATE] |= found == BY_TWO_PLACES
    seen[:, COLLAPSE] |= found == BY_ACCURACY
    seen[:, SPOOFED] = (found == BY_SPOOFING) | (found == BY_RADAR)
    seen[:, SPEED] = found == BY_SPEED
    kinds = rows["kinds"]
    own_word = ((kinds & OWN_WORD_BITS) > 0) & ((kinds & ~OWN_WORD_BITS) == 0)
    doubted = seen[:, _PLACE_DOUBTS].any(axis=1)
    rows["doubted_ns"] = np.where(
        doubted, np.where(rows["doubted_ns"] >= 0, rows["doubted_ns"], now_ns), -1
    )
    new = doubted & (now_ns - rows["doubted_ns"] <= _SETTLE_NS)
    seen[:, UNBELIEVED] = own_word & (np.isin(found, FALSE_PLACE) | (new & (found == BY_NOTHING)))


def _same_address(settings: IdentitySettings, rows: Rows, where: Integers, seen: Flags) -> None:
    some = rows.part(where)
    radar = (some["kinds"] & RADAR_BITS) > 0
    broadcast = (some["kinds"] & BROADCAST_BIT) > 0
    duplicate = np.zeros(len(some), dtype=np.bool_)
    disagree = np.zeros(len(some), dtype=np.bool_)
    _kernels.twins(
        np.lexsort((some["longitude_deg"], some["latitude_deg"], some["icao24"])),
        np.ascontiguousarray(some["icao24"]),
        np.ascontiguousarray(some["latitude_deg"]),
        np.ascontiguousarray(some["longitude_deg"]),
        settings.duplicate_m,
        settings.disagree_m,
        radar & ~broadcast,
        broadcast & ~radar & ((some["kinds"] & MLAT_BIT) == 0),
        duplicate,
        disagree,
    )
    seen[where, DUPLICATE] = duplicate
    seen[where, DISAGREE] = disagree


def _jumps(settings: IdentitySettings, rows: Rows, before_deg: Floats, gap_s: Floats) -> Flags:
    turn = (rows["longitude_deg"] - before_deg[:, 1] + 180.0) % 360.0 - 180.0
    east_m = np.radians(turn) * np.cos(np.radians(before_deg[:, 0])) * _kernels.EARTH_M
    north_m = np.radians(rows["latitude_deg"] - before_deg[:, 0]) * _kernels.EARTH_M
    way_m = np.hypot(east_m, north_m)
    speed_mps = np.hypot(rows["velocity_mps"][:, 0], rows["velocity_mps"][:, 1])
    allowed_m = 5_000.0 + np.maximum(settings.jump_mps, 1.5 * speed_mps) * gap_s
    found: Flags = (way_m > allowed_m) & rows["fresh"]  # NaN, a new track, compares as no
    return found


def _returns_elsewhere(settings: IdentitySettings, rows: Rows, lost: Rows, seen: Flags) -> None:
    """Mark an address that was lost in one place and came back where it cannot have flown."""
    if not len(lost):
        return
    young = (rows["samples"] <= 3) & (rows["icao24"] >= 0) & rows["fresh"]
    for row in np.flatnonzero(young & np.isin(rows["icao24"], lost["icao24"])):
        for old in lost[lost["icao24"] == rows["icao24"][row]]:
            gap_s = abs(int(rows["updated_ns"][row]) - int(old["updated_ns"])) * NS
            way_m = _kernels.distance_m(
                float(old["latitude_deg"]),
                float(old["longitude_deg"]),
                float(rows["latitude_deg"][row]),
                float(rows["longitude_deg"][row]),
            )
            if way_m > settings.duplicate_m + settings.jump_mps * gap_s:
                seen[row, JUMP] = True
