"""The folder of a hub: who may connect, the certificates, and an invitation for each nation."""

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from typing import Literal

import msgspec

from vedette.alliance.charter import Charter, Member, check_charter
from vedette.engine.alliance.certificates import issue, new_authority, new_key, request
from vedette.engine.alliance.folder import (
    Card,
    Invitation,
    is_plain_abroad,
    pretty,
    read_as,
    write_new,
)
from vedette.engine.alliance.server import hub_config
from vedette.model.errors import RecordError, SettingError


class Hub(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hub: the charter, where it listens, and the nkey of each nation's link."""

    format: Literal["vedette-hub/1"] = "vedette-hub/1"
    charter: Charter
    host: str  # as nations reach it
    port: int
    plain: bool
    links: dict[str, str]


def admit(
    folder: Path, cards: Sequence[Card], *, keeper: str, host: str, port: int, plain: bool
) -> Hub:
    """Make a hub of cards, or admit further nations and new link keys to one; writes the invitations.

    A card of a nation that is a member already may change its link key and certificate alone: its signing
    keys change by its own root key's word.

    Raises:
        RecordError: a card names other signing keys than before.
        SettingError: the keeper has no card.
    """
    path = folder / "hub.json"
    before = read_as(path, Hub) if path.exists() else None
    members = {} if before is None else dict(before.charter.members)
    links = {} if before is None else dict(before.links)
    for card in cards:
        member = Member(root=card.root, node=card.node)
        if members.setdefault(card.nation, member) != member:
            raise RecordError(f"{card.nation} is a member under other keys")
        links[card.nation] = card.wire
    if before is not None:
        keeper, host, port, plain = before.charter.keeper, before.host, before.port, before.plain
    name = "alliance-" + token_hex(16) if before is None else before.charter.name
    charter = Charter(name=name, keeper=keeper, members=members)
    check_charter(charter)
    hub = Hub(charter=charter, host=host, port=port, plain=plain, links=links)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    trial = Invitation(nation=keeper, charter=charter, hub=address, plain=plain)
    if is_plain_abroad(trial):
        raise SettingError(f"--plain: the hub {host} is not this machine; its links need TLS")
    authority = b""
    if not plain:
        authority = _authority(folder, name, host)
    kept = {card.nation: card for card in cards}
    for nation in members:
        card_path = folder / "cards" / f"{nation}.json"
        if nation in kept:
            card_path.parent.mkdir(parents=True, exist_ok=True)
            card_path.write_bytes(pretty(kept[nation]))
        card = read_as(card_path, Card)
        certificate = b""
        if not plain:
            key = (folder / "tls" / "ca.key").read_bytes()
            certificate = issue(authority, key, card.request.encode(), nation, [nation])
        invitation = Invitation(
            nation=nation, charter=charter, hub=address, plain=plain,
            authority=authority.decode(), certificate=certificate.decode(),
        )  # fmt: skip
        (folder / f"{nation}.invitation.json").write_bytes(pretty(invitation))
    temporary = path.with_suffix(".new")
    temporary.write_bytes(pretty(hub))
    temporary.rename(path)
    return hub


def _authority(folder: Path, name: str, host: str) -> bytes:
    tls = folder / "tls"
    if not (tls / "ca.pem").exists():
        key = new_key()
        write_new(tls / "ca.key", key, secret=True)
        write_new(tls / "ca.pem", new_authority(key, name))
    authority = (tls / "ca.pem").read_bytes()
    if not (tls / "cert.pem").exists():
        own = new_key()
        write_new(tls / "key.pem", own, secret=True)
        signed = issue(
            authority, (tls / "ca.key").read_bytes(), request(own, "hub"), "hub", [host, "hub"]
        )
        write_new(tls / "cert.pem", signed)
    return authority


def config_of(folder: Path) -> str:
    """The configuration of a hub's server. It listens where its host is, loopback alone if that is.

    Raises:
        RecordError: the folder is no hub.
    """
    hub = read_as(folder / "hub.json", Hub)
    try:
        local = ipaddress.ip_address(hub.host).is_loopback
    except ValueError:
        local = hub.host == "localhost"
    listen = f"{'127.0.0.1' if local else '0.0.0.0'}:{hub.port}"  # noqa: S104 - with TLS and nkeys
    tls = None if hub.plain else (folder / "tls").resolve()
    return hub_config((folder / "nats").resolve(), hub.links, listen, tls)
