"""Options that vary a world: what every command that makes one calls by one name."""

from collections.abc import Callable
from typing import Any

import click

from vedette.app.finite import Finite

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def seed_option(words: str | None = None) -> _Decorator:
    """``--seed``, with what it is the seed of."""
    return click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help=words)


def shift_option(words: str) -> _Decorator:
    """``--shift-north-m``, with what it moves."""
    return click.option(
        "--shift-north-m", default=0.0, show_default=True, type=Finite(-1e6, 1e6), help=words
    )
