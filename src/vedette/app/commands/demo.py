"""``vedette demo``: the main job on bundled input."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.accounts.access import PAGE, Access, page_option, refuse_unserved, web_options
from vedette.app.finite import Finite
from vedette.app.plain_words import one_line
from vedette.app.variation_options import seed_option, shift_option

if TYPE_CHECKING:
    from vedette.engine.course import Course
    from vedette.engine.run import Snapshot
    from vedette.model.incident import Crossing
    from vedette.sim.world import World

_QUIET_S = 400  # of the morning: nothing has happened yet, and nobody need wait for it
_WITHOUT = ("asterix", "ads-b", "squawk-7600", "flight-plan", "ats-report")


@click.command("demo")
@click.option("--headless", is_flag=True, help="No page; ends when the morning is over.")
@click.option("--record", "folder", type=click.Path(path_type=Path), help="Keep the record here.")
@page_option
@web_options
@click.option("--speed", default=None, help="Times real time, or max. [page: 20, headless: max]")
@seed_option("Seed of noise, misses and traffic.")
@shift_option("Moves the jets' path.")
@click.option("--drop", multiple=True, metavar="SENSOR", help="Leaves a sensor out: radar-2, ...")
@click.option("--without", multiple=True, type=click.Choice(_WITHOUT), help="Leaves this out.")
@click.option(
    "--late-plan-s",
    default=0.0,
    type=Finite(0, 86_400),
    help="The airliner's flight plan comes this much later.",
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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def demo(
    *,
    headless: bool,
    folder: Path | None,
    web: str | None,
    access: Access,
    speed: str | None,
    seed: int,
    shift_north_m: float,
    drop: tuple[str, ...],
    without: tuple[str, ...],
    late_plan_s: float,
    offices: Path | None,
    council: Path | None,
    reactions: Path | None,
    as_json: bool,
) -> None:
    """Run the bundled morning: three dark jets, an airliner without radio, and civil traffic.

    A reconstruction from published facts with simulated sensors. It prints the incidents, keeps a record
    if asked, and serves the page until interrupted. The page sees the first minutes, in which nothing
    happens, as fast as they go, and the rest at --speed.
    """
    import msgspec

    from vedette.app.pace import parse_speed
    from vedette.app.session import run_session
    from vedette.app.web_address import web_address
    from vedette.app.worlds import bundled_world, check_dropped, plan_of
    from vedette.model.errors import SettingError
    from vedette.model.time import SECOND_NS
    from vedette.sim.scenario import Variation

    if headless:
        given = {"--web": web, "--council": council, "--reactions": reactions}
        refuse_unserved(access, {name: value is not None for name, value in given.items()})
    address = None if headless else web_address(web or PAGE)
    pace = parse_speed(speed) if speed else (None if headless else 20.0)
    try:
        variation = msgspec.convert(
            {
                "seed": seed,
                "shift_north_m": shift_north_m,
                "drop": drop,
                "without": without,
                "late_plan_s": late_plan_s,
            },
            Variation,
        )
    except msgspec.ValidationError as error:
        raise SettingError(str(error)) from error
    world = bundled_world("gulf_of_finland", variation)
    check_dropped(world)
    click.echo(world.scenario.label, err=True)
    notices = Notices()
    course = run_session(
        plan_of(world, mode="demo")._replace(
            paced_from_ns=world.start_ns + _QUIET_S * SECOND_NS,
            offices=offices,
            council=council,
            reactions=reactions,
        ),
        folder=folder,
        speed=pace,
        web=address,
        access=access,
        watchers=[notices.take],
        ready=lambda url: click.echo(f"the page is at {url} (Ctrl-C ends)", err=True),
    )
    _report(course, world, as_json=as_json)


class Notices:
    """The Notice port of a terminal: one line when an incident opens, leaves or changes its advice."""

    def __init__(self, mark: str = "", zones: frozenset[str] = frozenset()) -> None:
        """Prepare.

        Args:
            mark: stands before every line.
            zones: of which each crossing is told, lawful ones too.
        """
        from vedette.app.crossings import Revisions

        self._mark = mark
        self._zones = zones
        self._crossings = Revisions()
        self._told: dict[str, tuple[str, str]] = {}
        self._handed: set[tuple[str, str, int]] = set()

    def tell(self, text: str) -> None:
        """Show a line to the person on watch."""
        click.echo(one_line(self._mark + text), err=True)

    def take(self, snapshot: "Snapshot") -> None:
        """A tick has run."""
        from vedette.app.hand_overs import hand_over_line
        from vedette.app.summary import place_name, when

        for crossing in snapshot.crossings:
            self._told_of(crossing, snapshot)
        for key in sorted(snapshot.changed):
            incident, advice = snapshot.incidents.get(key), snapshot.advice.get(key)
            if incident is None:
                continue
            for given in incident.hand_overs:
                mark = (key, given.zone_id, given.told_ns)
                if mark not in self._handed:
                    self._handed.add(mark)
                    self.tell(f"{when(snapshot.now_ns)}  HAND-OVER  {hand_over_line(given)}  {key}")
            told = (incident.status, advice.output if advice else "MONITOR")
            if self._told.get(key) == told:
                continue
            self._told[key] = told
            known = snapshot.assessments.get(incident.track_id)
            states = ", ".join(
                dict.fromkeys(place_name(c.state, c.zone_id) for c in incident.crossings)
            )
            self.tell(
                f"{when(snapshot.now_ns)}  {told[1]}  {incident.status}  {states or '-'}  "
                f"{(known.callsign if known else None) or incident.track_id}  "
                f"{known.object_class if known else 'unknown'}  {key}"
            )

    def _told_of(self, crossing: "Crossing", snapshot: "Snapshot") -> None:
        """A crossing of a zone that somebody wants to hear of has begun or ended."""
        from vedette.app.summary import place_name, when

        if crossing.predicted or crossing.zone_id not in self._zones:
            return
        begun, over = self._crossings.take(crossing)
        known = snapshot.assessments.get(crossing.track_id)
        name = (known.callsign or known.icao24 if known else None) or crossing.track_id
        about = (
            f"{place_name(crossing.state, crossing.zone_id)}  {name}  "
            f"{known.object_class if known else 'unknown'}  {crossing.track_id}"
        )
        if begun:
            self.tell(f"{when(crossing.entered.estimate_ns)}  ENTERED  {about}")
        if over:
            at_ns = snapshot.now_ns if crossing.left is None else crossing.left.estimate_ns
            done = "LOST INSIDE" if crossing.left is None else "LEFT"
            self.tell(
                f"{when(at_ns)}  {done}  {about}  after {crossing.inside_s.estimate:.0f} s, "
                f"{crossing.depth_m.estimate / 1000:.1f} km deep"
            )


def _report(course: "Course", world: "World", *, as_json: bool) -> None:
    from vedette.app.summary import counted, feed_lines, incident_lines, to_json
    from vedette.app.views import incidents_of_course
    from vedette.sim.truth import true_crossings

    incidents = incidents_of_course(course)
    named = {flight.name for flight in world.scenario.flights}
    truth = true_crossings(world, course.pipeline.zones, named)
    head = {"entries": course.frontier.size, "tree_head": course.frontier.root().hex()}
    if as_json:
        click.echo(to_json({"incidents": incidents, "truth": truth, "ledger": head}))
        return
    click.echo(counted(len(incidents), "incident"))
    for incident in incidents:
        click.echo()
        click.echo("\n".join(incident_lines(incident)))
    click.echo("\nTruth of the simulation")
    for crossing in truth:
        state = "to the end" if crossing.left_ns is None else f"{crossing.inside_s:.1f} s"
        click.echo(
            f"  {crossing.name}  {crossing.state}  inside {state}, {crossing.depth_m / 1000:.2f} km"
        )
    click.echo("\nFeeds")
    click.echo("\n".join("  " + line for line in feed_lines(course.pipeline.feeds())))
    click.echo(f"\nLedger  {head['entries']} entries, tree head {head['tree_head']}")
