"""A watch that has been started: the address of its page."""

import re
import subprocess

import pytest


def address_of(process: "subprocess.Popen[str]") -> str:
    """What the process says on its standard error that its page is at."""
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found.group()
    pytest.fail("".join(said))
