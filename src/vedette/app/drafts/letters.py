"""Drafts in plain words: communique, notice to air traffic services, hand-over, search case."""

import re
from collections.abc import Callable
from typing import Any, Final

from vedette.app.drafts.facts import Facts
from vedette.app.plain_words import one_line
from vedette.model.probability import class_share, percent
from vedette.response.evaluate import DOSSIER

_NOT_SENT: Final = "DRAFT - not sent. A person reads it, changes it, and sends it or does not."
_OF_PERSONS: Final = re.compile(r"suspect|hostile|civil_excluded|refused", re.IGNORECASE)


def _head(facts: Facts, title: str) -> list[str]:
    lines = [_NOT_SENT]
    if facts.banner is not None:
        lines.append(facts.banner)
    return [*lines, "", title, ""]


def _letter(facts: Facts, lines: list[str]) -> str:
    return "\n".join(one_line(line) for line in [*lines, "", f"Source: {facts.record}"])


def _time(moment: dict[str, str] | None) -> str:
    if moment is None:
        return "not known"
    text = f"{moment['utc'][:19].replace('T', ' ')} UTC"
    if "low" in moment:
        text += f" (between {moment['low'][11:19]} and {moment['high'][11:19]})"
    return text


def _place(one: dict[str, Any]) -> str:
    here = one["position"]
    level = here["pressure_altitude_m"]
    height = (
        "pressure altitude not known"
        if level is None
        else f"{level / 0.3048:.0f} ft pressure altitude"
    )
    return (
        f"{here['latitude_deg']:.4f} {here['longitude_deg']:.4f} (WGS 84), {height}, "
        f"{here['ground_speed_mps']:.0f} m/s towards {here['track_angle_deg']:.0f} degrees true, "
        f"at {_time(one['valid'])}"
    )


def _class(facts: Facts) -> str:
    known = facts.incident["object"]
    share = class_share(known["class"], known["class_probability"])
    sure = "" if share is None else f", {percent(share)} sure"
    return f"{known['class'].replace('_', ' ')}{sure}"


def _what(facts: Facts) -> str:
    return f"{_class(facts)}; identity {facts.incident['object']['identity']}"


def _names(facts: Facts) -> str:
    known = facts.incident["object"]
    named = [
        f"{name} {known[key]}"
        for name, key in (
            ("call sign", "callsign"),
            ("address", "icao24"),
            ("code", "mode3a"),
        )
        if known[key]
    ]
    return ", ".join(named) or "no call sign, address or code received"


def _airspace(facts: Facts) -> list[str]:
    lines = []
    for one in facts.incident["crossings"]:
        where = one["state"] or one["zone_id"]
        if one["predicted"]:
            lines.append(f"- expected in {where} from {_time(one['entered'])}")
            continue
        end = "lost inside" if one["lost_inside"] else _time(one["left"])
        if one["left"] is None and not one["lost_inside"]:
            end = "not yet"
        lines.append(
            f"- in {where}: entered {_time(one['entered'])}; left: {end}; "
            f"deepest {one['depth_m']['estimate'] / 1000:.1f} km "
            f"({one['depth_m']['low'] / 1000:.1f} to {one['depth_m']['high'] / 1000:.1f}); "
            f"probability that it was inside at all {percent(one['probability'])}"
        )
    return lines or ["- no airspace was entered"]


def communique(facts: Facts) -> str:
    """Facts and confidence only. A state is named only after two confirmations and a release."""
    one = facts.incident
    state, why = facts.attribution
    taken = [
        f"- {paper['measure_text']}"
        for paper in facts.papers
        if paper["status"] == "accepted" and paper["measure"] != DOSSIER
    ]
    lines = _head(facts, "Communique (this first text may change; corrections are added with time)")
    if facts.civil:
        lines.append("Contact with a civil aircraft was lost or did not fit its plan.")
        lines.append(f"Now: {'closed' if one['status'] == 'closed' else 'not yet restored'}.")
    else:
        # what a person called it is no fact for the public: it may yet turn out to be civil
        lines.append(f"An object was seen: {_class(facts)}.")
    lines += [f"Last seen: {_place(one)}.", "", "Airspace", *_airspace(facts), "", "Measures taken"]
    lines += taken or ["- none that people have decided"]
    lines += ["", "Not known"]
    # who wanted to call it what, and was refused, is the desk's: it would say what nobody has confirmed
    lines += [f"- {doubt}" for doubt in one["doubts"] if not _OF_PERSONS.search(doubt)]
    if state is None and not facts.civil:
        lines.append(f"- whose it is (held: {why})")
    elif state is not None and not facts.civil:
        lines += ["", f"Attributed to {state} ({why})."]
    return _letter(facts, lines)


def notice(facts: Facts) -> str:
    """What air traffic services are told, and what they are asked."""
    one = facts.incident
    lines = _head(facts, "To: air traffic services of the unit responsible")
    lines += [
        f"Object: {_names(facts)}; held to be {_what(facts)}.",
        f"Position: {_place(one)}.",
        *_airspace(facts),
    ]
    if one["needs"]:
        lines.append(f"It may need help: {', '.join(n.replace('_', ' ') for n in one['needs'])}.")
    if one["flight_plan"]:
        lines.append(f"A plan that fits: {one['flight_plan']}.")
    lines += [
        "",
        "Please answer: 1. Is it one of yours (yes, no, not known)?",
        "2. Are you in contact with it? 3. Which civil traffic is near it or below it?",
        "No answer is taken as: it may be civil.",
    ]
    return _letter(facts, lines)


def hand_over(facts: Facts) -> str:
    """The case for the national governmental authority; it gives no advice about force."""
    one = facts.incident
    lines = _head(facts, "To: national governmental authority")
    lines += [
        f"Object: {_names(facts)}; held to be {_what(facts)}; civil aircraft: {one['civil']}.",
        f"Position: {_place(one)}.",
        *_airspace(facts),
        f"Recorded authority: {one['national_authority'] or 'none recorded'}",
        "",
        "Checks (a check that is not yes counts as no)",
        *(f"- {name}: {answer}" for name, answer in sorted(one["checks"].items())),
        "",
        "Dissent and open questions, first",
    ]
    words = [(p, w) for p in facts.papers for w in p["words"]]
    words.sort(key=lambda item: {"reject": 0, "ask": 1, "accept": 2}[item[1]["kind"]])
    lines += [
        f"- {paper['measure']} {word['kind']}: {word['person']}, {word['office']}: {word['words']}"
        for paper, word in words
    ] or ["- nobody has said anything"]
    lines += ["", "This system gives no advice for or against force, and ends its part here."]
    return _letter(facts, lines)


def search(facts: Facts) -> str:
    """A search case for an object that was lost."""
    one = facts.incident
    speed = one["position"]["ground_speed_mps"]
    lines = _head(facts, "To: rescue coordination centre")
    if one["status"] != "lost" and not any(c["lost_inside"] for c in one["crossings"]):
        lines.append("The object is not lost: this is for the case that it will be.")
    lines += [
        f"Object: {_names(facts)}; held to be {_what(facts)}.",
        f"Last seen: {_place(one)}; by {', '.join(one['sensors']) or 'no sensor'}.",
        *_airspace(facts),
        "",
        "How far it can have gone from there, at the speed last seen (whatever its course):",
        *(f"- after {minutes} min: {speed * minutes * 0.06:.0f} km" for minutes in (1, 5, 10, 30)),
        "",
        "The track is kept; the case stays open until a person closes it.",
    ]
    return _letter(facts, lines)


LETTERS: Final[dict[str, Callable[[Facts], str]]] = {
    "communique": communique,
    "ats": notice,
    "hand-over": hand_over,
    "search": search,
}
