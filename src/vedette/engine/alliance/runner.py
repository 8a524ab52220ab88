"""The loop of a node: the only place where its clock, its disk and its link meet the core."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from vedette.alliance.items import Closing, Item, MatterLine, RecordHead
from vedette.alliance.matters import outcome
from vedette.alliance.messages import read_body
from vedette.alliance.node import boot, holds_its_key, isolated, step
from vedette.alliance.state import (
    Input,
    Made,
    NewKey,
    NodeSettings,
    NodeState,
    Outputs,
    Received,
    recovered,
)
from vedette.engine.alliance.folder import Invitation, load, pretty
from vedette.engine.alliance.foreign import ForeignTracks, plot_lines
from vedette.engine.alliance.journal import Journal
from vedette.engine.alliance.server import SUBJECTS, Server, leaf_config, subject, wire_keys
from vedette.engine.octet_queue import OctetQueue
from vedette.model.errors import RecordError, SourceError
from vedette.model.time import SECOND_NS

QUEUE_MAX: Final = 20_000
_SILENT_S: Final = 30.0
_IDLE_S: Final = 0.2


class Spooled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something to say that waits in the folder until it is in the journal."""

    key: str
    item: Item
    to: tuple[str, ...] = ()


class NodeRunner:
    """One node, from its folder."""

    def __init__(
        self,
        folder: Path,
        *,
        foreign: ForeignTracks | None = None,
        say: Callable[[str], None] = lambda words: None,
        url: str | None = None,
    ) -> None:
        """Prepare.

        Args:
            folder: of the node.
            foreign: where tracks of others go.
            say: tells a person.
            url: of a NATS server that runs already; None: a leaf of our own.
        """
        self.folder = folder
        self.settings: NodeSettings
        self.invitation: Invitation
        self.settings, self.invitation = load(folder)
        self.journal = Journal(folder / "journal" / "alliance.jsonl")
        self.state: NodeState
        self.state, self.told = recovered(self.settings, self.journal.lines())
        self._poll: Callable[[int], list[Input]] | None = None
        self._foreign, self._say, self._url = foreign, say, url
        self.stop = asyncio.Event()
        self.lost = 0  # messages that a full queue refused
        self._queue = OctetQueue[Received](QUEUE_MAX, lambda item: len(item.data))
        self._server: Server | None = None
        self._client: Any = None
        self._heard_s = self._checked_s = time.monotonic()
        self._patience_s = _SILENT_S
        self._notes: list[str] = []
        if self.journal.torn_bytes:
            say(f"the journal had {self.journal.torn_bytes} octets of a torn line: cut off")

    def told_heads(self) -> dict[str, RecordHead]:
        """The head last told of each record of ours."""
        heads = {}
        for message in self.state.own:
            body = read_body(message.body or b"")
            if not isinstance(body, str) and isinstance(body.item, RecordHead):
                heads[body.item.record] = body.item
        return heads

    def share(self, poll: Callable[[int], list[Input]]) -> None:
        """Ask ``poll`` once a second what there is to share."""
        self._poll = poll

    # ------------------------------------------------------------------ link

    async def _connect(self) -> None:
        import nats

        seed, public = wire_keys()
        options: dict[str, Any] = {}
        url = self._url
        if url is None:
            invitation = self.invitation
            tls = None if invitation.plain else (self.folder / "tls").resolve()
            link_seed = (self.folder / "keys" / "wire.seed").read_text().strip()
            nation = self.settings.nation
            config = leaf_config(
                (self.folder / "nats").resolve(), nation, public, invitation.hub, link_seed, tls
            )
            self._server = Server((self.folder / "nats").resolve(), config)
            await self._server.start()
            url = self._server.url
            options["nkeys_seed_str"] = seed
        self._client = await nats.connect(
            url, no_echo=True, max_reconnect_attempts=-1, reconnect_time_wait=1,
            error_cb=self._on_error, pending_size=8 << 20, **options,
        )  # fmt: skip
        for reader in (None, self.settings.nation):
            await self._client.subscribe(f"{SUBJECTS}.*.{reader or 'all'}", cb=self._on_message)
        await self._client.flush()

    async def _on_error(self, error: Exception) -> None:
        self._notes.append(f"link: {error}")

    async def _on_message(self, message: Any) -> None:
        self._heard_s, self._patience_s = time.monotonic(), _SILENT_S
        parts = message.subject.split(".")
        try:
            self._queue.put_nowait(Received(via=parts[1], data=message.data))
        except asyncio.QueueFull:
            self.lost += 1  # it is asked for again

    async def _disconnect(self) -> None:
        if self._client is not None:
            with suppress(TimeoutError, OSError):
                await asyncio.wait_for(self._client.close(), 3.0)
            self._client = None
        if self._server is not None:
            self._server.stop()

    async def _look_after_link(self) -> None:
        """A server that died is started again; so is one that hears nothing though the hub answers."""
        now_s = time.monotonic()
        if self._server is None:
            return
        silent = now_s - max(self._heard_s, self._checked_s) > self._patience_s
        if self._server.alive and not silent:
            return
        if silent:
            self._checked_s, self._patience_s = now_s, min(600.0, 2 * self._patience_s)
            host, _, port = self.invitation.hub.rpartition(":")
            try:
                _, writer = await asyncio.wait_for(
                    asyncio.open_connection(host.strip("[]"), int(port)), 2.0
                )
            except (OSError, TimeoutError):
                return  # the link is cut; the server tries again by itself
            writer.close()
        self._say("the link is started again")
        await self._disconnect()
        await self._connect()

    # ------------------------------------------------------------------ loop

    async def run(self) -> None:
        """Until ``stop`` is set.

        Raises:
            RecordError: the node does not hold the key that its nation named last.
        """
        self.state, outputs = boot(self.settings, self.state, time.time_ns())
        self.journal.append(outputs.lines)
        self._take_spool()
        if not holds_its_key(self.settings, self.state) and not self._has_statement():
            raise RecordError(f"{self.folder}/keys/node.key is not this nation's key any more")
        polled_s = 0.0
        try:
            await self._connect()
            while not self.stop.is_set():
                inputs = await self._inputs()
                now_s = time.monotonic()
                if now_s - polled_s >= 1.0:
                    polled_s = now_s
                    inputs += self._take_spool()
                    if self._poll is not None:
                        inputs += self._poll(time.time_ns())
                    await self._look_after_link()
                    self._write_status()
                await self._step(inputs)
        finally:
            await self._disconnect()
            self._write_status(running=False)
            self.journal.close()

    async def _inputs(self) -> list[Input]:
        try:
            found: list[Input] = [await asyncio.wait_for(self._queue.get(), _IDLE_S)]
        except TimeoutError:
            return []
        while len(found) < 500 and not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found

    async def _step(self, inputs: list[Input]) -> None:
        now_ns = time.time_ns()
        self.state, outputs = step(self.settings, self.state, inputs, now_ns)
        self.journal.append(outputs.lines)
        self._after_journal(outputs)
        for to, data in outputs.messages:
            try:
                await self._client.publish(subject(self.settings.nation, to), data)
            except Exception as error:
                self._notes.append(f"link: {error}")
                break
        if self._foreign is not None:
            for picture in outputs.pictures:
                self._foreign.give(plot_lines(picture, now_ns))

    def _after_journal(self, outputs: Outputs) -> None:
        """What becomes visible once it is durable."""
        self.told += outputs.told
        if not holds_its_key(self.settings, self.state):
            following = self.folder / "keys" / "node.next"
            if following.exists():
                following.replace(self.folder / "keys" / "node.key")
                key = (self.folder / "keys" / "node.key").read_bytes()
                self.settings = msgspec.structs.replace(self.settings, private_key=key)
        for note in outputs.notes:
            self._say(f"{note.kind}: {note.nation}: {note.words}")
        items = [one.body.item for one in outputs.told]
        if outputs.lines and (
            any(isinstance(item, MatterLine | Closing) for item in items)
            or self.settings.nation == self.settings.charter.keeper
        ):
            self._mirror_matters()
        if any(isinstance(item, RecordHead) for item in items):
            self._mirror_heads()

    def _mirror_matters(self) -> None:
        folder = self.folder / "council"
        folder.mkdir(exist_ok=True)
        for kept in self.state.matters.values():
            path = folder / f"{_safe(kept.matter_id)}.jsonl"
            data = b"".join(line + b"\n" for line in kept.lines)
            if not path.exists() or path.stat().st_size != len(data):
                temporary = path.with_suffix(".new")
                temporary.write_bytes(data)
                temporary.rename(path)

    def _mirror_heads(self) -> None:
        folder = self.folder / "witness"
        folder.mkdir(exist_ok=True)
        for (nation, record), seen in self.state.heads.items():
            (folder / f"{nation}-{_safe(record)[:16]}.head.json").write_bytes(seen.data)

    # ------------------------------------------------------------------ spool and status

    def _has_statement(self) -> bool:
        return any((self.folder / "spool").glob("*.statement"))

    def _take_spool(self) -> list[Input]:
        """What waits to be said; a file goes once it is in the journal."""
        found: list[Input] = []
        spool = self.folder / "spool"
        for path in sorted(spool.glob("*.json")) if spool.exists() else ():
            try:
                one = msgspec.json.decode(path.read_bytes(), type=Spooled)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self._say(f"{path.name} cannot be said: {error}")
                path.rename(path.with_suffix(".refused"))
                continue
            if one.key in self.state.keys:
                path.unlink()
            else:
                found.append(Made(key=one.key, item=one.item, to=one.to))
        for path in sorted(spool.glob("*.statement")) if spool.exists() else ():
            packed = path.read_bytes()
            if packed == self.state.logs[self.settings.nation].statement:
                path.unlink()
            else:
                found.append(NewKey(packed=packed))
        return found

    def _write_status(self, *, running: bool = True) -> None:
        now_ns = time.time_ns()
        status = status_of(self.settings, self.state, now_ns)
        status |= {
            "running": running,
            "lost": self.lost,
            "notes": self._notes[-5:],
            "link": self._client is not None and bool(self._client.is_connected),
        }
        del self._notes[:-5]
        path = self.folder / "status.json"
        temporary = path.with_suffix(".new")
        temporary.write_bytes(pretty(status))
        temporary.rename(path)


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)[:100]


def status_of(settings: NodeSettings, state: NodeState, now_ns: int) -> dict[str, Any]:
    """How a node and each of its links stand."""

    def age_s(at_ns: int) -> float | None:
        return round((now_ns - at_ns) / SECOND_NS, 1) if at_ns else None

    peers = {}
    for nation, peer in state.peers.items():
        log = state.logs[nation]
        peers[nation] = {
            "heard_s": age_s(peer.heard_ns),
            "entries": log.sequence,
            "behind": max(0, peer.head - log.sequence),
            "they_are_behind": max(0, len(state.own) - peer.seen),
            "picture_s": age_s(peer.picture_made_ns),
            "tracks": peer.picture_tracks,
            "we_shed": peer.shed,
            "they_shed": peer.told_shed,
            "key": log.key_number,
            "contested": log.contested,
            "refused": state.refusals.get(nation, 0),
            "counts": peer.counts,
        }
    own = state.logs[settings.nation]
    return {
        "nation": settings.nation,
        "at_ns": now_ns,
        "boot": state.boot,
        "entries": own.sequence,
        "key": own.key_number,
        "contested": own.contested,
        "isolated": isolated(settings, state, now_ns),
        "peers": peers,
        "matters": [msgspec.to_builtins(outcome(kept)) for kept in state.matters.values()],
        "witnessed": len(state.heads),
    }


async def run_hub(server: Server, stop: asyncio.Event, config: Callable[[], str]) -> None:
    """Keep a hub's server running, and take new members and keys as its folder changes.

    Raises:
        SourceError: it does not start.
    """
    await server.start()
    current = config()
    try:
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)
            try:
                wanted = config()
            except (RecordError, OSError):
                continue  # the folder is being written
            if wanted != current:
                current = wanted
                server.reload(wanted)
            if not server.alive and not stop.is_set():
                try:
                    await server.start()
                except SourceError:
                    await asyncio.sleep(1.0)
    finally:
        server.stop()
