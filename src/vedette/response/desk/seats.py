"""Who may accept which measure and confirm which check: ``desk.yaml`` of the rule set, typed."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files as package_files
from typing import Annotated, Final

import msgspec

from vedette.model.errors import RuleError
from vedette.response.evaluate import DOSSIER
from vedette.response.rule_set import RuleSet, read_yaml

FILE: Final = "desk.yaml"
AUTHORITY: Final = "national_authority"
SYSTEM: Final = frozenset({"M00", "M01"})  # nobody need be asked to watch and to compare


class Seats(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to accept one measure."""

    id: str
    seats: Annotated[tuple[tuple[str, ...], ...], msgspec.Meta(min_length=1, max_length=4)]
    one_no_closes: bool = False
    valid_s: Annotated[float, msgspec.Meta(gt=0)] = 600.0
    asked_s: Annotated[float, msgspec.Meta(gt=0)] | None = None


class DeskTable(msgspec.Struct, frozen=True, kw_only=True):
    """The whole table. ``digest`` is that of its file."""

    roles: dict[str, str]
    measures: dict[str, Seats]
    confirm: dict[str, tuple[str, ...]]
    statements: tuple[str, ...]
    identity: dict[str, tuple[str, ...]]
    review: tuple[str, ...]
    attribute: tuple[str, ...]
    revoke: tuple[str, ...]
    digest: str

    def confirming(self, subject: str) -> tuple[str, ...]:
        """Roles that may confirm a check or an item of the gate."""
        return self.confirm.get(subject, self.confirm["default"])

    def naming(self, identity: str) -> tuple[str, ...]:
        """Roles that may set an identity."""
        return self.identity.get(identity, self.identity["default"])


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    roles: dict[str, str]
    measures: tuple[Seats, ...]
    confirm: dict[str, tuple[str, ...]]
    statements: tuple[str, ...]
    identity: dict[str, tuple[str, ...]]
    review: tuple[str, ...]
    attribute: tuple[str, ...]
    revoke: tuple[str, ...]


def load_table(data: bytes, rules: RuleSet) -> DeskTable:
    """The typed table.

    Raises:
        RuleError: it is not YAML, names what does not exist, or lets one person do what takes two.
    """
    try:
        read = msgspec.convert(read_yaml(FILE, data), _File)
    except msgspec.ValidationError as error:
        raise RuleError(f"{FILE}: {error}") from error
    table = DeskTable(
        roles=read.roles,
        measures={row.id: row for row in read.measures},
        confirm=read.confirm,
        statements=read.statements,
        identity=read.identity,
        review=read.review,
        attribute=read.attribute,
        revoke=read.revoke,
        digest=sha256(data).hexdigest(),
    )
    problem = _problem(read, table, rules)
    if problem is not None:
        raise RuleError(f"{FILE}: {problem}")
    return table


def _problem(read: _File, table: DeskTable, rules: RuleSet) -> str | None:
    """The first thing that is wrong with a table."""
    if len(table.measures) != len(read.measures):
        return "a measure stands twice"
    wanted = set(rules.measures) - SYSTEM
    if set(table.measures) != wanted:
        return f"measures differ from those of the rules: {sorted(set(table.measures) ^ wanted)}"
    subjects = {"default", *rules.checks, *rules.gate}
    if not set(table.confirm) <= subjects or "default" not in table.confirm:
        return f"confirm names {sorted(set(table.confirm) - subjects)}, or lacks default"
    if not {"default", "hostile"} <= set(table.identity):
        return "identity lacks default or hostile"
    named = [
        *table.confirm.values(),
        *table.identity.values(),
        table.statements,
        table.review,
        table.attribute,
        table.revoke,
    ]
    named += [seat for row in table.measures.values() for seat in row.seats]
    for roles in named:
        if not roles or not set(roles) <= set(table.roles):
            return f"{list(roles)} is empty or names a role that is not listed"
    for measure in rules.about.reading.closed_by_doubt:
        row = table.measures[measure]
        if len(row.seats) < 2 or not row.one_no_closes:
            return f"{measure} approaches the object: it takes two persons, and one no closes it"
    dossier = table.measures.get(DOSSIER)
    if dossier is not None and not any(set(seat) == {AUTHORITY} for seat in dossier.seats):
        return f"{DOSSIER} is answered by the national authority and by nobody else: a seat of {AUTHORITY}"
    return None


@cache
def shipped_table_bytes() -> bytes:
    """The table that comes with the program."""
    return (package_files("vedette") / "rules" / FILE).read_bytes()


def table_of(files: Mapping[str, bytes], rules: RuleSet) -> DeskTable:
    """The table in a rule set's files, or the shipped one where they hold none."""
    return load_table(files.get(FILE, shipped_table_bytes()), rules)
