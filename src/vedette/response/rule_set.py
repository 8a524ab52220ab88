"""The rule tables as typed rows, read from YAML; every mistake names its file, row and problem."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files as package_files
from typing import Any, Final, Literal, TypeVar

import msgspec
import yaml

from vedette.model.errors import RuleError
from vedette.response.expression import Condition, Named, read_condition
from vedette.response.situation import FACT_WORDS

FILES: Final = (
    "about.yaml", "sources.yaml", "terms.yaml", "measures.yaml", "checks.yaml", "rows.yaml",
    "gate.yaml", "prohibitions.yaml", "authorities.yaml", "hosts.yaml", "deadlines.yaml",
)  # fmt: skip
CASES: Final = "cases.yaml"
BOUNDARIES: Final = "boundaries.yaml"
NO_AUTHORITY: Final = "no recorded authority"

Reading = Literal["general", "civil", "military", "object", "beside"]
Group = Literal["crewed_civil", "crewed_military", "uncrewed"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Closed to unknown keys, so that a misspelt one is an error and not a rule that never closes."""


class ReadingRules(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the rows are read together."""

    closed_by_doubt: tuple[str, ...]
    kept_in_doubt: tuple[str, ...]
    needs_every_row: tuple[str, ...]
    civil_before: Reading
    force_rows: tuple[str, ...]
    fallback: str


class About(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What this rule set is."""

    name: str
    version: str
    scope: str
    reading: ReadingRules


class Source(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something comes from."""

    title: str
    address: str | None


class Measure(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that may be put to people."""

    id: str
    text: str
    authority: str


class Need(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be known before one measure of a row is open."""

    answered: tuple[str, ...] = ()  # checks that are yes, found or confirmed
    confirmed: tuple[str, ...] = ()  # checks that a named person has confirmed
    only_if: Condition | None = None
    another_row: bool = False  # only where a row that is not beside permits it too


class Deadline(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon, in words; ``seconds`` from the opening of the incident."""

    words: str
    seconds: float | None = None


class Rule(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row: a situation and what may then be put to people."""

    id: str
    title: str
    reading: Reading
    when: Condition
    measures: tuple[str, ...]
    not_permitted: str
    authority: str
    deadline: Deadline
    sources: tuple[str, ...]
    needs: dict[str, Need] = {}
    bans: tuple[str, ...] = ()
    over: tuple[str, ...] = ()  # rows of the same reading that its bans are meant to close
    inform_if_unknown: tuple[str, ...] = ()
    silences_others_when_refuted_by_a_person: str | None = None
    stands_beside: bool = False

    @property
    def beside(self) -> bool:
        """Takes no part in the "every row" rule."""
        return self.stands_beside or self.reading == "beside"


class Check(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the civil-safety checks."""

    id: str
    text: str
    valid_s: float
    refuted_when: Condition | None = None
    found_when: Condition | None = None


class GateItem(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition of the gate."""

    id: str
    text: str
    valid_s: float
    sources: tuple[str, ...]
    holds_only_if: Condition | None = None
    crewed_military: bool = False
    all_checks: bool = False
    recorded_authority: bool = False
    independent: bool = False


class Prohibition(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Never, whatever else is true."""

    id: str
    text: str
    sources: tuple[str, ...]
    closes: tuple[str, ...] = ()
    unless: Condition | None = None
    kept_by: str | None = None


class Authority(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may decide in one state about one group of objects."""

    state: str
    group: Group
    office: str
    article: str | None
    in_force: bool
    may_be_asked: bool
    conditions: str
    confidence: Literal["low", "medium", "high"]
    sources: tuple[str, ...]
    from_m: float | None = None
    below_m: float | None = None

    def words(self) -> str:
        """Office and article, for people."""
        article = self.article or "no article recorded"
        return f"{self.office} ({article}{'' if self.in_force else '; not confirmed in force'})"


class Host(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a state has own fighters on alert."""

    iso2: str  # ISO 3166-1 alpha-2
    fighters: Literal["own", "allied", "unconfirmed"]
    by: str = ""
    caveats: dict[
        str, str
    ] = {}  # what a nation that sends fighters has published that they may not do here

    def sent(self) -> str:
        """Whose fighters come, and what their nations let them do, in words; empty for its own."""
        if self.fighters == "own":
            return ""
        whose = self.by or "not recorded"
        said = "; ".join(f"{nation}: {words}" for nation, words in sorted(self.caveats.items()))
        return f"Sending nation ({whose}): " + (
            said or "no recorded caveats, which is no permission: it is asked"
        )


class Step(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published or chosen duration."""

    step: str
    seconds: float
    kind: Literal["published", "design"]
    sources: tuple[str, ...]


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """All tables, checked against each other."""

    about: About
    digest: str  # SHA-256 of the tables, hexadecimal
    sources: dict[str, Source]
    terms: dict[str, Condition]
    measures: dict[str, Measure]
    checks: dict[str, Check]
    rules: dict[str, Rule]
    gate: dict[str, GateItem]
    prohibitions: dict[str, Prohibition]
    groups: dict[Group, tuple[str, ...]]
    authorities: tuple[Authority, ...]
    hosts: dict[str, Host]
    deadlines: tuple[Step, ...]

    @property
    def name(self) -> str:
        """Name, version and short digest, as recorded with each advice."""
        return f"{self.about.name} {self.about.version} sha256:{self.digest[:16]}"

    @property
    def measure_texts(self) -> dict[str, str]:
        """Words of each measure."""
        return {name: measure.text for name, measure in self.measures.items()}

    def group_of(self, object_class: str | None) -> Group | None:
        """The group whose law is asked for a class; None where none is recorded."""
        for group, classes in self.groups.items():
            if object_class in classes:
                return group
        return None

    def authority_for(
        self, state: str | None, object_class: str | None, height_m: float | None
    ) -> Authority | None:
        """The recorded authority; None where there is none or height would be needed and is unknown."""
        group = self.group_of(object_class)
        for entry in self.authorities:
            if entry.state != state or entry.group != group:
                continue
            if entry.from_m is None and entry.below_m is None:
                return entry
            if (
                height_m is not None
                and (entry.from_m is None or height_m >= entry.from_m)
                and (entry.below_m is None or height_m < entry.below_m)
            ):
                return entry
        return None


Row = TypeVar("Row", bound=_Part)


def load_rules(files: Mapping[str, bytes]) -> RuleSet:
    """Typed tables from the bytes of their files.

    Args:
        files: by file name; those of ``FILES`` are needed, others are left alone. Digested: these only.

    Raises:
        RuleError: a file is missing or not YAML, or a row is wrong; says which and why.
    """
    missing = [name for name in FILES if name not in files]
    if missing:
        raise RuleError(f"the rule set lacks {', '.join(missing)}")
    raw = {name: read_yaml(name, files[name]) for name in FILES}
    digest = sha256()
    for name in sorted(FILES):
        digest.update(f"{name} {len(files[name])}\n".encode() + files[name])
    terms = _terms(raw["terms.yaml"])
    rules = RuleSet(
        about=_convert(raw["about.yaml"], About, "about.yaml"),
        digest=digest.hexdigest(),
        sources=_mapping(raw["sources.yaml"], Source, "sources.yaml"),
        terms=terms,
        measures=_by_id(raw["measures.yaml"], Measure, "measures.yaml", terms),
        checks=_by_id(raw["checks.yaml"], Check, "checks.yaml", terms),
        rules=_by_id(raw["rows.yaml"], Rule, "rows.yaml", terms),
        gate=_by_id(raw["gate.yaml"], GateItem, "gate.yaml", terms),
        prohibitions=_by_id(raw["prohibitions.yaml"], Prohibition, "prohibitions.yaml", terms),
        groups=_convert(
            _key(raw["authorities.yaml"], "groups", "authorities.yaml"),
            dict[Group, tuple[str, ...]],
            "authorities.yaml: groups",
        ),
        authorities=_list(
            _key(raw["authorities.yaml"], "entries", "authorities.yaml"),
            Authority,
            "authorities.yaml",
        ),
        hosts=_mapping(raw["hosts.yaml"], Host, "hosts.yaml"),
        deadlines=_list(raw["deadlines.yaml"], Step, "deadlines.yaml"),
    )
    _check_references(rules)
    return rules


@cache
def shipped_rules() -> RuleSet:
    """The rule set that comes with the program."""
    return load_rules(shipped_files())


def shipped_files() -> dict[str, bytes]:
    """Bytes of the shipped tables and cases, by file name."""
    folder = package_files("vedette") / "rules"
    return {name: (folder / name).read_bytes() for name in (*FILES, CASES, BOUNDARIES)}


# ---------------------------------------------------------------------------- reading


# the loader in C where PyYAML has it, ten times faster; both build plain data only
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _OnceLoader(_SafeLoader):  # type: ignore[misc]
    """YAML in which no key comes twice: else the last one would hold, and people read the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping, or an error where a key comes twice."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice!r} comes twice", node.start_mark
            )
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def read_yaml(name: str, data: bytes) -> Any:
    """Plain data of a YAML or JSON file: mappings, lists and scalars, never objects.

    Raises:
        RuleError: it is not YAML; names the file.
    """
    try:
        return yaml.load(data, Loader=_OnceLoader)  # noqa: S506 - plain data only
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise RuleError(f"{name}: not YAML: {' '.join(str(error).split())}") from error


def _key(raw: Any, key: str, where: str) -> Any:
    if not isinstance(raw, dict) or key not in raw:
        raise RuleError(f"{where}: needs {key}:")
    return raw[key]


def _convert(raw: Any, kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise RuleError(f"{where}: {error}") from error


def _mapping(raw: Any, kind: type[Row], where: str) -> dict[str, Row]:
    if not isinstance(raw, dict):
        raise RuleError(f"{where}: needs a mapping")
    return {str(key): _convert(body, kind, f"{where}: {key}") for key, body in raw.items()}


def _list(raw: Any, kind: type[Row], where: str) -> tuple[Row, ...]:
    if not isinstance(raw, list):
        raise RuleError(f"{where}: needs a list")
    return tuple(
        _convert(body, kind, f"{where}: row {index}") for index, body in enumerate(raw, start=1)
    )


def _terms(raw: Any) -> dict[str, Condition]:
    """Terms, each of which may name others in any order, never itself."""
    if not isinstance(raw, dict):
        raise RuleError("terms.yaml: needs a mapping")
    terms: dict[str, Condition] = {}
    waiting = dict(raw)
    while waiting:
        ready = [name for name, body in waiting.items() if not _named(body) - terms.keys()]
        if not ready:
            raise RuleError(
                f"terms.yaml: {', '.join(sorted(waiting))}: names a term that is missing or itself"
            )
        for name in ready:
            body = waiting.pop(name)
            where = f"terms.yaml: {name}"
            terms[name] = Named(
                name,
                str(_key(body, "says", where)),
                read_condition(_key(body, "when", where), where, terms),
            )
    return terms


def _named(raw: Any) -> set[str]:
    if isinstance(raw, dict):
        own = {str(raw["term"])} if "term" in raw else set()
        return own.union(*(_named(body) for body in raw.values()))
    if isinstance(raw, list):
        return set().union(*(_named(body) for body in raw))
    return set()


_CONDITIONS: Final = ("when", "refuted_when", "found_when", "holds_only_if", "unless", "only_if")


def _by_id(raw: Any, kind: type[Row], where: str, terms: Mapping[str, Condition]) -> dict[str, Row]:
    if not isinstance(raw, list):
        raise RuleError(f"{where}: needs a list")
    rows: dict[str, Row] = {}
    for index, body in enumerate(raw, start=1):
        if not isinstance(body, dict) or not isinstance(body.get("id"), str):
            raise RuleError(f"{where}: row {index} has no id")
        name = f"{where}: {body['id']}"
        if body["id"] in rows:
            raise RuleError(f"{name}: the id is used twice")
        rows[body["id"]] = _convert(_read_conditions(body, name, terms), kind, name)
    return rows


def _read_conditions(raw: Any, where: str, terms: Mapping[str, Condition]) -> Any:
    """The same mapping with its conditions read; ``needs`` nests one level."""
    if not isinstance(raw, dict):
        raise RuleError(f"{where}: needs a mapping, not {raw!r}")
    read = dict(raw)
    for key in _CONDITIONS:
        if key in read:
            read[key] = read_condition(read[key], f"{where}: {key}", terms)
    if "needs" in read:
        if not isinstance(read["needs"], dict):
            raise RuleError(f"{where}: needs: is a mapping by measure")
        read["needs"] = {
            measure: _read_conditions(body, f"{where}: needs {measure}", terms)
            for measure, body in read["needs"].items()
        }
    return read


# ---------------------------------------------------------------------------- references


def _check_references(rules: RuleSet) -> None:
    """Every id that a table names exists, and each row lists what its approaching measures need.

    Raises:
        RuleError: at the first that does not.
    """
    reading = rules.about.reading
    for name in (*reading.force_rows, reading.fallback):
        _known(name, rules.rules, "about.yaml: reading", "row")
    for name in (*reading.closed_by_doubt, *reading.kept_in_doubt, *reading.needs_every_row):
        _known(name, rules.measures, "about.yaml: reading", "measure")
    for rule in rules.rules.values():
        where = f"rows.yaml: {rule.id}"
        for name in (*rule.measures, *rule.bans, *rule.needs):
            _known(name, rules.measures, where, "measure")
        for name in rule.over:
            _known(name, rules.rules, where, "row")
        for name in rule.inform_if_unknown:
            _known(name, FACT_WORDS, where, "fact")
        for measure, need in rule.needs.items():
            if measure not in rule.measures:
                raise RuleError(f"{where}: needs {measure}, which the row does not list")
            for name in (*need.answered, *need.confirmed):
                _known(name, rules.checks, where, "check")
        if rule.silences_others_when_refuted_by_a_person is not None:
            _known(rule.silences_others_when_refuted_by_a_person, rules.checks, where, "check")
        _check_sources(rule.sources, rules, where)
    for item in rules.gate.values():
        _check_sources(item.sources, rules, f"gate.yaml: {item.id}")
    for prohibition in rules.prohibitions.values():
        where = f"prohibitions.yaml: {prohibition.id}"
        _check_sources(prohibition.sources, rules, where)
        for name in prohibition.closes:
            _known(name, rules.measures, where, "measure")
        if bool(prohibition.closes) == bool(prohibition.kept_by):
            raise RuleError(f"{where}: needs either closes or kept_by")
    for entry in rules.authorities:
        _check_sources(entry.sources, rules, f"authorities.yaml: {entry.state} {entry.group}")
    for step in rules.deadlines:
        _check_sources(step.sources, rules, f"deadlines.yaml: {step.step}")


def _known(name: str, table: Mapping[str, object], where: str, kind: str) -> None:
    if name not in table:
        raise RuleError(f"{where}: no {kind} {name!r}")


def _check_sources(names: tuple[str, ...], rules: RuleSet, where: str) -> None:
    if not names:
        raise RuleError(f"{where}: has no source")
    for name in names:
        _known(name, rules.sources, where, "source")
