"""All that the servers answer, by the page that asks it."""

from typing import Annotated, Final

import msgspec

from vedette.app.api.act import ActRequest, ActTaken, SignedDeed
from vedette.app.api.air import (
    Explanation,
    FeedHealth,
    Interference,
    LedgerState,
    TrailPoint,
    Zones,
)
from vedette.app.api.chart import Coverage, TrackProfile, ZoneTimes
from vedette.app.api.common import Refused, either
from vedette.app.api.council import Council, Cover
from vedette.app.api.desk import Desk
from vedette.app.api.incident import Incident
from vedette.app.api.ledger import Entries, Entry
from vedette.app.api.message import HelloMessage, PastKept
from vedette.app.api.node import NodeStatus, SharedObjects
from vedette.app.api.operation import Operation, Query
from vedette.app.api.reactions import NoRegister, Reactions
from vedette.app.api.study import Answers, SavedAnswer
from vedette.feeds.people import Observation
from vedette.response.desk.signed import SignedAct

_NO_HEADER: Final = (403, "the header X-Vedette: 1 is missing")
_TOO_LARGE: Final = (413, "more octets than are taken")
_BAD: Final = (400, "the body is not what it should be; the text says where")

DOCUMENT: Final = Operation("GET", "/api/openapi.json", "This document.", None)
HELLO: Final = Operation("GET", "/api/hello", "What this is, and who asks.", HelloMessage)
ZONES: Final = Operation(
    "GET", "/api/zones", "Zones for display; nothing is decided by them.", Zones,
    media="application/geo+json",
)  # fmt: skip
PAST: Final = Operation(
    "GET", "/api/past", "From when to when one can look back over /ws/past.", PastKept
)
INCIDENTS: Final = Operation("GET", "/api/incidents", "All incidents.", list[Incident])
TRAIL: Final = Operation(
    "GET", "/api/incidents/{incident_id}/trail", "Where the object of an incident was.",
    list[TrailPoint],
    queries=(Query("at", float, "of a replay: ends at this time [ms UTC]"),),
    refusals=((400, "at is no number"), (404, "no such incident")),
)  # fmt: skip
FEEDS: Final = Operation("GET", "/api/feeds", "How the feeds stand.", list[FeedHealth])
LEDGER: Final = Operation("GET", "/api/ledger", "Size and head of the ledger.", LedgerState)
ENTRIES: Final = Operation(
    "GET", "/api/ledger/entries", "Entries, newest first.", Entries, "auditor",
    queries=(
        Query("before", int, "only numbers below this one"),
        Query("count", Annotated[int, msgspec.Meta(ge=1, le=200)], "how many at most [50]"),
        Query("kind", str, "of this kind alone"),
    ),
    refusals=((400, "before and count are numbers"), (409, "the ledger cannot be read")),
)  # fmt: skip
ENTRY: Final = Operation(
    "GET", "/api/ledger/entries/{number:int}", "One entry, and the proof that it is in the signed log.",
    Entry, "auditor", refusals=((404, "no such entry"), (409, "the ledger cannot be read")),
)  # fmt: skip
EXPLAIN: Final = Operation(
    "GET", "/api/tracks/{track_id}/explain", "Why a track is said to be what it is.", Explanation,
    refusals=((404, "no such track"), (409, "the record cannot be replayed")),
)  # fmt: skip
ZONE_TIMES: Final = Operation(
    "GET", "/api/zones/{zone_id:path}/times", "When a zone is active in the day after a time.", ZoneTimes,
    queries=(Query("at", float, "the time [ms UTC]; now"),),
    refusals=((400, "at is no time"), (404, "no such zone")),
)  # fmt: skip
SENSORS: Final = Operation(
    "GET", "/api/sensors", "Sites of sensors, and as far as they see at a height.", Coverage,
    queries=(Query("height_m", float, "above mean sea level, 0 to 30,000 m [1,000]"),),
    refusals=((400, "height_m is no such height"),),
)  # fmt: skip
PROFILE: Final = Operation(
    "GET", "/api/tracks/{track_id}/profile", "Heights of a track against the zones under its way.",
    TrackProfile,
    queries=(
        Query("at", float, "of a replay: up to this time [ms UTC]"),
        Query("ahead_s", float, "how far it is predicted, 0 to 600 s [300]"),
    ),
    refusals=((400, "at or ahead_s is out of range"), (404, "no such track")),
)  # fmt: skip
INTERFERENCE: Final = Operation(
    "GET", "/api/interference", "Where satellite navigation is disturbed.", Interference
)
PICTURE: Final = Operation(
    "GET", "/api/picture.arrow", "The latest picture as an Arrow IPC stream; its columns are in x-arrow.",
    None, media="application/vnd.apache.arrow.stream",
    refusals=((503, "nothing has been seen yet"),),
)  # fmt: skip
ACT: Final = Operation(
    "POST", "/api/acts", "Hear a person; answered once it is durable in the record.", ActTaken,
    "operator", 201, body=ActRequest,
    refusals=(
        _BAD, _NO_HEADER, (404, "no such incident"), _TOO_LARGE, (503, "it was not recorded"),
    ),
)  # fmt: skip
DESK: Final = Operation("GET", "/api/desk", "Offices, questions and clocks.", Desk)
DESK_ACT: Final = Operation(
    "POST", "/api/desk/acts", "Hear a signed act; answered once it is durable in the record.", Refused,
    "desk", 201, body=SignedAct,
    refusals=(
        _BAD, (403, "no office signed it, or the header X-Vedette: 1 is missing"),
        (409, "refused, with the reason, and recorded"), _TOO_LARGE, (503, "nothing has been seen yet"),
    ),
    refused=(409,),
)  # fmt: skip
REACTIONS: Final = Operation(
    "GET", "/api/reactions", "The register of reactions.", either(Reactions, NoRegister),
    refusals=((503, "the file cannot be read"),),
)  # fmt: skip
COUNCIL: Final = Operation("GET", "/api/council", "Every matter, and files that are none.", Council)
COVER: Final = Operation(
    "GET", "/api/council/{name}/cover", "What the shield in a matter covers.", Cover,
    refusals=((404, "no such matter, or no shield"), (409, "the file cannot be read")),
)  # fmt: skip
COVER_MAP: Final = Operation(
    "GET", "/api/council/{name}/cover.svg", "The same as maps.", None, media="image/svg+xml",
    refusals=((404, "no such matter, or no shield"), (409, "the file cannot be read")),
)  # fmt: skip
COUNCIL_ACT: Final = Operation(
    "POST", "/api/council/{name}/acts", "Take a signed act into a matter.", Refused, "desk", 201,
    body=SignedDeed,
    refusals=(_BAD, _NO_HEADER, (404, "no such matter"), (409, "it has no effect"), _TOO_LARGE),
)  # fmt: skip
NODE: Final = Operation(
    "GET", "/api/node", "A node's links.", NodeStatus, refusals=((409, "it was never started"),)
)
OBJECTS: Final = Operation(
    "GET", "/api/node/objects", "What the nations tell of each object.", SharedObjects,
    refusals=((409, "the journal cannot be read"),),
)  # fmt: skip
ANSWERS: Final = Operation(
    "GET", "/api/studies", "Saved answers of studies, and files that are none.", Answers
)
ANSWER: Final = Operation(
    "GET", "/api/studies/{file}", "One of them, whole.", SavedAnswer,
    refusals=((404, "no such answer"),),
)  # fmt: skip
REPORT_FORM: Final = Operation(
    "GET", "/report", "A form for what a person noticed.", None, "operator", media="text/html"
)
REPORT: Final = Operation(
    "POST", "/report", "One observation; also as a form.", None, "operator", 201, body=Observation,
    refusals=(_BAD, _NO_HEADER, _TOO_LARGE, (429, "too many at once"), (503, "the watch is busy")),
)  # fmt: skip

OPERATIONS: Final = (
    DOCUMENT, HELLO, PAST, ZONES, ZONE_TIMES, SENSORS, INCIDENTS, TRAIL, FEEDS, LEDGER, ENTRIES, ENTRY, EXPLAIN,
    PROFILE, INTERFERENCE,
    PICTURE, ACT, DESK, DESK_ACT, REACTIONS, COUNCIL, COVER, COVER_MAP, COUNCIL_ACT, NODE, OBJECTS,
    ANSWERS, ANSWER, REPORT_FORM, REPORT,
)  # fmt: skip
