"""What a user of the program installs: its bill of materials, its licences, and what is known against it.

    python tools/audit.py [--sbom FILE]

Writes a CycloneDX 1.6 document of the packages that ``pip install vedette[alliance,proof]`` brings and of those
that are built into the page. Exit 1 where one of them is under a licence that may not be imported by default, says
nothing of its licence, or has a published vulnerability. An advisory database that cannot be reached is no
clean bill: how many packages nobody was asked about is printed.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
EXTRAS = ("alliance", "proof")
# GPL and AGPL in any spelling, once the lesser one, which may be linked to, is taken out
FORBIDDEN = re.compile(r"GPL|General Public", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser General Public|Library General Public", re.IGNORECASE)


class Package(NamedTuple):
    """One package that the program needs."""

    name: str
    version: str
    licence: str
    ecosystem: str  # "pypi" or "npm"
    requires: tuple[str, ...] = ()
    sha512: str = ""


def python_packages() -> list[Package]:
    """The distribution itself and all that it needs here, with the extras of a full installation."""
    found: dict[str, Package] = {}
    waiting = [("vedette", EXTRAS)]
    done: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in done:
            continue
        done.add((name, extras))
        try:
            one = distribution(name)
        except PackageNotFoundError:
            raise SystemExit(f"{name} is required and not installed") from None
        needs: list[str] = []
        for text in one.requires or ():
            need = Requirement(text)
            marks = [default_environment() | {"extra": extra} for extra in ("", *extras)]
            if need.marker is None or any(need.marker.evaluate(mark) for mark in marks):
                needs.append(canonicalize_name(need.name))
                waiting.append((canonicalize_name(need.name), tuple(sorted(need.extras))))
        before = found[name].requires if name in found else ()
        found[name] = Package(
            name, one.version, licence_of(one.metadata), "pypi", tuple(sorted({*before, *needs}))
        )
    return sorted(found.values())


def licence_of(metadata) -> str:
    """What a distribution says of its licence, the plainest of its words first."""
    if metadata.get("License-Expression"):
        return metadata["License-Expression"]
    classified = [
        line.rsplit(" :: ", 1)[-1]
        for line in metadata.get_all("Classifier") or ()
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    if classified:
        return " OR ".join(classified)
    words = (metadata.get("License") or "").strip()
    return words.splitlines()[0] if words else ""


def fault_of(one: Package) -> str | None:
    """Why it may not be installed by default; None where it may."""
    if not one.licence:
        return f"{one.ecosystem} {one.name} {one.version}: says nothing of its licence"
    if FORBIDDEN.search(LESSER.sub("", one.licence)):
        return f"{one.ecosystem} {one.name} {one.version}: {one.licence}"
    return None


def page_packages() -> list[Package]:
    """What is built into the page: its dependencies but for tools, by the lock file."""
    locked = json.loads((ROOT / "ui" / "package-lock.json").read_text())["packages"]
    return sorted(
        Package(
            where.rsplit("node_modules/", 1)[-1],
            one["version"],
            one.get("license", ""),
            "npm",
            tuple(sorted(one.get("dependencies", ()))),
            one.get("integrity", ""),
        )
        for where, one in locked.items()
        if where and not one.get("dev") and not one.get("optional") and not one.get("devOptional")
    )


def bill(packages: list[Package]) -> str:
    """The CycloneDX document."""
    from base64 import b64decode

    document, licences = Bom(), LicenseFactory()
    parts: dict[tuple[str, str], Component] = {}
    for one in packages:
        group, _, name = one.name.rpartition("/")
        url = PackageURL(one.ecosystem, group or None, name, one.version)
        algorithm, _, digest = one.sha512.partition("-")
        parts[one.ecosystem, one.name] = Component(
            type=ComponentType.APPLICATION if one.name == "vedette" else ComponentType.LIBRARY,
            group=group or None,
            name=name,
            version=one.version,
            purl=url,
            bom_ref=str(url),
            licenses=[licences.make_from_string(one.licence)] if one.licence else [],
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=b64decode(digest).hex())]
            if algorithm == "sha512"
            else [],
        )
    whole = parts.pop(("pypi", "vedette"))
    document.metadata.component = whole
    for part in parts.values():
        document.components.add(part)
    for one in packages:
        needed = [parts.get((one.ecosystem, need)) for need in one.requires]
        document.register_dependency(
            parts.get((one.ecosystem, one.name), whole), [part for part in needed if part]
        )
    document.register_dependency(whole, [p for (kind, _), p in parts.items() if kind == "npm"])
    return JsonV1Dot6(document).output_as_string(indent=1)


def advisories(packages: list[Package]) -> tuple[list[str], int]:
    """What is published against the Python packages, and how many nobody could be asked about."""
    asked = [one for one in packages if one.ecosystem == "pypi" and one.name != "vedette"]
    with TemporaryDirectory() as folder:
        pinned = Path(folder) / "pinned.txt"
        pinned.write_text("".join(f"{one.name}=={one.version}\n" for one in asked))
        command = ["-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner=off"]
        ran = subprocess.run(
            [sys.executable, *command, "--format=json", "-r", str(pinned)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    try:
        answers = json.loads(ran.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        print(f"pip-audit: {ran.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return [], len(asked)
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}"
        for one in answers
        for flaw in one.get("vulns", ())
    ]
    return found, sum("skip_reason" in one for one in answers)


def page_advisories() -> tuple[list[str], bool]:
    """What is published against the page's packages, and whether anybody could be asked."""
    npm = shutil.which("npm")
    if npm is None:
        return [], False
    ran = subprocess.run(
        [npm, "audit", "--omit=dev", "--json"],
        cwd=ROOT / "ui", capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        answer = json.loads(ran.stdout)
        flaws = answer["vulnerabilities"]
    except (json.JSONDecodeError, KeyError):
        return [], False
    return [f"{name}: {one['severity']}" for name, one in sorted(flaws.items())], True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sbom", type=Path, default=ROOT / "dist" / "vedette.cdx.json")
    options = parser.parse_args()
    python, page = python_packages(), page_packages()
    packages = python + page
    options.sbom.parent.mkdir(parents=True, exist_ok=True)
    options.sbom.write_text(bill(packages) + "\n")
    print(f"{options.sbom}: {len(python)} Python packages, {len(page)} of the page")
    faults = [fault for one in packages if (fault := fault_of(one))]
    flaws, unasked = advisories(packages)
    page_flaws, asked = page_advisories()
    print(
        f"published vulnerabilities: {len(flaws)} in Python packages"
        + (f", {unasked} of {len(python) - 1} could not be asked about" if unasked else "")
        + (
            f"; {len(page_flaws)} in the page's"
            if asked
            else "; the page's could not be asked about"
        )
    )
    for line in faults + flaws + page_flaws:
        print(line)
    return 1 if faults or flaws or page_flaws else 0


if __name__ == "__main__":
    sys.exit(main())
