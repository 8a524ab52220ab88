"""``vedette council rules|count``: how bodies decide, and what each rule would make of what states have said."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.model.errors import SettingError

if TYPE_CHECKING:
    from vedette.council.decision import DecisionRule, Outcome, Position


@click.command("rules")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def rules(*, as_json: bool) -> None:
    """Decision rules, each with its source."""
    import msgspec

    from vedette.app.summary import to_json
    from vedette.council.decision import shipped_rules

    if as_json:
        click.echo(to_json([msgspec.to_builtins(rule) for rule in shipped_rules().values()]))
        return
    for rule in shipped_rules().values():
        click.echo(f"{rule.id:22} {rule.text}")
        click.echo(f"{'':22} abstention {rule.abstention}; {rule.source}")


@click.command("count")
@click.argument("matter", type=click.Path(path_type=Path), required=False)
@click.option("--rule", help="One rule only; default: each that fits.")
@click.option("--yes", "yes", default="", help="Without a MATTER: states, as EST,LVA.")
@click.option("--no", "no", default="")
@click.option("--abstain", "abstain", default="")
@click.option("--declared", "declared", default="", help="Abstentions with a formal declaration.")
@click.option("--left", "left", default="", help="States that have left, or take no part.")
@click.option("--away", "away", default="", help="Members that cannot be reached.")
@click.option("--others", type=click.Choice(["silent", "yes"]), default="silent", show_default=True)
@click.option("--deciding", help="The state that decides, where one does.")
@click.option("--deadline-passed", is_flag=True, help="Of a silence.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def count(
    matter: Path | None, rule: str | None, yes: str, no: str, abstain: str, declared: str, left: str, away: str,
    others: str, deciding: str | None, *, deadline_passed: bool, as_json: bool,
) -> None:  # fmt: skip
    """What each rule would make of the positions in MATTER, or of those given.

    It changes nothing: a matter of the Alliance goes by consensus. Exit 1 where the one rule asked for does
    not adopt.
    """
    from vedette.app.summary import to_json
    from vedette.council.decision import decide, populations, shipped_rules

    known = shipped_rules()
    if rule is not None and rule not in known:
        raise SettingError(f"--rule {rule}: there are {', '.join(known)}")
    positions, unable = (
        (_given(yes, no, abstain, declared), frozenset[str]())
        if matter is None
        else _of_matter(matter)
    )
    gone, unable = states_of(left), unable | states_of(away)
    typed = states_of(",".join((yes, no, abstain, declared))) if matter is None else frozenset()
    check_members(typed | gone | states_of(away) | states_of(deciding or ""))
    found: dict[str, Outcome] = {}
    for one in known.values() if rule is None else [known[rule]]:
        members = populations("eu" if one.body == "eu" else "nato")
        body = {state: people for state, people in members.items() if state not in gone}
        strangers = sorted(set(positions) - set(body))
        if rule is not None and strangers:
            raise SettingError(f"{' '.join(strangers)}: no member of the body that {rule} is of")
        if one.kind in ("one", "delegated") and deciding is None:
            continue
        if deciding in gone or not body:
            continue
        inside: dict[str, Position] = {}
        if others == "yes":
            inside = dict.fromkeys(sorted(body.keys() - unable), "yes")
        inside |= {state: said for state, said in positions.items() if state in body}
        found[one.id] = decide(
            one, body, inside, deadline_passed=deadline_passed, mute=unable, deciding=deciding
        )
    if as_json:
        click.echo(to_json({name: _plain(outcome) for name, outcome in found.items()}))
    else:
        for name, outcome in found.items():
            click.echo(_line(known[name], outcome))
    raise SystemExit(1 if rule is not None and not all(o.adopted for o in found.values()) else 0)


def _given(yes: str, no: str, abstain: str, declared: str) -> "dict[str, Position]":
    positions: dict[str, Position] = {}
    said: tuple[tuple[Position, str], ...] = (
        ("yes", yes), ("no", no), ("abstain", abstain), ("abstain_declared", declared),
    )  # fmt: skip
    for position, states in said:
        for state in sorted(states_of(states)):
            if state in positions:
                raise SettingError(f"{state} is given twice")
            positions[state] = position
    return positions


def states_of(text: str) -> frozenset[str]:
    """States of a list as people type it: EST,LVA."""
    return frozenset(filter(None, text.replace(" ", "").split(",")))


def check_members(states: frozenset[str], others: frozenset[str] = frozenset()) -> None:
    """See that states are members of the Alliance or the Union, or among ``others``.

    Raises:
        SettingError: some are not; names them.
    """
    from vedette.airspace.states import near_states
    from vedette.council.decision import populations

    allies = populations("nato").keys() | populations("eu").keys()
    unknown = sorted(states - allies - others)
    if unknown:
        near = near_states(unknown[0], allies | others) if len(unknown) == 1 else ""
        raise SettingError(
            f"{' '.join(unknown)}: no member of the Alliance or the Union (EST,LVA){near}"
        )


def _of_matter(matter: Path) -> "tuple[dict[str, Position], frozenset[str]]":
    """Positions in a matter, and the states that can say nothing there."""
    from vedette.app.matter_file import read_matter, replayed
    from vedette.council.standing import mute

    file = read_matter(matter)
    state = replayed(file, file.receipts, file.latest_ns)
    positions: dict[str, Position] = dict.fromkeys(sorted(state.consented(state.current)), "yes")
    positions |= dict.fromkeys(sorted(state.aside), "abstain")
    positions |= {objection.party: "no" for objection in state.outstanding}
    return positions, mute(file.settings.roster, state)


def _plain(outcome: "Outcome") -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name in outcome.__struct_fields__
        for value in [getattr(outcome, name)]
    }


def _line(rule: "DecisionRule", outcome: "Outcome") -> str:
    stands = "adopted" if outcome.adopted else "open" if outcome.open else "not adopted"
    return f"{rule.id:22} {stands:12} {outcome.why}"


@click.command("delegated")
@click.argument("text", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("matter", type=click.Path(path_type=Path))
@click.option("--measure", required=True, help="M06, ...")
@click.option("--state", required=True, help="In whose airspace.")
@click.option("--class", "object_class", required=True, help="Class of the object.")
@click.option("--contributor", help="Whose forces would act.")
@click.option("--at", "at", help="ISO 8601; default: now.")
def delegated(
    text: Path, matter: Path, measure: str, state: str, object_class: str, contributor: str | None,
    at: str | None,
) -> None:  # fmt: skip
    """Whether the delegation in TEXT, put in MATTER, lets its delegate decide on a measure. Exit 1 where not."""
    import time

    from vedette.airspace.states import check_state
    from vedette.app.matter_file import read_matter, replayed
    from vedette.app.rulebook import delegable
    from vedette.council.delegation import permits
    from vedette.model.time import parse_utc

    check_state("--state", state)
    if contributor is not None:
        check_state("--contributor", contributor)
    file = read_matter(matter)
    stands = replayed(file, file.receipts, file.latest_ns)
    try:
        now_ns = time.time_ns() if at is None else parse_utc(at)
    except ValueError as error:
        raise SettingError(f"--at: {at!r} is no ISO 8601 time") from error
    found = permits(
        text.read_text(encoding="utf-8"), stands, file.settings.roster.states, delegable(), measure,
        state, object_class, contributor, now_ns,
    )  # fmt: skip
    click.echo(("permitted: " if found.permitted else "not permitted: ") + found.words)
    raise SystemExit(0 if found.permitted else 1)
