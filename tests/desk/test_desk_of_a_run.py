"""The desk in a run: signed acts take effect, are in the ledger, and survive verification and replay."""

import asyncio
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from desk_kit import ROSTER, key_of, office
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vedette.app.desk_door import DeskDoor
from vedette.app.session import beginning
from vedette.app.views import papers_of_record
from vedette.app.web import application
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.record import Record, node_key
from vedette.engine.run import Run, Snapshot
from vedette.engine.verification import replay, verify
from vedette.ledger.head import sign_head
from vedette.ledger.merkle import Frontier, leaf_hash
from vedette.model.act import Act
from vedette.response.desk.offices import Roster
from vedette.response.desk.signed import DeskAct, SignedAct, sign_act
from vedette.response.rule_set import shipped_rules
from vedette.sim.scenario import Variation

SMALL = Path(__file__).parents[1] / "sim" / "small.yaml"
MEASURE = "M05"


class People:
    """Two persons who answer the first question on the jet, and one who tries what is not allowed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.said: dict[str, str | None] = {}
        self._tasks: list[Any] = []
        self._begun = False

    def take(self, snapshot: Snapshot) -> None:
        found = [p for p in snapshot.papers if p.measure == MEASURE and p.status == "open"]
        if found and not self._begun:
            self._begun = True
            self._tasks.append(asyncio.ensure_future(self._speak(snapshot, found[0])))

    async def _speak(self, snapshot: Snapshot, paper: Any) -> None:
        def act(name: str, kind: Any, where: str, subject: str, **changes: Any) -> DeskAct:
            return DeskAct(
                act_id=name, desk=self.run.course.pipeline.desk.plan.desk_id, kind=kind,
                person=changes.pop("person", "Ann"), office=where, incident_id=paper.incident_id,
                track_id=paper.track_id, seen_ns=snapshot.now_ns, subject=subject,
                words="seen", paper=paper.paper_id, **changes,
            )  # fmt: skip

        confirmed = sign_act(act("k1", "confirm_check", "watch", "K1"), key_of("Ann"))
        accepted = sign_act(act("yes", "accept", "watch", MEASURE), key_of("Ann"))
        forged = msgspec.structs.replace(accepted, signature=confirmed.signature)
        wrong = sign_act(act("wrong", "accept", "operator", MEASURE, person="Gil"), key_of("Gil"))
        unsigned = Act(
            act_id="bare", kind="confirm_check", person="Ann", office="watch", valid_ns=0,
            incident_id=paper.incident_id, subject="K2", words="unsigned",
        )  # fmt: skip
        acts: list[tuple[str, Act | SignedAct]] = [
            ("forged", forged), ("wrong", wrong), ("unsigned", unsigned), ("confirmed", confirmed),
            ("accepted", accepted),
        ]  # fmt: skip
        answers = await asyncio.gather(*(self.run.act(one) for _, one in acts))
        self.said |= {name: answer for (name, _), answer in zip(acts, answers, strict=True)}
        self.said["again"] = await self.run.act(accepted)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, People, Run]:
    folder = tmp_path_factory.mktemp("desk")
    offices = folder / "people.json"
    offices.write_bytes(msgspec.json.encode(ROSTER))
    plan = plan_of(world_of_file(SMALL, Variation(seed=1)), mode="demo")._replace(offices=offices)
    course, store, _ = beginning(plan, folder / "record")()

    async def scene() -> tuple[People, Run]:
        run = Run(course, store)
        people = People(run)
        run.watchers.append(people.take)
        feeds = [source.feed for source in plan.sources if source.feed is not None]
        await run.play(feeds, speed=None, stay=False)
        return people, run

    people, run = asyncio.run(scene())
    assert store is not None
    store.close()
    return folder / "record", people, run


def test_each_act_is_answered_with_what_came_of_it(recorded: tuple[Path, People, Run]) -> None:
    said = recorded[1].said
    assert said["confirmed"] is None
    assert said["accepted"] is None
    assert "signature does not fit" in str(said["forged"])
    assert "may not decide" in str(said["wrong"])
    assert "not signed" in str(said["unsigned"])
    assert "heard before" in str(said["again"])


def test_the_check_is_confirmed_in_the_advice_and_the_unsigned_one_is_not(
    recorded: tuple[Path, People, Run],
) -> None:
    seen = {
        (name, answer)
        for entry in Record(recorded[0]).entries(("advice",))
        for name, answer in msgspec.convert(entry.body["checks"], dict[str, str]).items()
    }
    assert ("K1", "yes") in seen
    assert ("K2", "yes") not in seen


def test_the_record_holds_the_acts_and_the_decision_and_is_the_same_in_replay(
    recorded: tuple[Path, People, Run],
) -> None:
    record = Record(recorded[0])
    acts = [entry.body for entry in record.entries(("desk_act",))]
    assert [body["refused"] is None for body in acts].count(True) == 2
    assert len(acts) == 6
    statuses = [
        entry.body["status"]
        for entry in record.entries(("paper",))
        if entry.body["measure"] == MEASURE
    ]
    assert statuses[:2] == ["open", "accepted"]
    assert verify(record).ok
    assert replay(record).same
    assert any(paper["measure"] == MEASURE for paper in papers_of_record(record))


@pytest.mark.parametrize(
    "change", ["heard", "words", "roster", "decided", "said", "digest", "roles", "seats"]
)
def test_a_ledger_rewritten_whole_still_shows_that_nobody_signed_that(
    recorded: tuple[Path, People, Run], tmp_path: Path, change: str
) -> None:
    folder = tmp_path / "record"
    shutil.copytree(recorded[0], folder)
    record = Record(folder)
    lines = list(record.lines())
    for number, line in enumerate(lines):
        entry: Any = msgspec.json.decode(line)
        if entry["kind"] == "paper" and entry["body"]["status"] == "accepted":
            if change == "decided":
                entry["body"]["words"] = []  # accepted, and nobody has said so
            elif change == "said":
                entry["body"]["words"][0]["person"] = "Zoe"
            elif change == "digest":
                entry["body"]["basis"] = "another question than was put"
            elif change == "roles":
                entry["body"]["words"][0]["roles"] = ["duty_commander"]
            elif change == "seats":
                entry["body"]["seats"] = [["watch_supervisor"]]
            lines[number] = msgspec.json.encode(entry, order="sorted")
        if entry["kind"] != "desk_act" or "signed" not in entry["body"]:
            continue
        if change == "heard" and "signature" in str(entry["body"]["refused"]):
            entry["body"]["refused"] = None  # what was forged is said to have been heard
        elif change == "words" and entry["body"]["refused"] is None:
            entry["body"]["act"]["words"] = "other words"
        lines[number] = msgspec.json.encode(entry, order="sorted")
    if change == "roster":
        item = record.body.offices
        assert item is not None
        (folder / "inputs" / item.digest).write_bytes(
            msgspec.json.encode(Roster(offices=(office("watch", ("reviewer",), "Zoe"),)))
        )
    else:
        assert lines != list(record.lines())
    frontier = Frontier()
    for line in lines:
        frontier.append(leaf_hash(line))
    record.entries_path.write_bytes(b"".join(line + b"\n" for line in lines))
    (folder / "ledger" / "head.json").write_bytes(
        sign_head(frontier.size, frontier.root(), node_key())
    )
    found = verify(Record(folder))
    assert not found.ok
    wanted = {
        "decided": "not every seat",
        "said": "Zoe's accept was never signed",
        "digest": "its digest is not that of what it says",
        "roles": "watch has not the roles that it spoke with",
        "seats": "its seats are not those of the table",
    }
    assert any(
        wanted[change] in problem
        if change in wanted
        else "of the desk" in problem or "input" in problem
        for problem in found.problems
    )


def test_a_run_without_offices_asks_and_hears_nobody(tmp_path: Path) -> None:
    plan = plan_of(world_of_file(SMALL, Variation(seed=1)), mode="demo")
    course, _, _ = beginning(plan, None)()
    act = sign_act(
        DeskAct(
            act_id="a",
            desk=course.pipeline.desk.plan.desk_id,
            kind="reject",
            person="Ann",
            office="watch",
            incident_id="i",
            track_id="t",
            seen_ns=0,
            subject=MEASURE,
            words="no",
        ),
        key_of("Ann"),
    )
    pipeline = course.pipeline
    pipeline.desk.take(msgspec.json.encode(act))
    pipeline.tick(plan.created_ns)
    assert "no offices" in str(pipeline.desk.verdicts)


def test_the_server_shows_questions_and_refuses_what_is_not_signed(
    recorded: tuple[Path, People, Run],
) -> None:
    run = recorded[2]
    app = application(run, shipped_rules().measure_texts, frozenset({"127.0.0.1"}))
    client = TestClient(app, base_url="http://127.0.0.1:8137")
    desk = client.get("/api/desk").json()
    assert {one["office_id"] for one in desk["offices"]} >= {"watch", "launch"}
    assert b"private" not in client.get("/api/desk").content
    mine = {"x-vedette": "1"}
    assert client.post("/api/desk/acts", json={}).status_code == 403
    for bad in (b"{}", b"x", b'{"act":"","public_key":"","signature":""}'):
        assert client.post("/api/desk/acts", content=bad, headers=mine).status_code == 400
    assert client.post("/api/desk/acts", content=b"x" * 70_000, headers=mine).status_code == 413
    # what no office here has signed is answered, and fills no record; what is signed comes too late now
    act = DeskAct(
        act_id="z", desk=desk["desk"], kind="remark", person="Ann", office="watch", incident_id="i",
        track_id="t", seen_ns=0, words="x",
    )  # fmt: skip
    door = DeskDoor(run, {})
    door.take(cast("Snapshot", SimpleNamespace(papers=(), clocks={})))
    client = TestClient(Starlette(routes=door.routes()), base_url="http://127.0.0.1:8137")
    for key, status in (("Zoe", 403), ("Ben", 403), ("Ann", 409)):
        signed = msgspec.json.encode(sign_act(act, key_of(key)))
        answer = client.post("/api/desk/acts", content=signed, headers=mine)
        assert answer.status_code == status
    assert "has ended" in answer.json()["refused"]


def test_what_was_said_in_the_last_second_is_heard_and_what_comes_after_is_told_so(
    tmp_path: Path,
) -> None:
    plan = plan_of(world_of_file(SMALL, Variation(seed=1)), mode="demo")
    course, store, _ = beginning(plan, tmp_path / "record")()
    remark = Act(
        act_id="last", kind="remark", person="Ann", office="watch", valid_ns=0, incident_id="i",
        words="I go home",
    )  # fmt: skip

    async def scene() -> tuple[list[str | None], str | None]:
        run = Run(course, store)
        waiting: list[asyncio.Task[str | None]] = []

        def stop(_: Snapshot) -> None:
            if waiting:
                run.stop.set()  # they came while this tick ran, and there is no next one
            else:
                waiting.extend(
                    asyncio.ensure_future(run.act(msgspec.structs.replace(remark, act_id=f"a{n}")))
                    for n in range(70)
                )

        run.watchers.append(stop)
        feeds = [source.feed for source in plan.sources if source.feed is not None]
        await run.play(feeds, speed=None, stay=False)
        heard = asyncio.gather(*waiting)
        return list(await asyncio.wait_for(heard, 30.0)), await run.act(remark)

    answers, after = asyncio.run(scene())
    assert store is not None
    store.close()
    assert answers[:64] == [None] * 64  # heard
    assert all("too many" in str(answer) for answer in answers[64:])
    assert "has ended" in str(after)
    record = Record(tmp_path / "record")
    acts = [entry.body["act_id"] for entry in record.entries(("act",))]
    assert acts == [f"a{n}" for n in range(64)]
    assert verify(record).ok
    assert replay(record).same
