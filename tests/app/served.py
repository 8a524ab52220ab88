"""What the servers of every page answer, on small worlds that are over before a test looks."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from alliance_net import Net, alert
from click.testing import CliRunner
from small_world import SMALL
from starlette.testclient import TestClient

import vedette
from vedette.app.commands.council import group as council
from vedette.app.commands.sim import group as sim
from vedette.app.council_door import council_application
from vedette.app.node_door import node_application
from vedette.app.replay_door import ReplayDoor, replay_application
from vedette.app.session import beginning
from vedette.app.study_door import StudyDoor, study_application
from vedette.app.web import application
from vedette.app.worlds import plan_of
from vedette.engine.alliance.runner import status_of
from vedette.engine.record import Record
from vedette.engine.run import Run
from vedette.response.rule_set import shipped_rules
from vedette.sim.scenario import Variation, read_scenario
from vedette.sim.world import World

SECONDS = 100.0  # until the jet is inside
BASE = "http://127.0.0.1:8137"
HOSTS = frozenset({"127.0.0.1", "localhost"})
WORDS = shipped_rules().measure_texts
REGISTER = Path(vedette.__file__).parent / "data" / "reactions" / "september-2025.jsonl"
MINE = {"x-vedette": "1"}


async def watched(record: Path | None, **shown: Any) -> tuple[Any, Run]:
    """The application of a run that has been played to its end."""
    scenario = read_scenario(SMALL.read_bytes(), SMALL.name)
    short = msgspec.structs.replace(scenario, duration_s=SECONDS)
    plan = plan_of(World(short, Variation(), str(SMALL)), mode="demo")
    course, store, tables = beginning(plan, record)()
    run = Run(course, store, tables=tables)
    app = application(run, WORDS, HOSTS, **shown)
    feeds = [source.feed for source in plan.sources if source.feed is not None]
    await run.play(feeds, speed=None, stay=False)
    return app, run


def matters(folder: Path) -> Path:
    """Council matters of the drill: a declaration and a shield."""
    done = CliRunner().invoke(council, ["drill", "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def node_folder(folder: Path) -> tuple[Path, list[Any]]:
    """A node's status as it writes it, and what it was told."""
    net = Net()
    net.put("FIN", alert(1))
    net.put("EST", alert(1, identity="neutral"), alert(2))
    net.run()
    told = status_of(net.settings["EST"], net.states["EST"], net.now_ns)
    told |= {"running": True, "lost": 0, "notes": ["a note"], "link": True}
    folder.mkdir()
    (folder / "status.json").write_bytes(msgspec.json.encode(told))
    return folder, net.told["LVA"]


def answers(folder: Path) -> Path:
    """One saved answer of each kind, and a file that is none."""
    few = ["--worlds", "20"]
    for words in (
        ["study", "zagreb-2022", *few, "--sensitivity"],
        ["compare", "zagreb-2022", *few],
        ["map", "--state", "EST", "--spacing", "200", *few],
        ["calibrate", "zagreb-2022", *few],
        ["play", "drones", *few],
    ):
        done = CliRunner().invoke(sim, [*words, "--out", str(folder / f"{words[0]}.answer.json")])
        assert done.exit_code == 0, done.output
    (folder / "torn.answer.json").write_bytes(b'{"format": "vedette-answer/1"')
    return folder


class Served:
    """The five applications, each behind a client."""

    def __init__(self, root: Path) -> None:
        record = root / "record"
        app, self.run = asyncio.run(
            watched(
                record,
                hear=lambda line: True,
                council=matters(root / "matters"),
                reactions=REGISTER,
            )
        )
        self.run.store.close()
        replay = ReplayDoor(Record(record), shipped_rules())
        replay.run()
        node, self.told = node_folder(root / "node")
        self.apps = {
            "watch": app,
            "replay": replay_application(replay, HOSTS),
            "council": council_application(root / "matters", HOSTS),
            "node": node_application(node, HOSTS),
            "studies": study_application(StudyDoor([answers(root / "answers")]), HOSTS),
        }
        self.clients = {name: TestClient(app, base_url=BASE) for name, app in self.apps.items()}
