"""The desk of a run: its offices, what they are asked, and each signed act with what came of it."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec

from vedette.engine.settings import Input, RunBody
from vedette.model.act import Act
from vedette.model.entry import Entry
from vedette.model.incident import Incident
from vedette.response import timing
from vedette.response.desk import admission, docket, seats
from vedette.response.desk.offices import Roster, decode_roster
from vedette.response.desk.revocation import Revoked
from vedette.response.desk.seats import DeskTable, table_of
from vedette.response.desk.signed import SignedAct, decode_signed
from vedette.response.rule_set import RuleSet
from vedette.response.timing import Timing, timing_of

OFFICES = "offices.json"  # of the record's inputs


class DeskPlan(NamedTuple):
    """What a desk is made from."""

    desk_id: str
    roster: Roster
    table: DeskTable
    timing: Timing


def desk_plan(body: RunBody, files: Mapping[str, bytes], rules: RuleSet) -> DeskPlan:
    """The desk of a run.

    Args:
        body: of the run.
        files: bytes of its offices and of its rule files, by name.
        rules: its rule set.

    Raises:
        SettingError: the offices cannot be read.
        RuleError: the table of the desk cannot be.
    """
    table = table_of(files, rules)
    roster = decode_roster(files[OFFICES], frozenset(table.roles)) if OFFICES in files else Roster()
    return DeskPlan(desk_id(body, roster), roster, table, timing_of(files, rules))


def desk_id(body: RunBody, roster: Roster) -> str:
    """The name of a run's desk: what is signed for it is of no use at another, nor under other rules."""
    bound = [
        body.created_ns, body.desk_nonce, roster.digest, body.desk_digest, body.rules_digest,
    ]  # fmt: skip
    return sha256(msgspec.json.encode(bound)).hexdigest()


def desk_files(inputs: Sequence[Input]) -> list[Input]:
    """Which inputs of a run ``desk_plan`` reads."""
    return [item for item in inputs if item.name in (seats.FILE, timing.FILE)]


class DeskRoom:
    """State of the desk between ticks; a cache like all of the pipeline."""

    def __init__(self, plan: DeskPlan, body: RunBody, rules: RuleSet) -> None:
        self.plan = plan
        self._rules = rules
        self._settings = body.stages.desk
        self._approaching = frozenset(rules.about.reading.closed_by_doubt)
        self._admission = admission.AdmissionState()
        self._docket = docket.DocketState()
        self._arrived: list[SignedAct | Act] = []
        self._heard: list[admission.Heard] = []
        self.verdicts: list[str | None] = []  # of the acts of the last tick, as they arrived

    def take(self, payload: bytes) -> Act | None:
        """An act of the input log; gives it back where it is an unsigned one that decides nothing.

        Raises:
            msgspec.DecodeError: it is no act.
        """
        act = decode_signed(payload) or msgspec.json.decode(payload, type=Act)
        self._arrived.append(act)
        return act if isinstance(act, Act) and _harmless(act) else None

    def hear(self, incidents: Mapping[str, Incident], now_ns: int) -> tuple[list[Act], list[Entry]]:
        """What the stages take from the acts that arrived; entries of those that were never signed."""
        entries = [
            Entry(
                kind="desk_act",
                valid_ns=now_ns,
                body={"unsigned": msgspec.to_builtins(act), "refused": "it is not signed"},
            )
            for act in self._arrived
            if isinstance(act, Act) and not _harmless(act)
        ]
        if not self._arrived:
            return [], []
        self._admission, self._heard = admission.step(
            self._settings.admission,
            self._admission,
            admission.Inputs(
                acts=[act for act in self._arrived if isinstance(act, SignedAct)],
                desk=self.plan.desk_id,
                roster=self.plan.roster,
                table=self.plan.table,
                rules=self._rules,
                subjects={
                    key: admission.Subject(
                        track_id=incident.track_id,
                        closed=incident.status == "closed",
                        state=docket.state_of(incident),
                    )
                    for key, incident in incidents.items()
                },
            ),
            now_ns,
        )
        effects = [one.effect for one in self._heard if one.effect is not None]
        return [*effects, *(act for one in self._heard for act in one.withdrawn)], entries

    def settle(self, cases: Sequence[docket.Case], now_ns: int) -> list[Entry]:
        """Put what the advice of this tick permits, and count what was said; entries in order."""
        self._docket, outcome = docket.step(
            self._settings.docket,
            self._docket,
            docket.Inputs(
                cases=cases,
                heard=self._heard,
                table=self.plan.table,
                approaching=self._approaching,
            ),
            now_ns,
        )
        entries, signed = [], iter(self._heard)
        self.verdicts = []
        for arrived in self._arrived:
            if isinstance(arrived, Act):
                self.verdicts.append(None if _harmless(arrived) else "it is not signed")
                continue
            heard = next(signed)
            refused = heard.refused
            if refused is None and heard.act is not None:
                refused = outcome.refused.get(heard.signed.signature)
            self.verdicts.append(refused)
            body = {"signed": heard.signed, "act": heard.act, "refused": refused}
            entries.append(Entry(kind="desk_act", valid_ns=now_ns, body=msgspec.to_builtins(body)))
        entries += [
            Entry(kind="paper", valid_ns=now_ns, body=msgspec.to_builtins(paper))
            for paper in outcome.changed
        ]
        self._arrived, self._heard = [], []
        return entries

    @property
    def spoken_of(self) -> set[str]:
        """Incidents that the acts heard at this tick are about."""
        said = {one.act.incident_id for one in self._heard if one.act is not None}
        return said | {act.incident_id or "" for one in self._heard for act in one.withdrawn}

    @property
    def revoked(self) -> tuple[Revoked, ...]:
        """Keys that are trusted no more, the oldest first."""
        held = self._admission.revoked
        return tuple(sorted(held.values(), key=lambda one: (one.at_ns, one.public_key)))

    def listens_to(self, public_key: str) -> bool:
        """Whether what a key signs is still worth a place in the record: a revoked one has had its share."""
        refused = self._admission.refused.get(public_key, 0)
        return refused < self._settings.admission.revoked_max

    @property
    def papers(self) -> list[docket.Paper]:
        """All questions, in the order of their incidents and measures."""
        return [self._docket.papers[key] for key in sorted(self._docket.papers)]


def _harmless(act: Act) -> bool:
    """Whether an act may be unsigned: it says that somebody has seen an incident, or a word for the record."""
    return act.kind in ("acknowledge", "remark")
