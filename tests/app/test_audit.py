"""What is said of the packages that a user installs."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).parent.parent.parent / "tools" / "audit.py"


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("Apache-2.0", True),
        ("BSD-3-Clause AND MIT", True),
        ("LGPL-3.0-or-later", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True),
        ("GPL-3.0-only", False),
        ("GNU General Public License v2 (GPLv2)", False),
        ("AGPL-3.0", False),
        ("GNU Affero General Public License v3", False),
        ("", False),
    ],
)
def test_the_gpl_and_silence_about_a_licence_are_faults(audit, licence, may):
    assert (audit.fault_of(audit.Package("a", "1", licence, "pypi")) is None) is may


def test_the_bill_names_what_is_needed_and_nothing_of_the_tests(audit):
    names = {one.name for one in audit.python_packages()}
    assert {"vedette", "numpy", "llvmlite", "nats-py", "z3-solver"} <= names
    assert names.isdisjoint({"pytest", "hypothesis", "stonesoup"})
    assert {"svelte", "maplibre-gl"} <= {one.name for one in audit.page_packages()}
    assert {one.name for one in audit.page_packages()}.isdisjoint({"vitest", "typescript"})
