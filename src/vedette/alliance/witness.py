"""The heads of other nations' records: kept, so that a fork or a rewritten past is found by any of us."""

import msgspec

from vedette.alliance.items import RecordHead
from vedette.ledger.head import Head, read_head
from vedette.ledger.merkle import consistent
from vedette.model.errors import RecordError


class Witnessed(msgspec.Struct, frozen=True, kw_only=True):
    """The last head of a record that fitted all before, as signed."""

    head: Head
    data: bytes


def witness(before: Witnessed | None, item: RecordHead) -> Witnessed | str:
    """The head as witnessed, or what it shows: that the record forked or its past was rewritten."""
    try:
        head = read_head(item.head)
        proof = [bytes.fromhex(text) for text in item.proof]
    except (RecordError, ValueError) as error:
        return f"no head: {error}"
    now = Witnessed(head=head, data=item.head)
    if before is None:
        return now
    old = before.head
    if head.public_key != old.public_key:
        return f"record {item.record[:12]} goes on under another key"
    if head.size < old.size:
        return f"record {item.record[:12]} went back from {old.size} entries to {head.size}"
    if old.size == 0:
        return now
    fits = consistent(old.size, bytes.fromhex(old.root), head.size, bytes.fromhex(head.root), proof)
    if not fits:
        return f"record {item.record[:12]}: the first {old.size} entries are not those of before"
    return now
