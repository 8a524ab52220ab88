"""Where a pair of parties stands on the lowest nine rungs of Kahn's ladder: shown, never recommended.

Source: H. Kahn, On Escalation (1965): rungs 1 to 3 "subcrisis manoeuvring", 4 to 9 "traditional crises". The
rungs above are not shown, scored or spoken of. Which code stands on which rung is a proposal of this program.
"""

from typing import Final

import msgspec

from vedette.council.reactions.codes import Codes, plover_of_cameo
from vedette.council.reactions.reaction import Reaction
from vedette.council.reactions.register import Register
from vedette.model.time import DAY_NS

RUNGS: Final = {
    1: "ostensible crisis",
    2: "political, economic and diplomatic gestures",
    3: "solemn and formal declarations",
    4: "hardening of positions",
    5: "show of force",
    6: "significant mobilisation",
    7: "legal harassment, retortions",
    8: "harassing acts of violence",
    9: "dramatic military confrontations",
}
TOP: Final = 9
_BY_CATEGORY: Final = {
    "ACCUSE": 1, "REJECT": 1, "DEMAND": 3, "SANCTION": 2, "THREATEN": 4, "MOBILIZE": 5, "COERCE": 7,
    "ASSAULT": 8,
}  # fmt: skip
_BY_MODE: Final = {
    ("MOBILIZE", "troops"): 6,
    ("ASSAULT", "heavy-weapons"): TOP,
    ("ASSAULT", "unconventional"): TOP,
    ("ASSAULT", "cleansing"): TOP,
}
_BY_CAMEO: Final = {"114": 2, "129": 3, "139": 4, "152": 6, "154": 5, "190": 9, "194": 9, "195": 9}
_BY_VX: Final = {"vx:UNSAFE_APPROACH": 5, "vx:GNSS_INTERFERENCE": 7}


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """The highest rung that one party's entries towards another stand on within a window."""

    actor: str
    addressee: str
    at_ns: int
    window_d: float
    rung: int | None  # 1 to 9; None: nothing in the window stands on any
    name: str | None
    reaction_ids: tuple[str, ...]  # that stand on it


def rung_of(codes: Codes) -> int | None:
    """Rung of an event, 1 to 9; None where its codes stand on none.

    A violation of airspace alone stands on none: what was meant by it is not known.
    """
    if codes.vx is not None:
        proved = codes.vx == "vx:AIRSPACE_VIOLATION" and codes.intent == "deliberate_proved"
        return 5 if proved else _BY_VX.get(codes.vx)
    cameo = codes.cameo or ""
    if cameo[:2] == "20":
        return TOP  # and not more: what lies above is not shown
    if cameo[:3] in _BY_CAMEO:
        return _BY_CAMEO[cameo[:3]]
    category = codes.plover or (plover_of_cameo(cameo) if cameo else None)
    if category is None:
        return None
    return _BY_MODE.get((category, codes.mode or ""), _BY_CATEGORY.get(category))


def level(
    register: Register, actor: str, addressee: str, at_ns: int, window_d: float = 30.0
) -> Level:
    """The level at ``at_ns`` [ns UTC], from entries in force that began within the window before it."""
    since_ns = at_ns - window_d * DAY_NS
    stood: dict[int, list[Reaction]] = {}
    for one in register.between.get((actor, addressee), ()):
        rung = rung_of(one.codes)
        if rung is not None and since_ns <= one.when.valid_ns <= at_ns:
            stood.setdefault(rung, []).append(one)
    top = max(stood, default=None)
    return Level(
        actor=actor,
        addressee=addressee,
        at_ns=at_ns,
        window_d=window_d,
        rung=top,
        name=None if top is None else RUNGS[top],
        reaction_ids=() if top is None else tuple(one.reaction_id for one in stood[top]),
    )
