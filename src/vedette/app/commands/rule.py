"""``vedette rule``: read, check and try the rules that proposals come from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.app.rule_folder import files_of_folder, notes_of_folder, rules_of_folder

if TYPE_CHECKING:
    from vedette.response.rule_set import RuleSet

_RULES = click.option(
    "--rules",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of rule tables; default: those that come with the program.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group("rule")
def group() -> None:
    """The rules that proposals come from."""


def _emit(value: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


@group.command("check")
@_RULES
@click.option(
    "--no-proof", is_flag=True, help="Only the tables and the enumeration: needs no solver."
)
@_JSON
def check(folder: Path | None, *, no_proof: bool, as_json: bool) -> None:
    """Check a rule set: it loads, and what must hold of it is proved for all inputs.

    Exit code 1 and the rows, each with a counter-example, where something is wrong. Save one as a file
    and give it to `vedette rule explain --situation FILE`.
    """
    import msgspec

    from vedette.response import audit

    rules = rules_of_folder(folder)
    for note in notes_of_folder(folder, rules):
        click.echo(f"note: {note}", err=True)
    click.echo(f"{rules.name}: tables and enumeration ...", err=True)
    report = audit.check(rules)
    if not as_json:
        click.echo(rules.name)
        click.echo(
            f"{report.situations} situations: all answered, {report.by_fallback} by "
            f"{rules.about.reading.fallback} alone"
        )
        for text in report.conflicts:
            click.echo(f"note: {text}")
        for finding in report.findings:
            click.echo(f"{finding.row}: {finding.problem}")
            if finding.example:
                click.echo(f"  for example: {finding.example}")
    # the solver reads what the tables mean: a table that lacks whole rows is told of that alone
    whole = not any("is missing" in finding.problem for finding in report.findings)
    proofs = _prove(rules, as_json=as_json) if whole and not no_proof else []
    bad = len(report.findings) + sum(
        len(item["broken"]) or item["verdict"] == "undecided" for item in proofs
    )
    if as_json:
        _emit(
            {
                "rule_set": rules.name,
                "ok": not bad,
                "report": report,
                "proofs": msgspec.to_builtins(proofs),
            }
        )
    else:
        click.echo("ok" if not bad else f"{bad} problems")
    if bad:
        raise SystemExit(1)


def _prove(rules: "RuleSet", *, as_json: bool) -> list[dict[str, Any]]:
    """Every property, told as it is proved, each with its time."""
    from time import perf_counter

    import msgspec

    from vedette.response.proof import Prover

    click.echo("proofs ...", err=True)
    prover = Prover(rules)
    results: list[dict[str, Any]] = []
    for item in prover.properties():
        start = perf_counter()
        result = prover.prove(item)
        seconds = perf_counter() - start
        results.append({**msgspec.to_builtins(result), "seconds": round(seconds, 3)})
        if as_json:
            continue
        took = f"{seconds:6.2f} s" if result.structural is None else " " * 8
        click.echo(f"{result.id:13} {result.verdict:10} {took}  {result.text}")
        if result.structural is not None:
            click.echo(f"{'':34}  by {result.structural}")
        for broken in result.broken:
            click.echo(f"  {broken.row}: {broken.problem}")
            if broken.example is not None:
                click.echo(f"    {msgspec.json.encode(broken.example).decode()}")
    return results


@group.command("list")
@_RULES
@_JSON
def list_rules(folder: Path | None, as_json: bool) -> None:
    """List the rows: id, measures, title."""
    rules = rules_of_folder(folder)
    if as_json:
        _emit(
            [
                {
                    "rule": rule.id,
                    "title": rule.title,
                    "measures": rule.measures,
                    "not_permitted": rule.not_permitted,
                    "authority": rule.authority,
                    "deadline": rule.deadline.words,
                    "deadline_s": rule.deadline.seconds,
                    "sources": rule.sources,
                }
                for rule in rules.rules.values()
            ]
        )
        return
    for rule in rules.rules.values():
        click.echo(f"{rule.id}  {rule.title}")
        click.echo(f"     {' '.join(rule.measures)}")


@group.command("explain")
@click.argument("row", required=False)
@_RULES
@click.option(
    "--situation",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help='A file of facts instead: {"facts": {...}, "confirmed": ["K2"], "denied": []}; "-" for stdin.',
)
@_JSON
def explain(row: str | None, folder: Path | None, situation: Path | None, *, as_json: bool) -> None:
    """Explain ROW (R14, M07, K2, F04 or P10) in plain words, or what the rows say of a situation."""
    if (row is None) == (situation is None):
        raise click.UsageError("give either ROW or --situation FILE")
    if situation is not None:
        _explain_situation(rules_of_folder(folder), situation, as_json)
        return
    assert row is not None
    rules = rules_of_folder(folder)
    name = row.upper()
    if name in rules.rules:
        text = _explain_rule(rules, name)
    elif name in rules.measures:
        measure = rules.measures[name]
        text = [f"{name}  {measure.text}", f"lowest authority: {measure.authority}"]
    elif name in rules.checks:
        text = _explain_check(rules, name)
    elif name in rules.gate:
        text = _explain_gate(rules, name)
    elif name in rules.prohibitions:
        text = _explain_prohibition(rules, name)
    else:
        raise click.BadParameter(f"no row {row!r}; see `vedette rule list`", param_hint="ROW")
    for line in text:
        click.echo(line)


def _explain_situation(rules: "RuleSet", file: Path, as_json: bool) -> None:
    import sys

    from vedette.response.example import Example, facts_without_unknown, load_example, verdict_of

    stdin = str(file) == "-"
    data = sys.stdin.buffer.read() if stdin else file.read_bytes()
    moment: Example | None = load_example(data, "stdin" if stdin else file.name)
    verdicts = []
    while moment is not None:
        verdicts.append((moment, verdict_of(rules, moment)))
        moment = moment.then
    if as_json:
        _emit(
            [
                {"situation": facts_without_unknown(moment), "verdict": verdict}
                for moment, verdict in verdicts
            ]
        )
        return
    for index, (_, verdict) in enumerate(verdicts):
        if index:
            click.echo("\nthen")
        click.echo(f"{verdict.output}  force question: {verdict.force_question}")
        for proposal in verdict.proposals:
            click.echo(f"{proposal.rule} {verdict.standing[proposal.rule]}")
            click.echo(f"  open: {' '.join(proposal.measures) or 'nothing'}")
            for reason in proposal.reasons:
                click.echo(f"  - {reason}")
        others = sorted(rules.rules.keys() - verdict.standing.keys())
        undecided = {text.partition(":")[0] for text in verdict.undetermined}
        for text in verdict.undetermined:
            if text.partition(":")[0] in others:
                click.echo(f"cannot be decided: {text}")
        no = [name for name in others if name not in undecided]
        click.echo(f"do not apply: {' '.join(no)}")


def _explain_rule(rules: "RuleSet", name: str) -> list[str]:
    from vedette.response.expression import All, words

    rule = rules.rules[name]
    parts = rule.when.parts if isinstance(rule.when, All) else (rule.when,)
    lines = [f"{name}  {rule.title}", "", "Applies when all of this is known to hold:"]
    lines += [f"  - {words(part)}" for part in parts]
    if rule.inform_if_unknown:
        lines.append(
            "While only these are unknown, what informs and protects stands: "
            + ", ".join(rule.inform_if_unknown)
        )
    lines += ["", "May then be put to people:"]
    for measure in rule.measures:
        lines.append(f"  {measure}  {rules.measures[measure].text}")
        need = rule.needs.get(measure)
        if need is not None:
            if need.answered:
                lines.append(f"         only with a yes to {', '.join(need.answered)}")
            if need.confirmed:
                lines.append(f"         only confirmed by a person: {', '.join(need.confirmed)}")
            if need.only_if is not None:
                lines.append(f"         only if {words(need.only_if)}")
            if need.another_row:
                lines.append("         only where another row permits it too")
        if measure == "M14":
            lines.append("         only behind the whole gate F01 to F18")
    lines += [
        "",
        f"Not permitted: {rule.not_permitted}"
        + (f" ({', '.join(rule.bans)})" if rule.bans else ""),
        f"Authority: {rule.authority}",
        f"Deadline: {rule.deadline.words}",
        "Sources:",
    ]
    return lines + _sources(rules, rule.sources)


def _explain_check(rules: "RuleSet", name: str) -> list[str]:
    from vedette.response.expression import words

    item = rules.checks[name]
    lines = [f"{name}  {item.text}", f"a person's confirmation counts for {item.valid_s:g} s"]
    if item.refuted_when is not None:
        lines.append(f"no, when: {words(item.refuted_when)}")
    if item.found_when is not None:
        lines.append(f"found by the system when: {words(item.found_when)}")
    users = [
        f"{rule.id} {measure}"
        for rule in rules.rules.values()
        for measure, need in rule.needs.items()
        if name in (*need.answered, *need.confirmed)
    ]
    return [*lines, f"needed by: {', '.join(users) or 'the gate only'}"]


def _explain_gate(rules: "RuleSet", name: str) -> list[str]:
    from vedette.response.expression import words

    item = rules.gate[name]
    lines = [f"{name}  {item.text}", f"a named person, in words, not older than {item.valid_s:g} s"]
    if item.holds_only_if is not None:
        lines.append(f"and only if the system sees: {words(item.holds_only_if)}")
    if item.crewed_military:
        lines.append("asked unless the object is known to be uncrewed")
    return [*lines, "Sources:", *_sources(rules, item.sources)]


def _explain_prohibition(rules: "RuleSet", name: str) -> list[str]:
    from vedette.response.expression import words

    item = rules.prohibitions[name]
    lines = [f"{name}  {item.text}"]
    if item.unless is not None:
        lines.append(f"closes {', '.join(item.closes)} unless known: {words(item.unless)}")
    if item.kept_by is not None:
        lines.append(f"kept by: {item.kept_by}")
    return [*lines, "Sources:", *_sources(rules, item.sources)]


def _sources(rules: "RuleSet", names: tuple[str, ...]) -> list[str]:
    lines = []
    for name in names:
        source = rules.sources[name]
        lines.append(
            f"  {name}  {source.title}" + (f"  {source.address}" if source.address else "")
        )
    return lines


@group.command("test")
@_RULES
@click.option(
    "--incidents",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of published incidents (YAML or JSON) to answer instead of the rule set's own cases.",
)
@click.option("--coverage", "show_coverage", is_flag=True, help="Show how many cases each row has.")
@_JSON
def test(
    folder: Path | None, incidents: Path | None, *, show_coverage: bool, as_json: bool
) -> None:
    """Run the cases of a rule set, or answer a file of published incidents.

    Exit code 1 where a case comes out otherwise than expected.
    """
    if incidents is not None:
        _test_incidents(folder, incidents, as_json)
    else:
        _test_cases(folder, show_coverage=show_coverage, as_json=as_json)


def _test_incidents(folder: Path | None, incidents: Path, as_json: bool) -> None:
    from vedette.response.published import answer, load_published

    rules = rules_of_folder(folder)
    answers = [
        answer(record, rules) for record in load_published(incidents.read_bytes(), incidents.name)
    ]
    if as_json:
        _emit(answers)
    else:
        for item in answers:
            click.echo(f"{item.id}  {item.output}  force question: {item.force_question}")
            click.echo(f"      {', '.join(item.rules)}  {item.title}")
        wrong = sum(not item.agrees for item in answers)
        click.echo(f"{len(answers)} incidents, {wrong} not as expected", err=True)
    if not all(item.agrees for item in answers):
        raise SystemExit(1)


def _test_cases(folder: Path | None, *, show_coverage: bool, as_json: bool) -> None:
    from vedette.model.errors import RuleError
    from vedette.response.boundary import crossed, load_boundaries
    from vedette.response.case import coverage, load_cases, run_case
    from vedette.response.rule_set import BOUNDARIES, CASES, load_rules

    files = files_of_folder(folder)
    if CASES not in files:
        raise RuleError(f"{folder}: has no {CASES}")
    rules = load_rules(files)
    outcomes = tuple(run_case(rules, case) for case in load_cases(files[CASES]))
    boundaries = load_boundaries(files[BOUNDARIES]) if BOUNDARIES in files else ()
    wrong = list(crossed(rules, boundaries))
    covered = coverage(rules, outcomes)
    bare = [name for name, count in covered.items() if not count]
    failed = [outcome for outcome in outcomes if outcome.problems]
    if as_json:
        _emit(
            {
                "rule_set": rules.name,
                "cases": [
                    {
                        "id": outcome.id,
                        "title": outcome.title,
                        "output": outcome.verdict.output,
                        "force_question": outcome.verdict.force_question,
                        "rules": outcome.verdict.standing,
                        "problems": outcome.problems,
                    }
                    for outcome in outcomes
                ],
                "coverage": dict(covered),
                "rows_without_a_case": bare,
                "boundaries": len(boundaries),
                "boundaries_crossed": [boundary.notices for boundary in wrong],
            }
        )
    else:
        if show_coverage:
            for name, count in covered.items():
                click.echo(f"{name}  {count:3} cases  {rules.rules[name].title}")
        for outcome in failed:
            click.echo(f"{outcome.id}: {'; '.join(outcome.problems)}")
        for boundary in wrong:
            click.echo(f"boundary crossed: {boundary.notices}")
        for name in bare:
            click.echo(f"{name}: no case")
        click.echo(
            f"{len(outcomes)} cases, {len(failed)} failed; "
            f"{len(boundaries)} boundaries, {len(wrong)} crossed; "
            f"{len(covered) - len(bare)} of {len(covered)} rows covered"
        )
    if failed or bare or wrong:
        raise SystemExit(1)


@group.command("boundaries")
@_RULES
def boundaries(folder: Path | None) -> None:
    """Make the boundary cases of a rule set anew, on stdout: for its boundaries.yaml.

    After an intended change of the tables; read what has changed before you keep it. Takes minutes.
    """
    import json

    from vedette.response.boundary import Boundary, Maker, crossed, plain
    from vedette.response.case import load_cases, run_case
    from vedette.response.mutants import mutants
    from vedette.response.rule_set import CASES, load_rules

    files = files_of_folder(folder)
    rules = load_rules(files)
    cases = load_cases(files[CASES]) if CASES in files else ()
    maker = Maker(rules)
    made: list[Boundary] = []
    changes = list(mutants(rules))
    for index, mutant in enumerate(changes):
        if index % 50 == 0:
            click.echo(f"{index} of {len(changes)} changes, {len(made)} boundaries", err=True)
        if next(crossed(mutant.rules, reversed(made)), None) is not None or any(
            run_case(mutant.rules, case).problems for case in cases
        ):
            continue
        boundary = maker.made(mutant)
        if boundary is not None:
            made.append(boundary)
            click.echo(f"- {json.dumps(plain(boundary))}")
