"""Reactions for tests: one by hand, any by chance, and rows of an event file that are invented."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from vedette.council.reactions.codes import PLOVER, Codes
from vedette.council.reactions.gdelt import COLUMNS
from vedette.council.reactions.reaction import Actor, Entry, Reaction, Retraction, Source, When
from vedette.council.reactions.register import Register, next_lines, read_register
from vedette.model.time import DAY_NS, parse_utc

NOON_NS = parse_utc("2025-09-19T12:00:00Z")
PARTIES = ["EST", "RUS", "POL", "org:NATO"]
SOURCE = Source(publisher="A paper", address="https://example.org/1", date="2025-09-19")


def reaction(name: str, **more: Any) -> Reaction:
    return msgspec.structs.replace(
        Reaction(
            reaction_id=name, recorded_ns=NOON_NS, recorded_by="A. Person", actor=Actor(party="RUS"),
            kind="act", when=When(valid_ns=NOON_NS, precision="minute"), addressees=("EST",),
            act="said no", source=SOURCE, reliability="B2", codes=Codes(plover="REJECT"),
        ),
        **more,
    )  # fmt: skip


def retraction(name: str, of: str) -> Retraction:
    return Retraction(
        reaction_id=name, recorded_ns=NOON_NS + 1, recorded_by="B. Person", retracts=of,
        whose="source", reason="the paper took it back",
    )  # fmt: skip


def register_of(entries: list[Entry]) -> Register:
    return read_register(file_of(entries))


def file_of(entries: list[Entry]) -> bytes:
    return b"".join(line + b"\n" for line in next_lines(Register(), entries))


@st.composite
def reactions(draw: st.DrawFn, most: int = 8) -> list[Reaction]:
    count = draw(st.integers(0, most))
    made = []
    for number in range(count):
        actor = draw(st.sampled_from([*PARTIES, None]))
        made.append(
            reaction(
                f"r{number}",
                actor=Actor(party=actor),
                addressees=tuple(
                    draw(st.lists(st.sampled_from(PARTIES), unique=True).map(
                        lambda many, actor=actor: [one for one in many if one != actor]
                    ))
                ),
                when=When(
                    valid_ns=NOON_NS + draw(st.integers(-60, 60)) * DAY_NS // 7, precision="day"
                ),
                reliability=draw(st.sampled_from("ABCDEF")) + draw(st.sampled_from("123456")),
                codes=Codes(plover=draw(st.sampled_from(list(PLOVER)))),
                words=draw(st.sampled_from([None, "we did not cross it", "nothing of the kind happened"])),
                language="en",
                event=draw(st.sampled_from([None, None, "one", "two"])),
            )
        )  # fmt: skip
    return [
        msgspec.structs.replace(one, language=None) if one.words is None else one for one in made
    ]


def row(event_id: int = 1, **cells: str) -> bytes:
    """A row in the published format. Every cell is invented."""
    values = {
        "GlobalEventID": str(event_id), "Day": "20250919", "MonthYear": "202509", "Year": "2025",
        "FractionDate": "2025.7096", "Actor1Code": "ESTGOV", "Actor1Name": "ESTONIA",
        "Actor1CountryCode": "EST", "Actor1Type1Code": "GOV", "Actor2Code": "RUS",
        "Actor2Name": "RUSSIA", "Actor2CountryCode": "RUS", "IsRootEvent": "1", "EventCode": "112",
        "EventBaseCode": "112", "EventRootCode": "11", "QuadClass": "3", "GoldsteinScale": "-2.0",
        "NumMentions": "10", "NumSources": "1", "NumArticles": "10", "AvgTone": "-4.5",
        "DATEADDED": "20250919181500", "SOURCEURL": "https://example.org/invented",
    } | cells  # fmt: skip
    return "\t".join(values.get(name, "") for name in COLUMNS).encode()
