"""What the tests of the servers share lies beside them, and beside those of the engine and of alliances."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from served import Served

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "engine"), str(HERE.parent / "alliance")]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> "Served":
    """The servers on small worlds, for tests that only ask: they take ten seconds to come to."""
    from served import Served

    return Served(tmp_path_factory.mktemp("served"))
