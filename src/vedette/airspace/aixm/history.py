"""AIXM's temporality: time slices of a feature folded into what held when, as known when.

Source: AIXM 5 Temporality Model 1.1. A BASELINE is the whole feature from an instant on; a PERMDELTA changes
properties from an instant on; a TEMPDELTA changes them for a time. A higher correction number replaces a slice
with the same sequence number; a slice without a valid time is withdrawn.
"""

from itertools import pairwise
from typing import NamedTuple

from vedette.airspace.aixm.document import Element, children, local, text
from vedette.model.errors import ZoneError
from vedette.model.time import parse_utc

Properties = dict[str, tuple[Element, ...]]

_FRAME = frozenset(
    {
        "validTime",
        "interpretation",
        "sequenceNumber",
        "correctionNumber",
        "featureLifetime",
        "timeSliceMetadata",
        "extension",
    }
)


class Slice(NamedTuple):
    """One time slice, as written."""

    interpretation: str
    sequence: int
    correction: int
    from_ns: int | None
    to_ns: int | None
    instant: bool
    withdrawn: bool
    life_to_ns: int | None
    known_ns: int | None
    element: Element
    file: str


class Version(NamedTuple):
    """What held between two instants, and between which instants we held that to be so."""

    from_ns: int | None
    to_ns: int | None
    known_from_ns: int | None
    known_to_ns: int | None
    properties: Properties
    temporary: bool
    slices: tuple[Slice, ...]


def read_slice(element: Element, known_ns: int | None, file: str) -> Slice:
    """A time slice's frame.

    Raises:
        ZoneError: it has no interpretation, or a time that cannot be read.
    """
    interpretation = text(element, "interpretation")
    if interpretation not in ("BASELINE", "PERMDELTA", "TEMPDELTA", "SNAPSHOT"):
        raise ZoneError(f"a time slice with interpretation {interpretation}")
    from_ns, to_ns, instant, there = _period(element, "validTime")
    life_to_ns = _life_to_ns(element)
    return Slice(
        interpretation,
        _number(element, "sequenceNumber", 1),
        _number(element, "correctionNumber", 0),
        from_ns,
        to_ns,
        instant,
        not there,
        life_to_ns,
        known_ns,
        element,
        file,
    )


def _number(element: Element, name: str, default: int) -> int:
    plain = text(element, name)
    if plain is None:
        return default
    try:
        return int(plain)
    except ValueError:
        raise ZoneError(f"{name} {plain!r} is no number") from None


def _period(element: Element, name: str) -> tuple[int | None, int | None, bool, bool]:
    """From, to, whether it is an instant, and whether there is one at all."""
    for holder in children(element, name):
        for time in children(holder):
            if local(time) == "TimeInstant":
                at_ns = _instant(text(time, "timePosition"))
                return at_ns, None, True, at_ns is not None
            begin = _instant(text(time, "beginPosition"))
            return begin, _instant(text(time, "endPosition")), False, True
    return None, None, False, False


def lifetime_fault(element: Element) -> str | None:
    """What is wrong with the begin of the feature's lifetime, which nothing depends on."""
    try:
        _period(element, "featureLifetime")
    except ZoneError as error:
        return f"the begin of its lifetime is not read: {error}"
    return None


def _life_to_ns(element: Element) -> int | None:
    """When the feature ends for good; when it began is not needed."""
    for holder in children(element, "featureLifetime"):
        for time in children(holder, "TimePeriod"):
            return _instant(text(time, "endPosition"))
    return None


def _instant(plain: str | None) -> int | None:
    if plain is None:
        return None
    try:
        return parse_utc(plain)
    except ValueError:
        raise ZoneError(f"{plain!r} is no ISO 8601 time") from None


def fold(slices: list[Slice]) -> list[Version]:
    """Versions of one feature from all its slices, by what was known first, then by time.

    Raises:
        ZoneError: there is no baseline to start from.
    """
    if not any(s.interpretation in ("BASELINE", "SNAPSHOT") for s in slices):
        raise ZoneError("a change of a feature whose baseline is not in these files")
    moments = sorted({s.known_ns for s in slices if s.known_ns is not None})
    knowledge: list[int | None] = [None, *moments]
    lines = [
        _line([s for s in slices if s.known_ns is None or (at is not None and s.known_ns <= at)])
        for at in knowledge
    ]
    out: list[Version] = []
    open_: dict[tuple[object, ...], Version] = {}
    for at, line in zip(knowledge, lines, strict=True):
        now = {_key(version): version for version in line}
        gone = [key for key in open_ if key not in now]
        out += [open_.pop(key)._replace(known_to_ns=at) for key in gone]
        for key, version in now.items():
            if key not in open_:
                open_[key] = version._replace(known_from_ns=at)
    out += open_.values()
    return sorted(out, key=lambda v: (_low(v.known_from_ns), _low(v.from_ns)))


def _low(instant_ns: int | None) -> int:
    return -(1 << 62) if instant_ns is None else instant_ns


def _high(instant_ns: int | None) -> int:
    return (1 << 62) if instant_ns is None else instant_ns


def _key(version: Version) -> tuple[object, ...]:
    elements = tuple(
        sorted((name, tuple(id(e) for e in items)) for name, items in version.properties.items())
    )
    return version.from_ns, version.to_ns, version.temporary, elements


def _line(slices: list[Slice]) -> list[Version]:
    """What holds when, from slices that are known together."""
    latest: dict[tuple[str, int], Slice] = {}
    for slice_ in slices:
        key = (slice_.interpretation, slice_.sequence)
        old = latest.get(key)
        if old is None or (old.correction, _low(old.known_ns)) <= (
            slice_.correction,
            _low(slice_.known_ns),
        ):
            latest[key] = slice_
    kept = [s for s in latest.values() if not s.withdrawn]
    bases = sorted(
        (s for s in kept if s.interpretation in ("BASELINE", "SNAPSHOT")),
        key=lambda s: (_low(s.from_ns), s.sequence),
    )
    if not bases:
        return []
    permanent = sorted(
        (s for s in kept if s.interpretation == "PERMDELTA"),
        key=lambda s: (_low(s.from_ns), s.sequence),
    )
    temporary = sorted(
        (s for s in kept if s.interpretation == "TEMPDELTA"),
        key=lambda s: (_low(s.from_ns), s.sequence),
    )
    cuts = {_low(s.from_ns) for s in kept} | {_high(s.to_ns) for s in kept if not s.instant}
    ends = [s.life_to_ns for s in kept if s.life_to_ns is not None]
    life_to = min(ends) if ends else None
    cuts |= {_low(bases[0].from_ns), _high(life_to)}
    marks = sorted(cuts)
    out: list[Version] = []
    for start, end in pairwise(marks):
        if life_to is not None and start >= life_to:
            break
        version = _at(start, end, bases, permanent, temporary)
        if version is None:
            continue
        if out and out[-1].to_ns == version.from_ns and _same(out[-1], version):
            out[-1] = out[-1]._replace(to_ns=version.to_ns)
        else:
            out.append(version)
    return out


def _at(
    start: int, end: int, bases: list[Slice], permanent: list[Slice], temporary: list[Slice]
) -> Version | None:
    begun = [s for s in bases if _low(s.from_ns) <= start]
    if not begun:
        return None
    base = begun[-1]
    if not base.instant and _high(base.to_ns) <= start:
        return None
    used = [base]
    properties = _properties(base.element)
    for delta in permanent:
        # a baseline that begins at the same instant already holds the change
        if _low(base.from_ns) < _low(delta.from_ns) <= start:
            properties = _changed(properties, delta.element)
            used.append(delta)
    now = [t for t in temporary if _low(t.from_ns) <= start < _high(t.to_ns)]
    for delta in now:
        properties = _changed(properties, delta.element)
        used.append(delta)
    bounds = -(1 << 62), 1 << 62
    return Version(
        None if start == bounds[0] else start,
        None if end == bounds[1] else end,
        None,
        None,
        properties,
        bool(now),
        tuple(used),
    )


def _same(a: Version, b: Version) -> bool:
    return a.temporary == b.temporary and _key(a)[3] == _key(b)[3]


def _properties(element: Element) -> Properties:
    out: dict[str, list[Element]] = {}
    for item in children(element):
        if local(item) not in _FRAME:
            out.setdefault(local(item), []).append(item)
    return {name: tuple(items) for name, items in out.items()}


def _changed(properties: Properties, element: Element) -> Properties:
    """A delta states all occurrences of each property that it touches."""
    return {**properties, **_properties(element)}
