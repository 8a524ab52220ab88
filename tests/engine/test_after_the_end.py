"""After the end of the feeds the desk is heard and the record can be continued; nothing is found twice."""

import asyncio
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import msgspec
import pytest
from small_world import SMALL

from vedette.app.plan import Plan
from vedette.app.session import beginning, run_session
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.ports import Feed
from vedette.engine.record import Record
from vedette.engine.run import Run, Snapshot
from vedette.engine.verification import replay
from vedette.feeds.decoder import Chunk
from vedette.model.act import Act
from vedette.model.entry import EntryKind
from vedette.model.incident import Incident
from vedette.model.time import SECOND_NS
from vedette.sim.scenario import Variation

# an airliner that needs help and the dark jet are both inside when the feeds end
NEEDS_HELP = 'callsign: GEN2, squawk_after_s: [30, "7600"]}'


class _Cut:
    """A recording of which only the first part is there yet."""

    def __init__(self, feed: Feed, until_ns: int) -> None:
        self._feed, self._until_ns = feed, until_ns

    def chunks(self, skip: int) -> Iterator[Chunk]:
        return takewhile(lambda one: one.received_ns < self._until_ns, self._feed.chunks(skip))


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = SMALL.read_text().replace("callsign: GEN2}", NEEDS_HELP)
    assert NEEDS_HELP in text
    path = tmp_path_factory.mktemp("scenario") / "help.yaml"
    path.write_text(text)
    return path


def _plan(scenario: Path, seconds: int) -> Plan:
    plan = plan_of(world_of_file(scenario, Variation(seed=1)), mode="demo")
    cut = [
        source._replace(feed=_Cut(source.feed, plan.created_ns + seconds * SECOND_NS))
        for source in plan.sources
        if source.feed is not None
    ]
    return plan._replace(sources=cut)


def _heard_after_the_end(plan: Plan, folder: Path) -> None:
    """The recording is over, and a person acts thrice before the page is closed."""
    course, store, _ = beginning(plan, folder)()
    assert store is not None

    async def scene() -> None:
        run = Run(course, store)

        async def speak(incident_id: str) -> None:
            for number in range(3):
                act = Act(
                    act_id=f"a{number}", kind="acknowledge", person="Ann", office="watch",
                    valid_ns=0, incident_id=incident_id, words="seen",
                )  # fmt: skip
                assert await run.act(act) is None
            run.stop.set()

        def look(snapshot: Snapshot) -> None:
            if snapshot.ended and not run.tasks:
                run.tasks.append(asyncio.ensure_future(speak(min(snapshot.incidents))))

        run.watchers.append(look)
        feeds = [source.feed for source in plan.sources if source.feed is not None]
        await run.play(feeds, speed=None, stay=True)

    asyncio.run(scene())
    store.close()


def _after_the_first_end(folder: Path, kind: EntryKind) -> list[object]:
    """Entries of a kind that came after the one that says that the feeds had ended, and what its end told."""
    entries = list(Record(folder).entries(("session", "raw", kind)))
    ended = next(k for k, e in enumerate(entries) if e.body.get("reason") == "feeds ended")
    told = next(k for k, e in enumerate(entries) if k > ended and e.kind == "raw")
    return [entry.body for entry in entries[told:] if entry.kind == kind]


def test_nothing_is_found_again_after_the_end_and_a_recording_that_grew_goes_on(
    scenario: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "record"
    _heard_after_the_end(_plan(scenario, 150), folder)
    assert len(_after_the_first_end(folder, "act")) == 3
    assert _after_the_first_end(folder, "incident") == []
    assert _after_the_first_end(folder, "crossing") == []

    run_session(_plan(scenario, 150), folder=folder, speed=None, web=None)
    assert _after_the_first_end(folder, "incident") == []
    assert _after_the_first_end(folder, "crossing") == []

    run_session(_plan(scenario, 190), folder=folder, speed=None, web=None)
    found = [
        msgspec.convert(entry.body, Incident) for entry in Record(folder).entries(("incident",))
    ]
    objects = {incident.incident_id: incident.track_id for incident in found}
    assert len(objects) == 2
    assert len(set(objects.values())) == 2  # one incident an object
    assert max(incident.valid_ns for incident in found) > found[0].opened_ns + 60 * SECOND_NS
    assert replay(Record(folder)).same
