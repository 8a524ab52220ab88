"""AIXM messages to zones: every version of every volume of every airspace."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from vedette.airspace.aixm.document import (
    XLINK,
    Documents,
    Element,
    bare_uuid,
    children,
    identifier,
    local,
    parse,
    text,
)
from vedette.airspace.aixm.geometry import Geometries
from vedette.airspace.aixm.history import Slice, Version, fold, lifetime_fault, read_slice
from vedette.airspace.aixm.values import DEFAULT_SIGMA_M, KINDS, activation
from vedette.airspace.aixm.volumes import Volume, volumes
from vedette.model.errors import ZoneError
from vedette.model.time import SECOND_NS, parse_utc
from vedette.model.zone import Zone


class Source(Protocol):
    """A file that was read."""

    @property
    def data(self) -> bytes:
        """Its bytes."""

    @property
    def name(self) -> str:
        """Its name, for messages."""

    @property
    def known_ns(self) -> int | None:
        """When its content became known to us."""


def read_aixm(files: Sequence[Source]) -> tuple[list[Zone], list[Any], list[str]]:
    """Zones of AIXM messages that belong together, their geometries, and what is wrong with them.

    A zone is one volume of one version of an airspace. An airspace that has several versions or volumes
    gives several zones with its name in ``part_of``. When a slice became known is taken from the event that
    it belongs to, else from its file.

    Raises:
        ZoneError: a file is no AIXM.
    """
    return _Reader(files).zones()


class _Reader:
    def __init__(self, files: Sequence[Source]) -> None:
        self.documents = Documents()
        self.geometries = Geometries(self.documents)
        self.problems: list[str] = []
        self.slices: dict[str, list[Slice]] = {}
        features: list[tuple[list[Element], Source]] = []
        for file in files:
            root, problems = parse(file.data, file.name)
            self.problems += problems
            features.append((self.documents.add(root), file))
        for found, file in features:
            for feature in found:
                if local(feature) == "Airspace":
                    self._collect(feature, file)
        self.versions: dict[str, list[Version]] = {}

    def _collect(self, feature: Element, file: Source) -> None:
        uuid = identifier(feature)
        for holder in children(feature, "timeSlice"):
            for element in children(holder, "AirspaceTimeSlice"):
                name = text(element, "designator") or text(element, "name") or uuid
                if fault := lifetime_fault(element):
                    self.problems.append(f"airspace {name}: {fault}")
                try:
                    known_ns = self._known_ns(element, file)
                    self.slices.setdefault(uuid, []).append(
                        read_slice(element, known_ns, file.name)
                    )
                except ZoneError as error:
                    self.problems.append(f"airspace {name}: left out, {error}")

    def _known_ns(self, element: Element, file: Source) -> int | None:
        for extension in children(element, "extension"):
            for link in extension.iter():
                href = link.get(XLINK) if isinstance(link.tag, str) else None
                event = self.documents.find(href) if href and local(link) == "theEvent" else None
                for item in event.iter() if event is not None else ():
                    if local(item) in ("issued", "revision") and (
                        plain := (item.text or "").strip()
                    ):
                        try:
                            return parse_utc(plain)
                        except ValueError:
                            continue
        return file.known_ns

    def zones(self) -> tuple[list[Zone], list[Any], list[str]]:
        for uuid, slices in self.slices.items():
            try:
                self.versions[uuid] = fold(slices)
            except ZoneError as error:
                self.problems.append(f"airspace {self._bare_name(uuid, slices)}: left out, {error}")
        zones: list[Zone] = []
        geometries: list[Any] = []
        taken: dict[str, str] = {}
        for uuid, versions in self.versions.items():
            base = _base_id(versions[-1], uuid)
            if taken.setdefault(base, uuid) != uuid:
                base = f"{base}:{uuid[:8]}"
            for version in versions:
                label = base if len(versions) == 1 else _dated(base, version, versions)
                try:
                    made = self._zones_of(version, base, label)
                except ZoneError as error:
                    self.problems.append(f"airspace {label}: left out, {error}")
                    continue
                for zone, geometry in made:
                    zones.append(zone)
                    geometries.append(geometry)
        return zones, geometries, self.problems

    def _bare_name(self, uuid: str, slices: list[Slice]) -> str:
        for slice_ in slices:
            name = text(slice_.element, "designator") or text(slice_.element, "name")
            if name:
                return f"{name} ({uuid})"
        return uuid

    def _zones_of(self, version: Version, base: str, label: str) -> list[tuple[Zone, Any]]:
        p = version.properties
        pieces, notes = self._volumes(version, 0)
        if not pieces:
            raise ZoneError("nothing is left of its geometry")
        active = activation(p.get("activation", ()))
        self.problems += [
            f"airspace {label}: {note}"
            for note in dict.fromkeys((*notes, *active.problems))
            if not note.startswith("no ")
        ]
        written = _first(p, "type") or ""
        about = [f"AIXM type {written}"] if written else []
        about += [f"class {c}" for c in _classes(p)]
        about += [active.activity] if active.activity else []
        about += [note for note in dict.fromkeys(notes) if note.startswith("no ")]
        about += _remarks(p)
        files = ", ".join(dict.fromkeys(s.file for s in version.slices))
        out = []
        for number, piece in enumerate(pieces, start=1):
            zone_id = label if len(pieces) == 1 else f"{label}.{number}"
            zone = Zone(
                zone_id=zone_id,
                kind=KINDS.get(written, "other"),
                name=_first(p, "name") or _first(p, "designator") or base,
                state=None,
                source=files,
                note="; ".join(about),
                authority=self._authority(version),
                floor=piece.floor,
                ceiling=piece.ceiling,
                boundary_sigma_m=DEFAULT_SIGMA_M if piece.sigma_m is None else piece.sigma_m,
                valid_from_ns=version.from_ns,
                valid_to_ns=version.to_ns,
                known_from_ns=version.known_from_ns,
                known_to_ns=version.known_to_ns,
                schedule=active.schedule,
                dormant=active.dormant,
                part_of="" if zone_id == base else base,
            )
            out.append((zone, piece.shape))
        return out

    def _volumes(self, version: Version, depth: int) -> tuple[list[Volume], list[str]]:
        def referenced(uuid: str, deeper: int) -> list[Volume]:
            for other in reversed(self.versions.get(uuid, [])):
                if _overlaps(other, version):
                    return self._volumes(other, deeper)[0]
            raise ZoneError(f"the airspace {uuid} that it is made of is not in these files")

        return volumes(
            version.properties.get("geometryComponent", ()), self.geometries, referenced, depth
        )

    def _authority(self, version: Version) -> str | None:
        """Unit or organisation that an activation names as user or manager."""
        for holder in version.properties.get("activation", ()):
            for item in holder.iter():
                if local(item) in ("user", "managedBy") and (href := item.get(XLINK)):
                    target = self.documents.find(bare_uuid(href))
                    named = None if target is None else _feature_name(target)
                    title = item.get("{http://www.w3.org/1999/xlink}title")
                    if named or title:
                        return f"{named or title} ({local(item)})"
        return None


def _overlaps(a: Version, b: Version) -> bool:
    low, high = -(1 << 62), 1 << 62
    return (low if a.from_ns is None else a.from_ns) < (high if b.to_ns is None else b.to_ns) and (
        low if b.from_ns is None else b.from_ns
    ) < (high if a.to_ns is None else a.to_ns)


def _first(properties: dict[str, tuple[Element, ...]], name: str) -> str | None:
    for element in properties.get(name, ()):
        plain = (element.text or "").strip()
        if plain:
            return plain
    return None


def _classes(properties: dict[str, tuple[Element, ...]]) -> list[str]:
    out = []
    for holder in properties.get("class", ()):
        for item in children(holder, "AirspaceLayerClass"):
            plain = text(item, "classification")
            if plain:
                out.append(plain)
    return list(dict.fromkeys(out))


def _remarks(properties: dict[str, tuple[Element, ...]]) -> list[str]:
    out = [
        " ".join((note.text or "").split())
        for holder in properties.get("annotation", ())
        for note in holder.iter()
        if local(note) == "note"
    ]
    return [text for text in dict.fromkeys(out) if text]


def _feature_name(feature: Element) -> str | None:
    for item in feature.iter():
        if local(item).endswith("TimeSlice"):
            return text(item, "name") or text(item, "designator")
    return None


def _base_id(version: Version, uuid: str) -> str:
    written = (_first(version.properties, "type") or "ASE").removeprefix("OTHER:")
    name = _first(version.properties, "designator") or _first(version.properties, "name")
    return f"{written}:{name or uuid}"


def _dated(base: str, version: Version, versions: list[Version]) -> str:
    """The name and from when it holds; from when it was known too where that tells versions apart."""
    same = [v for v in versions if v.from_ns == version.from_ns]
    out = f"{base}@{_stamp(version.from_ns)}"
    if len(same) > 1:
        out += f"~{_stamp(version.known_from_ns)}"
        twins = [v for v in same if v.known_from_ns == version.known_from_ns]
        if len(twins) > 1:
            out += f"-{_stamp(version.to_ns)}"
    return out


def _stamp(instant_ns: int | None) -> str:
    if instant_ns is None:
        return "always"
    return datetime.fromtimestamp(instant_ns // SECOND_NS, UTC).strftime("%Y%m%dT%H%MZ")
