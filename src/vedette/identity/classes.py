"""Class probabilities by Bayes: stated priors times a few summaries, each with a bounded weight.

Every factor is a row of natural log-likelihoods over CLASSES. Factors that speak for a civil object
obey one law, which the tests check on the tables themselves: no class that is not civil gains more
from them than any civil class does. So a civil indication never lowers the civil probability.
"""

import re
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from vedette.identity import _kernels
from vedette.identity.history import NS, Rows
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import (
    CIVIL,
    CLASS_COUNT,
    CLASS_INDEX,
    civil_designators,
    fitted,
    limits,
    military_designators,
    non_civil,
    registry,
)
from vedette.model.assessment import CLASSES, CREWED_CIVIL
from vedette.model.columns import Flags, Floats, Integers

NO_CALLSIGN, AIRLINE, REGISTRATION, MILITARY, OTHER, BUSINESS, ROTORCRAFT = range(7)
FACTORS: Final = (
    "kinematics",
    "limits",
    "emitter",
    "register",
    "address",
    "callsign",
    "reply",
    "formation",
    "hint",
    "persistence",
    "told",
    "airway",
    "traffic",
)


def _row(others: float = 0.0, civil: float | None = None, **named: float) -> Floats:
    values = np.full(CLASS_COUNT, others)
    if civil is not None:
        values[CIVIL] = civil
    for name, value in named.items():
        values[CLASS_INDEX[name]] = value
    return values


# The aircraft's own statement of its category (DO-260B). It is set by hand in many installations,
# so it weighs about 12 to 1, not more; A6 and A7 are worn by civil and military aircraft alike.
EMITTER_LOG: Final = np.stack(
    [
        _row(0.0),
        _row(-1.5, civil=0.3, ga_aircraft=2.5, glider_ultralight=1.0),  # A1 light
        _row(-1.5, civil=0.3, airliner=1.2, ga_aircraft=1.8),  # A2 small
        _row(-1.5, civil=0.3, airliner=2.5),  # A3 large
        _row(-1.5, civil=0.3, airliner=2.5),  # A4 high vortex
        _row(-1.5, civil=0.3, airliner=2.5),  # A5 heavy
        _row(0.0, military_aircraft=1.5),  # A6 high performance
        _row(-1.5, civil=0.0, helicopter_civil=2.5, helicopter_military=0.0),  # A7 rotorcraft
        _row(-1.5, civil=0.3, glider_ultralight=2.5),  # B1 glider
        _row(-1.5, civil=0.0, balloon=2.5),  # B2 lighter than air
        _row(-1.0, civil=0.0),  # B3 parachutist
        _row(-1.5, civil=0.3, glider_ultralight=2.5),  # B4 ultralight
        _row(-0.5, drone_small=2.0, drone_long_range=2.0),  # B6 unmanned
        _row(0.0),  # B7 space
        *[_row(0.0)] * 3,  # C1 to C3 surface
    ]
)
# State blocks say where an aircraft is registered, nothing of what it means to do.
ADDRESS_LOG: Final = np.stack(
    [
        _row(0.0),  # none, or in no state's block
        _row(-0.7, civil=0.4),  # in a state's block
        _row(0.0, military_aircraft=0.8, helicopter_military=0.8),  # beyond its civil register
    ]
)
CALLSIGN_LOG: Final = np.stack(
    [
        _row(0.0),
        _row(-0.7, civil=0.2, airliner=1.5, ga_aircraft=0.5),
        # a line flies under its flight number: its registration as callsign is the mark of others
        _row(-1.5, civil=-1.0, ga_aircraft=1.5, glider_ultralight=1.0, helicopter_civil=1.2),
        _row(0.0, military_aircraft=1.5, helicopter_military=1.0),
        # a word or a task: lines fly under their designator, by the rules of their flight plans
        _row(0.0, airliner=-2.0),
        _row(-0.7, civil=0.2, ga_aircraft=3.0),  # an operator of business aircraft
        _row(-0.7, civil=0.2, helicopter_civil=3.0),  # of rotorcraft
    ]
)
# P04: silence is no evidence of intent and next to none of class. Transponders fail, are switched
# off by mistake, are not carried by gliders: at most 2 to 1 against an airliner.
REPLY_LOG: Final = np.stack(
    [
        _row(0.0, airliner=-0.7, ga_aircraft=-0.3, helicopter_civil=-0.3),  # never replied
        _row(-1.0, civil=0.7, military_aircraft=-0.5, helicopter_military=-0.5),  # replies
        _row(-1.2, civil=1.2, military_aircraft=-0.6, helicopter_military=-0.6),  # code and level
    ]
)
# Airliners are kept 5.5 km or 300 m apart (ICAO Doc 4444, radar separation 3 NM and 1,000 ft), so
# company within less and without a word is rare among them and usual among combat aircraft.
FORMATION_LOG: Final = _row(
    0.0,
    airliner=-3.0,
    ga_aircraft=-1.2,
    helicopter_civil=-0.5,
    glider_ultralight=-0.2,
    military_aircraft=3.0,
    helicopter_military=1.0,
    drone_small=0.5,
    drone_long_range=0.7,
    bird=0.5,
    balloon=0.0,
)
# a plan, a need or the word of air traffic services
TOLD_LOG: Final = np.stack(
    [
        _row(0.0),
        _row(0.0, civil=3.0),  # known to be, or in need like, a civil flight
        _row(
            0.0, military_aircraft=1.0, helicopter_military=1.0
        ),  # a state aircraft with permission
    ]
)

# By class of a register, the last for none. A row of a database may be old, and whoever sends an address need not
# be its owner: about 70 to 1. That it names a state aircraft is no civil sign.
REGISTER_LOG: Final = np.stack(
    [
        _row(-1.5, civil=0.3, **{name: 4.5}) if name in CREWED_CIVIL else _row(0.0, **{name: 3.0})
        for name in CLASSES
    ]
    + [_row(0.0)]
)
# along a published route: airliners do, all may, and whoever wants to pass for one can
AIRWAY_LOG: Final = np.stack([_row(0.0), _row(0.0, civil=0.3, airliner=1.0)])


def callsign_kind(callsign: str | None, block: int) -> int:
    """What a callsign looks like: an airline's flight, a registration, an armed force's.

    >>> callsign_kind("SAS123", -1) == AIRLINE, callsign_kind("GAF612", -1) == MILITARY
    (True, True)
    """
    if not callsign:
        return NO_CALLSIGN
    if re.match(r"[A-Z]{3}\d", callsign) and callsign[:3] in military_designators():
        return MILITARY
    if re.fullmatch(r"[A-Z]{3}\d[0-9A-Z]{0,4}", callsign):
        kind = civil_designators().get(callsign[:3])
        return {"business": BUSINESS, "rotorcraft": ROTORCRAFT}.get(kind or "", AIRLINE)
    pattern = registry().registrations[block] if block >= 0 else None
    if pattern is not None and pattern.match(callsign) and 4 <= len(callsign) <= 7:
        return REGISTRATION
    return OTHER


@cache
def prior_logs(items: tuple[tuple[str, float], ...]) -> Floats:
    """(classes,) natural logarithms of the normalised priors."""
    found = dict(items)
    values = np.array([found[name] for name in CLASSES])
    logs: Floats = np.log(values / values.sum())
    return logs


@cache
def spoken_logs() -> Floats:
    """(classes,) what a reply says of the crewed civil classes beside ``REPLY_LOG``; 0 for the others."""
    held = fitted().class_logs
    return np.where(CIVIL, [max(0.0, held.get(name, 0.0)) for name in CLASSES], 0.0)


def reply_state(rows: Rows) -> Integers:
    """(n,) 0 never replied, 1 replies or did, 2 with a discrete code and a level."""
    spoke = rows["cooperative_ns"] >= 0
    known = spoke & discrete(rows["mode3a"]) & rows["mode_c"]
    return np.where(known, 2, np.where(spoke, 1, 0)).astype(np.int64)


def discrete(mode3a: Integers) -> Flags:
    """(n,) a code that a controller gave or a rule prescribes: not absent, zero or distress."""
    found: Flags = (mode3a > 0) & ~np.isin(mode3a, (0o7500, 0o7600, 0o7700, 0o7777))
    return found


def address_state(rows: Rows) -> Integers:
    """(n,) 0 no usable address, 1 in a state's block, 2 beyond its civil register."""
    inside = rows["block"] >= 0
    odd = non_civil(rows["icao24"])
    return np.where(odd, 2, np.where(inside, 1, 0)).astype(np.int64)


def in_formation(settings: IdentitySettings, rows: Rows, now_ns: int) -> Floats:
    """(n,) weight of company: 1 since birth, 0.4 when it joined later (it may be an escort)."""
    long = (rows["formation_ns"] >= 0) & (
        (now_ns - rows["formation_ns"]) * NS >= settings.formation_s
    )
    # an aircraft that ever spoke for itself is judged by what it said: the silent ones beside an
    # airliner may be its escort
    silent = (rows["cooperative_ns"] < 0) & (rows["needs"] == 0) & ~rows["inherited"]
    return np.where(long & silent, np.where(rows["formation_born"], 1.0, 0.4), 0.0)


def factors(
    settings: IdentitySettings, rows: Rows, told: Integers, now_ns: int
) -> dict[str, Floats]:
    """The log-likelihood of each class by each factor, in the order of FACTORS.

    Args:
        settings: weights and times.
        rows: (n,) history.
        told: (n,) row of TOLD_LOG.
        now_ns: this step.

    Returns:
        name to (n, classes).
    """
    kinematics = np.maximum(_kinematic_weight(settings, rows)[:, None] * rows["phase_log"], -8.0)
    company = in_formation(settings, rows, now_ns)
    persistence = np.zeros((len(rows), CLASS_COUNT))
    persistence[:, CLASS_INDEX["clutter_artefact"]] = -_steady(rows)
    hints = np.zeros((len(rows), CLASS_COUNT))
    where = np.flatnonzero(rows["hint"] >= 0)
    hints[where, rows["hint"][where]] = _hint_logs(rows)[where]
    logs = {
        "kinematics": kinematics,
        "limits": _exceedance(rows),
        "emitter": EMITTER_LOG[rows["emitter"] + 1],
        "address": ADDRESS_LOG[address_state(rows)],
        "callsign": CALLSIGN_LOG[rows["callsign_kind"]],
        "reply": REPLY_LOG[reply_state(rows)],
        "formation": company[:, None] * FORMATION_LOG,
        "hint": hints,
        "persistence": persistence,
        "told": TOLD_LOG[told],
        "register": np.where(
            (rows["integrity"] == 0)[:, None], REGISTER_LOG[rows["registered"]], 0.0
        ),
        "airway": AIRWAY_LOG[rows["airway_kept"].astype(np.int64)],
        "traffic": rows["traffic_log"],
    }
    scales = fitted().scales
    logs = {
        name: values * scales[name] if name in scales else values for name, values in logs.items()
    }
    # fitted to flights that speak: how these share out says nothing of silent ones. None is below 0, so that
    # a reply never lowers the probability of a civil class against one that is not civil.
    spoke = (rows["cooperative_ns"] >= 0)[:, None]
    logs["reply"] = logs["reply"] + np.where(spoke, spoken_logs(), 0.0)
    return logs


class _Tables(NamedTuple):
    """Tables of the factors as ``_kernels.add_factors`` wants them."""

    rows: Floats
    begin: Integers
    scale: Floats


@cache
def _tables() -> _Tables:
    scales = fitted().scales
    tables = {
        "emitter": EMITTER_LOG,
        "register": REGISTER_LOG,
        "address": ADDRESS_LOG,
        "callsign": CALLSIGN_LOG,
        "reply": REPLY_LOG,
        "formation": FORMATION_LOG[None, :],
        "told": TOLD_LOG,
        "airway": AIRWAY_LOG,
    }
    scaled = [
        values * (1.0 if name == "formation" else scales.get(name, 1.0))
        for name, values in tables.items()
    ]
    scaled[4][1:] += spoken_logs()
    names = ("kinematics", "limits", "hint", "persistence", "traffic", "formation")
    return _Tables(
        np.concatenate(scaled),
        np.cumsum([0, *map(len, scaled[:-1])]),
        np.array([scales.get(name, 1.0) for name in names]),
    )


def judged(settings: IdentitySettings, rows: Rows, told: Integers, now_ns: int) -> Floats:
    """(n, classes) what ``probabilities`` gives of ``factors``, to the bit, without a table for each factor."""
    register = np.where(rows["registered"] < 0, len(REGISTER_LOG) - 1, rows["registered"])
    kept, total = _tables(), np.empty((len(rows), CLASS_COUNT))
    _kernels.add_factors(
        prior_logs(tuple(sorted(settings.priors.items()))),
        _kinematic_weight(settings, rows),
        rows["phase_log"],
        _most(rows),
        limits(),
        rows["emitter"].astype(np.int64) + 1,
        np.where(rows["integrity"] == 0, register, -1).astype(np.int64),
        address_state(rows),
        rows["callsign_kind"].astype(np.int64),
        reply_state(rows),
        in_formation(settings, rows, now_ns),
        rows["hint"].astype(np.int64),
        _hint_logs(rows),
        _steady(rows),
        CLASS_INDEX["clutter_artefact"],
        told,
        rows["airway_kept"].astype(np.int64),
        rows["traffic_log"],
        kept.scale,
        kept.rows,
        kept.begin,
        total,
    )
    return _shares(total)


def _kinematic_weight(settings: IdentitySettings, rows: Rows) -> Floats:
    """(n,) how much the kinematic evidence counts: more with time, less where the velocity is vague."""
    seen_s = np.maximum(0, rows["updated_ns"] - rows["birth_ns"]) * NS
    sharp = 25.0 / (25.0 + rows["speed_sigma_mps"])
    weight: Floats = np.minimum(settings.kinematic_weight_max, 0.4 + seen_s / 150.0) * sharp
    return weight


def _steady(rows: Rows) -> Floats:
    """(n,) what speaks against clutter: it was there time and again."""
    found: Floats = np.minimum(3.0, rows["samples"] / 10.0)
    return found


def _most(rows: Rows) -> Floats:
    """(n, 4) the most that each has done, in the order of ``limits``."""
    names = ("speed_max_mps", "height_max_m", "climb_max_mps", "acceleration_max_mps2")
    return np.column_stack([rows[name] for name in names])


def _exceedance(rows: Rows) -> Floats:
    """(n, classes) penalty for what a class cannot do; a quarter beyond its limit costs 2."""
    total = np.zeros((len(rows), CLASS_COUNT))
    _kernels.exceedance(_most(rows), limits(), total)
    return total


def _hint_logs(rows: Rows) -> Floats:
    """(n,) how much a sensor's own word counts for the class that it names, at most 12 to 1; 0 without one."""
    found = np.zeros(len(rows))
    where = np.flatnonzero(rows["hint"] >= 0)
    sure = np.clip(rows["hint_confidence"][where], 0.05, 0.92)
    # with confidence p on one of k classes, the odds against each other one are p : (1 - p)/(k - 1);
    # only the part beyond even odds is used, since the scale of such confidences is unknown
    found[where] = np.maximum(0.0, np.log(sure / (1.0 - sure)))
    return found


def probabilities(settings: IdentitySettings, logs: dict[str, Floats]) -> Floats:
    """(n, classes) posterior probabilities; each row sums to 1."""
    total = np.zeros_like(logs["kinematics"]) + prior_logs(tuple(sorted(settings.priors.items())))
    for name in FACTORS:
        total += logs[name]
    total -= total.max(axis=1, keepdims=True, initial=-np.inf)
    return _shares(total)


def _shares(logs: Floats) -> Floats:
    """(n, classes) probabilities in the memory of their logarithms, whatever is added to each row."""
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=1, keepdims=True)
    return logs
