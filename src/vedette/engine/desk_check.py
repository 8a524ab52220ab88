"""What a record says of its desk, held against what was signed: the part of ``ledger verify`` about people.

Everything is computed again from the signed bytes, the offices and the table of the record: whose act it was,
that it was heard once and with a key that was still trusted, the digest of each question, the roles of each who
spoke, and whether the seats are filled by what stands.
"""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.engine.desk import desk_id
from vedette.engine.opening import desk_of, rules_of
from vedette.engine.record import Record
from vedette.model.entry import Entry
from vedette.model.errors import RecordError, RuleError, SettingError
from vedette.model.signature import from_base64
from vedette.response.desk.admission import signer_of
from vedette.response.desk.docket import Paper, Word, filled, paper_digest
from vedette.response.desk.offices import Roster, shared_keys
from vedette.response.desk.revocation import may_not_revoke
from vedette.response.desk.seats import DeskTable
from vedette.response.desk.signed import DeskAct, SignedAct, decode_act


def roster_of(record: Record) -> Roster:
    """The offices of a record, as they are written; an empty roster where it names none.

    Raises:
        RecordError: they are not those that the ledger attests.
        msgspec.MsgspecError: they cannot be read.
    """
    if record.body.offices is None:
        return Roster()
    return msgspec.json.decode(record.input_bytes(record.body.offices), type=Roster)


def check_desk(record: Record, entries: Iterable[Entry]) -> list[str]:
    """What is wrong with a record's acts and questions, given as its entries of these kinds, in words."""
    try:
        # as it is written: whether this version knows its roles is no matter here
        roster = roster_of(record)
        check = _Check(record, roster, _table(record))
        check.problems += [f"offices: {words}" for words in shared_keys(roster)]
        for entry in entries:
            if entry.kind == "paper":
                check.take_paper(msgspec.convert(entry.body, Paper))
            elif entry.body.get("refused") is None:
                signed = msgspec.convert(entry.body.get("signed"), SignedAct)
                check.take_act(signed, entry.body.get("act"))
    except (RecordError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        return [f"the desk cannot be checked: {error}"]
    return check.problems


def _table(record: Record) -> DeskTable | None:
    """Who may decide what in a record; None where this version does not have its tables."""
    try:
        return desk_of(record, record.body, rules_of(record, record.body)).table
    except (RecordError, RuleError, SettingError):
        return None


class _Check:
    """Goes through the entries in their order."""

    def __init__(self, record: Record, roster: Roster, table: DeskTable | None) -> None:
        self.problems: list[str] = []
        self._roster, self._table = roster, table
        self._desk = desk_id(record.body, roster)
        self._heard: dict[str, list[tuple[DeskAct, str]]] = {}  # by id, with the key
        self._seen: set[bytes] = set()
        self._revoked: set[str] = set()
        self._acts = 0

    def take_act(self, signed: SignedAct, told: object) -> None:
        """An act that the ledger says was heard."""
        self._acts += 1
        act = decode_act(signed)
        if act is None or msgspec.to_builtins(act) != told:
            self.problems.append(f"act {self._acts} of the desk is not what was signed")
            return
        office, reason = signer_of(self._roster, signed, act)
        if office is None:
            self.problems.append(f"act {act.act_id} of the desk: {reason}")
        elif act.desk != self._desk:
            self.problems.append(f"act {act.act_id} was signed for another run")
        elif from_base64(signed.signature) in self._seen:
            self.problems.append(f"act {act.act_id} was heard twice")
        elif signed.public_key in self._revoked:
            self.problems.append(f"act {act.act_id} was heard though its key was revoked before")
        elif act.kind == "revoke":
            roles = office.roles if self._table is None else self._table.revoke
            wrong = may_not_revoke(self._roster, roles, office, signed.public_key, act.subject)
            if wrong is not None:
                self.problems.append(f"act {act.act_id} of the desk: {wrong}")
            self._revoked.add(act.subject or "")
        self._seen.add(from_base64(signed.signature))
        self._heard.setdefault(act.act_id, []).append((act, signed.public_key))

    def take_paper(self, paper: Paper) -> None:
        """A question as it stood."""
        name = f"question {paper.measure} of {paper.incident_id}"
        digests = {paper_digest(paper, approaching=near) for near in (False, True)}
        if paper.paper_id not in digests:
            self.problems.append(f"{name}: its digest is not that of what it says")
        for word in paper.words:
            self._take_word(name, paper, word)
        yes = [word for word in paper.words if word.kind == "accept"]
        seats: Sequence[Sequence[str]] = paper.seats
        needs = None if self._table is None else self._table.measures.get(paper.measure)
        if self._table is not None and (needs is None or needs.seats != paper.seats):
            self.problems.append(f"{name}: its seats are not those of the table of this run")
            seats = needs.seats if needs is not None else ()
        if paper.status != "accepted":
            return
        if not (seats and filled(seats, yes)):
            self.problems.append(f"{name} stands as accepted, and not every seat has said yes")
        elif needs is not None and needs.one_no_closes and paper.doubts:
            self.problems.append(f"{name} stands as accepted, and somebody has said no")

    def _take_word(self, name: str, paper: Paper, word: Word) -> None:
        wanted = (word.kind, word.person, word.office, word.words, paper.measure)
        acts = [
            (act, key)
            for act, key in self._heard.get(word.act_id, ())
            if (act.kind, act.person, act.office, act.words, act.subject) == wanted
            # a no may have been said in another incident that was of the same object
            and (act.kind != "accept" or act.incident_id == paper.incident_id)
        ]
        office = self._roster.office(word.office)
        if not acts:
            self.problems.append(f"{name}: {word.person}'s {word.kind} was never signed")
        elif office is None or (office.roles, office.state) != (word.roles, word.state):
            self.problems.append(f"{name}: {word.office} has not the roles that it spoke with")
        elif word.kind == "accept" and acts[-1][0].paper != paper.paper_id:
            self.problems.append(f"{name}: {word.person} accepted another question")
        elif word.kind == "accept" and acts[-1][1] in self._revoked:
            self.problems.append(f"{name}: {word.person}'s yes counts though its key was revoked")
