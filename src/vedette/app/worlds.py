"""Simulated worlds as plans of a run: the bundled ones and those of a scenario file."""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.app.plan import Plan, Source
from vedette.model.errors import SettingError, SourceError
from vedette.sim.scenario import Variation, read_scenario
from vedette.sim.world import World

if TYPE_CHECKING:
    from vedette.sim.exercise.script import Script


def bundled_world(name: str, variation: Variation) -> World:
    """A world of ``data/scenarios``."""
    return World(read_scenario(scenario_bytes(name), name), variation, name)


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


def scenario_bytes(name: str) -> bytes:
    """The file of a scenario: a bundled one by its name, or any.

    Raises:
        SettingError: there is neither.
        SourceError: the file cannot be read.
    """
    if name in bundled_names():
        return files("vedette.data").joinpath("scenarios", f"{name}.yaml").read_bytes()
    if not Path(name).is_file():
        raise SettingError(
            f"{name}: no file, and no bundled scenario ({', '.join(bundled_names())})"
        )
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read scenario {name}: {error.strerror}") from error


def world_of(name: str, variation: Variation) -> World:
    """A world of a scenario: a bundled one by its name, or a file.

    Raises:
        SettingError: there is neither.
        SourceError: it cannot be read or is no scenario.
    """
    return World(read_scenario(scenario_bytes(name), Path(name).name), variation, name)


def check_dropped(world: World) -> None:
    """See that all that a world leaves out is of its scenario.

    Raises:
        SettingError: something is not; says what there is.
    """
    known = [sensor.sensor_id for sensor in world.sensors]
    known += ["people"] if world.scenario.people else []
    unknown = [name for name in world.variation.drop if name not in known]
    if unknown:
        raise SettingError(f"--drop: no sensor {', '.join(unknown)}; there are {', '.join(known)}")


def bundled_script(name: str) -> "Script":
    """A script of ``data/exercises``.

    Raises:
        SettingError: there is none of this name.
    """
    from vedette.sim.exercise.script import read_script

    folder = files("vedette.data").joinpath("exercises")
    known = sorted(item.name.removesuffix(".yaml") for item in folder.iterdir())
    if name not in known:
        raise SettingError(f"no script {name!r}; there are {', '.join(known)}, or name a FILE.yaml")
    return read_script(name, folder.joinpath(f"{name}.yaml").read_bytes())


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
