"""Every bench that ``vedette bench watch`` and its neighbours find can be run as the command runs it."""

import inspect
from importlib import import_module

import pytest

from vedette.app.commands.bench import _areas

OURS = [
    name for name in _areas() if name.split("_")[0] in ("airspace", "coverage", "scan", "watch")
]


@pytest.mark.parametrize("name", OURS)
def test_a_bench_takes_a_seed_and_may_be_quick(name: str) -> None:
    found = inspect.signature(import_module(f"vedette.bench.{name}").run)
    found.bind(seed=1, quick=True)


def test_the_parts_of_the_watch_are_each_found() -> None:
    assert {"watch", "watch_prediction", "watch_slow", "watch_ticks"} <= set(OURS)
