"""How fast matters are replayed, how far every sequence of acts was walked, and what a shield takes."""

from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from time import perf_counter
from typing import Final

import numpy as np

from vedette.bench.row import Note, Row
from vedette.council.act import (
    CHAIR,
    CouncilAct,
    MatterKind,
    Receipt,
    Roster,
    digest_of,
    encode_act,
)
from vedette.council.decision import Position, decide, populations, shipped_rules
from vedette.council.matter import MatterSettings, initial, step
from vedette.council.model_check import walk
from vedette.council.shield.coverage import HEIGHTS_M, figures
from vedette.council.shield.proposal import Rulebook, read_proposal
from vedette.council.shield.survey import survey
from vedette.model.signature import public_key_of, sign, to_base64
from vedette.model.time import SECOND_NS

PARTS: Final = ("acts", "counts", "walk", "shield", "prove")  # "prove" only when it is asked for
_START_NS: Final = 1_758_600_000 * SECOND_NS


def run(*, seed: int = 1, quick: bool = False, only: tuple[str, ...] = ()) -> Iterator[Row | Note]:
    """Rows of the parts asked for.

    Args:
        seed: of who objects and in which order they speak.
        quick: fewer acts, positions and cells.
        only: parts; none: all that take seconds.
    """
    wanted = set(only) or {"acts", "counts", "walk", "shield"}
    if "acts" in wanted:
        yield from _acts(seed, 400 if quick else 4_000)
    if "counts" in wanted:
        yield from _counts(seed, 300 if quick else 20_000)
    if "walk" in wanted:
        yield from _walked("declaration", 3, 4 if quick else 6, chair=True, lapses=True)
    if "shield" in wanted:
        yield from _shield(300 if quick else 2_500)
    if "prove" in wanted:
        states, acts = (3, 5) if quick else (5, 12)
        kinds: tuple[tuple[MatterKind, bool, bool], ...] = (
            ("declaration", True, True), ("declaration", False, False), ("shield", True, False),
        )  # fmt: skip
        for kind, chair, lapses in kinds:
            yield from _walked(kind, states, acts, chair=chair, lapses=lapses)


def _acts(seed: int, count: int) -> Iterator[Row | Note]:
    """Thirty-two delegations that object, lift and consent, one version after the other."""
    private = {
        party: sha256(party.encode()).digest() for party in (*sorted(populations("nato")), CHAIR)
    }
    roster = Roster(
        keys={party: to_base64(public_key_of(key)) for party, key in private.items()}, keeper=CHAIR
    )
    order = np.random.default_rng(seed)
    states = sorted(roster.states)
    plan = [("EST", "open", ""), ("EST", "put", "text 0")]
    version = 0
    while len(plan) < count:
        for k in order.permutation(len(states)):
            objects = order.random() < 0.2
            plan.append((states[int(k)], "object" if objects else "consent", f"text {version}"))
        version += 1
        plan.append(("EST", "put", f"text {version}"))
    yield Note(f"signing {len(plan)} acts")
    receipts = [
        _receipt(roster, private[party], party, kind, text, number)
        for number, (party, kind, text) in enumerate(plan)
    ]
    settings = MatterSettings(roster=roster)
    start = perf_counter()
    matter, _ = step(settings, initial(settings), receipts, receipts[-1].received_ns + SECOND_NS)
    spent_s = perf_counter() - start
    refused = sum(event.kind == "refused" for event in matter.events)
    yield Row(
        area="council", name="signed acts checked and replayed", value=len(receipts) / spent_s,
        unit="1/s", note=f"{len(receipts)} acts of 32 delegations and the chair, {refused} refused",
    )  # fmt: skip


def _receipt(roster: Roster, key: bytes, party: str, kind: str, text: str, number: int) -> Receipt:
    at_ns = _START_NS + number * SECOND_NS
    act = CouncilAct(
        act_id=str(number),
        matter_id="bench",
        roster=roster.digest,
        party=party,
        person="a person",
        office="delegation",
        kind=kind,  # type: ignore[arg-type]
        valid_ns=at_ns,
        matter_kind="shield" if kind == "open" else None,
        title="a matter",
        text=text if kind == "put" else "",
        version=digest_of(text) if kind in ("object", "consent") else None,
        words="because",
    )
    data = encode_act(act)
    return Receipt(
        received_ns=at_ns,
        act=to_base64(data),
        public_key=roster.keys[party],
        signature=to_base64(sign(data, key)),
    )


def _counts(seed: int, count: int) -> Iterator[Row]:
    """Positions of a whole body by each rule."""
    generator = np.random.default_rng(seed)
    sayings: tuple[Position, ...] = ("yes", "no", "abstain")
    rules = [rule for rule in shipped_rules().values() if rule.kind not in ("one", "delegated")]
    bodies = {rule.id: populations("eu" if rule.body == "eu" else "nato") for rule in rules}
    drawn = generator.choice(3, size=(count, 32), p=(0.9, 0.05, 0.05))
    start = perf_counter()
    adopted = 0
    for row in drawn:
        rule = rules[int(row[0]) % len(rules)]
        body = bodies[rule.id]
        said = {state: sayings[int(k)] for state, k in zip(body, row, strict=False)}
        adopted += decide(rule, body, said).adopted
    spent_s = perf_counter() - start
    yield Row(
        area="council", name="positions counted by a rule", value=count / spent_s, unit="1/s",
        note=f"whole bodies, {adopted} adopted",
    )  # fmt: skip


def _walked(
    kind: MatterKind, states: int, acts: int, *, chair: bool, lapses: bool
) -> Iterator[Row | Note]:
    start = perf_counter()
    walked = None
    for walked in walk(states, acts, kind, chair=chair, lapses=lapses):
        yield Note(f"{kind}: {walked.acts} acts, {walked.standings} ways of standing")
    assert walked is not None
    spent_s = perf_counter() - start
    what = f"{kind}, {states} states, {'a' if chair else 'no'} chair{', lapses' if lapses else ''}"
    yield Row(
        area="council", name=f"properties broken: {what}", value=float(len(walked.broken)),
        unit="sequences", target="0",
        note=f"to {acts} acts: {walked.standings} standings, {walked.transitions} acts tried in {spent_s:.0f} s",
    )  # fmt: skip


def _shield(cells: int) -> Iterator[Row]:
    text = (files("vedette") / "data" / "council" / "drill" / "shield.yaml").read_text("utf-8")
    # what a shield may name is the rules' to say, which are not asked here
    measures = frozenset(f"M{k:02}" for k in range(18))
    rules = Rulebook(
        rows={"R02": measures, "R12": measures}, measures=measures, closed_rows=frozenset(),
        closed_measures=frozenset(),
    )  # fmt: skip
    start = perf_counter()
    proposal = read_proposal(text, rules)
    found = figures(survey(proposal, None, cells), HEIGHTS_M)
    spent_s = perf_counter() - start
    yield Row(
        area="council", name="a shield surveyed at five heights", value=spent_s, unit="s",
        note=f"{found.area_km2:,.0f} km² in cells of {found.cell_km:.1f} km",
    )  # fmt: skip
