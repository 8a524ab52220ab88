"""``vedette desk``: a yes on the command line is to the question that was read, and to no other."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from click.testing import CliRunner, Result

from vedette.app.commands import desk as command
from vedette.app.commands.office import group as offices
from vedette.response.desk.signed import SignedAct, decode_act

QUESTION = "3fa91c07" + "0" * 56


@pytest.fixture
def key(tmp_path: Path) -> Path:
    where = ["--offices", str(tmp_path / "o.json"), "--key", str(tmp_path / "ann.key")]
    words = ["new", "watch", "--person", "Ann", "--role", "watch_supervisor", *where]
    assert CliRunner().invoke(offices, words).exit_code == 0
    return tmp_path / "ann.key"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """A watch that asks one question, and what was posted to it."""
    posted: list[bytes] = []
    papers = [{"paper_id": QUESTION, "incident_id": "i1", "measure": "M06"}]
    monkeypatch.setattr(
        command, "_desk", lambda _: {"desk": "d" * 64, "now_ns": "5", "papers": papers}
    )
    known = [{"incident_id": "i1", "object": {"track_id": "t1"}}]
    monkeypatch.setattr(httpx, "get", lambda *_, **__: httpx.Response(200, json=known))

    def post(*_: Any, content: bytes, **__: Any) -> httpx.Response:
        posted.append(content)
        return httpx.Response(201, json={"refused": None})

    monkeypatch.setattr(httpx, "post", post)
    return posted


def accept(key: Path, *more: str) -> Result:
    words = ["accept", "i1", "M06", "--key", str(key), "--words", "seen", *more]
    return CliRunner().invoke(command.group, words)


def test_a_yes_names_the_question_that_was_read(key: Path, sent: list[bytes]) -> None:
    assert accept(key).exit_code == 2  # not without saying which question
    assert accept(key, "--question", "3fa9").exit_code == 2
    changed = accept(key, "--question", "77777777")
    assert changed.exit_code == 1
    assert "look again" in changed.output
    assert not sent
    assert accept(key, "--question", QUESTION[:12]).exit_code == 0
    act = decode_act(msgspec.json.decode(sent[0], type=SignedAct))
    assert act is not None
    assert (act.kind, act.paper) == ("accept", QUESTION)
