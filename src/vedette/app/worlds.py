"""Simulated worlds as plans of a run: the bundled ones and those of a scenario file."""

from importlib.resources import files
from pathlib import Path

from vedette.app.plan import Plan, Source
from vedette.model.errors import SourceError
from vedette.sim.scenario import Variation, read_scenario
from vedette.sim.world import World


def bundled_world(name: str, variation: Variation) -> World:
    """A world of ``data/scenarios``."""
    data = files("vedette.data").joinpath("scenarios", f"{name}.yaml").read_bytes()
    return World(read_scenario(data, name), variation, name)


def bundled_names() -> tuple[str, ...]:
    """Names of the worlds of ``data/scenarios``."""
    folder = files("vedette.data").joinpath("scenarios")
    return tuple(
        sorted(
            item.name.removesuffix(".yaml")
            for item in folder.iterdir()
            if item.name.endswith(".yaml")
        )
    )


def world_of_file(path: Path, variation: Variation) -> World:
    """A world of a scenario file.

    Raises:
        SourceError: the file cannot be read or is no scenario.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read scenario {path}: {error.strerror}") from error
    return World(read_scenario(data, path.name), variation, str(path))


def sources_of_world(world: World) -> list[Source]:
    """Its feeds."""
    return [Source(feed.spec, None, feed.emitter) for feed in world.feeds]


def plan_of(world: World, *, mode: str) -> Plan:
    """The plan of a run of this world alone."""
    return Plan(
        sources=sources_of_world(world),
        sensors=world.sensors,
        created_ns=world.start_ns,
        mode=mode,
        label=world.scenario.label,
    )
