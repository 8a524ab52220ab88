"""What a register of aircraft says an address is: a class by its type designator, weighed like its own word.

An address can be sent by anybody, so a register speaks only while nothing casts doubt on what is sent.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CLASS_INDEX
from vedette.model.assessment import ObjectClass
from vedette.model.report import RegisteredAircraft

# ICAO Doc 8643 designators that begin so are business jets: general aviation, whatever their weight.
BUSINESS_JETS: Final = (
    "ASTR", "BE40", "C25", "C50", "C51", "C52", "C55", "C56", "C650", "C68", "C700", "C750", "CL30",
    "CL35", "CL60", "E35L", "E50P", "E545", "E550", "E55P", "EA50", "F2TH", "F900", "FA10", "FA20",
    "FA50", "FA6X", "FA7X", "FA8X", "G150", "G280", "GA5C", "GA6C", "GA7C", "GA8C", "GALX", "GL5T",
    "GL6T", "GL7T", "GLEX", "GLF", "H25", "HA4T", "HDJT", "LJ", "MU30", "PC24", "PRM1", "SBR", "SF50",
    "WW24",
)  # fmt: skip
# Twin turboprops that carry passengers on lines; the others are general aviation.
AIRLINE_TURBOPROPS: Final = (
    "AN24", "AN26", "AT4", "AT7", "ATP", "D328", "DH8", "E120", "F50", "JS41", "SB20", "SF34",
)  # fmt: skip


def object_class(typecode: str, description: str, *, military: bool) -> ObjectClass | None:
    """The class of a type; None where its description does not say.

    Args:
        typecode: ICAO designator, "A320".
        description: of Doc 8643, "L2J".
        military: operated by an armed force.

    >>> object_class("A320", "L2J", military=False), object_class("GLF6", "L2J", military=False)
    ('airliner', 'ga_aircraft')
    """
    kind = description[:1]
    if kind in ("H", "G"):
        return "helicopter_military" if military else "helicopter_civil"
    if kind not in ("L", "A", "S") or len(description) != 3:
        return None
    if military:
        return "military_aircraft"
    engines, drive = description[1], description[2]
    if drive == "J":
        return "ga_aircraft" if typecode.startswith(BUSINESS_JETS) else "airliner"
    if drive == "T" and (engines in "34" or typecode.startswith(AIRLINE_TURBOPROPS)):
        return "airliner"
    return "ga_aircraft"


def with_aircraft(
    settings: IdentitySettings, held: Mapping[int, int], told: Iterable[RegisteredAircraft]
) -> Mapping[int, int]:
    """Class by address, with what is newly told; what is told again replaces what it was.

    An aircraft whose type says no class is forgotten, and so is one for which there is no room.
    """
    found: dict[int, int] | None = None
    for one in told:
        found = dict(held) if found is None else found
        address = int(one.icao24, 16)
        kind = object_class(one.typecode, one.description, military=one.military)
        if kind is None:
            found.pop(address, None)
        elif address in found or len(found) < settings.register_max:
            found[address] = CLASS_INDEX[kind]
    return held if found is None else found
