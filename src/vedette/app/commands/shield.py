"""``vedette shield``: a proposed zone, what it covers, what changes, and the zone once all have agreed."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.app.finite import Finite
from vedette.app.named_file import SVG
from vedette.model.errors import RecordError, SettingError, ZoneError
from vedette.model.probability import area, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vedette.app.matter_file import MatterFile
    from vedette.council.matter import Matter
    from vedette.council.shield.coverage import Figures
    from vedette.council.shield.leaving import Leaving
    from vedette.council.shield.proposal import Proposal
    from vedette.council.shield.survey import Survey

_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
_FILE = click.argument("file", type=_PATH)
_HEIGHT = click.option(
    "--height", "heights", multiple=True, type=Finite(0.0, 100_000.0),
    help="Above mean sea level [m]; may be given again. Default: 100, 500, 1000, 3000, 10000.",
)  # fmt: skip
_TERRAIN = click.option("--terrain", type=_PATH, help="Ground heights (.npz or .hgt).")
_CELLS = click.option(
    "--cells", default=2_500, show_default=True, type=click.IntRange(1, 20_000),
    help="Into about how many pieces the outline is cut.",
)  # fmt: skip
_JSON = click.option("--json", "as_json", is_flag=True)
_AT = click.option("--at", help="As it stands at that time (ISO 8601); default: now.")


@click.group("shield")
def group() -> None:
    """A protective zone that needs everyone: check it, see what it covers, write it once it is in force."""


# ---------------------------------------------------------------------------- reading


def _proposal(file: Path) -> "Proposal":
    from vedette.app.rulebook import rulebook
    from vedette.council.shield.proposal import read_proposal

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ZoneError(f"{file}: no UTF-8 text: {error}") from error
    try:
        return read_proposal(text, rulebook())
    except ZoneError as error:
        raise ZoneError(f"{file}: {error}") from error


def _survey(file: Path, terrain: Path | None, cells: int) -> "Survey":
    from vedette.app.commands.zone import read_terrain
    from vedette.council.shield.survey import survey

    return survey(_proposal(file), read_terrain(terrain), cells)


def _stood(matter: Path, at: str | None) -> "tuple[MatterFile, Matter, int]":
    """A matter as it stood at an instant, and that instant."""
    from vedette.app.matter_file import read_matter, replayed
    from vedette.model.time import parse_utc

    file = read_matter(matter)
    now_ns = time.time_ns()
    if at is not None:
        try:
            now_ns = parse_utc(at)
        except ValueError as error:
            raise SettingError(f"--at: {at!r} is no ISO 8601 time") from error
        if not file.drill and now_ns > time.time_ns():
            raise SettingError(f"--at: {at} has not come; what stands then is not known")
    seen = [receipt for receipt in file.receipts if receipt.received_ns <= now_ns]
    return file, replayed(file, seen, now_ns), now_ns


def _emit(value: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


# ---------------------------------------------------------------------------- commands


@group.command("check")
@_FILE
@click.option("--matter", type=click.Path(path_type=Path), help="Also say how it stands there.")
@_AT
@_JSON
def check(file: Path, matter: Path | None, at: str | None, as_json: bool) -> None:
    """Check a proposal: whether it can be put, over whose territory it lies, who is missing.

    Exit 3 where it is no proposal, 1 where it cannot be put like this.
    """
    from vedette.airspace.sovereign import sovereign_airspace
    from vedette.app.rulebook import rulebook
    from vedette.council.shield.in_force import standing
    from vedette.council.shield.proposal import digest
    from vedette.council.shield.territory import findings, grounds

    proposal = _proposal(file)
    sovereign = sovereign_airspace()
    found = grounds(proposal, sovereign)
    said = findings(proposal, found, sovereign)
    stands, kept, current = None, None, None
    if matter is not None:
        kept, state, now_ns = _stood(matter, at)
        current = state.current
        stands = standing(proposal, state, kept.settings.roster, rulebook(), now_ns)
    if as_json:
        _emit(
            {
                "name": proposal.name,
                "version": digest(proposal),
                "hosts": sorted(proposal.hosts),
                "contributors": sorted(proposal.contributors),
                "territory": [
                    {"state": g.state, "area_km2": round(g.area_km2, 1), "share": round(g.share, 5)}
                    for g in found
                ],
                "findings": said,
                "standing": stands,
                "current_version": current,
                "drill": kept is not None and kept.drill,
            }
        )
    else:
        click.echo(f"{proposal.name}: {proposal.title}")
        click.echo(f"version: {digest(proposal)}")
        for ground in found:
            click.echo(
                f"over {ground.state or 'nobody'}: {area(ground.area_km2)} ({percent(ground.share, 1)})"
            )
        for finding in said:
            click.echo(f"{'error' if finding.grave else 'note'}: {finding.where}: {finding.words}")
        if stands is not None:
            click.echo(
                ("DRILL " if kept is not None and kept.drill else "")
                + f"standing: {'in force' if stands.in_force else 'not in force'}: {stands.words}"
            )
            click.echo(f"without explicit consent: {' '.join(stands.missing) or 'nobody'}")
            if current is not None and current != digest(proposal):
                click.echo(
                    f"that is of this text: the current version in {matter} is {current[:12]}"
                )
    raise SystemExit(1 if any(finding.grave for finding in said) else 0)


@group.command("text")
@_FILE
def text(file: Path) -> None:
    """Print the canonical text of a proposal: what is put to the council, and signed."""
    from vedette.council.shield.proposal import canonical_text

    # no line end is changed on the way, for the digest is of these bytes
    click.echo(canonical_text(_proposal(file)).encode(), nl=False)


@group.command("cover")
@_FILE
@_HEIGHT
@_TERRAIN
@_CELLS
@click.option("--picture", type=SVG, metavar="FILE.svg", help="Draw maps.")
@click.option("--matter", type=click.Path(path_type=Path), help="Say on the picture how it stands.")
@_AT
@_JSON
def cover(
    file: Path, heights: "Sequence[float]", terrain: Path | None, cells: int, picture: Path | None,
    matter: Path | None, at: str | None, as_json: bool,
) -> None:  # fmt: skip
    """What its sensors see, what they do not, how soon somebody can look, what it costs."""
    from vedette.app.rulebook import rulebook
    from vedette.council.shield.coverage import HEIGHTS_M, figures, gaps, reached

    surveyed = _survey(file, terrain, cells)
    levels = tuple(heights) or HEIGHTS_M
    found = figures(surveyed, levels)
    if picture is not None:
        from vedette.app.shield_picture import shield_svg

        words = "A proposal"
        if matter is not None:
            from vedette.council.shield.in_force import standing

            kept, state, now_ns = _stood(matter, at)
            stands = standing(
                surveyed.proposal, state, kept.settings.roster, rulebook(), now_ns
            )  # fmt: skip
            drill = "DRILL. " if kept.drill else ""
            words = f"{drill}{'In force' if stands.in_force else 'Not in force'}: {stands.words}"
        try:
            picture.write_text(shield_svg(surveyed, levels, words), encoding="utf-8")
        except OSError as error:
            raise RecordError(f"{picture}: {error.strerror}") from error
        click.echo(f"picture: {picture}", err=True)
    if as_json:
        import msgspec
        import shapely

        plain = msgspec.to_builtins(found)
        for one, level in zip(plain["layers"], levels, strict=True):
            one["gaps"] = msgspec.Raw(shapely.to_geojson(gaps(surveyed, level)).encode())
        plain["reaction"]["contours"] = {
            limit: msgspec.Raw(shapely.to_geojson(reached(surveyed, float(limit))).encode())
            for limit in found.reaction.within
        }
        _emit(plain)
        return
    _print(found)


def _print(found: "Figures") -> None:
    earth = "with terrain" if found.with_terrain else "without terrain: a smooth Earth, at its best"
    click.echo(
        f"{area(found.area_km2)}, {found.sensors} sensors, {found.alert_bases} bases; "
        f"cells of {found.cell_km:.1f} km; 4/3 Earth {earth}"
    )
    click.echo(f"{'height':8}  {'one':>8} {'two+':>8} {'silent':>8} {'gap':>9}")
    for one in found.layers:
        click.echo(
            f"{one.height_amsl_m:6.0f} m  {_percent(one.one)} {_percent(one.two)} {_percent(one.silent)} "
            f"{area(one.gap_km2):>13}" + ("" if one.in_volume else "  outside the volume")
        )
    whole = found.volume
    click.echo(f"volume    {_percent(whole.one)} {_percent(whole.two)} {_percent(whole.silent)}")
    click.echo(f"to look: {_times(found)}")
    for limit, share in found.reaction.within.items():
        click.echo(f"  within {float(limit) / 60:3.0f} min  {_percent(share)}")
    click.echo(
        f"cost: {found.cost.alert_hours:.0f} aircraft hours on alert in {found.cost.days:.1f} days, "
        f"{found.cost.alert_sorties:.0f} alert sorties"
    )


def _percent(share: float) -> str:
    return f"{percent(share, 1):>8}"


def _times(found: "Figures") -> str:
    times = found.reaction
    if times.median_s is None or times.longest_s is None:
        return "nobody is on alert"
    return f"half of it within {times.median_s / 60:.0f} min, all within {times.longest_s / 60:.0f} min"


@group.command("without")
@click.argument("state")
@_FILE
@_HEIGHT
@_TERRAIN
@_CELLS
@_JSON
def without(
    state: str,
    file: Path,
    heights: "Sequence[float]",
    terrain: Path | None,
    cells: int,
    as_json: bool,
) -> None:
    """What changes if STATE leaves; "all" for a table of every state."""
    from vedette.council.shield.coverage import HEIGHTS_M
    from vedette.council.shield.leaving import departures

    surveyed = _survey(file, terrain, cells)
    levels = tuple(heights) or HEIGHTS_M
    states = surveyed.proposal.contributors | surveyed.proposal.hosts
    if state != "all" and state not in states:
        raise SettingError(
            f"{state} neither gives to this shield nor hosts it: {', '.join(sorted(states))}"
        )
    rows = [
        row for row in departures(surveyed, levels) if state == "all" or row.state in (None, state)
    ]
    if as_json:
        _emit(rows)
        return
    names = "".join(f"{level:>7.0f} m" for level in levels)
    click.echo(
        f"{'without':9}{names}  {'volume':>8} {'silent':>8} {'median':>7} {'longest':>8} {'alert h':>9}"
    )
    for row in rows:
        click.echo(_row(row))
    for row in rows:
        if row.state is not None:
            takes = ", ".join(row.takes) or "nothing that was given"
            host = "; the volume over its territory ends" if row.host else ""
            click.echo(f"{row.state} takes {takes}{host}")


def _row(row: "Leaving") -> str:
    found = row.figures
    shares = "".join(f"{percent(one.one, 1):>9}" for one in found.layers)
    times = [
        "nobody" if seconds is None else f"{seconds / 60:.0f} min"
        for seconds in (found.reaction.median_s, found.reaction.longest_s)
    ]
    return (
        f"{row.state or 'nobody':9}{shares}  {_percent(found.volume.one)} {_percent(found.volume.silent)} "
        f"{times[0]:>7} {times[1]:>8} {found.cost.alert_hours:9.0f}"
    )


@group.command("zone")
@_FILE
@click.argument("matter", type=click.Path(path_type=Path))
@_AT
@click.option("--drill", "for_drill", is_flag=True, help="Of a drill: only then, and for one only.")
def zone(file: Path, matter: Path, at: str | None, *, for_drill: bool) -> None:
    """Write the zones of a shield that is in force (GeoJSON, on stdout): for --zones of any command.

    Exit 1 with the reason where it is not in force, was agreed in a drill, or cannot be put like this.
    """
    from vedette.airspace.sovereign import sovereign_airspace
    from vedette.airspace.zone_file import write_geojson
    from vedette.app.rulebook import rulebook
    from vedette.council.shield.in_force import standing, zones
    from vedette.council.shield.territory import findings, grounds

    proposal, rules = _proposal(file), rulebook()
    kept, state, now_ns = _stood(matter, at)
    roster = kept.settings.roster
    stands = standing(proposal, state, roster, rules, now_ns)
    if not stands.in_force:
        click.echo(f"not in force: {stands.words}", err=True)
        raise SystemExit(1)
    if kept.drill != for_drill:
        why = "it was agreed in a drill: --drill" if kept.drill else "it was not agreed in a drill"
        click.echo(f"not in force: {why}", err=True)
        raise SystemExit(1)
    sovereign = sovereign_airspace()
    found = grounds(proposal, sovereign)
    said = findings(proposal, found, sovereign)
    for finding in said:
        click.echo(f"{finding.where}: {finding.words}", err=True)
    if any(finding.grave for finding in said):
        raise SystemExit(1)
    made, shapes = zones(proposal, state, roster, rules, found, now_ns)
    if not made:
        click.echo("not in force: it lies over the territory of no host", err=True)
        raise SystemExit(1)
    click.echo(write_geojson(made, shapes))
    click.echo(f"{len(made)} zones, {stands.words}" + (" (drill)" if kept.drill else ""), err=True)


@group.command("diff")
@click.argument("older", type=_PATH)
@click.argument("newer", type=_PATH)
@_JSON
def diff(older: Path, newer: Path, as_json: bool) -> None:
    """What differs between two texts: for an amendment or a counter-proposal.

    Exit code 0 when nothing does, 1 when something does.
    """
    import msgspec

    from vedette.council.shield.difference import difference

    changes = difference(_proposal(older), _proposal(newer))
    if as_json:
        _emit(changes)
    for change in () if as_json else changes:
        parts = [
            f"{sign} {change.where}: {msgspec.json.encode(value).decode()}"
            for sign, value in (("-", change.before), ("+", change.after))
            if value is not None
        ]
        click.echo("\n".join(parts))
    if changes:
        raise SystemExit(1)
