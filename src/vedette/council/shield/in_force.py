"""Whether a shield is in force, and the zones that it then is.

It is in force when every state of the roster has explicitly consented to this very text, all hosts and
contributors are among them, its period has begun and not ended, and no state has left. Whatever is missing means
no. A shield that is in force is a zone like any other: an object in it is watched and told of under the law of
the territory, and nothing about the question of force changes.
"""

from collections.abc import Sequence

import msgspec
import shapely

from vedette.council.act import DRILL, Roster
from vedette.council.decision import by_whom
from vedette.council.matter import Matter
from vedette.council.shield.proposal import (
    Proposal,
    Rulebook,
    canonical_text,
    digest,
    read_proposal,
)
from vedette.council.shield.territory import Ground
from vedette.council.standing import why_not_held
from vedette.model.errors import ZoneError
from vedette.model.time import format_utc
from vedette.model.zone import Zone


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a shield stands at an instant."""

    in_force: bool
    words: str
    missing: tuple[str, ...] = ()  # states whose explicit consent to this text there is none of
    left: tuple[str, ...] = ()  # states that have left since
    agreed_ns: int | None = None


def standing(
    proposal: Proposal, matter: Matter, roster: Roster, rulebook: Rulebook, now_ns: int
) -> Standing:
    """Whether a proposal is in force at an instant.

    Args:
        proposal: the text.
        matter: as it stands at ``now_ns``.
        roster: of the matter.
        rulebook: what a shield may name.
        now_ns: [ns UTC].
    """
    text, version = canonical_text(proposal), digest(proposal)
    needed = roster.states | proposal.hosts | proposal.contributors
    held = why_not_held(needed, matter)
    missing = tuple(sorted(needed - matter.consented(version)))

    def no(words: str, left: tuple[str, ...] = (), agreed_ns: int | None = None) -> Standing:
        return Standing(
            in_force=False, words=words, missing=missing, left=left, agreed_ns=agreed_ns
        )

    if matter.kind is None:
        return no("the matter has not been opened")
    if matter.kind != "shield":
        return no(f"the matter is a {matter.kind}, not a shield")
    if not any(one.digest == version for one in matter.versions):
        return no(
            f"this text ({version[:12]}) was never put; put what `vedette shield text` prints"
        )
    if matter.status != "agreed" or matter.agreed_by != "consent":
        said = [f"; {one.party} objects: {one.reason}" for one in matter.outstanding]
        how = "in talks" if matter.status == "talks" else f"{matter.status} without consent of all"
        return no(f"the matter is {how}{''.join(said)}")
    if matter.agreed_version != version:
        return no(f"another version was agreed: {(matter.agreed_version or '')[:12]}")
    outside = sorted((proposal.hosts | proposal.contributors) - roster.states)
    if outside:
        return no(f"{', '.join(outside)}: host or contributor, and takes no part in the matter")
    if missing:
        return no(f"without the explicit consent of {', '.join(missing)}")
    try:
        read_proposal(text, rulebook)
    except ZoneError as error:
        return no(f"the text that was agreed cannot be used: {error}")
    agreed_ns = max(event.at_ns for event in matter.events if event.kind == "agreed")
    if now_ns < agreed_ns:
        return no("not yet agreed")
    if held is not None:
        return no(held, tuple(sorted(matter.left)), agreed_ns)
    if now_ns < proposal.period.since_ns:
        return no(f"its period begins {format_utc(proposal.period.since_ns)}", (), agreed_ns)
    if now_ns >= proposal.period.until_ns:
        return no(f"lapsed: its period ended {format_utc(proposal.period.until_ns)}", (), agreed_ns)
    return Standing(
        in_force=True,
        words=f"in force until {format_utc(proposal.period.until_ns)}, {by_whom(roster.states)}",
        agreed_ns=agreed_ns,
    )


def zones(
    proposal: Proposal,
    matter: Matter,
    roster: Roster,
    rulebook: Rulebook,
    grounds: Sequence[Ground],
    now_ns: int,
) -> tuple[list[Zone], list[object]]:
    """The zones of a shield that is in force, one over each host's territory, and their shapes.

    Args:
        proposal: the text.
        matter: as it stands at ``now_ns``.
        roster: of the matter.
        rulebook: what a shield may name.
        grounds: of the outline, from ``territory.grounds``.
        now_ns: [ns UTC].

    Raises:
        ZoneError: it is not in force; says why.
    """
    stands = standing(proposal, matter, roster, rulebook, now_ns)
    if not stands.in_force or stands.agreed_ns is None:
        raise ZoneError(f"shield {proposal.name} is not in force: {stands.words}")
    made: list[Zone] = []
    shapes: list[object] = []
    version = digest(proposal)
    drill = (matter.matter_id or "").startswith(DRILL)
    for host in proposal.territory:
        mine = [ground for ground in grounds if ground.state == host.state]
        for ground in mine:
            suffix = "" if ground.member or len(mine) == 1 else ":outside-treaty-area"
            made.append(
                Zone(
                    zone_id=f"SHIELD:{proposal.name}:{host.state}{suffix}",
                    kind="shield",
                    # a zone of a drill says so wherever it is shown
                    name=proposal.title + (" (drill)" if drill else ""),
                    state=host.state,
                    member=ground.member,
                    source=f"matter {matter.matter_id}, version {version}",
                    note=_note(proposal),
                    authority=f"{host.state}, under {host.law}",
                    floor=proposal.volume.floor,
                    ceiling=proposal.volume.ceiling,
                    valid_from_ns=max(proposal.period.since_ns, stands.agreed_ns),
                    valid_to_ns=proposal.period.until_ns,
                    known_from_ns=stands.agreed_ns,
                )
            )
            shapes.append(shapely.normalize(ground.shape))
    return made, shapes


def _note(proposal: Proposal) -> str:
    rules = f"rules {' '.join(proposal.rules.rows)}; measures {' '.join(proposal.rules.measures)}"
    caveats = [f"{one.state}: {words}" for one in proposal.contributions for words in one.caveats]
    return "; ".join([rules, *(["caveats: " + " | ".join(caveats)] if caveats else [])])
