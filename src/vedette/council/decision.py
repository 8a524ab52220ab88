"""How bodies of states decide: rules as data, and one function that counts.

``decide(rule, body, positions)`` counts what states have said; it moves nothing. A matter (``council.matter``)
of the Alliance goes by consensus alone; the other rules are there to be compared with it. No outcome of any of
them is a national legal authority, and none stands for it.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec
import yaml

from vedette.model.errors import RuleError

# "abstain_declared": an abstention qualified by a formal declaration (Treaty on European Union, Article 31(1))
Position = Literal["yes", "no", "abstain", "abstain_declared"]
Kind = Literal["all", "double_majority", "each", "one", "delegated"]
Abstention = Literal["counts as yes", "counts as no", "stands aside"]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
# Above any difference that adding the same numbers in another order makes.
_HAIR: Final = 1e-9


class DecisionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of ``decision_rules.yaml``."""

    id: str
    text: str
    body: Literal["nato", "eu", "any"]
    kind: Kind
    abstention: Abstention
    tacit: bool
    source: str
    declared: Abstention | None = None  # an abstention that is declared; None: as any abstention
    but: Annotated[int, msgspec.Meta(ge=0)] = 0  # so many noes are overlooked
    members: Share | None = None
    population: Share | None = None
    blocking_members: Annotated[int, msgspec.Meta(ge=1)] | None = None  # fewer never block
    # a minority that blocks has one more than the fewest members with more people than this share
    blocking_share: Share | None = None
    aside_members: Share | None = None  # so many that stand aside, with ...
    aside_population: Share | None = None  # ... so many people, adopt nothing
    members_least: Annotated[int, msgspec.Meta(ge=1)] = 1  # so many members must say yes
    least: Annotated[int, msgspec.Meta(ge=1)] = 1  # so many must be willing


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rules: tuple[DecisionRule, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the count gives."""

    adopted: bool
    open: bool  # those who have not spoken could still adopt it
    bound: frozenset[str]  # states that it would bind
    against: frozenset[str]
    aside: frozenset[str]
    silent: frozenset[str]
    why: str


def read_rules(name: str, data: bytes) -> dict[str, DecisionRule]:
    """Decision rules of a YAML file, by id.

    Raises:
        RuleError: it is no such file, or a row lacks what its kind needs; says which.
    """
    try:
        rows = msgspec.convert(yaml.safe_load(data), _File).rules
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise RuleError(f"{name}: {' '.join(str(error).split())}") from error
    found: dict[str, DecisionRule] = {}
    for row in rows:
        if row.id in found:
            raise RuleError(f"{name}: {row.id} stands twice")
        if row.kind == "double_majority" and (row.members is None or row.population is None):
            raise RuleError(f"{name}: {row.id}: a double majority needs both shares")
        if row.tacit and row.kind != "all":
            raise RuleError(f"{name}: {row.id}: silence adopts by consensus only")
        found[row.id] = row
    return found


@cache
def shipped_rules() -> dict[str, DecisionRule]:
    """The rules that come with the program."""
    name = "decision_rules.yaml"
    return read_rules(name, (files("vedette") / "data" / "council" / name).read_bytes())


@cache
def populations(body: Literal["nato", "eu"]) -> dict[str, int]:
    """Members of a body with their populations. GeoNames (CC BY 4.0), see ``tools/build_bodies.py``."""
    text = (files("vedette") / "data" / "council" / "bodies.csv").read_text("utf-8")
    return {
        row["state"]: int(row["population"])
        for row in csv.DictReader(text.splitlines())
        if row[body] == "1"
    }


def decide(
    rule: DecisionRule,
    body: Mapping[str, int],
    positions: Mapping[str, Position],
    *,
    deadline_passed: bool = False,
    mute: frozenset[str] = frozenset(),
    deciding: str | None = None,
) -> Outcome:
    """Count positions by a rule.

    Args:
        rule: how the body decides.
        body: its members with their populations.
        positions: what members have said; of others nothing is read.
        deadline_passed: of a silence; who has said nothing has then assented, where the rule is tacit.
        mute: members that cannot speak: their silence is no assent, and they cannot yet say yes.
        deciding: the state or states' delegate that decides, where one does.

    Raises:
        ValueError: the body has no members, or a rule of one state names no member.
    """
    if not body:
        raise ValueError("a body without members decides nothing")
    said = {state: positions[state] for state in sorted(body) if state in positions}
    silent = frozenset(state for state in body if state not in said)
    if rule.tacit and deadline_passed:
        said |= dict.fromkeys(sorted(silent - mute), "yes")
    yes = _saying(said, "yes")
    against, aside = _saying(said, "no"), frozenset[str]()
    for abstained, counts in (
        (_saying(said, "abstain"), rule.abstention),
        (_saying(said, "abstain_declared"), rule.declared or rule.abstention),
    ):
        if counts == "counts as yes":
            yes |= abstained
        elif counts == "counts as no":
            against |= abstained
        else:
            aside |= abstained
    unsaid = frozenset(state for state in body if state not in said)
    adopted, why = _adopted(rule, body, yes, against, aside, deciding)
    # the best that can still come: all who have not spoken, and can, say yes
    later, _ = _adopted(rule, body, yes | (unsaid - mute), against, aside, deciding)
    if not adopted and not later:
        once, _ = _adopted(rule, body, yes | unsaid, against, aside, deciding)
        cut_off = _names(unsaid & mute)
        why = (
            f"not while {cut_off} cannot speak" if once else f"it cannot be adopted any more: {why}"
        )
    return Outcome(
        adopted=adopted,
        open=not adopted and later,
        bound=_bound(rule, body, yes, aside, against, deciding) if adopted else frozenset(),
        against=against,
        aside=aside,
        silent=silent,
        why=why,
    )


def _saying(said: Mapping[str, Position], what: Position) -> frozenset[str]:
    return frozenset(state for state, position in said.items() if position == what)


def _adopted(
    rule: DecisionRule,
    body: Mapping[str, int],
    yes: frozenset[str],
    against: frozenset[str],
    aside: frozenset[str],
    deciding: str | None,
) -> tuple[bool, str]:
    if rule.kind in ("one", "delegated"):
        if deciding is None or deciding not in body:
            raise ValueError(f"{rule.id}: say which member decides")
        return deciding in yes, f"{deciding} has {'' if deciding in yes else 'not '}said yes"
    if rule.kind == "each":
        return len(yes) >= rule.least, f"{len(yes)} are willing, it takes {rule.least}"
    if rule.kind == "double_majority":
        return _majority(rule, body, yes)
    return _all(rule, body, yes, against, aside)


def _all(
    rule: DecisionRule,
    body: Mapping[str, int],
    yes: frozenset[str],
    against: frozenset[str],
    aside: frozenset[str],
) -> tuple[bool, str]:
    if len(against) > rule.but:
        return False, f"{_names(against)} said no"
    if rule.aside_members is not None and rule.aside_population is not None:
        members, people = len(aside) / len(body), _people(body, aside)
        if members >= rule.aside_members - _HAIR and people >= rule.aside_population - _HAIR:
            return (
                False,
                f"{len(aside)} of {len(body)} stand aside, with {people:.1%} of the people",
            )
    missing = frozenset(body) - yes - against - aside
    if missing:
        return False, f"nothing from {_names(missing)}"
    if not yes:
        return False, "nobody said yes"
    return True, "nobody objects" if not against else f"only {_names(against)} said no"


def _majority(rule: DecisionRule, body: Mapping[str, int], yes: frozenset[str]) -> tuple[bool, str]:
    assert rule.members is not None
    assert rule.population is not None
    members, people = len(yes) / len(body), _people(body, yes)
    why = f"{len(yes)} of {len(body)} members, {people:.2%} of the people"
    if members < rule.members - _HAIR:
        return False, f"{why}: it takes {rule.members:.0%} of the members"
    if len(yes) < rule.members_least:
        return False, f"{why}: it takes {rule.members_least} members"
    blocking = _blocking(rule, body)
    few = blocking is not None and len(body) - len(yes) < blocking
    if people < rule.population - _HAIR and not few:
        return False, f"{why}: it takes {rule.population:.0%} of the people"
    return True, why


def _blocking(rule: DecisionRule, body: Mapping[str, int]) -> int | None:
    """How many members a minority has at least that blocks; None where people alone may."""
    if rule.blocking_share is None:
        return rule.blocking_members
    share, fewest = 0.0, 0
    for people in sorted(body.values(), reverse=True):
        share, fewest = share + people / sum(body.values()), fewest + 1
        if share > rule.blocking_share + _HAIR:
            break
    return fewest + 1


def _people(body: Mapping[str, int], states: Iterable[str]) -> float:
    return sum(body[state] for state in states) / sum(body.values())


def _bound(
    rule: DecisionRule,
    body: Mapping[str, int],
    yes: frozenset[str],
    aside: frozenset[str],
    against: frozenset[str],
    deciding: str | None,
) -> frozenset[str]:
    if rule.kind == "each":
        return yes
    if rule.kind == "one":
        return frozenset({deciding}) if deciding is not None else frozenset()
    # a rule that overlooks a no does not bind whoever said it
    return frozenset(body) - aside - (against if rule.but else frozenset())


def by_whom(states: frozenset[str]) -> str:
    """Whose agreement it is when all of some states agree: the Alliance's, or that of a few."""
    allies = populations("nato").keys()
    missing = sorted(allies - states)
    guests = sorted(states - allies)
    with_guests = f" and {_names(guests)}" if guests else ""
    if not missing:
        return f"by consent of all {len(allies)} allies{with_guests}"
    return (
        f"by consent of the {len(states)} states that take part; of the {len(allies)} allies "
        f"{len(missing)} take no part ({_names(missing)}): it is not the Alliance's"
    )


def _names(states: Iterable[str]) -> str:
    names = sorted(states)
    return (
        " ".join(names) if len(names) <= 6 else f"{' '.join(names[:6])} and {len(names) - 6} more"
    )
