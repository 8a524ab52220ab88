"""The built pages, where an installation has them."""

from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

STATIC: Final = Path(__file__).parent / "static"


def page_routes(page: str) -> list[BaseRoute]:
    """Routes of the pages, where ``page`` is built; none where it is not."""
    if not (STATIC / page).exists():
        return []
    return [Mount("/", StaticFiles(directory=STATIC, html=True))]
