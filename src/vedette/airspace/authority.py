"""Who has authority over a zone, and by what law: facts with their sources, no legal advice.

Sources: the bundled ``states.yaml`` (members, from the allied air command and the press) and the authorities of
the shipped rules. What is not recorded is said to be so; nothing is inferred.
"""

from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from vedette.airspace.states import Member, facts
from vedette.model.zone import Zone, ZoneKind

_SOVEREIGN: Final = (
    "Chicago Convention Art. 1 and 2: complete and exclusive sovereignty over land and territorial sea; "
    "UNCLOS Art. 2 and 3: up to 12 NM, no innocent passage for aircraft; Chicago Art. 3(c), 8: state and "
    "pilotless aircraft need permission"
)
_LAWS: Final[dict[ZoneKind, tuple[str, tuple[str, ...]]]] = {
    "sovereign": (_SOVEREIGN, ("I2", "I8")),
    "disputed": (
        "claims overlap; each claimant holds the law of sovereignty for its own",
        ("I2", "I8"),
    ),
    "fir": (
        "Chicago Convention Art. 28 and Annex 11: air traffic services are provided; no sovereignty follows",
        ("I2",),
    ),
    "uir": (
        "Chicago Convention Art. 28 and Annex 11: air traffic services are provided; no sovereignty follows",
        ("I2",),
    ),
    "prohibited": ("Chicago Convention Art. 9: flight is prohibited, without distinction", ("I2",)),
    "restricted": (
        "Chicago Convention Art. 9: flight is restricted by published conditions",
        ("I2",),
    ),
    "danger": (
        "Annex 15: activities dangerous to flight; a warning, by itself no prohibition",
        ("I2",),
    ),
    "temporary": ("Chicago Convention Art. 9(b): temporary restriction, by notice", ("I2",)),
    "ctr": ("Annex 11: controlled airspace; entry with clearance as its class says", ("I2",)),
    "tma": ("Annex 11: controlled airspace; entry with clearance as its class says", ("I2",)),
    "cta": ("Annex 11: controlled airspace; entry with clearance as its class says", ("I2",)),
    "atz": ("Annex 11 and national rules: traffic zone of an aerodrome", ("I2",)),
    "uas": (
        "rules of the state for unmanned aircraft; in the European Union Regulation (EU) 2019/947 Art. 15",
        ("EU947",),
    ),
    "shield": ("signed consent of every state whose airspace it uses; none without it", ("T1",)),
    "other": ("as published by its state", ()),
}
_POLICING: Final = {
    "own": "own fighters",
    "own_augmented": "own fighters, with allied detachments",
    "own_norad": "own fighters, under NORAD",
    "own_shared": "own fighters, in turn with a neighbour",
    "own_or_covered": "own fighters or covered by allies: state not verified",
    "covered": "covered by allies",
    "covered_periodic": "covered by allied deployments, not permanent",
}


class Power(msgspec.Struct, frozen=True, kw_only=True):
    """Who may decide on force in the state, by kind of object, as published; the gate is elsewhere."""

    objects: str
    office: str
    article: str | None
    in_force: bool
    confidence: str
    sources: tuple[str, ...]


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """Whose airspace a zone is."""

    state: str | None
    law: str
    law_sources: tuple[str, ...]
    article_6: (
        str  # of the North Atlantic Treaty: inside, outside, not a member, not sovereign airspace
    )
    permission: str | None = None  # who may permit entry, where the publication says
    policing: str | None = None
    policed_by: tuple[str, ...] = ()
    operations_centre: str | None = None
    note: str | None = None
    policing_sources: tuple[str, ...] = ()
    powers: tuple[Power, ...] = ()
    sources: dict[str, str] = {}


def authority_over(zone: Zone) -> Authority:
    """Who has authority over a zone, and by what law."""
    law, law_sources = _LAWS[zone.kind]
    member = next((m for m in facts().members if m.iso3 == zone.state), None)
    sovereign = zone.kind == "sovereign"
    powers = _powers().get(zone.state or "", ()) if sovereign else ()
    polices = member if sovereign and zone.member else None
    used = {*law_sources, *(s for power in powers for s in power.sources)}
    policing_sources = facts().member_sources if polices else ()
    used |= {"T1"} if sovereign else set()
    return Authority(
        state=zone.state,
        law=law,
        law_sources=law_sources,
        article_6=_article_6(zone, member),
        permission=zone.authority,
        policing=None if polices is None else _POLICING.get(polices.policing, polices.policing),
        policed_by=() if polices is None else polices.providers,
        operations_centre=None if polices is None else polices.caoc,
        note=None if polices is None else polices.note,
        policing_sources=policing_sources,
        powers=powers,
        sources={key: text for key, text in sorted(_sources().items()) if key in used},
    )


def _article_6(zone: Zone, member: Member | None) -> str:
    if zone.kind == "disputed":
        return "disputed: not decided here"
    if zone.kind != "sovereign":
        return "not sovereign airspace by itself"
    if zone.member:
        return "inside the area of Article 6"
    return "outside the area of Article 6" if member is not None else "not a member"


@lru_cache(maxsize=1)
def _powers() -> dict[str, tuple[Power, ...]]:
    """By state, the rows of the shipped rules about who may decide."""
    text = (files("vedette") / "rules" / "authorities.yaml").read_text("utf-8")
    document: Any = msgspec.yaml.decode(text)
    out: dict[str, list[Power]] = {}
    for row in document["entries"]:
        where = "".join(
            f" {word} {row[key]} m"
            for key, word in (("below_m", "below"), ("from_m", "from"))
            if key in row
        )
        out.setdefault(row["state"], []).append(
            Power(
                objects=row["group"].replace("_", " ") + where,
                office=row["office"],
                article=row["article"],
                in_force=row["in_force"],
                confidence=row["confidence"],
                sources=tuple(str(source) for source in row["sources"]),
            )
        )
    return {state: tuple(rows) for state, rows in out.items()}


@lru_cache(maxsize=1)
def _sources() -> dict[str, str]:
    text = (files("vedette") / "rules" / "sources.yaml").read_text("utf-8")
    document: Any = msgspec.yaml.decode(text)
    out = {
        "EU947": "Commission Implementing Regulation (EU) 2019/947, Art. 15",
        **facts().sources,
    }
    for key, value in _flat(document).items():
        out.setdefault(key, value)
    return out


def _flat(document: Any) -> dict[str, str]:
    """Sources of the rules as one line each, whatever their layout."""
    rows = document.get("sources", document) if isinstance(document, dict) else document
    out: dict[str, str] = {}
    if isinstance(rows, dict):
        for key, value in rows.items():
            out[str(key)] = value if isinstance(value, str) else ", ".join(map(str, value.values()))
    else:
        for row in rows:
            plain = {str(k): str(v) for k, v in row.items()}
            out[plain.pop("id")] = ", ".join(plain.values())
    return out
