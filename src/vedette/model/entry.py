"""What the ledger stores: one entry for each fact that somebody may later want to prove."""

from typing import Literal

import msgspec

EntryKind = Literal[
    "record",  # settings, versions, feeds, digests of zones and rules
    "session",  # a process began or continued the record
    "raw",  # digest of a closed stretch of raw bytes
    "feed",  # a FeedStatus that changed
    "registration",  # a radar was found to be biased, or no longer is
    "quarantine",  # bytes that could not be used
    "loss",  # anything dropped, late or shed: what and how many
    "picture",  # digest of the track table
    "track",  # a track confirmed, merged or ended
    "assessment",
    "crossing",
    "incident",
    "advice",
    "report",  # flight plan, answer of air traffic services, sighting
    "act",  # unsigned, decides nothing: an incident was seen, a remark
    "desk_act",  # what a person signed at the desk, and why it was refused where it was
    "clock",  # what can still be done before an object is gone, or there
    "paper",  # a question put to offices, how it stands, and who said what
    "notice",  # what we told a person
    "integrity",  # the verdict on the word of an aircraft changed
    "interference",  # where satellite navigation is disturbed: aircraft heard and affected, by cells
    "matter",  # council
]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry. ``body`` is plain JSON; ``sealed`` holds its personal part, encrypted."""

    kind: EntryKind
    valid_ns: int
    body: dict[str, object]
    sealed: dict[str, str] | None = None  # {"key": id, "box": base64}
