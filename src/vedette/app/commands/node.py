"""``vedette node``: this nation's node in an alliance, and the hub that the nations agree on."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.commands.node_keys import key, revoke, rotate
from vedette.app.commands.node_read import log, matters, objects, page, refused, status
from vedette.app.commands.node_say import acknowledge, act, open_matter
from vedette.app.finite import Finite

if TYPE_CHECKING:
    from vedette.engine.alliance.runner import NodeRunner

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@click.group("node")
def group() -> None:
    """A nation's node in an alliance: keys, links, what others told, what leaves."""


for _command in (
    key, revoke, rotate, log, matters, objects, page, refused, status, acknowledge, act, open_matter,
):  # fmt: skip
    group.add_command(_command)


@group.command("init")
@_FOLDER
@click.option("--nation", required=True, help="ISO 3166-1 alpha-3, as EST.")
def init(folder: Path, nation: str) -> None:
    """Make the keys of a new node in DIR, and DIR/card.json for the operator of the hub.

    keys/root.key names the node's next key when this one is lost: keep it elsewhere, offline.
    """
    from vedette.engine.alliance.folder import create

    create(folder, nation)
    click.echo(folder / "card.json")
    click.echo(f"move {folder / 'keys' / 'root.key'} to a place of its own, offline", err=True)


@group.command("hub")
@_FOLDER
@click.option(
    "--card", "cards", multiple=True, required=True, type=click.Path(path_type=Path),
    help="Of a nation that is admitted; may be given again.",
)  # fmt: skip
@click.option("--keeper", help="Nation whose node keeps the matters of the council.")
@click.option("--host", default="127.0.0.1", show_default=True, help="As the nations reach it.")
@click.option("--port", default=7422, show_default=True)
@click.option("--plain", is_flag=True, help="No TLS; only on this machine.")
def hub(
    folder: Path, cards: tuple[Path, ...], keeper: str | None, host: str, port: int, *, plain: bool
) -> None:
    """Make a hub in DIR of nations' cards, or admit further ones; writes an invitation for each.

    A running hub takes up new members and link keys by itself.
    """
    from vedette.engine.alliance.folder import Card, read_as
    from vedette.engine.alliance.hub import admit
    from vedette.model.errors import SettingError

    read = [read_as(path, Card) for path in cards]
    if keeper is None and not (folder / "hub.json").exists():
        raise SettingError("--keeper: a new alliance names who keeps the matters of the council")
    made = admit(folder, read, keeper=keeper or "", host=host, port=port, plain=plain)
    for nation in sorted(made.charter.members):
        click.echo(folder / f"{nation}.invitation.json")


@group.command("join")
@_FOLDER
@click.argument("invitation", type=click.Path(path_type=Path))
def join(folder: Path, invitation: Path) -> None:
    """Take the INVITATION that the operator of the hub made for this node."""
    from vedette.engine.alliance.folder import Invitation, read_as
    from vedette.engine.alliance.folder import join as take

    read = read_as(invitation, Invitation)
    take(folder, read)
    click.echo(f"{read.nation} has joined {read.charter.name}")
    click.echo(f"nothing leaves until {folder / 'release.yaml'} says so", err=True)


@group.command("start")
@_FOLDER
@click.option(
    "--watch", "record", type=click.Path(path_type=Path), help="Record of the watch that is shared."
)
@click.option(
    "--foreign", default="127.0.0.1:0", show_default=True, metavar="HOST:PORT",
    help="Where a watch hears tracks of others: plots+tcp://HOST:PORT.",
)  # fmt: skip
@click.option(
    "--server", help="URL of a NATS server that runs already; without: a leaf of our own."
)
@click.option("--for", "seconds", type=Finite(0), help="End after so many seconds.")
def start(
    folder: Path, record: Path | None, foreign: str, server: str | None, seconds: float | None
) -> None:
    """Run the node of DIR, or the hub, until Ctrl-C. It works on when the link is cut."""
    import asyncio

    if (folder / "hub.json").exists():
        asyncio.run(_hub(folder, seconds))
        return
    asyncio.run(_node(folder, record, foreign, server, seconds))


async def _stopped(stop: object, seconds: float | None) -> None:
    import asyncio
    import signal

    assert isinstance(stop, asyncio.Event), "what is stopped waits for an event"
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if seconds is not None:
        loop.call_later(seconds, stop.set)


async def _hub(folder: Path, seconds: float | None) -> None:
    import asyncio

    from vedette.engine.alliance.hub import config_of
    from vedette.engine.alliance.runner import run_hub
    from vedette.engine.alliance.server import Server

    stop = asyncio.Event()
    await _stopped(stop, seconds)
    click.echo("the hub runs (Ctrl-C ends)", err=True)
    server = Server((folder / "nats").resolve(), config_of(folder))
    await run_hub(server, stop, lambda: config_of(folder))


async def _node(
    folder: Path, record: Path | None, foreign: str, server: str | None, seconds: float | None
) -> None:
    from vedette.app.web_address import web_address
    from vedette.engine.alliance.foreign import ForeignTracks
    from vedette.engine.alliance.runner import NodeRunner

    tracks = ForeignTracks(*web_address(foreign))
    port = await tracks.start()
    click.echo(f"tracks of others: plots+tcp://{foreign.rpartition(':')[0]}:{port}", err=True)
    runner = NodeRunner(
        folder, foreign=tracks, say=lambda words: click.echo(words, err=True), url=server
    )
    await _stopped(runner.stop, seconds)
    if record is not None:
        _follow(runner, record)
    click.echo(f"node {runner.settings.nation} runs (Ctrl-C ends)", err=True)
    try:
        await runner.run()
    finally:
        tracks.close()


def _follow(runner: "NodeRunner", record: Path) -> None:
    from vedette.engine.alliance.watched import WatchedRecord

    watched = WatchedRecord(record, runner.told_heads())
    runner.share(watched.poll)
