"""SAPIENT over TCP: each message after its length, four octets, least significant first; and as JSON in files."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from vedette.feeds.decoder import Chunk, Framer
from vedette.feeds.documents import BLANK, DocumentReader
from vedette.feeds.sapient.validation import Finding, check_json, read_message
from vedette.model.time import SECOND_NS

PREFIX: Final = 4
MESSAGE_MAX: Final = 4 << 20  # a registration of hundreds of classes has 100 kB


class Frame(NamedTuple):
    """One message, or what is none."""

    offset: int
    data: bytes  # without its length; with it where ``is_message`` is False
    is_message: bool = True


def encode_frame(message: bytes) -> bytes:
    """A message with its length before it.

    Raises:
        ValueError: it is longer than any receiver would take.
    """
    if len(message) > MESSAGE_MAX:
        raise ValueError(f"a message of {len(message)} octets is longer than {MESSAGE_MAX}")
    return len(message).to_bytes(PREFIX, "little") + message


def cut_frames(stretch: bytes) -> tuple[list[Frame], int]:
    """Whole frames of a stretch, and how many octets of it are settled.

    A length that no message has makes the rest unreadable, since nothing marks where a message begins.
    """
    found: list[Frame] = []
    at = 0
    while len(stretch) - at >= PREFIX:
        size = int.from_bytes(stretch[at : at + PREFIX], "little")
        if not 0 < size <= MESSAGE_MAX:
            found.append(Frame(at, stretch[at:], is_message=False))
            return found, len(stretch)
        if at + PREFIX + size > len(stretch):
            break
        found.append(Frame(at, stretch[at + PREFIX : at + PREFIX + size]))
        at += PREFIX + size
    return found, at


class SapientFramer:
    """Cuts a stream into chunks of one framed message; in a file each is taken as heard when it was sent."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._latest_ns = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks completed by the next piece."""
        self._rest += data
        if _is_open(self._rest):
            return  # a long message that comes in small pieces is not copied with each of them
        frames, settled = cut_frames(bytes(self._rest))
        del self._rest[:settled]
        for frame in frames:
            if not frame.is_message:
                yield Chunk(self._latest_ns, frame.data)
                continue
            self._latest_ns = max(self._latest_ns, sent_ns(frame.data) or 0)
            yield Chunk(self._latest_ns, encode_frame(frame.data))

    def finish(self) -> Iterator[Chunk]:
        """A message that the end cut off."""
        rest = bytes(self._rest)
        self._rest.clear()
        if rest:
            yield Chunk(self._latest_ns, rest)


def _is_open(stretch: bytearray) -> bool:
    """Whether the first message has not ended."""
    size = int.from_bytes(stretch[:PREFIX], "little")
    return len(stretch) < PREFIX or (size <= MESSAGE_MAX and len(stretch) < PREFIX + size)


class SapientJsonFramer:
    """Cuts a file of messages in protobuf's JSON form into chunks of one, taken as heard when it was sent."""

    def __init__(self) -> None:
        self._documents = DocumentReader()
        self._latest_ns = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks completed by the next piece."""
        for document in self._documents.push(data):
            message, _ = check_json(document.data) if document.is_object else (None, [])
            if message is not None:
                self._latest_ns = max(self._latest_ns, _stated_ns(message) or 0)
            yield Chunk(self._latest_ns, document.data)

    def finish(self) -> Iterator[Chunk]:
        """A message that the end cut off."""
        rest, self._documents = self._documents.rest, DocumentReader()
        if rest.strip(BLANK):
            yield Chunk(self._latest_ns, rest)


def is_json(data: bytes) -> bool:
    """Whether octets begin as JSON does; as a length those four would be beyond ``MESSAGE_MAX``."""
    return len(data) >= PREFIX and data.lstrip(BLANK)[:1] == b"{" and data[PREFIX - 1] != 0


def framer_of(head: bytes) -> Framer:
    """The framer for a file that begins so."""
    return SapientJsonFramer() if is_json(head) else SapientFramer()


def sent_ns(data: bytes) -> int | None:
    """When a message says that it was sent [ns UTC]; None if it says no time that can be."""
    message = read_message(data)
    return None if isinstance(message, Finding) else _stated_ns(message)


def _stated_ns(message: SapientMessage) -> int | None:
    if not message.HasField("timestamp"):
        return None
    stamp = message.timestamp
    if not (0 < stamp.seconds < 4_102_444_800 and 0 <= stamp.nanos < SECOND_NS):
        return None
    return int(stamp.seconds) * SECOND_NS + int(stamp.nanos)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so begins with a SAPIENT message that names its node and time."""
    if is_json(head):
        first = next(iter(DocumentReader().push(head)), None)
        said = check_json(first.data)[0] if first is not None and first.is_object else None
        return (
            said is not None and said.HasField("node_id") and said.WhichOneof("content") is not None
        )
    size = int.from_bytes(head[:PREFIX], "little")
    if len(head) <= PREFIX or not 0 < size <= min(MESSAGE_MAX, len(head) - PREFIX):
        return False
    message = read_message(head[PREFIX : PREFIX + size])
    if isinstance(message, Finding):
        return False
    return bool(message.HasField("node_id")) and message.WhichOneof("content") is not None
