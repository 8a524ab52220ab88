"""Numbers that a person types: not-a-number and infinity are none."""

import math
from typing import Any

import click


class Finite(click.FloatRange):
    """A float in a range; click's own lets "nan" through every range, and "inf" where an end is open."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number, or a usage error that names the option."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is no number", param, ctx)
        return number
