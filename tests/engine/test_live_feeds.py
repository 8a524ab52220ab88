"""Live feeds: sockets that drop are opened again, silence is seen, what is refused is counted."""

import asyncio
import socket
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.engine.address import FeedAddress, parse_feed
from vedette.engine.feed_health import NAMES_MAX, FeedHealth
from vedette.engine.settings import FeedSpec
from vedette.engine.sockets import LiveFeed
from vedette.feeds.decoder import Decoded
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import SettingError, SourceError
from vedette.model.time import SECOND_NS

SPEC = FeedSpec(feed_id="f", url="beast://localhost:1", decoder="beast")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def take(queue: asyncio.Queue[Item], wanted: int) -> list[Item]:
    return [await asyncio.wait_for(queue.get(), 30) for _ in range(wanted)]


def test_a_tcp_feed_that_drops_is_opened_again() -> None:
    async def scene() -> list[Item]:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"bytes")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        address = parse_feed(f"beast://127.0.0.1:{port}")
        queue: asyncio.Queue[Item] = asyncio.Queue(100)
        ticks = count(1)
        feed = LiveFeed(0, address, queue, lambda: next(ticks))
        running = asyncio.create_task(feed.run())
        items = await take(queue, 6)
        running.cancel()
        server.close()
        return items

    items = asyncio.run(scene())
    events = [
        item.payload if item.kind is ItemKind.CHUNK else msgspec.json.decode(item.payload)["event"]
        for item in items
    ]
    assert events == ["connected", b"bytes", "lost", "reconnected", b"bytes", "lost"]


@pytest.mark.parametrize("scheme", ["beast", "sapient"])
def test_a_connection_whose_other_side_loses_its_power_ends_within_a_minute(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> list[int]:
        held: list[asyncio.StreamWriter] = []
        connect = asyncio.open_connection

        async def connecting(
            *where: str | int,
        ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            found = await connect(*where)
            held.append(found[1])
            return found

        monkeypatch.setattr(asyncio, "open_connection", connecting)
        port = free_port(socket.SOCK_STREAM)
        queue: asyncio.Queue[Item] = asyncio.Queue(100)
        feed = LiveFeed(0, parse_feed(f"{scheme}://127.0.0.1:{port}"), queue, lambda: 1)
        server = None
        if feed.address.transport == "listen":
            await feed.open()
            await connect("127.0.0.1", port)
        else:
            server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
        running = asyncio.create_task(feed.run())
        await take(queue, 1)
        own = (held or [*feed._peers])[0].get_extra_info("socket")
        found = [own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)]
        found += [
            own.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
            if hasattr(socket, name)
        ]
        running.cancel()
        feed.close()
        if server is not None:
            server.close()
        return found

    asked, *times = asyncio.run(scene())
    assert asked
    if len(times) == 3:
        assert times[0] + times[1] * times[2] <= 60


def test_a_tcp_feed_that_nobody_serves_says_so_and_goes_on_trying() -> None:
    async def scene() -> Item:
        address = parse_feed(f"beast://127.0.0.1:{free_port(socket.SOCK_STREAM)}")
        queue: asyncio.Queue[Item] = asyncio.Queue(100)
        running = asyncio.create_task(LiveFeed(0, address, queue, lambda: 1).run())
        (item,) = await take(queue, 1)
        assert not running.done()
        running.cancel()
        return item

    assert msgspec.json.decode(asyncio.run(scene()).payload)["event"] == "refused"


@pytest.mark.parametrize("group", ["127.0.0.1", "239.255.77.7"])
def test_datagrams_come_unicast_and_multicast_and_a_full_queue_counts(group: str) -> None:
    async def scene() -> tuple[list[Item], int]:
        port = free_port(socket.SOCK_DGRAM)
        queue: asyncio.Queue[Item] = asyncio.Queue(2)
        feed = LiveFeed(0, parse_feed(f"asterix+udp://{group}:{port}"), queue, lambda: 1)
        try:
            await feed.open()
        except SourceError:
            if group.startswith("239"):
                pytest.skip("this machine has no multicast route")
            raise
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(
                socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1")
            )
            for number in range(3):
                try:
                    sender.sendto(bytes([number]), (group, port))
                except OSError:
                    pytest.skip("this machine has no multicast route")
        for _ in range(200):
            await asyncio.sleep(0.01)
            if feed.dropped or (group.startswith("239") and queue.qsize() == 2):
                break
        if group.startswith("239") and queue.empty():
            pytest.skip("this machine does not loop multicast back")
        items = [queue.get_nowait() for _ in range(queue.qsize())]
        feed.close()
        return items, feed.dropped

    items, dropped = asyncio.run(scene())
    assert [item.payload for item in items] == [b"\x00", b"\x01"]
    assert dropped == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_datagrams_that_the_system_refused_are_counted(host: str) -> None:
    async def scene() -> tuple[int, list[dict[str, int]]]:
        queue: asyncio.Queue[Item] = asyncio.Queue(100_000)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        port = free_port(socket.SOCK_DGRAM)
        where = f"[{host}]" if ":" in host else host
        feed = LiveFeed(0, parse_feed(f"asterix+udp://{where}:{port}"), queue, lambda: 1)
        try:
            await feed.open()
        except SourceError:
            pytest.skip("this machine has no such address")
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            for _ in range(12_000):  # while nobody reads: more than any buffer of ours holds
                sender.sendto(bytes(1_400), (host, port))
        lost = [feed.lost()]
        heard = 0
        while heard < queue.qsize() or not heard:
            heard = queue.qsize()
            await asyncio.sleep(0.2)
        lost.append(feed.lost())
        feed.close()
        return heard, lost

    if not Path("/proc/net/udp").exists():
        pytest.skip("this system does not tell what its sockets refused")
    heard, (first, second) = asyncio.run(scene())
    assert first["socket"] > 0
    assert heard + first["socket"] == 12_000
    assert second == {}


def test_a_taken_port_is_said_before_anything_runs() -> None:
    async def scene() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            address = parse_feed(f"asterix+udp://127.0.0.1:{taken.getsockname()[1]}")
            await LiveFeed(0, address, asyncio.Queue(), lambda: 1).open()

    with pytest.raises(SourceError, match="cannot listen"):
        asyncio.run(scene())


@given(st.lists(st.floats(0.1, 30.0), min_size=1, max_size=20))
def test_silence_is_seen_within_ten_seconds_and_life_at_once(gaps_s: list[float]) -> None:
    health = FeedHealth(SPEC)
    now_ns = 0
    assert health.state == "waiting"
    for gap_s in gaps_s:
        heard_ns = now_ns
        health.heard(heard_ns, 1, Decoded())
        health.tick(now_ns, 8.0)
        assert health.state == "alive"
        while now_ns < heard_ns + gap_s * SECOND_NS:
            now_ns += SECOND_NS
            health.tick(now_ns, 8.0)
        assert (health.state == "dead") == (now_ns - heard_ns > 8 * SECOND_NS)
        if now_ns - heard_ns >= 10 * SECOND_NS:
            assert health.state == "dead"


@pytest.mark.parametrize(
    "url",
    ["", "beast", "beast:", "beast://:1", "asterix+udp://a:b", "x:1", "beast://h:0",
     "beast://192.168..1.5:30005", f"cot+udp://{'a' * 64}:1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingError):
        parse_feed(url)


def test_an_address_survives_its_parts() -> None:
    assert parse_feed("asterix+udp://239.1.1.1:8600") == FeedAddress(
        url="asterix+udp://239.1.1.1:8600",
        decoder="asterix",
        transport="udp",
        host="239.1.1.1",
        port=8600,
    )


def test_names_without_end_are_counted_together() -> None:
    health = FeedHealth(SPEC)
    for number in range(NAMES_MAX + 50):
        unplaced = {f"{number}": 2} if number % 2 else {}
        health.heard(0, 1, Decoded(counts={f"048 {number}": 1}, unplaced=unplaced))
    assert len(health.counts) == NAMES_MAX + 1
    assert sum(health.counts.values()) == (NAMES_MAX + 50) * 2
    assert health.counts["048 0"] == 1


@pytest.mark.parametrize(
    ("scheme", "parts"),
    [
        (
            "remote-id-json",
            [b'{"details":{"id":"1","operator_id":"ANN"}}', b'{"details":{"id":"2"}}'],
        ),
        ("people", [b'{"type":"observation"}', b"nonsense"]),
        ("cot", [b"<event/>\n<event/>"]),
    ],
)
def test_a_datagram_that_may_name_several_persons_is_taken_apart(
    scheme: str, parts: list[bytes]
) -> None:
    async def scene() -> list[Item]:
        port = free_port(socket.SOCK_DGRAM)
        queue: asyncio.Queue[Item] = asyncio.Queue(100)
        feed = LiveFeed(0, parse_feed(f"{scheme}+udp://127.0.0.1:{port}"), queue, lambda: 1)
        await feed.open()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"\n".join(parts), ("127.0.0.1", port))
        items = await take(queue, len(parts))
        feed.close()
        assert queue.empty()
        return items

    assert [item.payload.strip() for item in asyncio.run(scene())] == parts
