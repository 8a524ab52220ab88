"""``vedette council page``: matters on a page of their own, without a watch."""

from pathlib import Path

import click

from vedette.app.accounts.access import Access, web_options


@click.command("page")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--web", default="127.0.0.1:8138", show_default=True, help="HOST:PORT of the page.")
@web_options
def page(folder: Path, web: str, access: Access) -> None:
    """Show the matters (*.jsonl) in FOLDER on a page, and take signed acts into them, until stopped."""
    import asyncio
    from functools import partial

    from vedette.app.council_door import council_application
    from vedette.app.door import serve_page

    say = partial(click.echo, err=True)
    asyncio.run(serve_page(web, "council.html", partial(council_application, folder), say, access))
