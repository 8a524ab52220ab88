"""The desk as the page and other programs read it: offices, questions, and how each stands."""

from collections.abc import Iterable, Mapping
from typing import Any

from vedette.app.clock_json import clock_json
from vedette.engine.desk import DeskPlan
from vedette.model.clock import Clock
from vedette.model.time import format_utc
from vedette.response.desk.docket import Paper, Word, filled
from vedette.response.desk.revocation import Revoked
from vedette.response.timing import Timing


def paper_json(paper: Paper, measures: Mapping[str, str]) -> dict[str, Any]:
    """One question. ``measures`` gives the words of each measure."""
    yes = [word for word in paper.words if word.kind == "accept"]
    return {
        "paper_id": paper.paper_id,
        "incident_id": paper.incident_id,
        "track_id": paper.track_id,
        "measure": paper.measure,
        "measure_text": measures.get(paper.measure, paper.measure),
        "state": paper.state,
        "rules": list(paper.rules),
        "not_permitted": list(dict.fromkeys(paper.not_permitted)),
        "authority": list(dict.fromkeys(paper.authority)),
        "question": paper.question or measures.get(paper.measure, paper.measure),
        "basis": paper.basis,
        "against": list(paper.against),
        "attributed_to": paper.attributed_to,
        "attribution": paper.attribution,
        "seats": [{"roles": list(seat), "said_yes": filled([seat], yes)} for seat in paper.seats],
        "opened": {"utc": format_utc(paper.opened_ns)},
        "status": paper.status,
        "decided": None if paper.decided_ns is None else {"utc": format_utc(paper.decided_ns)},
        "words": [_word_json(word) for word in paper.words],
        "void": [_word_json(word) for word in paper.void],
    }


def _word_json(word: Word) -> dict[str, Any]:
    return {
        "kind": word.kind,
        "person": word.person,
        "office": word.office,
        "seen": {"utc": format_utc(word.at_ns)},
        "act_id": word.act_id,
        "words": word.words,
    }


def revoked_json(one: Revoked) -> dict[str, Any]:
    """A key that is trusted no more."""
    return {
        "public_key": one.public_key,
        "by": one.person,
        "office": one.office,
        "revoked": {"utc": format_utc(one.at_ns)},
        "act_id": one.act_id,
        "words": one.words,
    }


def step_texts(timing: Timing) -> dict[str, str]:
    """The words of each step."""
    return {name: step.text for name, step in timing.steps.items()}


def desk_json(
    plan: DeskPlan,
    papers: Iterable[Paper],
    clocks: Iterable[Clock],
    now_ns: int,
    measures: Mapping[str, str],
    revoked: Iterable[Revoked] = (),
) -> dict[str, Any]:
    """The whole desk. ``now_ns`` is a text: it is signed to the nanosecond, and JSON numbers are not."""
    return {
        "desk": plan.desk_id,
        "now_ns": str(now_ns),
        "roles": plan.table.roles,
        "offices": [
            {
                "office_id": office.office_id,
                "title": office.title,
                "roles": list(office.roles),
                "state": office.state,
                "holders": [
                    {"person": holder.person, "public_key": holder.public_key}
                    for holder in office.holders
                ],
            }
            for office in plan.roster.offices
        ],
        "papers": [paper_json(paper, measures) for paper in papers],
        "revoked": [revoked_json(one) for one in revoked],
        "clocks": [clock_json(clock, step_texts(plan.timing)) for clock in clocks],
    }
