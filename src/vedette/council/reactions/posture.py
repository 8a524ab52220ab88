"""A draft that people may put as a council matter: facts, doubts, and things to talk about. Nothing more.

It is text. Nothing reads it back, nothing applies it, and no line of it names force: what it offers is a
closed list of ways to speak with one another.
"""

from typing import Final

from vedette.council.reactions.attribution import contradictions
from vedette.council.reactions.escalation import TOP, level
from vedette.council.reactions.register import Register
from vedette.council.reactions.tension import TensionSettings, printed_formula, tensions
from vedette.model.time import format_utc

# from which rung each is offered; those that calm come first and are always there
OFFERS: Final = (
    (0, "Ask the other side, through the bilateral channel, what happened and what was meant."),
    (0, "Name nobody until two independent sources agree; say what is not known."),
    (0, "Tell neighbours and civil aviation what is known, so that nobody is taken by surprise."),
    (0, "Correct in public, with time and reason, whatever was said and has turned out wrong."),
    (1, "Agree within the group on one description of the facts before anybody comments further."),
    (2, "Offer a joint look at the recordings, or a neutral one."),
    (
        4,
        "Ask for a consultation (Article 4), so that those concerned hear the same at the same time.",
    ),
    (4, "Propose to the other side to keep a line open day and night while this lasts."),
    (
        6,
        "Review at a fixed date whether each measure announced is still needed, and say how it ends.",
    ),
    (8, "Call on all sides through a third party to keep apart and to talk."),
)


def draft_posture(
    register: Register,
    one: str,
    other: str,
    at_ns: int,
    settings: TensionSettings = TensionSettings(),  # noqa: B008  frozen
) -> str:
    """Draft of a text for a council matter about two parties, as entries in force stand at ``at_ns``."""
    readings = tensions(register, [(one, other), (other, one)], at_ns, settings)
    levels = [level(register, *pair, at_ns) for pair in ((one, other), (other, one))]
    lines = [
        f"DRAFT for people to change, put or discard: {one} and {other}, as of {format_utc(at_ns)}.",
        "Made by a program from a register of public statements and acts. It decides and applies nothing,",
        "and is no authority for any measure. It may change; what it rests on is listed.",
        "",
        "What stands in the register",
    ]
    for reading, stands in zip(readings, levels, strict=True):
        pair = f"{reading.actor} towards {reading.addressee}"
        lines.append(
            f"- {pair}: tension index {reading.index:.2f} ({reading.undisputed:.2f} without disputed entries), "
            f"cooperation {reading.cooperation:.2f}; {reading.entries} entries on {reading.events} events, "
            f"{reading.unscored} without a score"
        )
        if stands.rung is not None:
            lines.append(
                f"  rung {stands.rung} of {TOP} shown ({stands.name}), by {', '.join(stands.reaction_ids)}, "
                f"{stands.best} at best"
            )
    lines += ["", "How the index is made", printed_formula(settings), "", "What is in doubt"]
    doubts = [
        f"- {doubt.what}: given to {' and to '.join(doubt.given_to)} ({doubt.reason})"
        for doubt in contradictions(register)
        if doubt.open and doubt.parties & {one, other}
    ]
    doubts += [
        f"- entries that are disputed or that nobody could judge stand higher: rung {stands.doubted_rung}, "
        f"{', '.join(stands.doubted_ids)}"
        for stands in levels
        if stands.doubted_rung is not None
    ]
    doubts += [
        f"- {name} is retracted by its {gone.whose}: {gone.reason}"
        for name, gone in register.retracted.items()
        if gone.recorded_ns <= at_ns
    ]
    lines += doubts or ["- no contradiction of attribution and no retraction in the register"]
    lines += ["", "What might be talked about (for people to choose from; the order is no advice)"]
    top = max((stands.rung or 0 for stands in levels), default=0)
    lines += [f"- {text}" for since, text in OFFERS if since <= top]
    return "\n".join(lines) + "\n"
