"""``vedette council remaining|drill``: what is still decided when the chain is broken."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.commands.council_count import check_members, states_of
from vedette.app.plain_words import one_line

if TYPE_CHECKING:
    from vedette.council.remaining import Way


@click.command("remaining")
@click.argument("matters", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--left", default="", help="States that have left, as TUR,HUN.")
@click.option("--no", "against", default="", help="States that say no to whatever is put.")
@click.option("--away", default="", help="States that cannot be reached.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def remaining(
    matters: tuple[Path, ...], left: str, against: str, away: str, *, as_json: bool
) -> None:
    """What can still be decided: by whom, and under which text.

    Every rule if all others say yes, and what the MATTERS given hold now. Matters of drills count for nothing.
    Of a matter in the folder of a node its keeper's closings say whose silence was one.
    """
    from vedette.app.matter_file import read_matter, replayed
    from vedette.app.rulebook import delegable, rulebook
    from vedette.app.summary import to_json
    from vedette.council.remaining import Broken, agreed_before, rules_that_decide

    broken = Broken(left=states_of(left), against=states_of(against), away=states_of(away))
    now_ns, kept = time.time_ns(), []
    for path in matters:
        file = read_matter(path)
        kept.append((replayed(file, file.receipts, max(now_ns, file.latest_ns)), file))
    parties = frozenset[str]().union(*(file.settings.roster.states for _, file in kept))
    check_members(broken.left | broken.against | broken.away, parties)
    ways = (
        *rules_that_decide(broken),
        *agreed_before(
            [(matter, file.settings.roster) for matter, file in kept if not file.drill],
            broken, delegable(), rulebook(), now_ns,
            unheard=unheard_at_nodes({file.path.resolve().parent.parent for _, file in kept}),
        ),
    )  # fmt: skip
    for _, file in kept:
        if file.drill:
            click.echo(f"{file.path}: a drill, left out", err=True)
    if as_json:
        click.echo(to_json([_plain(way) for way in ways]))
        return
    _print(ways)


def unheard_at_nodes(folders: Iterable[Path]) -> dict[str, frozenset[str]]:
    """Of each matter of the nodes in these folders, the states whose silence its keeper does not confirm."""
    found: dict[str, frozenset[str]] = {}
    for folder in sorted(folders):
        journal = folder / "journal" / "alliance.jsonl"
        if not journal.exists():
            continue
        from vedette.alliance.matters import unheard
        from vedette.alliance.state import recovered
        from vedette.engine.alliance.folder import load
        from vedette.engine.alliance.journal import read_journal

        state, _ = recovered(load(folder)[0], read_journal(journal))
        for kept in state.matters.values():
            found[kept.matter_id] = found.get(kept.matter_id, frozenset()) | unheard(kept)
    return found


@click.command("drill")
@click.option("--out", type=click.Path(path_type=Path), help="New folder to leave the matters in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def drill(out: Path | None, *, as_json: bool) -> None:
    """Play thirty-two delegations whose chain breaks, and say after each break what is still decided.

    One state blocks, one is cut off, the offices of one contradict each other, one leaves, a period ends. Real
    keys, real files; look at them with `vedette council page OUT`.
    """
    from tempfile import TemporaryDirectory

    from vedette.app.council_drill import run_drill
    from vedette.app.summary import to_json
    from vedette.model.time import format_utc

    with TemporaryDirectory() as temporary:
        found = []
        for stage in run_drill(Path(temporary) / "drill" if out is None else out):
            found.append(stage)
            if as_json:
                continue
            click.echo(f"\n{format_utc(stage.at_ns)}  {stage.name}  (drill)")
            for words in stage.said:
                click.echo(f"  {one_line(words)}")
            _print(stage.ways)
    if as_json:
        click.echo(
            to_json(
                [
                    {
                        "name": stage.name, "at": format_utc(stage.at_ns), "said": list(stage.said),
                        "ways": [_plain(way) for way in stage.ways],
                    }
                    for stage in found
                ]
            )
        )  # fmt: skip
    elif out is not None:
        click.echo(f"\nthe matters are in {out}", err=True)


def _plain(way: "Way") -> dict[str, object]:
    return {name: getattr(way, name) for name in way.__struct_fields__}


def _print(ways: "Iterable[Way]") -> None:
    for way in ways:
        few = " ".join(way.by[:4]) + (f" and {len(way.by) - 4} more" if len(way.by) > 4 else "")
        click.echo(f"  {'yes' if way.open else 'no':4}{one_line(way.id)[:46]:46}  {few or '-'}")
        click.echo(f"      {one_line(way.why)}; under {one_line(way.text)}")
