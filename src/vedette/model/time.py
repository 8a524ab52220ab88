"""Time as integer nanoseconds UTC since 1970, and its written form."""

from datetime import UTC, datetime
from typing import Final

SECOND_NS: Final = 1_000_000_000
DAY_NS: Final = 86_400 * SECOND_NS


def format_utc(instant_ns: int) -> str:
    """ISO 8601 with milliseconds and ``Z``.

    >>> format_utc(1_758_265_080_000_000_000)
    '2025-09-19T06:58:00.000Z'
    """
    seconds, rest_ns = divmod(instant_ns, SECOND_NS)
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{rest_ns // 1_000_000:03d}Z"


def parse_utc(text: str) -> int:
    """Nanoseconds of an ISO 8601 instant; a text without an offset is taken as UTC.

    Raises:
        ValueError: the text is no ISO 8601 date or instant.

    >>> parse_utc("2025-09-19T06:58:00Z")
    1758265080000000000
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * SECOND_NS + moment.microsecond * 1_000


def day_start_ns(instant_ns: int) -> int:
    """Midnight UTC that begins the day of an instant."""
    return instant_ns - instant_ns % DAY_NS
