"""Live feeds: UDP and TCP. A socket that drops is opened again; what a full queue refuses is counted."""

import asyncio
import ipaddress
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from vedette.engine.address import FeedAddress
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import SourceError

_RETRY_S: Final = (0.5, 1.0, 2.0, 5.0)
_READ_BYTES: Final = 1 << 16


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
        self.dropped = 0  # datagrams refused by a full queue since the last tick
        self._transport: asyncio.DatagramTransport | None = None

    def _item(self, kind: ItemKind, payload: bytes) -> Item:
        return Item(kind, self.index, self._now_ns(), payload)

    async def _link(self, event: str, reason: str = "") -> None:
        body = {"event": event, "reason": reason} if reason else {"event": event}
        await self._queue.put(self._item(ItemKind.LINK, msgspec.json.encode(body)))

    async def open(self) -> None:
        """Take the port, so that a taken one is found before anything runs.

        Raises:
            SourceError: the port is taken or the group cannot be joined.
        """
        if self.address.transport != "udp":
            return
        try:
            await self._open_udp()
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
            request = struct.pack("=4s4s", group.packed, bytes(4))  # the default interface
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
                try:
                    feed._queue.put_nowait(feed._item(ItemKind.CHUNK, data))
                except asyncio.QueueFull:
                    feed.dropped += 1

        self._transport, _ = await loop.create_datagram_endpoint(Receiver, sock=sock)

    async def run(self) -> None:
        """Feed the queue until cancelled."""
        if self.address.transport == "udp":
            await asyncio.Event().wait()
            return
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
            await self._link("reconnected" if connected_before else "connected")
            attempt, connected_before = 0, True
            reason = "closed by the other side"
            try:
                while data := await reader.read(_READ_BYTES):
                    await self._queue.put(self._item(ItemKind.CHUNK, data))  # waits: back-pressure
            except OSError as error:
                reason = str(error)
            finally:
                writer.close()
            await self._link("lost", reason)
            await asyncio.sleep(_RETRY_S[0])

    def close(self) -> None:
        """Let go of the port."""
        if self._transport is not None:
            self._transport.close()
