"""Live feeds: UDP, TCP, and HTTP that is asked again and again.

A socket that drops is opened again; what a full queue refuses is counted.
"""

import asyncio
import ipaddress
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import msgspec

from vedette.engine.address import FeedAddress
from vedette.feeds.formats import codec
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import SourceError

if TYPE_CHECKING:
    import httpx

_RETRY_S: Final = (0.5, 1.0, 2.0, 5.0)
_READ_BYTES: Final = 1 << 16
# octets of one answer over HTTP; 10,000 aircraft have 5 MB. An item of the record holds twice as many, so that it
# also fits where it is sealed
BODY_MAX: Final = 32 << 20
_ANSWER_S: Final = 10.0
_UDP_TABLES: Final = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
PEERS_MAX: Final = 64  # senders connected to one feed at once
# A machine that lost its power or its network says no goodbye, and who only listens never finds out: after so long
# without an octet the system asks whether the other side is still there, so often, so far apart [s]
_IDLE_S, _ASK_TIMES, _ASK_EVERY_S = 30, 3, 10


def refused_datagrams(sock: socket.socket) -> int:
    """Datagrams that found the buffer of a socket full since it was opened; 0 where the system does not tell.

    Source: Linux, ``net/ipv4/udp.c`` (``udp4_format_sock``): the inode is the tenth field, drops the last.
    """
    with suppress(OSError):  # no such file, or the socket is closed
        inode = str(os.fstat(sock.fileno()).st_ino)
        for table in _UDP_TABLES:
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if len(fields) > 12 and fields[9] == inode:
                    return int(fields[-1])
    return 0


def _notice_loss(writer: asyncio.StreamWriter) -> None:
    """Let a connection end by itself, within a minute, when the other side is gone without a word."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _IDLE_S),
        ("TCP_KEEPCNT", _ASK_TIMES),
        ("TCP_KEEPINTVL", _ASK_EVERY_S),
    ):
        if hasattr(socket, name):  # not every system has them all
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class LiveFeed:
    """One live feed that puts items into the engine's queue."""

    def __init__(
        self,
        index: int,
        address: FeedAddress,
        queue: asyncio.Queue[Item],
        now_ns: Callable[[], int],
    ) -> None:
        self.index, self.address = index, address
        self._queue, self._now_ns = queue, now_ns
        self._node_id = str(uuid4())  # what we call ourselves to senders that want to know
        self.dropped = 0  # datagrams refused by a full queue since the last tick
        self._refused = 0  # by the socket's buffer, before they came to us: since it was opened
        self._socket: socket.socket | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._peers: set[asyncio.StreamWriter] = set()

    def _item(self, kind: ItemKind, payload: bytes) -> Item:
        return Item(kind, self.index, self._now_ns(), payload)

    async def _link(self, event: str, reason: str = "") -> None:
        body = {"event": event, "reason": reason} if reason else {"event": event}
        await self._queue.put(self._item(ItemKind.LINK, msgspec.json.encode(body)))

    def _messages(self, data: bytes) -> list[bytes]:
        """A datagram or an answer; in parts where it may name several persons."""
        make = codec(self.address.decoder).apart
        if make is None:
            return [data]
        framer = make()
        return [chunk.data for chunk in (*framer.push(data), *framer.finish())]

    def offer(self, data: bytes) -> bool:
        """Take what a person sent through the page's server; False where the queue is full."""
        try:
            self._queue.put_nowait(self._item(ItemKind.CHUNK, data))
        except asyncio.QueueFull:
            self.dropped += 1
            return False
        return True

    def lost(self) -> dict[str, int]:
        """Datagrams lost since this was asked last, by what was full: our ``queue`` or the system's ``socket``."""
        found, self.dropped = {"queue": self.dropped}, 0
        if self._socket is not None:
            refused = refused_datagrams(self._socket)
            found["socket"], self._refused = refused - self._refused, refused
        return {full: count for full, count in found.items() if count > 0}

    async def open(self) -> None:
        """Take the port, so that a taken one is found before anything runs.

        Raises:
            SourceError: the port is taken or the group cannot be joined.
        """
        if self.address.transport not in ("udp", "listen"):
            return
        try:
            if self.address.transport == "udp":
                await self._open_udp()
            else:
                self._server = await asyncio.start_server(
                    self._serve, self.address.host, self.address.port
                )
        except OSError as error:
            raise SourceError(
                f"{self.address.url}: cannot listen: {error.strerror or error}"
            ) from error

    async def _open_udp(self) -> None:
        loop = asyncio.get_running_loop()
        host, port = self.address.host, self.address.port
        try:
            group = ipaddress.ip_address(host)
        except ValueError:
            group = ipaddress.ip_address((await loop.getaddrinfo(host, port))[0][4][0])
        family = socket.AF_INET if group.version == 4 else socket.AF_INET6
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        if group.is_multicast:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((str(group), port))
        if group.is_multicast and family == socket.AF_INET:
            # none named: the default interface
            own = socket.inet_aton(self.address.interface) if self.address.interface else bytes(4)
            request = struct.pack("=4s4s", group.packed, own)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            with suppress(OSError):  # and this machine's own senders
                own = struct.pack("=4s4s", group.packed, socket.inet_aton("127.0.0.1"))
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, own)
        elif group.is_multicast:
            request = group.packed + struct.pack("@I", 0)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
        feed = self

        class Receiver(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                for message in feed._messages(data):
                    try:
                        feed._queue.put_nowait(feed._item(ItemKind.CHUNK, message))
                    except asyncio.QueueFull:
                        feed.dropped += 1

        self._socket = sock
        self._transport, _ = await loop.create_datagram_endpoint(Receiver, sock=sock)

    async def run(self) -> None:
        """Feed the queue until cancelled."""
        if self.address.transport in ("udp", "listen", "web"):
            await asyncio.Event().wait()
        elif self.address.transport == "http":
            await self._ask()
        else:
            await self._connect()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One sender that has connected: whole messages into the queue, answers back."""
        reading = codec(self.address.decoder)
        if reading.cutter is None or len(self._peers) >= PEERS_MAX:
            writer.close()
            await self._link("refused", f"more than {PEERS_MAX} connections")
            return
        cutter = reading.cutter()
        answers = None if reading.answers is None else reading.answers(self._node_id)
        self._peers.add(writer)
        _notice_loss(writer)
        await self._link("connected", str(writer.get_extra_info("peername")))
        reason = "closed by the other side"
        try:
            while data := await reader.read(_READ_BYTES):
                for chunk in cutter.push(data):
                    await self._queue.put(self._item(ItemKind.CHUNK, chunk.data))
                    if answers is not None:
                        writer.write(answers(chunk.data, self._now_ns()))
                await writer.drain()
        except OSError as error:
            reason = str(error)
        finally:
            self._peers.discard(writer)
            writer.close()
            for chunk in cutter.finish():
                await self._queue.put(self._item(ItemKind.CHUNK, chunk.data))
        await self._link("lost", reason)

    async def _ask(self) -> None:
        """Ask over HTTP, one answer a chunk; what has not changed comes again, for the decoder to tell."""
        import httpx

        connected = before = False
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(timeout=_ANSWER_S, follow_redirects=True) as client:
            while True:
                due_s = loop.time() + self.address.every_s
                try:
                    body = await self._answer(client)
                except (httpx.HTTPError, httpx.InvalidURL, SourceError) as error:
                    if connected or not before:
                        reason = str(error) or type(error).__name__
                        await self._link("lost" if connected else "refused", reason)
                    connected, before = False, True
                else:
                    if not connected:
                        await self._link("reconnected" if before else "connected")
                    connected = before = True
                    for message in self._messages(body):
                        await self._queue.put(self._item(ItemKind.CHUNK, message))
                await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def _answer(self, client: "httpx.AsyncClient") -> bytes:
        async with client.stream("GET", self.address.request) as response:
            response.raise_for_status()
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > BODY_MAX:
                    raise SourceError(f"an answer of more than {BODY_MAX} octets")
        return bytes(body)

    async def _connect(self) -> None:
        attempt, connected_before = 0, False
        while True:
            try:
                reader, writer = await asyncio.wait_for(
                    asyncio.open_connection(self.address.host, self.address.port), 5.0
                )
            except (OSError, TimeoutError) as error:
                if attempt == 0:
                    await self._link("refused", str(error) or "timed out")
                await asyncio.sleep(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
                attempt += 1
                continue
            _notice_loss(writer)
            await self._link("reconnected" if connected_before else "connected")
            attempt, connected_before = 0, True
            reason = "closed by the other side"
            make = codec(self.address.decoder).cutter
            cutter = None if make is None else make()
            try:
                while data := await reader.read(_READ_BYTES):
                    pieces = [data] if cutter is None else [c.data for c in cutter.push(data)]
                    for piece in pieces:  # waits: back-pressure
                        await self._queue.put(self._item(ItemKind.CHUNK, piece))
            except OSError as error:
                reason = str(error)
            finally:
                writer.close()
                for left in cutter.finish() if cutter is not None else ():
                    await self._queue.put(self._item(ItemKind.CHUNK, left.data))
            await self._link("lost", reason)
            await asyncio.sleep(_RETRY_S[0])

    def close(self) -> None:
        """Let go of the port; ask for what was lost before."""
        self._socket = None
        if self._transport is not None:
            self._transport.close()
        if self._server is not None:
            self._server.close()
        for writer in self._peers:
            writer.close()
