"""A short run of the fuzzer over every format; long ones are on record in docs/reference/fuzzing.md."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from vedette.feeds.formats import FORMATS

TOOL = Path(__file__).parents[2] / "tools/fuzz.py"


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", ["sapient", "cot", "people", "remote-id-json"])
def test_a_short_run_finds_nothing(name: str, tmp_path: Path) -> None:
    assert name in FORMATS
    done = subprocess.run(
        [sys.executable, str(TOOL), name, "--runs", "3000"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "number_of_executed_units: 3000" in done.stderr
