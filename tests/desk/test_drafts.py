"""Drafts say facts, send nothing, and name no state before two persons and a release."""

from typing import Any

import pytest
from desk_kit import advice, assessment, incident
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from vedette.app.drafts.facts import Facts
from vedette.app.drafts.letters import LETTERS
from vedette.app.drafts.warning import NAMESPACE, area, warning
from vedette.app.incident_json import incident_json
from vedette.app.summary import incident_lines

# The rules of the CAP 1.2 schema (OASIS, 1 July 2010) that bear on what we write: order, values, patterns.
CAP_XSD = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:oasis:names:tc:emergency:cap:1.2"
 xmlns="urn:oasis:names:tc:emergency:cap:1.2" elementFormDefault="qualified">
 <xs:simpleType name="when"><xs:restriction base="xs:dateTime">
  <xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[-+][0-9]{2}:[0-9]{2}"/>
 </xs:restriction></xs:simpleType>
 <xs:simpleType name="name"><xs:restriction base="xs:string"><xs:pattern value="[^\\s,&lt;&amp;]+"/></xs:restriction></xs:simpleType>
 <xs:element name="alert"><xs:complexType><xs:sequence>
  <xs:element name="identifier" type="name"/><xs:element name="sender" type="name"/><xs:element name="sent" type="when"/>
  <xs:element name="status"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Draft"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="msgType"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Alert"/><xs:enumeration value="Update"/>
   <xs:enumeration value="Cancel"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="source" minOccurs="0" type="xs:string"/>
  <xs:element name="scope"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Restricted"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="restriction" type="xs:string"/><xs:element name="addresses" minOccurs="0" type="xs:string"/>
  <xs:element name="code" minOccurs="0" maxOccurs="unbounded" type="xs:string"/><xs:element name="note" minOccurs="0" type="xs:string"/>
  <xs:element name="info" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
   <xs:element name="language" minOccurs="0" type="xs:language"/>
   <xs:element name="category" maxOccurs="unbounded"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Safety"/>
    <xs:enumeration value="Security"/></xs:restriction></xs:simpleType></xs:element>
   <xs:element name="event" type="xs:string"/>
   <xs:element name="urgency"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Immediate"/><xs:enumeration value="Expected"/>
    <xs:enumeration value="Future"/><xs:enumeration value="Past"/><xs:enumeration value="Unknown"/></xs:restriction></xs:simpleType></xs:element>
   <xs:element name="severity"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Unknown"/></xs:restriction></xs:simpleType></xs:element>
   <xs:element name="certainty"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Observed"/><xs:enumeration value="Likely"/>
    <xs:enumeration value="Possible"/><xs:enumeration value="Unlikely"/><xs:enumeration value="Unknown"/></xs:restriction></xs:simpleType></xs:element>
   <xs:element name="effective" minOccurs="0" type="when"/><xs:element name="onset" minOccurs="0" type="when"/>
   <xs:element name="expires" minOccurs="0" type="when"/><xs:element name="senderName" minOccurs="0" type="xs:string"/>
   <xs:element name="headline" minOccurs="0" type="xs:string"/><xs:element name="description" minOccurs="0" type="xs:string"/>
   <xs:element name="area" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
    <xs:element name="areaDesc" type="xs:string"/>
    <xs:element name="polygon" minOccurs="0" maxOccurs="unbounded"><xs:simpleType><xs:restriction base="xs:string">
     <xs:pattern value="(-?[0-9.]+,-?[0-9.]+ ){3,}-?[0-9.]+,-?[0-9.]+"/></xs:restriction></xs:simpleType></xs:element>
   </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
 </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""  # noqa: E501
SCHEMA = etree.XMLSchema(etree.fromstring(CAP_XSD.encode()))
WORDS = ("hostile", "threat", "attack", "enemy", "shoot", "engage", "target", "RUS")


def facts(
    papers: tuple[dict[str, Any], ...] = (),
    banner: str | None = None,
    known: dict[str, Any] | None = None,
    **changes: Any,
) -> Facts:
    one = incident_json(
        incident(**changes), advice("M05", "M16"), assessment(**(known or {})), None, {}
    )
    return Facts(one, list(papers), banner, "record r, 1 entries, head 0")


RELEASED = {
    "measure": "M16", "status": "accepted", "measure_text": "draft", "words": [],
    "attributed_to": "RUS", "attribution": "confirmed by Ann (watch) and Ben (commander)",
}  # fmt: skip
EXCLUDED = {"civil": "excluded"}


@pytest.mark.parametrize("banner", [None, "EXERCISE", 'A & B <"c">'])
@pytest.mark.parametrize("known", [{}, {"object_class": "airliner", "civil": "confirmed"}])
def test_the_warning_is_cap_and_a_draft(banner: str | None, known: dict[str, Any]) -> None:
    data = warning(facts(banner=banner, known=known), "watch@example.invalid")
    root = etree.fromstring(data)
    SCHEMA.assertValid(root)
    assert root.findtext(f"{{{NAMESPACE}}}status") == "Draft"
    assert banner is None or banner in str(root.findtext(f"{{{NAMESPACE}}}note"))
    text = " ".join(root.itertext())
    assert not [word for word in WORDS if word in text]
    assert ("military" in text) == (not known)


def _said(facts: Facts, name: str) -> str:
    root = etree.fromstring(warning(facts, "watch@example.invalid"))
    return str(root.findtext(f".//{{{NAMESPACE}}}{name}"))


def test_the_warning_names_where_it_is_and_goes_and_not_where_it_was() -> None:
    been = facts().incident["crossings"][0]
    left = been | {"state": "FIN", "left": been["entered"]}
    inside = been | {"state": "EST", "left": None}
    ahead = been | {"state": "LVA", "left": None, "predicted": True}

    def of(status: str, *crossings: dict[str, Any]) -> Facts:
        one = facts()
        return one._replace(
            incident=one.incident | {"status": status, "crossings": list(crossings)}
        )

    now = of("open", left, inside, ahead)
    assert _said(now, "areaDesc") == "Projected path (EST, LVA)"
    assert _said(now, "urgency") == "Immediate"
    assert _said(of("open", left, ahead), "urgency") == "Expected"
    over = of("closed", left, ahead)
    assert _said(over, "areaDesc") == "Projected path"
    assert _said(over, "urgency") == "Past"


def test_the_warning_of_a_civil_aircraft_does_not_call_it_unexplained() -> None:
    assert "not explained" in _said(facts(), "event")
    civil = facts(known={"object_class": "airliner", "civil": "confirmed"})
    assert "not explained" not in _said(civil, "event")


def test_no_letter_claims_a_certainty_that_there_is_not() -> None:
    for share, words in ((0.9996, "> 99 % sure"), (0.9, "90 % sure")):
        text = LETTERS["search"](facts(known={"class_probability": share}))
        assert words in text
        assert "100 % sure" not in text


def test_a_class_that_is_left_open_is_not_said_to_be_unlikely() -> None:
    open_class = facts(known={"object_class": "unknown", "class_probability": 0.04})
    for words in (LETTERS["communique"](open_class), LETTERS["ats"](open_class)):
        assert "unknown" in words
        assert "4 %" not in words
    assert "sure" not in _said(open_class, "description")
    line, *_ = incident_lines(open_class.incident)
    assert "unknown, unknown" in line
    assert "4 %" not in line
    assert (
        "(60 %)"
        in incident_lines(
            facts(known={"object_class": "unknown", "class_probability": 0.6}).incident
        )[0]
    )


def test_a_list_says_the_day_and_what_became_of_an_object_that_was_lost() -> None:
    (been,) = facts().incident["crossings"]
    entered = been["entered"] | {"utc": "2025-09-19T23:59:00Z"}
    left = been["entered"] | {"utc": "2025-09-20T00:03:00Z"}

    def said(**changes: Any) -> str:
        one = been | {"entered": entered, "predicted": False} | changes
        return incident_lines(facts().incident | {"crossings": [one]})[1]

    assert " in 2025-09-19 23:59:00Z" in said(left=left)
    assert " out 2025-09-20 00:03:00Z" in said(left=left)
    assert said(left=None, lost_inside=False).endswith(", still inside")
    assert said(left=None, lost_inside=True).endswith(", lost inside")


@given(st.floats(-70, 70), st.floats(-179, 179), st.floats(0, 360), st.floats(0, 900))
def test_the_area_is_closed_and_holds_the_object_and_where_it_goes(
    latitude: float, longitude: float, track: float, speed: float
) -> None:
    from pyproj import Geod
    from shapely import Point, Polygon

    ring = area(latitude, longitude, track, speed)
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    if abs(longitude) > 160:
        return  # a plain polygon cannot be compared across the antimeridian
    shape = Polygon([(east, north) for north, east in ring])
    ahead = Geod(ellps="WGS84").fwd(longitude, latitude, track, 0.5 * speed * 600.0)
    assert shape.is_valid
    assert shape.contains(Point(longitude, latitude))
    assert shape.buffer(0.02).contains(Point(ahead[0], ahead[1]))


def test_the_communique_holds_the_state_until_it_was_released_with_the_name_in_it() -> None:
    communique = LETTERS["communique"]
    assert "Attributed to RUS" in communique(facts((RELEASED,), known=EXCLUDED))
    for other in (
        {"status": "open"}, {"status": "refused"}, {"status": "withdrawn"}, {"attributed_to": None},
    ):  # fmt: skip
        text = communique(facts((RELEASED | other,), known=EXCLUDED))
        assert "RUS" not in text
        assert "whose it is (held: " in text
    assert "RUS" not in communique(facts((), known=EXCLUDED))
    # what may be a civil aircraft is attributed to nobody, and one that is was no threat
    assert "RUS" not in communique(facts((RELEASED,), known={"civil": "possible"}))
    civil = communique(facts((RELEASED,), known={"civil": "confirmed"}))
    assert "RUS" not in civil
    assert "Contact with a civil aircraft was lost" in civil


@pytest.mark.parametrize("identity", ["suspect", "hostile"])
def test_the_communique_says_nothing_of_what_a_person_called_it_nor_of_a_dossier(
    identity: Any,
) -> None:
    dossier = RELEASED | {"measure": "M14", "measure_text": "prepare the dossier"}
    text = LETTERS["communique"](facts((RELEASED, dossier), known={"identity": identity}))
    assert "An object was seen: military aircraft, 90 % sure." in text
    assert identity not in text
    assert "dossier" not in text


@pytest.mark.parametrize("kind", list(LETTERS))
def test_every_letter_is_marked_unsent_and_speaks_of_no_threat(kind: str) -> None:
    text = LETTERS[kind](facts(banner="EXERCISE"))
    assert text.startswith("DRAFT - not sent")
    assert "EXERCISE" in text.splitlines()[1]
    assert "record r" in text
    assert not [word for word in WORDS if word in text]


def test_the_hand_over_shows_dissent_first() -> None:
    paper = {
        "measure": "M07", "status": "refused", "measure_text": "",
        "words": [
            {"kind": "accept", "person": "Ann", "office": "w", "words": "yes"},
            {"kind": "reject", "person": "Ben", "office": "c", "words": "too far"},
        ],
    }  # fmt: skip
    text = LETTERS["hand-over"](facts((paper,)))
    assert 0 < text.index("too far") < text.index("Ann")


@pytest.mark.parametrize("name", ["\x1b[1A\x1b[2K", "A\nI-9  OK", "\u202eABC"])
def test_a_call_sign_moves_no_cursor_and_passes_for_no_line_of_ours(name: str) -> None:
    """Eight characters are enough to go up a line and clear it."""
    found = facts(known={"callsign": name})
    shown = "\n".join(incident_lines(found.incident)).splitlines()
    assert shown == incident_lines(found.incident)
    drafts = [line for kind in ("ats", "hand-over") for line in LETTERS[kind](found).split("\n")]
    for lines in (shown, drafts):
        assert any(rf"\u{ord(c):04x}" in line for line in lines for c in name)
        assert not any(c in line for line in lines for c in "\x1b\u202e")
    assert not any(line.startswith("I-9") for line in drafts)
