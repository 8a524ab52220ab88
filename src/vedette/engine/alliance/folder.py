"""The folder of a node: keys, charter, release rules, journal, spool; and what nations give each other to join."""

import os
from pathlib import Path
from secrets import token_bytes
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from vedette.airspace.states import check_state
from vedette.alliance.charter import Charter, Key, Nation, check_charter
from vedette.alliance.release import read_rules
from vedette.alliance.state import Limits, NodeSettings
from vedette.engine.alliance.certificates import new_key, request
from vedette.engine.alliance.server import wire_keys
from vedette.model.errors import RecordError
from vedette.model.signature import new_private_key, public_key_of

NO_RULES: Final = b"""# What leaves this node, and to whom. Nothing does until a rule says so.
format: vedette-release/1
zones: {}
tracks: []
alerts: []
"""
T = TypeVar("T")


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a nation gives to the operator of the hub: public keys, and a request for a certificate."""

    format: Literal["vedette-card/1"] = "vedette-card/1"
    nation: Nation
    root: Key
    node: Key
    wire: Annotated[str, msgspec.Meta(pattern=r"^U[A-Z2-7]{55}\Z")]
    request: Annotated[str, msgspec.Meta(max_length=4_096)]


class Invitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the operator of the hub gives back."""

    format: Literal["vedette-invitation/1"] = "vedette-invitation/1"
    nation: Nation
    charter: Charter
    hub: str  # HOST:PORT
    plain: bool = False  # no TLS: only on this machine
    authority: str = ""
    certificate: str = ""


def write_new(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write a file that must not exist yet.

    Raises:
        RecordError: it exists or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600 if secret else 0o644), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error


def read_as(path: Path, kind: type[T]) -> T:
    """A JSON file of a kind.

    Raises:
        RecordError: there is none, or it is something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: {error}") from error


def pretty(value: object) -> bytes:
    """A value as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


def create(folder: Path, nation: str) -> Card:
    """Keys of a new node in a new folder, and its card.

    Raises:
        RecordError: the folder is not empty.
        SettingError: the nation is no alpha-3 code of a state.
    """
    check_state("--nation", nation)
    if folder.exists() and any(folder.iterdir()):
        raise RecordError(f"{folder} is not empty: a node takes a new folder")
    root, node = new_private_key(), new_private_key()
    seed, wire = wire_keys()
    tls = new_key()
    card = Card(
        nation=nation,
        root=public_key_of(root),
        node=public_key_of(node),
        wire=wire,
        request=request(tls, nation).decode(),
    )
    keys = folder / "keys"
    write_new(keys / "root.key", root, secret=True)
    write_new(keys / "node.key", node, secret=True)
    write_new(keys / "secret.key", token_bytes(32), secret=True)
    write_new(keys / "wire.seed", seed.encode(), secret=True)
    write_new(folder / "tls" / "key.pem", tls, secret=True)
    write_new(folder / "release.yaml", NO_RULES)
    write_new(folder / "card.json", pretty(card))
    return card


def join(folder: Path, invitation: Invitation) -> None:
    """Take an invitation into the folder; a later one may add members, never change the name or a key.

    Raises:
        RecordError: it is for another nation, or for other keys than those of this folder.
    """
    card = read_as(folder / "card.json", Card)
    check_charter(invitation.charter)
    member = invitation.charter.members.get(card.nation)
    if invitation.nation != card.nation or member is None:
        raise RecordError(f"the invitation is for {invitation.nation}, this node is {card.nation}")
    if (member.root, member.node) != (card.root, card.node):
        raise RecordError("the invitation names other keys than those of this node")
    if is_plain_abroad(invitation):
        raise RecordError(f"the hub {invitation.hub} is not this machine and its link has no TLS")
    path = folder / "invitation.json"
    if path.exists():
        before = read_as(path, Invitation).charter
        kept = {nation: invitation.charter.members.get(nation) for nation in before.members}
        if before.name != invitation.charter.name or kept != before.members:
            raise RecordError("the invitation is of another alliance, or changes keys of members")
    temporary = path.with_suffix(".new")
    temporary.write_bytes(pretty(invitation))
    temporary.rename(path)
    if not invitation.plain:
        (folder / "tls" / "ca.pem").write_text(invitation.authority)
        (folder / "tls" / "cert.pem").write_text(invitation.certificate)


def is_plain_abroad(invitation: Invitation) -> bool:
    """Whether a link would leave this machine without TLS."""
    host = invitation.hub.rpartition(":")[0].strip("[]")
    return invitation.plain and host not in ("127.0.0.1", "::1", "localhost")


def load(folder: Path, limits: Limits | None = None) -> tuple[NodeSettings, Invitation]:
    """Settings of the node in a folder.

    Raises:
        RecordError: it has not joined, or a key is missing.
        SettingError: its release rules or limits cannot be used.
    """
    path = folder / "invitation.json"
    if not path.exists():
        raise RecordError(f"{folder} has not joined: 'vedette node join {folder} INVITATION'")
    invitation = read_as(path, Invitation)
    try:
        private = (folder / "keys" / "node.key").read_bytes()
        secret = (folder / "keys" / "secret.key").read_bytes()
        rules = read_rules((folder / "release.yaml").read_bytes())
    except OSError as error:
        raise RecordError(f"{error.filename}: {error.strerror}") from error
    if len(private) != 32 or len(secret) != 32:
        raise RecordError(f"{folder}/keys: a key has not 32 bytes")
    if limits is None:
        kept = folder / "limits.json"
        limits = read_as(kept, Limits) if kept.exists() else Limits()
    return (
        NodeSettings(
            charter=invitation.charter,
            nation=invitation.nation,
            private_key=private,
            secret=secret,
            rules=rules,
            limits=limits,
        ),
        invitation,
    )
