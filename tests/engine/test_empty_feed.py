"""A recording that holds nothing, beside one of years ago."""

from pathlib import Path

from small_world import SMALL

from vedette.app.plan import Source
from vedette.app.session import run_session, sources_of
from vedette.app.worlds import plan_of, sources_of_world, world_of_file
from vedette.engine.address import parse_feed
from vedette.sim.scenario import Variation

LATER_NS = 900 * 86_400 * 1_000_000_000


def test_a_feed_without_a_byte_ends_at_once_whatever_the_date_of_the_plan(tmp_path: Path) -> None:
    empty = tmp_path / "nothing.sbs"
    empty.touch()
    world = world_of_file(SMALL, Variation(seed=1))
    plan = plan_of(world, mode="demo")
    alone = run_session(plan, folder=None, speed=None, web=None)
    sources: list[Source] = sources_of_world(world) + sources_of(
        [parse_feed(f"sbs+file:{empty}")], world.start_ns
    )
    beside = run_session(
        plan._replace(sources=sources, created_ns=world.start_ns + LATER_NS),
        folder=None,
        speed=None,
        web=None,
    )
    assert beside.last_tick_ns == alone.last_tick_ns
