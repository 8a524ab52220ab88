"""Items of the input log against the digests of them that stand in the ledger."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Final, NamedTuple

from vedette.model.entry import Entry

_ITEMS_MAX: Final = 2**62  # more than any record holds


class Stretch(NamedTuple):
    """Items of which an entry has the digest."""

    start: int
    end: int
    digest: str


def stretch_of(entry: Entry) -> Stretch:
    """What an entry of kind ``raw`` attests.

    Raises:
        KeyError: it is none.
        ValueError: the same.
    """
    body = entry.body
    return Stretch(int(str(body["from"])), int(str(body["to"])), str(body["sha256"]))


def attested(stretches: Iterable[Stretch], items: Iterator[bytes]) -> tuple[int, str | None]:
    """How many items from the first on are those that the ledger attests, and what is wrong with the next.

    What is behind the last stretch is left in ``items``.
    """
    count = 0
    for start, end, wanted in stretches:
        if start != count or not start <= end <= _ITEMS_MAX:
            return count, f"no digest in the ledger attests raw items {count} to {start}"
        digest, found = sha256(), 0
        for encoded in islice(items, end - start):
            digest.update(encoded)
            found += 1
        if found != end - start or digest.hexdigest() != wanted:
            return count, f"raw items {start} to {end} are not those that the ledger attests"
        count = end
    return count, None
