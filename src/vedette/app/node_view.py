"""What a node's folder shows: its links, and what the nations tell of each object; as JSON."""

import time
from pathlib import Path
from typing import Any, Final

import msgspec

from vedette.alliance.joined import Account, JoinSettings, SharedObject, shared_objects
from vedette.alliance.merge import Told
from vedette.alliance.state import own_told, recovered
from vedette.engine.alliance.folder import load
from vedette.engine.alliance.journal import read_journal
from vedette.model.errors import RecordError
from vedette.model.time import SECOND_NS, format_utc

STOPPED_S: Final = 10.0  # a node that runs writes its status every second
_LATE_S: Final = 5.0  # a beat comes every second


def node_status(folder: Path) -> dict[str, Any]:
    """The status that the node wrote last, with how old it is.

    Raises:
        RecordError: the node was never started here.
    """
    path = folder / "status.json"
    try:
        found: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise RecordError(f"{path}: the node was never started here") from error
    found["age_s"] = round((time.time_ns() - found["at_ns"]) / SECOND_NS, 1)
    found["running"] = found["running"] and found["age_s"] < STOPPED_S
    found["isolated"] = found.get("isolated") if found["running"] else None
    for peer in found["peers"].values():
        peer["state"] = _state(peer, running=found["running"], link=found.get("link", False))
    return found


def _state(peer: dict[str, Any], *, running: bool, link: bool) -> str:
    if peer["contested"]:
        return "contested"
    if not running:
        return "unknown"
    if peer["heard_s"] is None:
        return "never"
    if not link or peer["heard_s"] > _LATE_S:
        return "silent"
    return "behind" if peer["behind"] or peer["they_are_behind"] else "well"


def node_told(folder: Path) -> list[Told]:
    """All entries that this node has told and was told.

    Raises:
        RecordError: the folder has not joined, or its journal was changed.
    """
    settings, _ = load(folder)
    state, told = recovered(settings, read_journal(folder / "journal" / "alliance.jsonl"))
    return own_told(settings, state) + told


def objects_json(told: list[Told]) -> list[dict[str, Any]]:
    """What the nations tell of each object, the newest first."""
    found = shared_objects(told, JoinSettings())
    newest = sorted(found, key=lambda one: -max(a.statements[-1].made_ns for a in one.accounts))
    return [_object_json(one) for one in newest]


def _object_json(one: SharedObject) -> dict[str, Any]:
    return {
        "accounts": [_account_json(account) for account in one.accounts],
        "joined": [msgspec.to_builtins(link) for link in one.links],
        "identity": one.identity,
        "object_class": one.object_class,
        "icao24": None if one.icao24 is None else f"{one.icao24:06x}",
        "differences": [msgspec.to_builtins(difference) for difference in one.differences],
        "expected_in": list(one.expected_in),
        "elsewhere": [list(name) for name in one.elsewhere],
    }


def _account_json(account: Account) -> dict[str, Any]:
    address = account.said("icao24")
    history, before = [], None
    for one in account.statements:
        now = (one.alert.status, one.alert.identity, one.alert.object_class, one.alert.expected_in)
        if now != before:
            history.append(
                {
                    "utc": format_utc(one.made_ns), "sequence": one.sequence,
                    "status": now[0], "identity": now[1], "object_class": now[2], "expected_in": now[3],
                }
            )  # fmt: skip
        before = now
    return {
        "nation": account.nation,
        "incident_id": account.incident_id,
        "status": account.latest.status,
        "identity": account.said("identity"),
        "object_class": account.said("object_class"),
        "icao24": f"{address:06x}" if isinstance(address, int) else None,
        "callsign": account.said("callsign"),
        "causes": list(account.latest.causes or ()),
        "states": list(account.latest.states or ()),
        "latitude_deg": account.latest.latitude_deg,
        "longitude_deg": account.latest.longitude_deg,
        "first": format_utc(account.statements[0].made_ns),
        "last": format_utc(account.statements[-1].made_ns),
        "acknowledged": [list(who) for who in account.acknowledged],
        "history": history,
    }
