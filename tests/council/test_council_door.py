"""Matters over HTTP: an act is stamped when it comes, whatever the page is busy with."""

import threading
import time
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from starlette.responses import JSONResponse, Response
from starlette.testclient import TestClient

from vedette.app import council_door
from vedette.app.commands.council import group
from vedette.app.council_door import council_application
from vedette.app.matter_file import append_receipt, read_key, read_matter, replayed, signed_receipt
from vedette.council.act import Receipt
from vedette.model.time import parse_utc

DEADLINE_NS = parse_utc("2025-09-23T09:00:00Z")
HOST = "testserver"


class Clock:
    def __init__(self) -> None:
        self.now_ns = parse_utc("2025-09-23T07:00:00Z")

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(time, "time_ns", one)
    return one


@pytest.fixture
def matter(tmp_path: Path, clock: Clock) -> Path:
    """A declaration under silence until nine, kept in a folder of its own."""
    keys, path = str(tmp_path / "keys"), tmp_path / "matters" / "m.jsonl"
    path.parent.mkdir()
    (tmp_path / "text").write_text("we have been told")

    def run(*words: str) -> None:
        result = CliRunner().invoke(group, list(words))
        assert result.exit_code == 0, (result.output, result.exception)

    for party in ("EST", "LVA", "CHAIR"):
        run("key", party, "--out", keys)
    est = ["--key", f"{keys}/EST.key", "--person", "A Person"]
    chair = ["--key", f"{keys}/CHAIR.key", "--person", "The Chair"]
    run("open", str(path), "--keys", keys, "--kind", "declaration", "--title", "t", *est)
    run("put", str(path), str(tmp_path / "text"), *est)
    run("place", str(path), "--deadline", "2025-09-23T09:00", "--zone", "UTC", *chair)
    return path


def objection(matter: Path) -> Receipt:
    file = read_matter(matter)
    state = replayed(file, file.receipts, file.latest_ns)
    party, private = read_key(matter.parent.parent / "keys" / "LVA.key")
    return signed_receipt(
        file.settings.roster, file.matter_id, party, private, "A Person", "delegation", "object",
        file.latest_ns, {"version": state.current, "words": "no"}, file.head,
    )  # fmt: skip


def posted(client: TestClient, receipt: Receipt) -> Response:
    body = msgspec.json.encode(
        {name: getattr(receipt, name) for name in ("act", "public_key", "signature")}
    )
    headers = {"X-Vedette": "1", "Content-Type": "application/json"}
    return client.post("/api/council/m.jsonl/acts", content=body, headers=headers)  # type: ignore[return-value]


def test_an_act_waits_for_nothing_that_the_page_shows(
    matter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, free = threading.Event(), threading.Event()

    def slow(path: Path, drawn: bool) -> Response:
        begun.set()
        assert free.wait(60)
        return JSONResponse({})

    monkeypatch.setattr(council_door, "_cover", slow)
    with TestClient(council_application(matter.parent, frozenset({HOST}))) as client:
        views = [
            threading.Thread(target=client.get, args=("/api/council/m.jsonl/cover",))
            for _ in range(40)
        ]
        for view in views:
            view.start()
        assert begun.wait(60)
        assert posted(client, objection(matter)).status_code == 201
        free.set()
        for view in views:
            view.join()
        shown = client.get("/api/council").json()["matters"][0]
    assert shown["positions"] == {"EST": "silent", "LVA": "no"}


def test_what_came_before_the_deadline_is_not_late_by_what_it_waited_for(
    matter: Path, clock: Clock
) -> None:
    receipt = objection(matter)
    clock.now_ns = DEADLINE_NS + 26_000_000_000  # it waited that long for its turn
    state, _, refused = append_receipt(
        matter, lambda _, now_ns: msgspec.structs.replace(receipt, received_ns=now_ns), None,
        DEADLINE_NS - 1,
    )  # fmt: skip
    assert (refused, state.status) == (None, "talks")
    assert read_matter(matter).latest_ns == DEADLINE_NS - 1


def test_a_matter_shown_again_has_seen_time_pass_and_acts_come(matter: Path, clock: Clock) -> None:
    with TestClient(council_application(matter.parent, frozenset({HOST}))) as client:

        def status() -> str:
            clock.now_ns += 2_000_000_000
            found: str = client.get("/api/council").json()["matters"][0]["status"]
            return found

        assert status() == "silence"
        clock.now_ns = DEADLINE_NS
        assert status() == "agreed"  # nothing was said; only time has passed
        # another file of the same length in its place is read anew
        data = matter.read_bytes()
        matter.write_bytes(data[:-20] + b"x" * 19 + b"\n")
        clock.now_ns += 2_000_000_000
        shown = client.get("/api/council").json()
        assert (shown["matters"], len(shown["faults"])) == ([], 1)


def test_a_clock_that_was_set_back_a_little_keeps_no_objection_out(
    matter: Path, clock: Clock
) -> None:
    clock.now_ns -= 2_000_000_000
    receipt = objection_at(matter, clock)
    _, _, refused = append_receipt(
        matter, lambda _, now_ns: msgspec.structs.replace(receipt, received_ns=now_ns), None
    )
    assert refused is None


def objection_at(matter: Path, clock: Clock) -> Receipt:
    """An objection signed from the file as it can be read when the clock is right again."""
    back_ns, clock.now_ns = clock.now_ns, clock.now_ns + 2_000_000_000
    receipt = objection(matter)
    clock.now_ns = back_ns
    return receipt
