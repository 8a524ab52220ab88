"""Word to the next member before an open incident's object crosses its border; areas in dispute on the way."""

import msgspec

from vedette.model.incident import Crossing, HandOver
from vedette.model.time import SECOND_NS
from vedette.watch.cases import Case, is_member_airspace
from vedette.watch.passage import Passage
from vedette.watch.settings import WatchSettings


def followed(
    settings: WatchSettings,
    case: Case,
    passages: list[Passage],
    expected: tuple[Crossing, ...] | None,
    now_ns: int,
) -> Case:
    """The case with its hand-overs and readings of disputed areas as they stand now.

    Args:
        settings: probabilities at which word is given and withdrawn.
        case: with its passages up to date.
        passages: of its track, by entry.
        expected: members that it may enter next; None where that was not looked at in this tick.
        now_ns: time of the picture.
    """
    inside = [p for p in passages if is_member_airspace(p.zone) and p.gone_ns is None]
    given = [_revised(settings, one, passages, expected, now_ns) for one in case.hand_overs]
    if case.status == "open" and inside and expected:
        active = {h.zone_id for h in given if h.entered_ns is None and h.withdrawn_ns is None}
        here = {p.zone.zone_id for p in inside} | {p.zone.state for p in inside}
        given += [
            HandOver(
                from_state=inside[-1].zone.state,
                state=one.state,
                zone_id=one.zone_id,
                told_ns=now_ns,
                expected=one.entered,
                probability=one.probability,
            )
            for one in expected
            if one.probability >= settings.predict_probability
            and one.zone_id not in active
            and not {one.zone_id, one.state} & here
        ]
    disputed = case.disputed
    if case.status in ("open", "lost"):
        disputed = disputed | {
            (case.track_id, *p.key): p for p in passages if p.zone.kind == "disputed"
        }
    return msgspec.structs.replace(case, hand_overs=tuple(given), disputed=disputed)


def _revised(
    settings: WatchSettings,
    given: HandOver,
    passages: list[Passage],
    expected: tuple[Crossing, ...] | None,
    now_ns: int,
) -> HandOver:
    if given.entered_ns is not None or given.withdrawn_ns is not None:
        return given
    for passage in passages:
        if passage.zone.zone_id == given.zone_id and passage.begun_ns >= given.told_ns:
            return msgspec.structs.replace(given, entered_ns=passage.entered.estimate_ns)
    if expected is None:
        return given
    found = next((one for one in expected if one.zone_id == given.zone_id), None)
    if found is not None:
        return msgspec.structs.replace(given, expected=found.entered, probability=found.probability)
    # at the border itself nothing is expected any more, and nothing is certain yet
    if abs(given.expected.estimate_ns - now_ns) <= int(settings.due_s * SECOND_NS):
        return given
    return msgspec.structs.replace(given, withdrawn_ns=now_ns)
