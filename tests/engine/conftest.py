"""A small recorded run that several tests look at."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_world import record_small


@pytest.fixture(scope="session")
def small_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished record of the small world; tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("small") / "record"
    record_small(folder)
    return folder
