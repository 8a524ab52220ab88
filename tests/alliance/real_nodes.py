"""Folders of three real nodes and their hub."""

import socket
from pathlib import Path

import msgspec

from vedette.engine.alliance.folder import Invitation, create, join, pretty, read_as
from vedette.engine.alliance.hub import admit

RULES = b"""
format: vedette-release/1
tracks: [{name: all, to: [EST, FIN], fields: [callsign]}]
alerts: [{name: all, to: [EST, FIN], fields: [position, icao24]}]
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def alliance(root: Path, port: int, rules: bytes = RULES) -> None:
    cards = [create(root / name, name) for name in ("EST", "FIN", "LVA")]
    admit(root / "hub", cards, keeper="EST", host="127.0.0.1", port=port, plain=False)
    for name in ("EST", "FIN", "LVA"):
        invitation = read_as(root / "hub" / f"{name}.invitation.json", Invitation)
        join(root / name, invitation)
        (root / name / "release.yaml").write_bytes(rules)


def reroute(folder: Path, port: int) -> None:
    path = folder / "invitation.json"
    invitation = read_as(path, Invitation)
    path.write_bytes(pretty(msgspec.structs.replace(invitation, hub=f"127.0.0.1:{port}")))
