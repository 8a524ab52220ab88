"""``vedette watch``: live and recorded feeds, several at once."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.accounts.access import Access, web_options

if TYPE_CHECKING:
    from vedette.app.plan import Source
    from vedette.engine.address import FeedAddress


@click.command("watch")
@click.argument("feeds", nargs=-1, required=True, metavar="FEED...")
@click.option(
    "--sensors", "sensors_file", type=click.Path(path_type=Path), help="Sites and accuracies."
)
@click.option(
    "--date",
    help="YYYY-MM-DD of recordings that hold a time of day; the instant where they hold none.",
)
@click.option("--zones", multiple=True, type=click.Path(path_type=Path), help="Zone files.")
@click.option(
    "--tell",
    "told_zones",
    multiple=True,
    metavar="ZONE_ID",
    help="A line for each object that enters or leaves this zone, lawful or not; several.",
)
@click.option(
    "--plans",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Flight plans (ICAO FPL text), or plans, clearances, routes, aircraft (JSON).",
)
@click.option(
    "--council",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of council matters to show on the page.",
)
@click.option(
    "--offices",
    type=click.Path(path_type=Path),
    help="Who may act at the desk (of 'vedette office new'); without it nobody may.",
)
@click.option(
    "--reactions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Register of reactions that the page shows.",
)
@click.option(
    "--terrain",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ground heights (.npz or .hgt) for coverage and profiles on the page.",
)
@click.option("--rules", type=click.Path(path_type=Path), help="Folder of another rule set.")
@click.option(
    "--record", "folder", type=click.Path(path_type=Path), help="Keep or continue a record."
)
@click.option("--until-end", is_flag=True, help="End when the recordings have ended.")
@click.option("--speed", help="Times real time, or max. [max with --until-end, else 1]")
@click.option("--web", help="Serve the page at HOST:PORT.")
@web_options
@click.option("--seed", default=1, type=click.IntRange(0), help="Of sim: feeds.")
@click.option("--tick", "tick_s", default=1.0, show_default=True, help="Seconds between pictures.")
@click.option(
    "--acks", type=click.Path(path_type=Path), help="Append a line for each durable commit."
)
@click.option(
    "--from-beginning",
    is_flag=True,
    help="A record that is continued is replayed whole, and not from its last checkpoint on.",
)
@click.option(
    "--share",
    is_flag=True,
    help="Keep the picture of each tick beside the record, for vedette node.",
)
@click.option(
    "--node",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of this nation's node: the watch knows when it is cut off from its allies.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
def watch(
    *,
    feeds: tuple[str, ...],
    sensors_file: Path | None,
    date: str | None,
    zones: tuple[Path, ...],
    told_zones: tuple[str, ...],
    plans: tuple[Path, ...],
    offices: Path | None,
    council: Path | None,
    reactions: Path | None,
    terrain: Path | None,
    rules: Path | None,
    folder: Path | None,
    until_end: bool,
    speed: str | None,
    web: str | None,
    access: Access,
    seed: int,
    tick_s: float,
    acks: Path | None,
    from_beginning: bool,
    share: bool,
    node: Path | None,
    as_json: bool,
) -> None:
    """Watch FEEDs: bytes of sensors in, the air picture and its incidents out.

    FEED is FORMAT+TRANSPORT and where it is (asterix+udp://GROUP:PORT, beast+tcp://HOST:PORT,
    asterix+pcap:FILE, table+file:FILE.parquet; "vedette feed list" has them all) or sim:SCENARIO,
    a file or the name of a bundled one.
    """
    import time

    from vedette.app.commands.demo import Notices
    from vedette.app.commands.zone import read_terrain
    from vedette.app.crossings import told_of
    from vedette.app.pace import parse_speed
    from vedette.app.plan import Plan
    from vedette.app.session import read_sensors, run_session, sources_of
    from vedette.app.summary import (
        counted,
        feed_lines,
        incident_lines,
        to_json,
        unused_lines,
        useless_lines,
    )
    from vedette.app.views import incidents_of_course
    from vedette.app.web_address import web_address
    from vedette.app.worlds import bundled_names, sources_of_world, world_of, world_of_file
    from vedette.engine.address import parse_feed
    from vedette.model.errors import SettingError
    from vedette.model.time import parse_utc
    from vedette.sim.scenario import Variation

    if not 0.0 < tick_s <= 60.0:
        raise SettingError(f"--tick {tick_s} is not between 0 and 60 seconds")
    try:
        day_start_ns = parse_utc(date) if date else None
    except ValueError as error:
        raise SettingError(
            f"--date {date!r} is no date: YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ"
        ) from error
    if share and folder is None:
        raise SettingError("--share: needs --record, whose folder a node reads")
    address = web_address(web) if web else None
    pace = parse_speed(speed) if speed else (None if until_end else 1.0)
    sensors = read_sensors(sensors_file) if sensors_file else ()
    addresses = [parse_feed(url) for url in feeds if not url.startswith("sim:")]
    if day_start_ns is None:
        _say_how_dated(addresses, simulated=any(url.startswith("sim:") for url in feeds))
    sources = sources_of(addresses, day_start_ns)
    label = None
    for url in feeds:
        if url.startswith("sim:"):
            name, variation = url.removeprefix("sim:"), Variation(seed=seed)
            bundled = name in bundled_names() and not Path(name).exists()
            world = world_of(name, variation) if bundled else world_of_file(Path(name), variation)
            sources += sources_of_world(world)
            sensors += world.sensors
            label = world.scenario.label
    sources += _plan_sources(plans, sources, day_start_ns)
    notices = Notices(zones=told_of(told_zones, zones))
    course = run_session(
        Plan(
            sources=sources,
            sensors=sensors,
            day_start_ns=day_start_ns,
            created_ns=time.time_ns(),
            zones=zones,
            rules=rules,
            offices=offices,
            council=council,
            reactions=reactions,
            terrain=read_terrain(terrain),
            label=label,
            tick_s=tick_s,
            share=share,
            from_beginning=from_beginning,
            node=node,
        ),
        folder=folder,
        speed=pace,
        web=address,
        access=access,
        stay=not until_end,
        acks=acks,
        watchers=[notices.take],
        ready=lambda url: click.echo(f"the page is at {url} (Ctrl-C ends)", err=True),
    )
    for source in sources:
        for note in getattr(source.feed, "notes", ()):
            click.echo(f"{source.spec.url}: {note}", err=True)
    recorded = {one.spec.feed_id: one.address.path for one in sources if one.address and one.feed}
    for line in useless_lines(course.pipeline.feeds(), recorded):
        click.echo(line, err=True)
    incidents = incidents_of_course(course)
    losses = course.pipeline.losses
    head = {"entries": course.frontier.size, "tree_head": course.frontier.root().hex()}
    if as_json:
        click.echo(
            to_json(
                {
                    "incidents": incidents,
                    "feeds": course.pipeline.feeds(),
                    "not_used": losses,
                    "ledger": head,
                }
            )
        )
        return
    click.echo(counted(len(incidents), "incident"))
    for incident in incidents:
        click.echo("\n" + "\n".join(incident_lines(incident)))
    click.echo("\nFeeds")
    lines = feed_lines(course.pipeline.feeds()) + unused_lines(losses)
    click.echo("\n".join("  " + line for line in lines))
    click.echo(f"\nLedger  {head['entries']} entries, tree head {head['tree_head']}")


def _say_how_dated(addresses: "list[FeedAddress]", *, simulated: bool) -> None:
    """Say by what recordings are dated that hold only a time of day.

    Raises:
        SettingError: some would be dated by their file's time and others not, or by different days.
    """
    from vedette.engine.recordings import day_of_file
    from vedette.feeds.formats import FORMATS
    from vedette.model.errors import SettingError
    from vedette.model.time import format_utc

    recorded = [item for item in addresses if not item.live]
    undated = [
        item for item in recorded if FORMATS[item.decoder].undated and item.transport != "pcap"
    ]
    if not undated:
        return
    wanted = "give --date YYYY-MM-DD, the day on which the recordings begin"
    if simulated or len(undated) < len(recorded):
        raise SettingError(
            f"{undated[0].url} holds only times of day, and other recordings their dates: {wanted}"
        )
    days = {item.url: format_utc(day_of_file(item.path))[:10] for item in undated}
    if len(set(days.values())) > 1:
        said = ", ".join(f"{url} {day}" for url, day in days.items())
        raise SettingError(f"the files' own times are of different days ({said}): {wanted}")
    day = next(iter(days.values()))
    click.echo(f"no --date: the recordings are dated by their files' time, {day}", err=True)


def _plan_sources(
    files: tuple[Path, ...], sources: "list[Source]", day_start_ns: int | None
) -> "list[Source]":
    """A feed for each file of plans, told when the recorded feeds begin."""
    import time

    from vedette.app.flight_plans import PlanFeed, begin_of, day_of, read_plans
    from vedette.app.plan import Source
    from vedette.engine.settings import FeedSpec

    if not files:
        return []
    begin_ns = begin_of([source.feed for source in sources], time.time_ns())
    result = []
    for number, path in enumerate(files, start=1):
        reports, notes = read_plans(
            path, day_of(begin_ns) if day_start_ns is None else day_start_ns
        )
        for note in notes:
            click.echo(note, err=True)
        click.echo(f"{path.name}: {len(reports)} plans, clearances, routes or aircraft", err=True)
        spec = FeedSpec(feed_id=f"plans-{number}", url=f"report+file:{path}", decoder="report")
        result.append(Source(spec, None, PlanFeed(reports, begin_ns)))
    return result
