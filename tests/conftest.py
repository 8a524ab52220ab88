"""What every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

# in CI the same examples every time; elsewhere new ones
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")
if os.environ.get("CI") and hasattr(providers, "_local_constants"):
    # Hypothesis also draws from the constants of whatever project modules a process has imported, which
    # differs with the tests that ran before in it: then derandomised is not the same examples every time
    providers._get_local_constants = lambda: providers._local_constants


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on the reference data skip, with a reason, where it is absent."""
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason="the reference data (../shared) is not beside this checkout")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(absent)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The node key of the tests is not that of the person who runs them."""
    os.environ["VEDETTE_HOME"] = str(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data."""
    if not SHARED.is_dir():
        pytest.skip("the reference data (../shared) is not beside this checkout")
    return SHARED
