"""Files that a person names for what is written: by their ending, and before the work begins."""

from pathlib import Path
from typing import Any

import click

from vedette.model.errors import SettingError


class Named(click.Path):
    """A file to write, whose name ends as what is written into it."""

    def __init__(self, ending: str) -> None:
        super().__init__(path_type=Path, dir_okay=False)
        self.ending = ending

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path.

        Raises:
            SettingError: it ends otherwise.
        """
        path = Path(str(super().convert(value, param, ctx)))
        if not path.name.endswith(self.ending):
            raise SettingError(
                f"{path}: the name must end in {self.ending}: that is what is written"
            )
        return path


SVG = Named(".svg")
