"""Event codes: PLOVER first, CAMEO second, and ``vx:`` for what neither of them has.

Sources: Open Event Data Alliance, PLOVER manual, draft 0.7b1 of 2021 (categories, modes, contexts, and the
numeric scores, there "Schrodt scores": Goldstein's values of the CAMEO codes in each category, weighted by
how often they occur, with COERCE and MOBILIZE exchanged by hand), and its table CAMEO2PLOVER-2021;
https://github.com/openeventdata/PLOVER. The manual drops CAMEO 01 and 02; its older edition leaves it open
to read a denial of responsibility (016) as REJECT, which is done here.
"""

from typing import Annotated, Final, Literal

import msgspec

SCALE_SOURCE: Final = (
    "PLOVER manual, draft 0.7b1 (Open Event Data Alliance, 2021), numeric conflict and cooperation scores: "
    "frequency-weighted Goldstein values of each category"
)
# category: score from -10 (conflict) to +10 (cooperation); None: this edition has no score
PLOVER: Final[dict[str, float | None]] = {
    "AGREE": 4.2,
    "CONSULT": 2.1,
    "SUPPORT": 4.6,
    "CONCEDE": 5.0,
    "COOPERATE": 6.8,
    "AID": 7.4,
    "RETREAT": 7.6,
    "REQUEST": None,  # of later editions, milder than DEMAND
    "DEMAND": -5.0,
    "ACCUSE": -2.0,
    "REJECT": -4.2,
    "THREATEN": -5.1,
    "PROTEST": -6.6,
    "SANCTION": -5.2,
    "MOBILIZE": -5.3,
    "COERCE": -7.2,
    "ASSAULT": -9.3,
}
_ASKED: Final = frozenset({"assist", "change", "yield", "meet"})
MODES: Final[dict[str, frozenset[str]]] = {
    "CONSULT": frozenset({"visit", "host", "third-party", "multilateral", "phone"}),
    "AID": frozenset({"economic", "military", "humanitarian", "asylum"}),
    "RETREAT": frozenset(
        {"withdraw", "release", "return", "ease", "disarm", "ceasefire", "access", "resign"}
    ),
    "REQUEST": _ASKED,
    "DEMAND": _ASKED,
    "ACCUSE": frozenset({"disapprove", "allege", "investigate"}),
    "REJECT": _ASKED,
    "THREATEN": frozenset(
        {"restrict", "ban", "arrest", "relations", "expel", "territory", "violence"}
    ),
    "PROTEST": frozenset(
        {"demo", "riot", "strike-gen", "strike-lim", "strike-hun", "boycott", "obstruct"}
    ),
    "SANCTION": frozenset({"convict", "cancel", "expel", "withdraw", "sever", "discontinue"}),
    "MOBILIZE": frozenset({"troops", "weapons", "police"}),
    "COERCE": frozenset(
        [
            "confiscate",
            "restrict",
            "ban",
            "censor",
            "curfew",
            "martial-law",
            "arrest",
            "deport",
            "withhold",
        ]
    ),
    "ASSAULT": frozenset(
        [
            "abduct",
            "beat",
            "torture",
            "execute",
            "sexual",
            "assassinate",
            "destroy",
            "primitive",
            "firearms",
            "explosives",
            "suicide-attack",
            "heavy-weapons",
            "unconventional",
            "cleansing",
        ]
    ),
}
CONTEXTS: Final = frozenset(
    [
        "political",
        "military",
        "intelligence",
        "peacekeeping",
        "economic",
        "diplomatic",
        "resource",
        "culture",
        "disease",
        "enviro_disaster",
        "migration",
        "humanitarian",
        "legal",
        "human_rights",
        "rights_freedoms",
        "gender",
        "lgbt",
        "terrorism",
        "human_security",
        "religion_ethnicity",
        "government",
        "election",
        "legislative",
        "executive",
        "cbrn",
        "cyber",
        "political_institutions",
        "corruption",
        "crime",
        "future",
        "historical",
        "hypothetical",
        "negation",
    ]
)
# What neither PLOVER nor CAMEO has: code, what it means, the PLOVER category that may stand beside it.
VX: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "vx:AIRSPACE_VIOLATION": (
        "an aircraft of the actor was inside without leave; MOBILIZE beside it only where intent is proved",
        frozenset({"MOBILIZE"}),
    ),
    "vx:UNSAFE_APPROACH": ("an aircraft came closer than is safe", frozenset()),
    "vx:GNSS_INTERFERENCE": ("satellite navigation was disturbed", frozenset({"COERCE"})),
    "vx:UNCREWED_DOWNED": (
        "an uncrewed object was brought down over one's own territory; an act on an object, not scored",
        frozenset(),
    ),
    "vx:FALSE_ALARM": ("what was reported was nothing", frozenset()),
    "vx:CORRECTION": ("the actor's own earlier statement is put right", frozenset({"CONCEDE"})),
}
_ROOTS: Final = {
    3: "AGREE", 4: "CONSULT", 5: "SUPPORT", 6: "COOPERATE", 7: "AID", 8: "CONCEDE", 9: "ACCUSE",
    10: "DEMAND", 11: "ACCUSE", 12: "REJECT", 13: "THREATEN", 14: "PROTEST", 15: "MOBILIZE",
    16: "SANCTION", 17: "COERCE", 18: "ASSAULT", 19: "ASSAULT", 20: "ASSAULT",
}  # fmt: skip
# where CAMEO2PLOVER-2021 leaves the root; longest prefix first
_BELOW_ROOTS: Final = {
    "016": "REJECT", "0813": "RETREAT", "0814": "RETREAT", "084": "RETREAT", "085": "RETREAT",
    "086": "RETREAT", "087": "RETREAT", "163": "COERCE", "1712": "ASSAULT", "175": "ASSAULT",
    "191": "COERCE", "192": "COERCE",
}  # fmt: skip

Intent = Literal[
    "unknown", "navigation", "weather", "stray", "deliberate_claimed", "deliberate_proved"
]
CameoCode = Annotated[str, msgspec.Meta(pattern=r"^(0[1-9]|1[0-9]|20)[0-9]{0,2}\Z")]


class Codes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of event it is, in up to three code lists; at least one of them says something."""

    plover: str | None = None
    mode: str | None = None
    contexts: tuple[str, ...] = ()
    cameo: CameoCode | None = None
    vx: str | None = None
    intent: Intent | None = None  # of a violation of airspace, as the source has it


def plover_of_cameo(code: str) -> str | None:
    """PLOVER category of a CAMEO code; None for 01 and 02, which PLOVER does not code.

    >>> plover_of_cameo("1123"), plover_of_cameo("0871"), plover_of_cameo("010")
    ('ACCUSE', 'RETREAT', None)
    """
    for length in (4, 3):
        if code[:length] in _BELOW_ROOTS:
            return _BELOW_ROOTS[code[:length]]
    return _ROOTS.get(int(code[:2])) if code[:2].isascii() and code[:2].isdigit() else None


def faults_of_codes(codes: Codes) -> list[str]:
    """What is wrong with codes, in words; empty where nothing is."""
    faults = []
    if codes.plover is None and codes.cameo is None and codes.vx is None:
        faults.append("no code: give a PLOVER category, a CAMEO code or a vx: code")
    if codes.plover is not None and codes.plover not in PLOVER:
        faults.append(f"{codes.plover!r} is no PLOVER category; there are {', '.join(PLOVER)}")
    elif codes.mode is not None and codes.mode not in MODES.get(codes.plover or "", ()):
        known = ", ".join(sorted(MODES.get(codes.plover or "", ()))) or "none"
        faults.append(f"{codes.mode!r} is no mode of {codes.plover}; it has {known}")
    faults += [f"{one!r} is no PLOVER context" for one in codes.contexts if one not in CONTEXTS]
    faults += _faults_of_vx(codes)
    return faults


def _faults_of_vx(codes: Codes) -> list[str]:
    if codes.vx is None:
        return [] if codes.intent is None else ["an intent is given without vx:AIRSPACE_VIOLATION"]
    if codes.vx not in VX:
        return [f"{codes.vx!r} is no vx: code; there are {', '.join(VX)}"]
    faults = []
    beside = VX[codes.vx][1]
    if codes.plover is not None and codes.plover not in beside:
        faults.append(f"{codes.plover} does not stand beside {codes.vx}")
    if codes.vx == "vx:AIRSPACE_VIOLATION":
        if codes.intent is None:
            faults.append("a violation needs its intent: unknown, unless a source says another")
        if codes.plover is not None and codes.intent != "deliberate_proved":
            faults.append(f"{codes.plover} beside a violation takes intent deliberate_proved")
    elif codes.intent is not None:
        faults.append(f"{codes.vx} has no intent")
    return faults


def score_of(codes: Codes) -> float | None:
    """From -10 (conflict) to +10 (cooperation); None where the codes have no score.

    A PLOVER category decides; without one, that of the CAMEO code. A ``vx:`` code alone has no score: it is
    counted and shown, and moves nothing.
    """
    if codes.plover is not None:
        return PLOVER.get(codes.plover)
    if codes.vx is None and codes.cameo is not None:
        category = plover_of_cameo(codes.cameo)
        return None if category is None else PLOVER[category]
    return None
