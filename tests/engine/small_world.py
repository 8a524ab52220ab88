"""The small world, recorded."""

from pathlib import Path

from vedette.app.session import run_session
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.course import Course
from vedette.sim.scenario import Variation

SMALL = Path(__file__).parents[1] / "sim" / "small.yaml"


def record_small(folder: Path | None, seed: int = 1) -> Course:
    """Run the small world into a record."""
    world = world_of_file(SMALL, Variation(seed=seed))
    return run_session(plan_of(world, mode="demo"), folder=folder, speed=None, web=None)
