"""Real servers, real links: a hub and nodes of two nations, a cut link, and a third nation that is hostile."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from alliance_net import alert
from click.testing import CliRunner
from real_nodes import alliance, free_port, reroute

from vedette.alliance.items import Alert
from vedette.alliance.messages import EntryMessage, SignedMessage, unpack
from vedette.app.commands.node import group
from vedette.engine.alliance.folder import create, load, pretty
from vedette.engine.alliance.foreign import ForeignTracks
from vedette.engine.alliance.hub import admit, config_of
from vedette.engine.alliance.runner import NodeRunner, Spooled
from vedette.engine.alliance.server import Server, leaf_config, wire_keys
from vedette.model.errors import RecordError, SettingError
from vedette.sim.cut_link import CutLink

nats = pytest.importorskip("nats", reason="needs the extra 'alliance'")


async def until(what: Callable[[], bool], words: str) -> None:
    for _ in range(600):
        if what():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never: {words}")


def heard(runner: NodeRunner, nation: str) -> list[str]:
    return [
        t.body.item.incident_id
        for t in runner.told
        if t.nation == nation and isinstance(t.body.item, Alert)
    ]


def say(folder: Path, number: int) -> None:
    made = alert(number)
    (folder / "spool").mkdir(exist_ok=True)
    part = folder / "spool" / f"{number:04d}.part"
    part.write_bytes(pretty(Spooled(key=made.key, item=made.item)))
    part.rename(part.with_suffix(".json"))


async def scene(root: Path) -> None:
    port = free_port()
    alliance(root, port)
    link = CutLink(port)
    reroute(root / "FIN", await link.start())
    hub = Server(root / "hub" / "nats", config_of(root / "hub"))
    await hub.start()
    foreign = ForeignTracks("127.0.0.1", 0)
    await foreign.start()
    est, fin = NodeRunner(root / "EST"), NodeRunner(root / "FIN", foreign=foreign)
    tasks = [asyncio.create_task(est.run()), asyncio.create_task(fin.run())]
    try:
        await until(
            lambda: bool(est.state.peers["FIN"].heard_ns and fin.state.peers["EST"].heard_ns),
            "the nodes hear each other",
        )
        say(root / "EST", 1)
        await until(lambda: heard(fin, "EST") == ["I-1"], "an alert comes over")

        link.cut()
        for number in (2, 3):
            say(root / "EST", number)
            say(root / "FIN", 10 + number)
        await until(
            lambda: len(est.state.own) == 3 and len(fin.state.own) == 2, "both work on alone"
        )
        assert heard(fin, "EST") == ["I-1"]
        link.heal()
        await until(lambda: heard(fin, "EST") == ["I-1", "I-2", "I-3"], "what was made comes over")
        await until(lambda: heard(est, "FIN") == ["I-12", "I-13"], "both ways")

        await hostile(root, port, fin)
        assert heard(fin, "EST")[-1] == "I-4"
    finally:
        for runner in (est, fin):
            runner.stop.set()
        await asyncio.gather(*tasks)
        hub.stop()
        link.close()
        foreign.close()
    assert not any(task.exception() for task in tasks)


async def hostile(root: Path, port: int, fin: NodeRunner) -> None:
    """LVA has a server of its own, wholly under its control, and its link's own key."""
    seed, public = wire_keys()
    config = leaf_config(
        root / "LVA" / "nats", "LVA", public, f"127.0.0.1:{port}",
        (root / "LVA" / "keys" / "wire.seed").read_text(), root / "LVA" / "tls",
    )  # fmt: skip
    server = Server(root / "LVA" / "nats", config)
    await server.start()
    client = await nats.connect(server.url, nkeys_seed_str=seed)
    overheard: list[tuple[str, bytes]] = []

    async def listen(message: object) -> None:
        overheard.append((message.subject, message.data))  # type: ignore[attr-defined]

    try:
        for pattern in ("vedette.>", "vedette.*.FIN", "vedette.EST.*", ">"):
            await client.subscribe(pattern, cb=listen)
        await client.subscribe("vedette.*.all", cb=listen)
        await client.subscribe("vedette.*.LVA", cb=listen)
        await client.flush()
        await until(lambda: any(s.endswith(".all") for s, _ in overheard), "LVA hears the beats")
        before = dict(fin.state.peers["EST"].counts)
        for _ in range(20):
            await client.publish("vedette.EST.FIN", b"forged")
            await client.publish("vedette.EST.all", b"forged")
        await client.publish("vedette.LVA.FIN", b"no message")  # its own name: this arrives
        await client.flush()
        say(root / "EST", 4)
        await until(lambda: heard(fin, "EST")[-1] == "I-4", "a further alert comes over")
        await until(
            lambda: fin.state.peers["LVA"].counts.get("refused", 0) == 1, "LVA's own octets come"
        )
        assert fin.state.peers["EST"].counts.get("refused", 0) == before.get("refused", 0) == 0
    finally:
        await client.close()
        server.stop()
    read_by_hub = [s for s, data in overheard if data not in (b"forged", b"no message")]
    assert all(s.endswith((".all", ".LVA")) for s in read_by_hub), set(read_by_hub)
    for _, data in overheard:
        message = unpack(data)
        if isinstance(message, EntryMessage):
            assert message.body is None  # it sees that there are entries, and none of their bodies
        elif isinstance(message, SignedMessage):
            assert message.kind != "picture"


def test_two_nations_a_cut_link_and_a_hostile_third(tmp_path: Path) -> None:
    asyncio.run(scene(tmp_path))
    told = CliRunner().invoke(group, ["log", str(tmp_path / "FIN"), "--json"])
    rows = [msgspec.json.decode(line) for line in told.stdout.splitlines()]
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4]
    shown = CliRunner().invoke(group, ["refused", str(tmp_path / "FIN")])
    assert [msgspec.json.decode(line)["via"] for line in shown.stdout.splitlines()] == ["LVA"]
    status = CliRunner().invoke(group, ["status", str(tmp_path / "FIN"), "--json"])
    assert status.exit_code == 1  # it has been stopped
    assert msgspec.json.decode(status.stdout)["peers"]["EST"]["entries"] == 4


def test_keys_change_by_the_root_key_of_a_stopped_node(tmp_path: Path) -> None:
    alliance(tmp_path, 7422)
    folder = tmp_path / "EST"
    runner = NodeRunner(folder)
    busy = CliRunner().invoke(group, ["rotate", str(folder)])
    assert isinstance(busy.exception, RecordError)
    runner.journal.close()
    done = CliRunner().invoke(group, ["revoke", str(folder), "--words", "a laptop is gone"])
    assert "key 2 of EST holds from entry 0 on" in done.stdout
    assert list((folder / "spool").glob("*.statement"))
    again = NodeRunner(folder)
    again.journal.close()
    other = CliRunner().invoke(
        group, ["rotate", str(tmp_path / "FIN"), "--root", str(folder / "keys" / "root.key")]
    )
    assert isinstance(other.exception, RecordError)


def test_no_link_leaves_this_machine_without_tls_and_no_key_is_a_default(tmp_path: Path) -> None:
    card = create(tmp_path / "EST", "EST")
    with pytest.raises(SettingError):
        admit(tmp_path / "hub", [card], keeper="EST", host="hub.example", port=1, plain=True)
    admit(tmp_path / "hub", [card], keeper="EST", host="hub.example", port=7422, plain=False)
    config = config_of(tmp_path / "hub")
    assert "verify: true" in config
    assert "password" not in config
    other = create(tmp_path / "EST2", "EST")
    assert (other.root, other.node, other.wire) != (card.root, card.node, card.wire)
    with pytest.raises(RecordError):
        admit(tmp_path / "hub", [other], keeper="EST", host="x", port=1, plain=False)
    for secret in ("root.key", "node.key", "secret.key", "wire.seed"):
        assert (tmp_path / "EST" / "keys" / secret).stat().st_mode & 0o077 == 0
    with pytest.raises(RecordError):
        load(tmp_path / "EST")
