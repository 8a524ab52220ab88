"""What people, plans and agencies say of single tracks: few, in words, and never forgotten early."""

from typing import Final

import msgspec

from vedette.model.person import person_of
from vedette.model.report import AtsReport, FlightPlan, Sighting

Told = AtsReport | Sighting

CIVIL_SAYS: Final = frozenset(
    {
        "ours",
        "route_clearance",
        "radio_contact",
        "radio_contact_lost",
        "distress",
        "unlawful_interference",
    }
)
NEED_SAYS: Final = ("radio_contact_lost", "distress", "unlawful_interference")
MOST: Final = 64  # reports of a kind that are kept of one track
ALONE_SAYS: Final = frozenset({"ours", "not_ours", "route_clearance", "authorised"})


class Linked(msgspec.Struct, frozen=True):
    """A report that speaks of this track, and how that was found."""

    report: Told
    by: str  # "track", "address", "callsign", "code", "place"
    heard_ns: int  # tick at which the link was made
    rivals: int = 0  # other tracks that a report of a place may mean as well
    sure: bool = True  # False: it is known of one of several, and which of them is not

    @property
    def said_ns(self) -> int:
        """When it was said: a clock that runs ahead makes no word answer what comes after it."""
        return min(self.report.valid_ns, self.heard_ns)


class PlanFit(msgspec.Struct, frozen=True):
    """A flight plan whose mark this track bears, and whether it keeps to it."""

    plan: FlightPlan
    by: str
    since_ns: int
    fits: bool  # in time, place and level
    why: str


class Standing(msgspec.Struct, frozen=True):
    """An identity, or the word that no civil aircraft is meant, set by a named person."""

    value: str
    person: str
    office: str
    words: str
    act_id: str
    at_ns: int
    reviewer: str | None = None


class Note(msgspec.Struct, frozen=True):
    """Something a person must be told for a while: a refused act, an identity that fell back."""

    words: str
    at_ns: int


class Dossier(msgspec.Struct, frozen=True):
    """All of that for one track."""

    plan: PlanFit | None = None
    said: tuple[Linked, ...] = ()
    standing: Standing | None = None
    excluded: Standing | None = None
    perhaps: tuple[
        Linked, ...
    ] = ()  # civil words of which it is not known whether they mean this one
    doubts: tuple[Standing, ...] = ()  # "it may be civil": the word of each person who says so
    notes: tuple[Note, ...] = ()
    merged_into: str | None = None  # the track that this one turned out to be
    continues: tuple[str, ...] = ()  # lost tracks that this one may be

    def newest(self, *says: str) -> Linked | None:
        """The newest statement of air traffic services among ``says``; ties by the text."""
        found = [
            link
            for link in self.said
            if isinstance(link.report, AtsReport) and link.report.says in says
        ]
        return max(found, key=_age_of, default=None)

    def needs(self) -> tuple[Linked, ...]:
        """Statements of need that no later radio contact has answered."""
        contact = self.newest("radio_contact")
        open_: list[Linked] = []
        for says in NEED_SAYS:
            link = self.newest(says)
            if link is None:
                continue
            answered = contact is not None and contact.said_ns >= link.said_ns
            # a crew under threat may say that all is well: radio contact does not end this one
            if says == "unlawful_interference" or not answered:
                open_.append(link)
        return tuple(open_)

    def with_said(self, links: tuple[Linked, ...]) -> "Dossier":
        """Copy with more reports, in an order that does not depend on their arrival."""
        held = []
        for before, sure in ((self.said, True), (self.perhaps, False)):
            known = {link.report for link in before}
            fresh = [link for link in links if link.sure is sure and link.report not in known]
            held.append(_bounded(sorted((*before, *fresh), key=_age_of)))
        return msgspec.structs.replace(self, said=held[0], perhaps=held[1])

    def with_doubts(self, doubts: tuple[Standing, ...], at_ns: int) -> "Dossier":
        """Copy in which these persons, too, say that it may be civil; that nobody then has excluded."""
        said = {person_of(one.person): one for one in self.doubts}
        for one in doubts:
            known = said.get(person_of(one.person))
            if known is None or (known.at_ns, known.act_id) < (one.at_ns, one.act_id):
                said[person_of(one.person)] = one
        kept = tuple(said[name] for name in sorted(said))
        if kept == self.doubts:
            return self
        renewed = msgspec.structs.replace(self, doubts=kept)
        if self.excluded is None:
            return renewed
        held, who = self.excluded, " and ".join(one.person for one in doubts)
        return msgspec.structs.replace(renewed, excluded=None).with_note(
            f"CIVIL_EXCLUDED by {held.person} ended: {who} says that it may be civil", at_ns
        )

    def with_note(self, words: str, at_ns: int) -> "Dossier":
        """Copy with one more note for a person; the last sixteen are kept."""
        notes = (*(note for note in self.notes if note.words != words), Note(words, at_ns))
        return msgspec.structs.replace(self, notes=notes[-16:])


def _bounded(links: list[Linked]) -> tuple[Linked, ...]:
    """The last sixty-four sightings, and as many words of air traffic services; of each word the newest stays.

    However many people see an object, and whatever else is said of it, nobody has unsaid that it is civil.
    """
    sightings = [at for at, link in enumerate(links) if not isinstance(link.report, AtsReport)]
    words = [at for at, link in enumerate(links) if isinstance(link.report, AtsReport)]
    newest = {links[at].report.says: at for at in words}  # type: ignore[union-attr]
    kept = {*sightings[-MOST:], *words[-MOST:], *newest.values()}
    return tuple(links[at] for at in sorted(kept))


def _age_of(link: Linked) -> tuple[int, str]:
    return link.report.valid_ns, repr(link.report)


EMPTY: Final = Dossier()
