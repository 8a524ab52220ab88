"""The ledger over HTTP: what lies there, and a proof that holds for every entry, also while it grows."""

import json
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vedette.app.ledger_door import LedgerDoor
from vedette.ledger.entries import encode_entry
from vedette.ledger.head import read_head, sign_head
from vedette.ledger.merkle import included, leaf_hash, root_of
from vedette.model.entry import Entry
from vedette.model.time import SECOND_NS

KEY = Ed25519PrivateKey.generate()


def lines(count: int) -> list[bytes]:
    return [
        encode_entry(
            Entry(
                kind="incident" if k % 3 else "feed",
                valid_ns=k * SECOND_NS,
                body={"incident_id": f"I{k}"} if k % 3 else {"feed_id": "é"},
            )
        )
        for k in range(count)
    ]


def write(folder: Path, kept: list[bytes], signed: int) -> None:
    (folder / "ledger").mkdir(exist_ok=True)
    (folder / "ledger" / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in kept))
    root = root_of([leaf_hash(line) for line in kept[:signed]])
    (folder / "ledger" / "head.json").write_bytes(sign_head(signed, root, KEY))


@pytest.fixture
def asked(tmp_path: Path):
    client = TestClient(Starlette(routes=LedgerDoor(tmp_path).routes()))

    def ask(path: str, status: int = 200):
        answer = client.get(f"/api/ledger/entries{path}")
        assert answer.status_code == status
        return answer.json()

    return ask


def test_every_entry_is_proven_against_the_signed_head(tmp_path: Path, asked):
    kept = lines(11)
    write(tmp_path, kept, 11)
    for number, line in enumerate(kept):
        found = asked(f"/{number}")
        assert found["line"].encode() == line
        head = read_head((tmp_path / "ledger" / "head.json").read_bytes())
        assert found["head"] == msgspec.to_builtins(head)
        proof = [bytes.fromhex(one) for one in found["proof"]]
        assert included(leaf_hash(line), number, head.size, proof, bytes.fromhex(head.root))
    asked("/11", 404)


def test_what_the_head_does_not_reach_yet_has_no_proof_and_gets_one_as_it_grows(
    tmp_path: Path, asked
):
    kept = lines(7)
    write(tmp_path, kept, 5)
    assert asked("/6")["head"] is None
    (tmp_path / "ledger" / "entries.jsonl").write_bytes(
        b"".join(line + b"\n" for line in lines(9)) + b'{"torn'
    )
    root = root_of([leaf_hash(line) for line in lines(9)])
    (tmp_path / "ledger" / "head.json").write_bytes(sign_head(9, root, KEY))
    assert asked("")["total"] == 9
    assert asked("/8")["head"]["size"] == 9


def test_entries_are_listed_newest_first_by_kind_and_page(tmp_path: Path, asked):
    write(tmp_path, lines(11), 11)
    assert [row["number"] for row in asked("?count=3")["entries"]] == [10, 9, 8]
    assert [row["number"] for row in asked("?count=2&before=9")["entries"]] == [8, 7]
    found = asked("?kind=feed&before=9")
    assert [row["number"] for row in found["entries"]] == [6, 3, 0]
    assert found["kinds"] == {"feed": 4, "incident": 7}
    assert found["entries"][0]["subject"] == "é"
    assert asked("?kind=none")["entries"] == []
    asked("?count=many", 400)
    assert json.dumps(found)
