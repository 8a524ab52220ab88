"""The questions that are put to offices, and how each stands.

One paper for each measure that the rules permit in an incident. It is accepted when each seat is filled by
another person who has said yes; until then, and whenever nobody says anything, it is not. A paper whose facts
have changed begins again: what was accepted of the old one is void, what was refused stands.

``step(settings, state, inputs, now_ns) -> (state, outcome)``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec

from vedette.model.assessment import Assessment
from vedette.model.incident import Incident
from vedette.model.person import person_of
from vedette.model.proposal import Advice
from vedette.model.time import SECOND_NS, format_utc
from vedette.response.desk.admission import Heard
from vedette.response.desk.attribution import NOT_KNOWN, Attribution, ruling, with_word
from vedette.response.desk.seats import AUTHORITY, SYSTEM, DeskTable, Seats
from vedette.response.desk.signed import DeskAct, digest_of
from vedette.response.evaluate import DOSSIER

Status = Literal[
    "open",  # nobody has decided; that is no
    "asked",  # somebody wants to know something first; that is no
    "refused",
    "accepted",
    "withdrawn",  # the rules no longer propose it
    "lapsed",  # nobody took it up in time; that is no
]
WordKind = Literal["accept", "reject", "ask"]
_SAID: Final[Mapping[str, WordKind]] = {"accept": "accept", "reject": "reject", "ask": "ask"}


COMMUNIQUE: Final = "M16"
# Rules part F, word for word: how the question reads, even then.
_QUESTION: Final = (
    "Gate complete at {utc}. Do you want to take up the question of force? Default: no."
)


class DocketSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the docket."""

    papers_max: Annotated[int, msgspec.Meta(ge=1)] = 50_000


class Word(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's last word on a paper."""

    kind: WordKind
    person: str
    office: str
    roles: tuple[str, ...]
    state: str | None
    at_ns: int  # of the picture that the person saw
    heard_ns: int  # when it arrived
    act_id: str
    words: str


class TakenBack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A no or a question that its person has taken back: it stands again if the yes turns out to be void."""

    word: Word
    by: str  # act of the yes


class Paper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question: may this measure be taken for this object?"""

    paper_id: str  # digest of all that the question says
    incident_id: str
    track_id: str
    measure: str
    state: str | None  # of the airspace it is about
    rules: tuple[str, ...]  # rows that propose it
    not_permitted: tuple[str, ...]
    authority: tuple[str, ...]
    question: str = ""  # in the words of the rules, where they give them
    # what the object is held to be, for a measure that approaches it; behind the gate who confirmed what, as
    # a digest; of a communique the state that it would name
    basis: str
    against: tuple[
        str, ...
    ] = ()  # what speaks against it, beside the dissent: doubts of the assessment
    seats: tuple[tuple[str, ...], ...]  # roles, each for another person
    opened_ns: int
    attributed_to: str | None = None  # the state that a communique would name
    attribution: str = ""  # why it may name it or may not
    status: Status = "open"
    decided_ns: int | None = None
    words: tuple[Word, ...] = ()  # dissent first
    taken_back: tuple[TakenBack, ...] = ()
    void: tuple[Word, ...] = ()  # yeses that count no more: the key that signed them was revoked

    @property
    def dissent(self) -> tuple[Word, ...]:
        """Those who said no."""
        return tuple(word for word in self.words if word.kind == "reject")

    @property
    def doubts(self) -> tuple[Word, ...]:
        """Those who said no or want to know something first: they stand when the question changes."""
        return tuple(word for word in self.words if word.kind != "accept")


class DocketState(msgspec.Struct, frozen=True, kw_only=True):
    """All papers, by incident and measure, and whose each object was said to be."""

    papers: dict[tuple[str, str], Paper] = {}
    attributed: dict[str, tuple[Attribution, ...]] = {}  # by incident, each person's last word


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An incident whose advice or facts may have changed."""

    incident: Incident
    advice: Advice
    assessment: Assessment | None


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a step looks at."""

    cases: Sequence[Case]
    heard: Sequence[Heard]  # as admitted, in order; those that were refused change nothing
    table: DeskTable
    approaching: frozenset[str]  # measures that doubt closes


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a step did."""

    changed: tuple[Paper, ...]
    refused: dict[str, str]  # by the signature of the act, and why


def step(
    settings: DocketSettings, state: DocketState, inputs: Inputs, now_ns: int
) -> tuple[DocketState, Outcome]:
    """Put new questions, withdraw old ones, and count what people said.

    Args:
        settings: bounds.
        state: of the last step.
        inputs: incidents with their advice, and admitted acts.
        now_ns: time of this step [ns UTC].

    Returns:
        The new state; papers that changed; acts on a paper that is not as their signer saw it.
    """
    papers, attributed = dict(state.papers), dict(state.attributed)
    void = frozenset(name for heard in inputs.heard for name in heard.void)
    if void:
        _void(papers, attributed, void)
    for (
        key,
        paper,
    ) in papers.items():  # what came with this step came after the time of these had run out
        needs = inputs.table.measures[paper.measure]
        if needs.asked_s is not None:
            papers[key] = _stand(paper, needs, now_ns)
    for heard in inputs.heard:
        if heard.refused is None and heard.act is not None and heard.act.kind == "attribute":
            _attribute(attributed, heard.act)
    for case in inputs.cases:
        _put(papers, case, inputs, attributed, now_ns)
    refused: dict[str, str] = {}
    for heard in inputs.heard:
        if heard.refused is None and heard.act is not None and heard.act.kind in _SAID:
            reason = _say(papers, heard, inputs.table, now_ns)
            if reason is not None:
                refused[heard.signed.signature] = reason
    if void:
        _void(papers, attributed, void)  # what was signed and revoked within one tick, too
    for key, paper in papers.items():
        papers[key] = _stand(paper, inputs.table.measures[paper.measure], now_ns)
    changed = tuple(paper for key, paper in papers.items() if paper != state.papers.get(key))
    kept = _bounded(papers, settings.papers_max)
    return DocketState(papers=kept, attributed=attributed), Outcome(
        changed=changed, refused=refused
    )


def _void(
    papers: dict[tuple[str, str], Paper],
    attributed: dict[str, tuple[Attribution, ...]],
    void: frozenset[str],
) -> None:
    """Take away what a revoked key has opened; the noes that it took back stand again."""
    for key, paper in papers.items():
        fallen = tuple(w for w in paper.words if w.kind == "accept" and w.act_id in void)
        again = [one.word for one in paper.taken_back if one.by in void]
        if not fallen and not again:
            continue
        left = tuple(word for word in paper.words if word not in fallen)
        papers[key] = msgspec.structs.replace(
            paper,
            words=_with_noes(left, again),
            taken_back=tuple(one for one in paper.taken_back if one.by not in void),
            void=(*paper.void, *fallen),
        )
    for incident_id, said in attributed.items():
        attributed[incident_id] = tuple(
            one for one in said if one.state is None or one.act_id not in void
        )


def _attribute(attributed: dict[str, tuple[Attribution, ...]], act: DeskAct) -> None:
    word = Attribution(
        state=None if act.value == NOT_KNOWN else act.value, track_id=act.track_id,
        person=act.person, office=act.office, act_id=act.act_id,
    )  # fmt: skip
    attributed[act.incident_id] = with_word(attributed.get(act.incident_id, ()), word)


def state_of(incident: Incident) -> str | None:
    """The state whose airspace an incident is about: where it is, else where it is expected, else was."""
    crossings = incident.crossings
    for found in (
        [one for one in crossings if not one.predicted and one.left is None],
        [one for one in crossings if one.predicted],
        list(crossings[-1:]),
    ):
        if found:
            return found[-1].state
    return None


def _put(
    papers: dict[tuple[str, str], Paper],
    case: Case,
    inputs: Inputs,
    attributed: Mapping[str, tuple[Attribution, ...]],
    now_ns: int,
) -> None:
    """Papers of one incident as its advice now has them."""
    incident, advice, known = case.incident, case.advice, case.assessment
    names: tuple[Attribution, ...] = ()
    for other in (*incident.joined, incident.incident_id):
        for said in attributed.get(other, ()):
            mine = [one for one in names if person_of(one.person) == person_of(said.person)]
            if not any(one.state is None for one in mine):  # a doubt is not told away elsewhere
                names = with_word(names, said)
    named = ruling(names, incident.track_id, "possible" if known is None else known.civil)
    rows: dict[str, list[int]] = {}
    if incident.status != "closed":
        for number, proposal in enumerate(advice.proposals):
            for measure in proposal.measures:
                if measure not in SYSTEM and (
                    measure != DOSSIER or advice.force_question == "admissible"
                ):
                    rows.setdefault(measure, []).append(number)
    for measure, numbers in rows.items():
        key = (incident.incident_id, measure)
        before = papers.get(key)
        proposals = [advice.proposals[number] for number in numbers]
        approaching = measure in inputs.approaching
        basis = _basis(known) if approaching else ""
        if measure == DOSSIER:
            basis += f"; dossier {_dossier(advice)}"
        if measure == COMMUNIQUE and named.state is not None:
            basis = f"it names {named.state}: {named.words}"
        opened_ns = now_ns if before is None else before.opened_ns
        form = Paper(
            paper_id="",
            incident_id=incident.incident_id,
            track_id=incident.track_id,
            measure=measure,
            state=state_of(incident),
            rules=tuple(one.rule for one in proposals),
            not_permitted=tuple(one.not_permitted for one in proposals),
            authority=tuple(one.authority for one in proposals),
            basis=basis,
            attributed_to=named.state if measure == COMMUNIQUE else None,
            attribution=named.words if measure == COMMUNIQUE else "",
            against=known.doubts if approaching and known is not None else (),
            seats=inputs.table.measures[measure].seats,
            opened_ns=opened_ns,
        )
        elsewhere = _noes_of(papers, incident.joined, measure)
        digest = paper_digest(form, approaching=approaching)
        if before is not None and before.status != "withdrawn" and before.paper_id == digest:
            # who decides and by which rows may be told in new words; the question is the same
            papers[key] = msgspec.structs.replace(
                before,
                rules=form.rules,
                not_permitted=form.not_permitted,
                authority=form.authority,
                attribution=form.attribution,
                against=form.against,
                words=_with_noes(before.words, elsewhere),
            )
            continue
        form = msgspec.structs.replace(
            form,
            opened_ns=now_ns,
            question=_QUESTION.format(utc=format_utc(now_ns)) if measure == DOSSIER else "",
            words=_with_noes(() if before is None else before.doubts, elsewhere),
            taken_back=() if before is None else before.taken_back,
            void=() if before is None else before.void,
        )
        papers[key] = msgspec.structs.replace(
            form, paper_id=paper_digest(form, approaching=approaching)
        )
    for key, paper in papers.items():
        if key[0] == incident.incident_id and key[1] not in rows:
            # what is closed keeps how it was decided; of what approaches an object only the no
            kept = {"refused", "lapsed"} | (set() if key[1] in inputs.approaching else {"accepted"})
            if paper.attributed_to is not None and paper.attributed_to != named.state:
                kept = set()  # it names a state that may be named no more
            decided = paper.status in kept if incident.status == "closed" else (
                # asked and not answered: it is not asked again when the advice comes and goes
                paper.status == "lapsed"
            )  # fmt: skip
            if paper.status != "withdrawn" and not decided:
                papers[key] = msgspec.structs.replace(paper, status="withdrawn")


def _basis(known: Assessment | None) -> str:
    """What the object is held to be."""
    if known is None:
        return "unknown, civil possible"
    return f"{known.object_class}, {known.identity}, civil {known.civil}"


def _dossier(advice: Advice) -> str:
    """Digest of how the gate and the checks stand, and of who confirmed what in which words."""
    return digest_of([advice.gate, advice.checks, advice.confirmed])


def _noes_of(
    papers: Mapping[tuple[str, str], Paper], joined: Sequence[str], measure: str
) -> list[Word]:
    """Noes and questions on a measure in incidents that turned out to be of the same object."""
    found = [papers.get((incident_id, measure)) for incident_id in joined]
    return [word for paper in found if paper is not None for word in paper.doubts]


def _with_noes(words: tuple[Word, ...], noes: Sequence[Word]) -> tuple[Word, ...]:
    """Words with the noes of another paper, except where the same person has spoken here since."""
    out = {person_of(word.person): word for word in words}
    for word in noes:
        mine = out.get(person_of(word.person))
        if mine is None or mine.heard_ns <= word.heard_ns:
            out[person_of(word.person)] = word
    return _in_order(out.values())


def _in_order(words: Iterable[Word]) -> tuple[Word, ...]:
    """Dissent first."""
    order = {"reject": 0, "ask": 1, "accept": 2}
    return tuple(sorted(words, key=lambda one: (order[one.kind], one.at_ns, one.act_id)))


def paper_digest(paper: Paper, *, approaching: bool) -> str:
    """Of all that the question says; of one that informs or protects not by which rows it is put."""
    said: list[object] = [paper.incident_id, paper.track_id, paper.measure, paper.state, paper.seats,
            paper.opened_ns, paper.basis, paper.attributed_to]  # fmt: skip
    if approaching:
        said += [paper.rules, paper.not_permitted, paper.authority]
    return digest_of(said)


def _say(
    papers: dict[tuple[str, str], Paper], heard: Heard, table: DeskTable, now_ns: int
) -> str | None:
    """Put a word on its paper; why not, where it cannot be."""
    act = heard.act
    if act is None or act.subject is None:
        return "it names no measure"
    key = (act.incident_id, act.subject)
    paper = papers.get(key)
    if paper is None:
        return f"{act.subject} was never put in this incident"
    if act.kind != "reject":
        if paper.status == "withdrawn":
            return f"{act.subject} is withdrawn: the rules no longer propose it"
        if paper.status == "lapsed":
            return f"{act.subject} lapsed, as no"
        if act.paper != paper.paper_id:
            return f"{act.subject} is not as it was: its facts have changed since; look again"
        if not any(set(seat) & set(heard.roles) for seat in paper.seats):
            wanted = " or ".join(dict.fromkeys(role for seat in paper.seats for role in seat))
            return f"{act.office} may not decide on {act.subject}: that takes {wanted}"
        if paper.measure == DOSSIER and heard.state is None and AUTHORITY in heard.roles:
            # part E names an authority for each state: one that speaks for none is nobody's
            return f"{act.office} speaks for no state, and this is about {paper.state}"
        if heard.state is not None and heard.state != paper.state:
            return f"{act.office} speaks for {heard.state}, and this is about {paper.state}"
        reason = _taken_back(paper, act)
        if reason is not None:
            return reason
    word = Word(
        kind=_SAID[act.kind],
        person=act.person,
        office=act.office,
        roles=heard.roles,
        state=heard.state,
        at_ns=min(act.seen_ns, now_ns),
        heard_ns=now_ns,
        act_id=act.act_id,
        words=act.words,
    )
    mine = [one for one in paper.words if person_of(one.person) == person_of(act.person)]
    others = [one for one in paper.words if one not in mine]
    held = paper.taken_back
    if word.kind == "accept":
        held += tuple(TakenBack(word=one, by=word.act_id) for one in mine if one.kind != "accept")
    papers[key] = msgspec.structs.replace(paper, words=_in_order((*others, word)), taken_back=held)
    return None


def _taken_back(paper: Paper, act: DeskAct) -> str | None:
    """Why an act may not take back the same person's no or question; None where it may.

    A yes that was signed before the no arrived has only been slow on its way, and a question is no yes.
    """
    for word in paper.doubts:
        if person_of(word.person) != person_of(act.person):
            continue
        if act.seen_ns < word.heard_ns:
            return f"{act.person} has said otherwise since: look again"
        if act.kind == "ask" and word.kind == "reject":
            return (
                f"{act.person} has refused {paper.measure}, and a question does not take that back"
            )
    return None


def _stand(paper: Paper, needs: Seats, now_ns: int) -> Paper:
    """How a paper stands by the last word of each person. Time alone only ever takes away."""
    if paper.status in ("withdrawn", "lapsed"):
        return paper
    status = _status(paper, needs, now_ns)
    if (
        status != "accepted"
        and needs.asked_s is not None
        and now_ns - paper.opened_ns > needs.asked_s * SECOND_NS
    ):
        status = "lapsed"
    if status == paper.status:
        return paper
    decided = now_ns if status in ("accepted", "refused", "lapsed") else None
    return msgspec.structs.replace(paper, status=status, decided_ns=decided)


def _status(paper: Paper, needs: Seats, now_ns: int) -> Status:
    kinds = {word.kind for word in paper.words}
    yes = [word for word in paper.words if word.kind == "accept"]
    # once accepted, a yes does not age; before, all must be young when the last one comes
    oldest_ns = now_ns - round(needs.valid_s * SECOND_NS)
    counted = yes if paper.status == "accepted" else [one for one in yes if one.at_ns >= oldest_ns]
    if filled(needs.seats, counted) and not (needs.one_no_closes and kinds & {"reject", "ask"}):
        return "accepted"
    if "reject" in kinds:
        return "refused"
    return "asked" if "ask" in kinds else "open"


def filled(seats: Sequence[Sequence[str]], yes: Sequence[Word]) -> bool:
    """Each seat has another person with one of its roles."""
    if not seats:
        return True
    return any(
        set(seats[0]) & set(word.roles)
        and filled(
            seats[1:], [one for one in yes if person_of(one.person) != person_of(word.person)]
        )
        for word in yes
    )


def _bounded(papers: dict[tuple[str, str], Paper], most: int) -> dict[tuple[str, str], Paper]:
    """At most so many; the oldest that are withdrawn go first, and what somebody said no to last."""
    if len(papers) <= most:
        return papers
    order = sorted(
        papers,
        key=lambda key: (
            bool(papers[key].doubts), papers[key].status != "withdrawn", papers[key].opened_ns
        ),
    )  # fmt: skip
    gone = set(order[: len(papers) - most])
    return {key: paper for key, paper in papers.items() if key not in gone}
