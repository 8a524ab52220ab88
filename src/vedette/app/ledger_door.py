"""The ledger of a record over HTTP: its entries as they lie there, and the proof that one is in the signed log."""

import asyncio
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import ENTRIES, ENTRY
from vedette.ledger.entries import decode_entry, kind_of
from vedette.ledger.merkle import inclusion_proof, leaf_hash
from vedette.model.errors import RecordError
from vedette.model.time import format_utc

_PAGE_MAX: Final = 200
# what tells one entry from another of its kind, in this order
_SUBJECTS: Final = (
    "incident_id", "track_id", "feed_id", "paper_id", "sensor_id", "callsign", "aircraft",
    "measure", "state", "digest",
)  # fmt: skip


class LedgerDoor:
    """Reads a ledger as it grows; every answer is of what is on disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ledger" / "entries.jsonl"
        self._head = folder / "ledger" / "head.json"
        self._reader = ThreadPoolExecutor(1, "ledger")
        self._begins: list[int] = []
        self._leaves: list[bytes] = []
        self._kinds: dict[str, list[int]] = {}  # entries of each kind, oldest first
        self._end = 0

    def _read_on(self) -> None:
        try:
            with self._path.open("rb") as file:
                file.seek(self._end)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    number = len(self._begins)
                    self._kinds.setdefault(kind_of(line[:-1]), []).append(number)
                    self._begins.append(self._end)
                    self._leaves.append(leaf_hash(line[:-1]))
                    self._end += len(line)
        except FileNotFoundError:
            return

    def _line(self, number: int) -> bytes:
        end = self._begins[number + 1] if number + 1 < len(self._begins) else self._end
        with self._path.open("rb") as file:
            file.seek(self._begins[number])
            return file.read(end - self._begins[number] - 1)

    def _entries(self, before: int | None, count: int, kind: str | None) -> dict[str, Any]:
        self._read_on()
        listed = range(len(self._begins)) if kind is None else self._kinds.get(kind, [])
        end = len(listed) if before is None else bisect_left(listed, before)
        rows = []
        for number in reversed(listed[max(0, end - count) : end]):
            line = self._line(number)
            entry = decode_entry(line)
            subject = next((entry.body[name] for name in _SUBJECTS if entry.body.get(name)), "")
            rows.append(
                {
                    "number": number, "kind": entry.kind, "utc": format_utc(entry.valid_ns),
                    "subject": str(subject)[:80], "octets": len(line), "sealed": entry.sealed is not None,
                }
            )  # fmt: skip
        kinds = {name: len(numbers) for name, numbers in sorted(self._kinds.items())}
        return {"entries": rows, "total": len(self._begins), "kinds": kinds}

    def _entry(self, number: int) -> dict[str, Any] | None:
        self._read_on()
        if not 0 <= number < len(self._begins):
            return None
        found: dict[str, Any] = {
            "number": number,
            "line": self._line(number).decode("utf-8", "surrogateescape"),
            "head": None,
            "proof": [],
        }
        try:
            head = msgspec.json.decode(self._head.read_bytes())
        except (OSError, msgspec.DecodeError):
            return found
        # the page checks the signature and the path itself: a server that lies is found there
        size = head.get("size", 0) if isinstance(head, dict) else 0
        if isinstance(size, int) and number < size <= len(self._leaves):
            proof = inclusion_proof(self._leaves[:size], number)
            found |= {"head": head, "proof": [node.hex() for node in proof]}
        return found

    async def entries(self, request: Request) -> Response:
        """Entries, newest first: at most ``count`` before the number ``before``, of one ``kind``."""
        asked = request.query_params
        try:
            before = int(asked["before"]) if "before" in asked else None
            count = min(_PAGE_MAX, max(1, int(asked.get("count", "50"))))
        except ValueError:
            return JSONResponse({"error": "before and count are numbers"}, 400)
        return await self._answered(lambda: self._entries(before, count, asked.get("kind")))

    async def entry(self, request: Request) -> Response:
        """One entry as it lies in the ledger, the signed head, and the path of hashes from it to there."""
        number = int(request.path_params["number"])
        return await self._answered(lambda: self._entry(number))

    async def _answered(self, ask: Any) -> Response:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._reader, ask)
        except RecordError as error:
            return JSONResponse({"error": str(error)}, 409)
        if found is None:
            return JSONResponse({"error": "no such entry"}, 404)
        return JSONResponse(found)

    def routes(self) -> list[BaseRoute]:
        """All that is answered here."""
        return [
            OperationRoute(ENTRIES, self.entries),
            OperationRoute(ENTRY, self.entry),
        ]
