"""Alliances with keys that anyone can make again from a name: for simulation, benches and tests alone."""

from collections.abc import Iterable
from hashlib import sha256

from vedette.alliance.charter import Charter, Member
from vedette.alliance.release import ReleaseRules
from vedette.alliance.state import Limits, NodeSettings
from vedette.model.signature import public_key_of


def made_key(name: str, purpose: str) -> bytes:
    """A private key that everybody knows."""
    return sha256(f"{name} {purpose}".encode()).digest()


def mustered(
    nations: Iterable[str], keeper: str, rules: ReleaseRules, limits: Limits | None = None
) -> dict[str, NodeSettings]:
    """Settings of one node for each nation, with the same rules."""
    names = sorted(nations)
    charter = Charter(
        name="exercise-of-nobody",
        keeper=keeper,
        members={
            name: Member(
                root=public_key_of(made_key(name, "root")),
                node=public_key_of(made_key(name, "node 1")),
            )
            for name in names
        },
    )
    return {
        name: NodeSettings(
            charter=charter,
            nation=name,
            private_key=made_key(name, "node 1"),
            secret=made_key(name, "secret"),
            rules=rules,
            limits=limits or Limits(),
        )
        for name in names
    }
