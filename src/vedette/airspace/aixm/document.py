"""AIXM messages as trees of elements, and what their links point to.

Source: AIXM 5.1.1 (aixm.aero), GML 3.2.1 (OGC 07-036). No schema is fetched, no entity is resolved.
"""

import re
from typing import Any, Final

from lxml import etree

from vedette.model.errors import ZoneError

XLINK: Final = "{http://www.w3.org/1999/xlink}href"
XSI_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
GML_ID: Final = "{http://www.opengis.net/gml/3.2}id"
NAMESPACE: Final = "http://www.aixm.aero/schema/5.1"  # also 5.1.1

Element = Any  # lxml has no types of its own


def local(element: Element) -> str:
    """Name without its namespace; "" for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element, *names: str) -> list[Element]:
    """Child elements, those with these names when any are given."""
    return [c for c in element if (n := local(c)) and (not names or n in names)]


def child(element: Element, *path: str) -> Element | None:
    """The first child along a path of names."""
    for name in path:
        found = children(element, name)
        if not found:
            return None
        element = found[0]
    return element


def text(element: Element | None, *path: str) -> str | None:
    """Text of the first child along a path; None when it is not there, nil or empty."""
    if element is None:
        return None
    found = child(element, *path)
    if found is None or found.get(XSI_NIL) == "true":
        return None
    plain = "".join(found.itertext()).strip()
    return plain or None


def is_nil(element: Element) -> bool:
    """Whether the element says that there is nothing."""
    return bool(element.get(XSI_NIL) == "true")


def parse(data: bytes, name: str) -> tuple[Element, list[str]]:
    """Root of a message, and what was wrong with it that does not matter.

    Raises:
        ZoneError: it is no well-formed XML, or no AIXM 5.1.
    """
    problems: list[str] = []
    try:
        root = _tree(data)
    except (etree.XMLSyntaxError, ValueError) as error:
        said = str(error).splitlines()[0]
        try:
            root = _tree(_COMMENT.sub(b"", data))
        except (etree.XMLSyntaxError, ValueError):
            raise ZoneError(f"{name}: no well-formed XML ({said})") from error
        problems.append(f"{name}: a comment is not well-formed; comments were cut out ({said})")
    if root is None or not any(
        isinstance(uri, str) and uri.startswith(NAMESPACE) for uri in root.nsmap.values()
    ):
        raise ZoneError(f"{name}: XML, but no AIXM 5.1 message")
    return root, problems


_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)


def _tree(data: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True, huge_tree=False
    )
    return etree.fromstring(data, parser)


class Documents:
    """Messages that are read together: features by identifier, elements by ``gml:id``."""

    def __init__(self) -> None:
        self._by_id: dict[str, Element] = {}
        self._by_uuid: dict[str, list[Element]] = {}
        self._events: dict[str, Element] = {}

    def add(self, root: Element) -> list[Element]:
        """Take in a message; returns its features."""
        for element in root.iter():
            if isinstance(element.tag, str) and (gml_id := element.get(GML_ID)):
                self._by_id.setdefault(gml_id, element)
        features = [f for m in root.iter() if local(m) == "hasMember" for f in children(m)]
        for feature in features:
            self._by_uuid.setdefault(identifier(feature), []).append(feature)
        return features

    def follow(self, element: Element) -> Element | None:
        """What an element's link points to; None when it has none or its end is not here."""
        href = element.get(XLINK)
        if href is None:
            return None
        return self.find(href)

    def find(self, href: str) -> Element | None:
        """What ``#id`` or ``urn:uuid:...`` names."""
        key = href.rpartition("#")[2] if "#" in href else href
        if key in self._by_id:
            return self._by_id[key]
        found = self._by_uuid.get(bare_uuid(key))
        return found[0] if found else None


def bare_uuid(href: str) -> str:
    """The UUID of ``urn:uuid:X`` or ``uuid.X``."""
    for prefix in ("urn:uuid:", "uuid."):
        if href.startswith(prefix):
            return href[len(prefix) :]
    return href


def identifier(feature: Element) -> str:
    """UUID of a feature: its identifier, or that in its ``gml:id`` where it has none."""
    return bare_uuid(text(feature, "identifier") or feature.get(GML_ID) or "")
