"""The reference data beside the checkout, for tests that need it."""

from collections.abc import Callable
from pathlib import Path

import pytest

Shared = Callable[[str], bytes]


@pytest.fixture(scope="session")
def shared() -> Shared:
    """Bytes of a file of the reference data; tests that use it are marked ``shared``."""
    folder = Path(__file__).parents[2].parent / "shared"
    return lambda name: (folder / name).read_bytes()
