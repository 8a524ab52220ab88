"""Sensing nodes connect, register, report, are answered; what they sent is what is recorded."""

import asyncio
import socket

import msgspec

from vedette.engine.address import parse_feed
from vedette.engine.sockets import LiveFeed
from vedette.feeds.sapient import encoder
from vedette.feeds.sapient.decoder import SapientDecoder
from vedette.feeds.sapient.framing import cut_frames
from vedette.feeds.sapient.validation import read_message
from vedette.ledger.raw_log import Item, ItemKind

NODES = ("a8654cdf-4328-47de-81fa-c495589e30c9", "b8654cdf-4328-47de-81fa-c495589e30c9")
NOW_NS = 1_758_265_080_000_000_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def converse(port: int, node: str, number: int) -> list[str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    task = encoder.message(node, NOW_NS)
    task.task.task_id, task.task.control = encoder.ulid(NOW_NS, 9), 1
    row = {"valid_ns": NOW_NS, "latitude_deg": 59.0 + number, "longitude_deg": 26.0}
    sent = b"".join(
        encoder.framed(message)
        for message in (
            encoder.registration(node, NOW_NS),
            encoder.status(node, NOW_NS, 59.4, 26.4, 30.0),
            encoder.detection(node, row),
            encoder.alert(node, NOW_NS, "look"),
            task,
        )
    )
    for start in range(0, len(sent), 37):  # in pieces that no message ends with
        writer.write(sent[start : start + 37])
        await writer.drain()
    answers, rest = [], b""
    while len(answers) < 3:
        rest += await asyncio.wait_for(reader.read(4096), 30)
        frames, settled = cut_frames(rest)
        rest = rest[settled:]
        answers += [str(read_message(frame.data).WhichOneof("content")) for frame in frames]  # type: ignore[union-attr]
    writer.close()
    return answers


def test_nodes_are_heard_and_answered_at_once() -> None:
    async def scene() -> tuple[list[list[str]], list[Item]]:
        port = free_port()
        queue: asyncio.Queue[Item] = asyncio.Queue(1000)
        feed = LiveFeed(0, parse_feed(f"sapient://127.0.0.1:{port}"), queue, lambda: NOW_NS)
        await feed.open()
        running = asyncio.create_task(feed.run())
        answers = await asyncio.gather(
            *(converse(port, node, number) for number, node in enumerate(NODES))
        )
        items: list[Item] = []
        while sum(item.kind is ItemKind.LINK for item in items) < 4:  # two came, two went
            items.append(await asyncio.wait_for(queue.get(), 30))
        running.cancel()
        feed.close()
        return answers, items

    answers, items = asyncio.run(scene())
    assert answers == [["registration_ack", "alert_ack", "task_ack"]] * 2
    decoder, rows, faults = SapientDecoder("f"), [], []
    for item in items:
        if item.kind is ItemKind.CHUNK:
            decoded = decoder.decode(item.payload, item.instant_ns, 0)
            rows += decoded.plots.to_pylist()
            faults += decoded.faults
        else:
            assert msgspec.json.decode(item.payload)["event"] in ("connected", "lost")
    assert faults == []
    assert sorted((row["sensor_id"], row["latitude_deg"]) for row in rows) == [
        (NODES[0], 59.0), (NODES[1], 60.0),
    ]  # fmt: skip
