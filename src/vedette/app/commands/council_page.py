"""``vedette council page``: matters on a page of their own, without a watch."""

from pathlib import Path

import click


@click.command("page")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--web", default="127.0.0.1:8138", show_default=True, help="HOST:PORT of the page.")
def page(folder: Path, web: str) -> None:
    """Show the matters (*.jsonl) in FOLDER on a page, and take signed acts into them, until stopped."""
    import asyncio
    import signal

    from vedette.app.council_door import council_application
    from vedette.app.door import WebServer
    from vedette.app.web_address import web_address

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with WebServer(*web_address(web)) as server:
            server.door.open(council_application(folder, server.names))
            click.echo(f"page: {server.url}/council.html", err=True)
            await stop.wait()

    asyncio.run(serve())
