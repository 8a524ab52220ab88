"""A small council: three states and a chair with keys made from numbers, and acts by them."""

from typing import Any

from hypothesis import strategies as st

from vedette.council.act import CHAIR, CouncilAct, Receipt, Roster, digest_of, encode_act
from vedette.council.matter import Matter, MatterSettings, initial, step
from vedette.model.signature import public_key_of, sign, to_base64
from vedette.model.time import SECOND_NS

STATES = ("EST", "LVA", "DEU")
PARTIES = (*STATES, CHAIR)
PRIVATE = {party: bytes([number + 1]) * 32 for number, party in enumerate((*PARTIES, "RUS"))}
ROSTER = Roster(keys={party: to_base64(public_key_of(PRIVATE[party])) for party in PARTIES})
SETTINGS = MatterSettings(roster=ROSTER, window_min_s=1.0)
START_NS = 1_758_600_000 * SECOND_NS
TEXTS = ("first text", "second text", "third text")


def receipt(
    party: str, kind: Any, at_s: float, *, key: str | None = None, number: int = 0, **content: Any
) -> Receipt:
    at_ns = START_NS + int(at_s * SECOND_NS)
    plain: dict[str, Any] = {
        "act_id": f"{party} {kind} {at_s} {number}",
        "matter_id": "m1",
        "roster": ROSTER.digest,
        "party": party,
        "person": "a person",
        "office": "delegation",
        "kind": kind,
        "valid_ns": at_ns,
    }
    data = encode_act(CouncilAct(**(plain | content)))
    signer = PRIVATE[key or party]
    return Receipt(
        received_ns=at_ns,
        act=to_base64(data),
        public_key=to_base64(public_key_of(signer)),
        signature=to_base64(sign(data, signer)),
    )


def opened(kind: Any = "declaration", **content: Any) -> list[Receipt]:
    return [
        receipt("EST", "open", 0, matter_kind=kind, title="a matter", **content),
        receipt("EST", "put", 1, text=TEXTS[0]),
    ]


def placed(kind: Any = "declaration", deadline_s: float = 100) -> list[Receipt]:
    return [*opened(kind), place(2, deadline_s)]


def place(at_s: float, deadline_s: float, text: str = TEXTS[0], **content: Any) -> Receipt:
    return receipt(
        CHAIR, "place", at_s,
        version=digest_of(text),
        deadline_ns=START_NS + int(deadline_s * SECOND_NS),
        deadline_zone="Europe/Brussels",
        **content,
    )  # fmt: skip


def objection(party: str, at_s: float, text: str = TEXTS[0], **content: Any) -> Receipt:
    return receipt(party, "object", at_s, version=digest_of(text), words="because", **content)


def consent(party: str, at_s: float, text: str = TEXTS[0]) -> Receipt:
    return receipt(party, "consent", at_s, version=digest_of(text))


def lift(party: str, at_s: float, text: str = TEXTS[0]) -> Receipt:
    return receipt(party, "lift", at_s, version=digest_of(text))


def run(acts: list[Receipt], now_s: float, state: Matter | None = None) -> Matter:
    result, _ = step(SETTINGS, state or initial(SETTINGS), acts, START_NS + int(now_s * SECOND_NS))
    return result


def refusals(state: Matter) -> list[str]:
    return [event.words for event in state.events if event.kind == "refused"]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Receipt], float]:
    """Acts of all kinds by all parties, many of them out of place, with time going on."""
    kind = draw(st.sampled_from(["declaration", "posture", "consultation", "delegation", "shield"]))
    acts = opened(kind, lapses_ns=draw(st.sampled_from([None, START_NS + 300 * SECOND_NS])))
    at_s = 2.0
    for number in range(draw(st.integers(0, 12))):
        at_s += draw(st.sampled_from([0.0, 1.0, 20.0, 60.0]))
        party, text = draw(st.sampled_from(PARTIES)), draw(st.sampled_from(TEXTS[:2]))
        what = draw(
            st.sampled_from(
                [
                    "put",
                    "place",
                    "place",
                    "object",
                    "object",
                    "lift",
                    "consent",
                    "consent",
                    "remark",
                ]
                + ["withdraw"] * (number > 8)
            )
        )
        content: dict[str, Any] = {"version": digest_of(text), "words": "because"}
        if what == "put":
            content = {"text": text}
        elif what == "place":
            party = draw(st.sampled_from([CHAIR, CHAIR, CHAIR, party]))
            window_s = draw(st.sampled_from([0.5, 30.0, 90.0]))
            content |= {
                "deadline_ns": START_NS + int((at_s + window_s) * SECOND_NS),
                "deadline_zone": "UTC",
            }
        key = draw(st.sampled_from([None] * 9 + ["DEU"]))
        acts.append(receipt(party, what, at_s, key=key, number=number, **content))
    return acts, at_s + draw(st.sampled_from([0.0, 29.0, 200.0]))
