"""Make the bundled example of a register: reactions to the nights of September 2025.

Facts of public sources in our own words; every line names its own. No line gives a quotation. An attribution is
that of its source. What is dated to the day is known to the day.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from vedette.council.reactions.codes import Codes
from vedette.council.reactions.occasion import Occasion
from vedette.council.reactions.reaction import Actor, Reaction, Source, When
from vedette.council.reactions.register import next_lines, read_register
from vedette.model.time import parse_utc

OUT = Path(__file__).parents[1] / "src/vedette/data/reactions"
RECORDED_NS = parse_utc("2026-06-30T00:00:00Z")
TASS = Source(publisher="TASS summary", address="https://tass.com/world/2014893", date="2025-09-10")
WTOP = Source(
    publisher="WTOP / AP",
    address="https://wtop.com/russia-ukraine-war-news/2025/09/nato-allies-held-article-4-consultations-"
    "after-russian-drone-incursion-heres-what-that-means/",
    date="2025-09",
)
EASTERN = Source(
    publisher="Defence Industry Europe",
    address="https://defence-industry.eu/eastern-sentry-nato-launches-multi-domain-initiative-to-strengthen-"
    "eastern-flank-after-drone-incursions",
    date="2025-09-12",
)
RMF = Source(
    publisher="RMF24",
    address="https://www.rmf24.pl/fakty/polska/news-kto-decyduje-o-zestrzeleniu-dronow-wiceszef-mon-rozwiewa-"
    "wat,nId,8020718",
    date="2025-09-15",
)
SOFX = Source(
    publisher="SOFX",
    address="https://www.sofx.com/polish-f-16-missile-malfunctions-hits-house-in-poland-says-report",
    date="2025-09",
)
TRT = Source(
    publisher="TRT World",
    address="https://www.trtworld.com/article/00b93aa383f3",
    date="2025-09-17",
)
RFERL = Source(
    publisher="RFE/RL via Newsgram",
    address="https://www.newsgram.com/world/2025/09/17/russian-drone-incursion-creates-challenge-in-black-sea",
    date="2025-09-17",
)
WION = Source(
    publisher="WION",
    address="https://www.wionews.com/world/romania-slams-moscow-s-irresponsible-actions-scrambles-f-16s-after-"
    "russian-drone-breaches-nato-airspace-1757899301319",
    date="2025-09-15",
)
MFA_EE = Source(
    publisher="Estonian Ministry of Foreign Affairs via Joint Forces",
    address="https://www.joint-forces.com/?p=85364",
    date="2025-09-19",
)
ERR = Source(
    publisher="ERR",
    address="https://news.err.ee/1609806336/three-russian-fighter-jets-violate-estonian-airspace-linger-for-12-"
    "minutes",
    date="2025-09-19",
)
ONLINE_UA = Source(
    publisher="Online.UA",
    address="https://news.online.ua/en/nato-publicly-threatens-russia-amid-new-provocations-897282/",
    date="2025-09",
)
NAC = Source(
    publisher="North Atlantic Council statement, mirror",
    address="https://albtc.club/articles/detail/252132/gpt:en",
    date="2025-09-23",
)
GAMEREACTOR = Source(
    publisher="Gamereactor",
    address="https://www.gamereactor.eu/heres-the-summary-of-last-nights-drone-chaos-in-scandinavia-1605963/",
    date="2025-09-23",
)


def at(text: str, precision: Any = "day") -> When:
    return When(valid_ns=parse_utc(text), precision=precision)


def violation(
    name: str, when: When, on: str, act: str, source: Source, grade: str, case: str
) -> Reaction:
    return entry(
        name, "RUS", "act", when, (on,), act, source, grade,
        Codes(vx="vx:AIRSPACE_VIOLATION", intent="unknown"), case, event=f"violation {case}",
    )  # fmt: skip


def entry(
    name: str, party: str | None, kind: Any, when: When, to: tuple[str, ...], act: str, source: Source,
    grade: str, codes: Codes, case: str, office: str | None = None, **more: Any,
) -> Reaction:  # fmt: skip
    return Reaction(
        reaction_id=name, recorded_ns=RECORDED_NS, recorded_by="the project",
        actor=Actor(party=party, office=office),
        kind=kind, when=when, addressees=to, act=act, source=source, reliability=grade, codes=codes,
        incidents=(case,), **more,
    )  # fmt: skip


def consult(cameo: str = "040") -> Codes:
    return Codes(plover="CONSULT", mode="multilateral", contexts=("diplomatic",), cameo=cameo)


def entries() -> list[Reaction]:
    return [
        violation(
            "pl-1", at("2025-09-09T21:30:00", "minute"), "POL",
            "About 21 drones in Polish airspace, as Poland and the alliance state; intent still under assessment",
            RMF, "B2", "V022",
        ),
        entry(
            "pl-2", "POL", "act", at("2025-09-10"), (),
            "Three drones brought down, a fourth probably, by order of the operational commander",
            RMF, "B2", Codes(vx="vx:UNCREWED_DOWNED"), "V022", office="Operational Commander",
        ),
        entry(
            "pl-3", "POL", "act", at("2025-09-10"), ("org:NATO",), "Asked for a consultation under Article 4",
            WTOP, "B1", consult(), "V022",
        ),
        entry(
            "nato-1", "org:NATO", "act", at("2025-09-10T08:00:00", "hour"), (),
            "Council met under Article 4; the hour is approximate", WTOP, "B2", consult(), "V022",
            answers=("pl-3",),
        ),
        entry(
            "pl-4", "POL", "statement", at("2025-09-10"), (),
            "A house at Wyryki is first said to have been hit by a drone", SOFX, "C4",
            Codes(cameo="010"), "V022", event="first word on Wyryki",
        ),
        entry(
            "nato-2", "org:NATO", "act", at("2025-09-12"), (),
            "Eastern Sentry announced: more means for the eastern flank", EASTERN, "B1",
            Codes(plover="AID", mode="military", cameo="074"), "V022",
        ),
        violation(
            "ro-1", at("2025-09-13T15:05:00", "minute"), "ROU",
            "A drone for 50 minutes over the Danube delta, as the Romanian ministry states",
            RFERL, "B2", "V023",
        ),
        entry(
            "ro-2", "ROU", "act", at("2025-09-13"), (),
            "Pilots had leave to bring it down and did not, for what might have been harmed below",
            RFERL, "B2", Codes(cameo="010"), "V023",
        ),
        entry(
            "ro-3", "ROU", "act", at("2025-09-14"), ("RUS",), "Ambassador summoned", WION, "C2",
            Codes(plover="ACCUSE", mode="allege", contexts=("diplomatic",), cameo="114"), "V023",
            office="Ministry of Foreign Affairs", answers=("ro-1",),
        ),
        entry(
            "pl-5", "POL", "statement", at("2025-09-17"), (),
            "On Wyryki: all points to an own missile, says the coordinator of the services", TRT, "B2",
            Codes(vx="vx:CORRECTION"), "V022", office="Coordinator of the special services", corrects="pl-4",
        ),
        violation(
            "ee-1", at("2025-09-19"), "EST",
            "Three aircraft twelve minutes in Estonian airspace, as Estonia and the alliance state",
            MFA_EE, "B1", "V024",
        ),
        violation(
            "ee-2", at("2025-09-19"), "EST", "The same, as the public broadcaster reports it", ERR, "B2", "V024",
        ),
        entry(
            "ee-3", "EST", "act", at("2025-09-19"), ("RUS",), "Chargé d'affaires summoned", MFA_EE, "B1",
            Codes(plover="ACCUSE", mode="allege", contexts=("diplomatic",), cameo="114"), "V024",
            office="Ministry of Foreign Affairs", answers=("ee-1",),
        ),
        entry(
            "ee-4", "EST", "act", at("2025-09-19"), ("org:NATO",), "Asked for a consultation under Article 4",
            ONLINE_UA, "C2", consult(), "V024",
        ),
        entry(
            "dk-1", "DNK", "statement", at("2025-09-23"), (),
            "Officials call the closure of Copenhagen airport a hybrid attack and name nobody",
            GAMEREACTOR, "C3", Codes(plover="ACCUSE", cameo="110"), "V025",
        ),
        entry(
            "nato-3", "org:NATO", "statement", at("2025-09-23"), ("RUS",),
            "Council statement after the consultation that Estonia had asked for", NAC, "C2",
            Codes(plover="ACCUSE", mode="disapprove", contexts=("diplomatic",), cameo="111"), "V024",
            answers=("ee-4",),
        ),
    ]  # fmt: skip


def occasions() -> list[Occasion]:
    return [
        Occasion(
            occasion_id="V022", kind="incident", when=at("2025-09-09T21:30:00", "minute"), parties=("POL",),
            title="Many drones over Poland", category="uncrewed_violation_force_used",
        ),
        Occasion(
            occasion_id="eastern-sentry", kind="decision", when=at("2025-09-12"), parties=("org:NATO",),
            title="Eastern Sentry",
        ),
        Occasion(
            occasion_id="V023", kind="incident", when=at("2025-09-13T15:05:00", "minute"), parties=("ROU",),
            title="A drone over the Danube delta for 50 minutes", category="uncrewed_violation",
        ),
        Occasion(
            occasion_id="V024", kind="incident", when=at("2025-09-19"), parties=("EST",),
            title="Three aircraft in Estonian airspace for 12 minutes", category="crewed_violation",
        ),
        Occasion(
            occasion_id="V025", kind="incident", when=at("2025-09-22T18:26:00", "minute"), parties=("DNK",),
            title="Copenhagen airport closed after reports of drones", category="airport_disruption",
        ),
        Occasion(
            occasion_id="nac-2025-09-23", kind="decision", when=at("2025-09-23"), parties=("org:NATO",),
            title="Council statement",
        ),
    ]  # fmt: skip


def files() -> dict[str, bytes]:
    """Names and contents of the bundled files."""
    lines = next_lines(read_register(b""), entries())
    told = [msgspec.json.encode(one) for one in occasions()]
    return {
        "september-2025.jsonl": b"".join(line + b"\n" for line in lines),
        "september-2025-occasions.jsonl": b"".join(line + b"\n" for line in told),
    }


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (OUT / name).write_bytes(data)
        print(name, len(data), sha256(data).hexdigest())
