"""JSON objects out of a stream of octets, whether one a line or spread over lines."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

DOCUMENT_MAX: Final = 4 * 1_048_576
BLANK: Final = b" \t\r\n\xef\xbb\xbf"  # and the mark that some programs begin a file with
_TOKEN: Final = re.compile(rb'["\\{}\n]')
_OPENINGS: Final = b"[,:"  # what may stand before an object within another


class Document(NamedTuple):
    """One object, or octets that are none."""

    data: bytes
    offset: int  # within the stretch that was pushed last; negative: it began before
    is_object: bool


class DocumentReader:
    """Finds where objects end by their braces; a broken one ends where another must begin.

    Bounded: an object longer than ``most`` octets (``DOCUMENT_MAX``) comes out as octets that are none.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = DOCUMENT_MAX if most is None else most
        self._text = bytearray()  # of the object or the rubbish that has not ended
        self._seen = 0  # octets of it that were looked at
        self._depth = 0
        self._quoted = False

    @property
    def rest(self) -> bytes:
        """What has not ended."""
        return bytes(self._text)

    @property
    def waits(self) -> bool:
        """Whether an object or rubbish has not ended."""
        return bool(self._text)

    def give_up(self) -> list[Document]:
        """What has not ended, as octets that are no object; nothing waits any more."""
        rest, start = self.rest, -len(self._text)
        self._text.clear()
        self._seen, self._depth, self._quoted = 0, 0, False
        return [Document(rest, start, is_object=False)] if rest.strip(BLANK) else []

    def push(self, data: bytes) -> list[Document]:
        """What the next octets complete."""
        found: list[Document] = []
        start = -len(self._text)
        self._text += data
        text, at = self._text, self._seen
        begin = 0  # of the current object or rubbish
        while True:
            token = _TOKEN.search(text, at)
            if token is None:
                at = len(text)
                break
            spot, sign = token.start(), token.group()
            at = spot + 1
            if self._quoted:
                if sign == b"\\":
                    if at == len(text):  # what it escapes has not come
                        at = spot
                        break
                    at += 1
                elif sign == b'"':
                    self._quoted = False
                elif sign == b"\n":  # no string has a line's end: the object is broken
                    found += _piece(text, begin, at, start, is_object=False)
                    begin, self._depth, self._quoted = at, 0, False
            elif sign == b"{":
                if self._depth and not _may_open(text, spot):
                    found += _piece(text, begin, spot, start, is_object=False)
                    begin, self._depth = spot, 0
                if not self._depth:
                    found += _piece(text, begin, spot, start, is_object=False)
                    begin = spot
                self._depth += 1
            elif sign == b"}" and self._depth:
                self._depth -= 1
                if not self._depth:
                    found += _piece(text, begin, at, start, is_object=True)
                    begin = at
            elif sign == b'"':
                self._quoted = self._depth > 0
            elif sign == b"\n" and not self._depth:
                found += _piece(text, begin, at, start, is_object=False)
                begin = at
        if len(text) - begin > self._most:
            found += _piece(text, begin, len(text), start, is_object=False)
            begin = at = len(text)
            self._depth, self._quoted = 0, False
        del text[:begin]
        self._seen = at - begin
        return found


def whole_or_pushed(
    reader: DocumentReader, data: bytes, is_one: Callable[[bytes], bool]
) -> list[Document]:
    """The objects that ``data`` completes; one that is whole, as over HTTP, is not looked through for its end.

    It ends what waits, too: the rest of an answer that was cut off does not come with the next one.

    Args:
        reader: of the stream.
        data: its next octets.
        is_one: whether octets are one object of the format.
    """
    if data[:1] == b"{" and data.rstrip()[-1:] == b"}" and is_one(data):
        return [*reader.give_up(), Document(data, 0, is_object=True)]
    return reader.push(data)


def _may_open(text: bytearray, spot: int) -> bool:
    """Whether an object may begin at ``spot`` within another, which began before it."""
    spot -= 1
    while text[spot] in BLANK:
        spot -= 1
    return text[spot] in _OPENINGS


def _piece(text: bytearray, begin: int, end: int, start: int, *, is_object: bool) -> list[Document]:
    data = bytes(text[begin:end])
    if is_object or b"\n{" not in data.rstrip(BLANK):
        return [Document(data, start + begin, is_object)] if data.strip(BLANK) else []
    # a broken object may have swallowed whole ones on the lines after it
    found: list[Document] = []
    at = start + begin
    for line in data.splitlines(keepends=True):
        bare = line.strip(BLANK)
        if bare:
            found.append(Document(line, at, bare[:1] == b"{" and bare[-1:] == b"}"))
        at += len(line)
    return found
