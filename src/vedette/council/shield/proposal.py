"""The text of a shield: volume, territory, period, purpose, rules and contributions.

It is the text of a matter of kind "shield". Its canonical form is what is put to the council: the digest of the
version is the digest of the proposal, and what a reader sees in the file cannot differ from what was signed.

A shield can only repeat what the shipped rules permit. It names no row that leads to the question of force and
no measure that prepares it, and it has no word for a weapon.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
import shapely
import yaml

from vedette.airspace.edges import WGS84
from vedette.airspace.limits import check_order
from vedette.council.act import digest_of
from vedette.model.errors import ZoneError
from vedette.model.time import SECOND_NS
from vedette.model.zone import Limit

FORMAT: Final = "vedette-shield/1"
TEXT_MAX: Final = 100_000  # characters: what an act of the council can carry
EDGE_M: Final = 5_000.0  # pieces that the geodesic edges of a boundary are drawn in
# words that would give a shield a weapon or say that one is used; a state that limits what its aircraft do
# says what they are there for: "identification only"
WEAPON_WORDS: Final = frozenset(
    {
        "weapon", "weapons", "weaponry", "engage", "engages", "engaged", "engagement", "engaging", "fire",
        "fires", "fired", "firing", "shoot", "shoots", "shooting", "shot", "shootdown", "kill", "kills", "killed",
        "killing", "destroy", "destroys", "destroyed", "destruction", "strike", "strikes", "target", "targets",
        "targeted", "targeting", "neutralise", "neutralize", "neutralised", "neutralized", "neutralisation",
        "jammer", "jammers", "effector", "effectors", "interceptor", "interceptors", "munition", "munitions",
        "warhead", "warheads", "ammunition", "gun", "guns", "cannon", "cannons", "laser", "lasers", "launcher",
        "launchers", "salvo",
    }
)  # fmt: skip
# things that fly there may be called so in a purpose; nothing that a state gives may be
GIVEN_WORDS: Final = WEAPON_WORDS | {
    "missile", "missiles", "battery", "batteries", "rocket", "rockets", "jamming", "patriot", "nasams",
}  # fmt: skip
# sensors that see an object which does not answer
SILENT_KINDS: Final = frozenset({"psr", "passive", "acoustic", "optical"})

SensorKind = Literal["psr", "ssr", "mode_s", "ads_b", "mlat", "passive", "acoustic", "optical"]
State = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000, pattern=r"\S")]
Latitude = Annotated[float, msgspec.Meta(ge=-89.0, le=89.0)]
Longitude = Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Closed to unknown keys: a misspelt one is an error, not a caveat that nobody reads."""


class Corner(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vertex of the boundary; edges between vertices are geodesics."""

    latitude_deg: Latitude
    longitude_deg: Longitude


class Volume(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The airspace that is spoken of: closed at the floor, open at the ceiling, never without one."""

    boundary: Annotated[tuple[Corner, ...], msgspec.Meta(min_length=3, max_length=2_000)]
    floor: Limit
    ceiling: Limit


class Host(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A state over whose territory it lies; its law applies there and nobody else's."""

    state: State
    law: Words  # the act, as its own lawyers cite it


class Period(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it can be in force: closed at the beginning, open at the end."""

    since: Instant
    until: Instant

    @property
    def since_ns(self) -> int:
        """The beginning [ns UTC]."""
        return _ns(self.since)

    @property
    def until_ns(self) -> int:
        """The end [ns UTC]."""
        return _ns(self.until)


class Named(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows and measures of the shipped rules that the states agree to use there."""

    rows: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    measures: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Sensor(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sensor that a state lets look into the volume."""

    name: Name
    kind: SensorKind
    latitude_deg: Latitude
    longitude_deg: Longitude
    antenna_amsl_m: Annotated[float, msgspec.Meta(ge=-400, le=20_000)]
    range_m: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]  # slant


class Alert(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Aircraft kept ready at a base, to go and look at an object: visual identification."""

    base: Name
    latitude_deg: Latitude
    longitude_deg: Longitude
    aircraft: Annotated[int, msgspec.Meta(ge=1, le=100)]
    readiness_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)]  # from the order to airborne
    speed_mps: Annotated[float, msgspec.Meta(gt=0, le=1_000)]  # over the ground
    hours_per_day: Annotated[float, msgspec.Meta(gt=0, le=24)]
    shift_hours: Annotated[float, msgspec.Meta(gt=0, le=168)] = 24.0  # of one alert sortie


class Site(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place that a state lets others use."""

    name: Name
    latitude_deg: Latitude
    longitude_deg: Longitude
    use: Words


class Contribution(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one state gives, and what it keeps back, in its own words."""

    state: State
    sensors: tuple[Sensor, ...] = ()
    alerts: tuple[Alert, ...] = ()
    places: tuple[Site, ...] = ()
    caveats: tuple[Words, ...] = ()


class Renewal(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when the next text has to be put; without a newly agreed text the shield ends."""

    put_by: Instant
    words: Words


class Proposal(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A shield as it is put to the states."""

    format: Literal["vedette-shield/1"]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,59}\Z")]
    title: Name
    purpose: Words
    volume: Volume
    territory: Annotated[tuple[Host, ...], msgspec.Meta(min_length=1)]
    period: Period
    rules: Named
    contributions: Annotated[tuple[Contribution, ...], msgspec.Meta(min_length=1)]
    renewal: Renewal | None = None

    @property
    def hosts(self) -> frozenset[str]:
        """States over whose territory it lies."""
        return frozenset(host.state for host in self.territory)

    @property
    def contributors(self) -> frozenset[str]:
        """States that give something to it."""
        return frozenset(contribution.state for contribution in self.contributions)

    def without(self, state: str) -> tuple[Contribution, ...]:
        """The contributions of all others."""
        return tuple(one for one in self.contributions if one.state != state)


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """What of the shipped rules a shield may name."""

    rows: Mapping[str, frozenset[str]]  # row: the measures that it permits
    measures: frozenset[str]
    closed_rows: frozenset[str]  # rows that lead to the question of force
    closed_measures: frozenset[str]  # measures that prepare it


GIVEN_MAX: Final = (
    500  # sensors, and bases, of one shield: a survey of more takes minutes (design choice)
)


def read_proposal(text: str, rulebook: Rulebook) -> Proposal:
    """A proposal from its text.

    Args:
        text: YAML.
        rulebook: what it may name.

    Raises:
        ZoneError: it is no proposal, contradicts itself, or names what a shield may not; says where.
    """
    if len(text) > TEXT_MAX:
        raise ZoneError(f"shield: longer than the {TEXT_MAX} characters that an act can carry")
    try:
        plain = yaml.load(text, Loader=StrictLoader)  # noqa: S506 - it is a SafeLoader, and refuses more
        proposal = msgspec.convert(plain, Proposal)
    except yaml.YAMLError as error:
        raise ZoneError(f"shield: no YAML: {' '.join(str(error).split())}") from error
    except (msgspec.ValidationError, RecursionError, ValueError) as error:
        raise ZoneError(f"shield: {error}") from error
    problems = [*_structure(proposal), *_rules(proposal, rulebook), *_words(proposal)]
    if problems:
        raise ZoneError("shield: " + "; ".join(problems))
    return proposal


def canonical_text(proposal: Proposal) -> str:
    """The one text of a proposal: YAML, every field in its order, times in UTC. This is what is put and signed."""
    plain = msgspec.to_builtins(_in_utc(proposal))
    return yaml.dump(plain, Dumper=_ExactDumper, sort_keys=False, allow_unicode=True, width=1_000)


def digest(proposal: Proposal) -> str:
    """Name of the version of the matter in which the canonical text is put: SHA-256, hexadecimal."""
    return digest_of(canonical_text(proposal))


def outline(volume: Volume) -> Any:
    """The polygon of a volume, longitude and latitude [degrees], its geodesic edges in pieces of ``EDGE_M``."""
    corners = [(corner.longitude_deg, corner.latitude_deg) for corner in volume.boundary]
    points: list[tuple[float, float]] = []
    for k, (x, y) in enumerate(corners):
        x1, y1 = corners[(k + 1) % len(corners)]
        points.append((x, y))
        pieces = math.ceil(WGS84.inv(x, y, x1, y1)[2] / EDGE_M)
        if pieces > 1:
            points += WGS84.npts(x, y, x1, y1, pieces - 1)
    return shapely.Polygon(points)


# ---------------------------------------------------------------------------- reading


class StrictLoader(yaml.SafeLoader):
    """YAML in which no key comes twice and nothing is repeated by name: what is read is as long as the text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node, or an error where it is an alias."""
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias; write it out", None)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping, or an error where a key comes twice."""
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} comes twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


class _ExactDumper(yaml.SafeDumper):
    """Writes what is read back as it was: U+0085 ends a line of YAML, and would come back as a space."""


def _exact(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if "\x85" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_ExactDumper.add_representer(str, _exact)


def _structure(proposal: Proposal) -> Iterator[str]:
    for where, number in _numbers(msgspec.to_builtins(proposal), ""):
        if not math.isfinite(number):
            yield f"{where}: {number} is no number"
    corners = proposal.volume.boundary
    if len({(c.latitude_deg, c.longitude_deg) for c in corners}) != len(corners):
        yield "volume.boundary: a vertex comes twice; the ring closes by itself"
    elif any(
        abs(a.longitude_deg - b.longitude_deg) >= 180.0
        for a, b in zip(corners, (*corners[1:], corners[0]), strict=True)
    ):
        yield "volume.boundary: crosses the antimeridian; put one shield for each side"
    else:
        shape = outline(proposal.volume)
        if not shape.is_valid:
            yield f"volume.boundary: crosses itself ({shapely.is_valid_reason(shape)})"
    try:
        check_order(proposal.volume.floor, proposal.volume.ceiling)
    except ValueError as error:
        yield f"volume: {error}"
    if proposal.period.until_ns <= proposal.period.since_ns:
        yield "period: ends before it begins"
    if proposal.renewal and _ns(proposal.renewal.put_by) > proposal.period.until_ns:
        yield "renewal.put_by: after the end of the period"
    for what, states in (
        ("territory", [host.state for host in proposal.territory]),
        ("contributions", [one.state for one in proposal.contributions]),
    ):
        for state in sorted(state for state, times in Counter(states).items() if times > 1):
            yield f"{what}: {state} comes twice"
    for one in proposal.contributions:
        if not (one.sensors or one.alerts or one.places):
            yield f"contributions of {one.state}: nothing is given"
    for what, names in (
        ("sensors", [s.name for one in proposal.contributions for s in one.sensors]),
        ("alerts", [a.base for one in proposal.contributions for a in one.alerts]),
    ):
        if len(names) > GIVEN_MAX:
            yield f"contributions: {len(names)} {what}, and {GIVEN_MAX} are the most"
        for name in sorted(name for name, times in Counter(names).items() if times > 1):
            yield f"contributions: {what}: {name!r} comes twice"


def _rules(proposal: Proposal, rulebook: Rulebook) -> Iterator[str]:
    rows, measures = proposal.rules.rows, proposal.rules.measures
    for row in rows:
        if row not in rulebook.rows:
            yield f"rules.rows: there is no rule {row!r}"
        elif row in rulebook.closed_rows:
            yield (
                f"rules.rows: {row} leads to the question of force, of which a shield says nothing: "
                "it stays with the law of the territory and the gate"
            )
    permitted = frozenset[str]().union(*(rulebook.rows.get(row, frozenset()) for row in rows))
    for measure in measures:
        if measure not in rulebook.measures:
            yield f"rules.measures: there is no measure {measure!r}"
        elif measure in rulebook.closed_measures:
            yield f"rules.measures: {measure} prepares the question of force; no shield can name it"
        elif measure not in permitted:
            yield f"rules.measures: no row that is named permits {measure}"


def _words(proposal: Proposal) -> Iterator[str]:
    plain = msgspec.to_builtins(proposal)
    given = [*plain.pop("contributions"), proposal.name]
    for where, text in _texts(plain, ""):
        yield from _found(where, text, WEAPON_WORDS)
    for where, text in _texts(given, "contributions"):
        # a caveat may speak of what flies there, as the purpose may
        yield from _found(where, text, WEAPON_WORDS if ".caveats" in where else GIVEN_WORDS)


def _found(where: str, text: str, words: frozenset[str]) -> Iterator[str]:
    for word in sorted(set(re.findall(r"[a-z]+", text.lower())) & words):
        yield f"{where}: {word!r}: a shield names no weapon and no use of one; say what is given and kept back"


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    for path, leaf in _leaves(value, where):
        if isinstance(leaf, str):
            yield path, leaf


def _numbers(value: Any, where: str) -> Iterator[tuple[str, float]]:
    for path, leaf in _leaves(value, where):
        if isinstance(leaf, float):
            yield path, leaf


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple):
        for k, item in enumerate(value):
            yield from _leaves(item, f"{where}[{k}]")
    else:
        yield where, value


def _in_utc(proposal: Proposal) -> Proposal:
    replace = msgspec.structs.replace
    period, renewal = proposal.period, proposal.renewal
    return replace(
        proposal,
        period=replace(
            period, since=period.since.astimezone(UTC), until=period.until.astimezone(UTC)
        ),
        renewal=renewal and replace(renewal, put_by=renewal.put_by.astimezone(UTC)),
    )


def _ns(moment: datetime) -> int:
    whole = moment.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * SECOND_NS + whole.microsecond * 1_000
