"""A public warning as a draft in CAP 1.2 (OASIS Common Alerting Protocol), for the authority that warns.

Its status is "Draft", its scope "Restricted": no system that keeps the standard shows it to the public.
"""

from datetime import datetime, timedelta
from typing import Final

from lxml import etree
from pyproj import Geod

from vedette.app.drafts.facts import Facts
from vedette.model.probability import class_share, percent

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_GEOD: Final = Geod(ellps="WGS84")
_AHEAD_S: Final = 600.0  # of the path that is drawn (design choice)
_LEAST_M: Final = 3_000.0  # half width of the area where the object is (design choice)
_SPREAD: Final = 0.35  # half width for each metre ahead: about 20 degrees (design choice)


def _instant(utc: str) -> datetime:
    return datetime.fromisoformat(utc[:19] + "+00:00")


def _stamp(at: datetime) -> str:
    """A time as CAP wants it: whole seconds, and the zone as a difference, which for UTC is -00:00."""
    return at.strftime("%Y-%m-%dT%H:%M:%S-00:00")


def area(latitude_deg: float, longitude_deg: float, track_deg: float, speed_mps: float) -> list[
    tuple[float, float]
]:  # fmt: skip
    """A closed ring, latitude and longitude [degrees], around the path of the next ten minutes."""
    length_m = speed_mps * _AHEAD_S
    ring = []
    near, far = (-_LEAST_M, _LEAST_M), (length_m + _LEAST_M, _LEAST_M + _SPREAD * length_m)
    for (along_m, wide_m), side in ((near, -1.0), (far, -1.0), (far, 1.0), (near, 1.0)):
        east, north, _ = _GEOD.fwd(longitude_deg, latitude_deg, track_deg, along_m)
        east, north, _ = _GEOD.fwd(east, north, track_deg + side * 90.0, wide_m)
        ring.append((round(north, 4), round(east, 4)))
    return [*ring, ring[0]]


def warning(facts: Facts, sender: str, language: str = "en-GB") -> bytes:
    """The draft as XML.

    Args:
        facts: of the incident.
        sender: who would send it: a name under the sender's control, without spaces, commas, < or &.
        language: of the text, as RFC 3066 names it.
    """
    one = facts.incident
    at = _instant(one["valid"]["utc"])
    known = one["object"]
    share = class_share(known["class"], known["class_probability"])
    over = one["status"] == "closed"
    been = [c for c in one["crossings"] if not c["predicted"]]
    inside = [c for c in been if c["left"] is None and not over]
    ahead = [c for c in one["crossings"] if c["predicted"] and not over]
    chance = max((c["probability"] for c in (inside or ahead or been)), default=0.0)
    here = one["position"]
    root = etree.Element("alert", nsmap={None: NAMESPACE})

    def add(parent: etree._Element, name: str, text: str) -> None:
        etree.SubElement(parent, name).text = text

    add(root, "identifier", f"vedette-{one['incident_id']}-{at.strftime('%Y%m%dT%H%M%S')}")
    add(root, "sender", sender)
    add(root, "sent", _stamp(at))
    add(root, "status", "Draft")
    add(root, "msgType", "Alert")
    add(root, "scope", "Restricted")
    add(root, "restriction", "Draft for the authority that warns the public. Not released.")
    note = "Nobody has released this. What people should do is for the authority to write."
    add(root, "note", note if facts.banner is None else f"{facts.banner}. {note}")
    info = etree.SubElement(root, "info")
    add(info, "language", language)
    add(info, "category", "Safety")
    event = (
        "Aircraft that is out of contact or off its plan"
        if facts.civil
        else "Object in the air that is not explained"
    )
    add(info, "event", event)
    urgency = "Immediate" if inside else "Expected" if ahead else "Past" if been else "Unknown"
    add(info, "urgency", urgency)
    add(info, "severity", "Unknown")
    certainty = "Observed" if been and chance > 0.95 else "Likely" if chance > 0.5 else "Possible"
    add(info, "certainty", certainty if been or ahead else "Unknown")
    add(info, "effective", _stamp(at))
    add(info, "expires", _stamp(at + timedelta(seconds=_AHEAD_S)))
    said = "an aircraft" if facts.civil else known["class"].replace("_", " ")
    add(info, "headline", "DRAFT: object in the air, path of the next ten minutes")
    add(
        info,
        "description",
        f"Seen at {at.strftime('%H:%M:%S')} UTC: {said}"
        f"{'' if share is None or facts.civil else f' ({percent(share)} sure)'}, "
        f"{here['ground_speed_mps'] * 3.6:.0f} km/h, towards {here['track_angle_deg']:.0f} degrees. "
        "The area is where it may be within ten minutes if it goes on, with room for turns. "
        "Whose it is and what it means to do is not said here.",
    )
    ring = area(
        here["latitude_deg"],
        here["longitude_deg"],
        here["track_angle_deg"],
        here["ground_speed_mps"],
    )
    where = etree.SubElement(info, "area")
    states = ", ".join(dict.fromkeys(c["state"] or c["zone_id"] for c in [*inside, *ahead]))
    add(where, "areaDesc", f"Projected path{f' ({states})' if states else ''}")
    add(where, "polygon", " ".join(f"{latitude},{longitude}" for latitude, longitude in ring))
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data
