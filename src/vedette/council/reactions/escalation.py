"""Where a pair of parties stands on the lowest nine rungs of Kahn's ladder: shown, never recommended.

Source: H. Kahn, On Escalation (1965): rungs 1 to 3 "subcrisis manoeuvring", 4 to 9 "traditional crises". The
rungs above are not shown, scored or spoken of. Which code stands on which rung is a proposal of this program.
Doubt raises no level: entries whose attribution is disputed, or whose source or content nobody could judge (F, 6)
or that was judged unreliable or improbable (E, 5), are shown beside it.
"""

from typing import Final

import msgspec

from vedette.council.reactions.attribution import disputed_ids
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
    best: str | None = None  # Admiralty grade, the best of those
    doubted_rung: int | None = (
        None  # higher, by entries that are disputed or that nobody could judge
    )
    doubted_ids: tuple[str, ...] = ()


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
    disputed = disputed_ids(register)
    stood: dict[int, list[Reaction]] = {}
    doubted: dict[int, list[Reaction]] = {}
    for one in register.between.get((actor, addressee), ()):
        rung = rung_of(one.codes)
        if rung is not None and since_ns <= one.when.valid_ns <= at_ns:
            sound = one.reaction_id not in disputed and judged(one.reliability)
            (stood if sound else doubted).setdefault(rung, []).append(one)
    top, above = max(stood, default=None), max(doubted, default=None)
    if above is not None and top is not None and above <= top:
        above = None
    return Level(
        actor=actor,
        addressee=addressee,
        at_ns=at_ns,
        window_d=window_d,
        rung=top,
        name=None if top is None else RUNGS[top],
        reaction_ids=() if top is None else tuple(one.reaction_id for one in stood[top]),
        best=None if top is None else min(one.reliability for one in stood[top]),
        doubted_rung=above,
        doubted_ids=() if above is None else tuple(one.reaction_id for one in doubted[above]),
    )


def judged(reliability: str) -> bool:
    """Whether an Admiralty grade is of a source and a content that somebody found better than unreliable."""
    return reliability[0] in "ABCD" and reliability[1] in "1234"
