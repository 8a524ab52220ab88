"""The file of a matter: one signed act a line, each line naming the one before; and keys of parties."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from uuid import uuid4

import msgspec

from vedette.council.lines import FORMAT, Header, line_digest
from vedette.model.errors import RecordError, SettingError

if TYPE_CHECKING:
    from vedette.council.act import Receipt, Roster
    from vedette.council.matter import Event, Matter, MatterSettings


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party's private key, as ``vedette council key`` writes it."""

    party: str
    private_key: str
    public_key: str = ""  # for a browser, which cannot make it from the private one


_SET_BACK_NS: Final = 10_000_000_000  # a clock that jumps further back is a fault to look into


@dataclass(frozen=True, kw_only=True)
class MatterFile:
    """A matter file as read, its chain of lines checked."""

    path: Path
    settings: "MatterSettings"
    matter_id: str
    drill: bool  # as it was opened, for good
    receipts: "tuple[Receipt, ...]"
    head: str  # SHA-256 of the last line: who keeps it elsewhere sees a cut end
    broken_sights: tuple[int, ...] = ()  # lines whose act was signed after a line that is not there
    torn: bytes = b""  # what a writer that died left of a line; it has no effect

    @property
    def latest_ns(self) -> int:
        """The latest receipt."""
        return max([0, *(receipt.received_ns for receipt in self.receipts)])


def path_of(matter: Path) -> Path:
    """The file of a matter that is given as a file or as its folder."""
    return matter / "matter.jsonl" if matter.is_dir() else matter


def read_key(path: Path) -> tuple[str, bytes]:
    """A party and its private key (32 bytes).

    Raises:
        RecordError: the file holds none.
    """
    from vedette.model.signature import from_base64

    try:
        key = msgspec.json.decode(path.read_bytes(), type=KeyFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: no key file: {error}") from error
    private = from_base64(key.private_key)
    if len(private) != 32:
        raise RecordError(f"{path}: the key has not 32 bytes")
    return key.party, private


@contextmanager
def locked(path: Path, *, append: bool) -> Iterator[BinaryIO]:
    """The matter file while nobody else appends to it."""
    import fcntl

    try:
        file = path.open("r+b" if append else "rb")
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX if append else fcntl.LOCK_SH)
        yield file  # closing it unlocks


def read_matter(matter: Path) -> "MatterFile":
    """A matter from its file, while nobody appends to it.

    Raises:
        RecordError: as ``parsed``.
    """
    path = path_of(matter)
    with locked(path, append=False) as file:
        data = file.read()
    return parsed(path, data)


def parsed(path: Path, data: bytes, now_ns: int | None = None) -> "MatterFile":
    """The lines of a matter file, each checked to follow the one before.

    Raises:
        RecordError: a line cannot be read or does not follow; or it is dated after the present, in a
            matter that was not opened as a drill.
    """
    from vedette.council.act import DRILL, Receipt, Roster, decode_act, roster_fault
    from vedette.council.matter import MatterSettings
    from vedette.model.signature import from_base64

    whole, torn = whole_lines(data)
    lines = whole.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    try:
        header = msgspec.json.decode(lines[0] if lines else b"", type=Header)
        if header.format != FORMAT:
            raise RecordError(f"{path}: line 1: format {header.format!r}, not {FORMAT!r}")
        roster = msgspec.convert(
            {"keys": header.roster, "deputies": header.deputies, "keeper": header.keeper}, Roster
        )
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: line 1: no matter file: {error}") from error
    fault = roster_fault(roster)
    if fault is not None:
        raise RecordError(f"{path}: line 1: {fault}")
    drill = header.matter_id.startswith(DRILL)
    now_ns = time.time_ns() if now_ns is None else now_ns
    heads = {line_digest(lines[0])}
    receipts, broken_sights = [], []
    for number, line in enumerate(lines[1:], start=2):
        try:
            receipt = msgspec.json.decode(line, type=Receipt)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordError(f"{path}: line {number}: {error}") from error
        if receipt.previous != line_digest(lines[number - 2]):
            raise RecordError(f"{path}: line {number}: does not follow the line before it")
        if not drill and receipt.received_ns > now_ns:
            raise RecordError(f"{path}: line {number}: received after the present")
        receipts.append(receipt)
        act = decode_act(from_base64(receipt.act))
        if act is not None and act.seen is not None and act.seen not in heads:
            broken_sights.append(number)
        heads.add(line_digest(line))
    return MatterFile(
        path=path,
        settings=MatterSettings(roster=roster, window_min_s=1.0)
        if drill
        else MatterSettings(roster=roster),
        matter_id=header.matter_id,
        drill=drill,
        receipts=tuple(receipts),
        head=line_digest(lines[-1]),
        broken_sights=tuple(broken_sights),
        torn=torn,
    )


def whole_lines(data: bytes) -> tuple[bytes, bytes]:
    """The whole lines, and what a writer that died left of one: nobody was told that it had effect."""
    start = data.rfind(b"\n") + 1
    last = data[start:]
    if not last or start == 0:
        return data, b""
    try:
        msgspec.json.decode(last)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return data[:start], last
    return data, b""  # copied without its end


def replayed(file: "MatterFile", receipts: "Sequence[Receipt]", now_ns: int) -> "Matter":
    """The matter after some of its lines; all must be of the matter that the first line names."""
    from vedette.council import matter as council

    state, _ = council.step(file.settings, council.initial(file.settings), receipts, now_ns)
    if state.matter_id not in (None, file.matter_id):
        raise RecordError(f"{file.path}: line 1: another matter than its acts name")
    return state


def set_torn_aside(handle: BinaryIO, file: "MatterFile") -> None:
    """Move what is left of a line into a file beside, so that the next line stands on its own."""
    name = f"{file.path.name}.torn-{sha256(file.torn).hexdigest()[:12]}"
    with (file.path.parent / name).open("wb") as beside:
        beside.write(file.torn)
        beside.flush()
        os.fsync(beside.fileno())
    handle.truncate(handle.seek(0, os.SEEK_END) - len(file.torn))


def append_line(file: BinaryIO, line: bytes) -> None:
    """Append a line to a locked file and make it durable."""
    file.seek(0, os.SEEK_END)
    if file.tell() > 0:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":  # the last line was copied without its end
            line = b"\n" + line
    file.write(line + b"\n")
    file.flush()
    os.fsync(file.fileno())


def append_receipt(
    matter: Path,
    make: "Callable[[MatterFile, int], Receipt]",
    given_ns: int | None,
    came_ns: int | None = None,
) -> "tuple[Matter, tuple[Event, ...], str | None]":
    """Stamp an act with the time at which it came, try it, and append it, while nobody else does.

    Args:
        matter: the file.
        make: the act as received, from the file as it stands and the time [ns UTC].
        given_ns: time of receipt in a drill; None: now.
        came_ns: when the act came, where it had to wait since; None: now.

    Returns:
        The matter, what happened, and why the act has no effect where it has none. A signed one is then
        appended all the same: it is spent, and nobody can bring it forward when it would have effect.

    Raises:
        RecordError: as ``parsed``.
        SettingError: a time was given, and the matter is no drill.
    """
    from vedette.council import matter as council
    from vedette.council.act import decode_act
    from vedette.model.signature import from_base64

    came_ns = (
        time.time_ns() if came_ns is None else came_ns
    )  # before the lock: whoever waits for it is not late
    with locked(path_of(matter), append=True) as handle:  # nobody appends between stamp and line
        # a keeper's clock that was set back a little keeps nobody's no out
        file = parsed(path_of(matter), handle.read(), time.time_ns() + _SET_BACK_NS)
        if given_ns is not None and not file.drill:
            raise SettingError("--at: only in a matter that was opened as a drill, by open --at")
        now_ns = max(came_ns, file.latest_ns) if given_ns is None else given_ns
        receipt = msgspec.structs.replace(
            make(file, now_ns), drill=given_ns is not None, previous=file.head
        )
        before = replayed(file, file.receipts, max([now_ns, file.latest_ns]))
        state, events = council.step(file.settings, before, [receipt], now_ns)
        if state.matter_id not in (None, file.matter_id):
            raise RecordError(f"{file.path}: the act is of another matter")
        refused = [event for event in events if event.kind == "refused"]
        act = decode_act(from_base64(receipt.act))
        known = act is not None and (act.party, act.act_id) in before.act_ids
        here = act is not None and (act.matter_id, act.roster) == (
            file.matter_id,
            file.settings.roster.digest,
        )
        if file.torn:
            set_torn_aside(handle, file)
        # an act that nobody here signed, or of before, or of elsewhere, fills no file
        if not refused or (refused[-1].party is not None and here and not known):
            append_line(handle, msgspec.json.encode(receipt))
    return state, events, refused[-1].words if refused else None


def signed_receipt(
    roster: "Roster",
    matter_id: str,
    party: str,
    private: bytes,
    person: str,
    office: str,
    kind: str,
    now_ns: int,
    content: dict[str, Any],
    seen: str | None = None,
) -> "Receipt":
    """An act, signed, as received at ``now_ns``; its place in the file is not yet filled in.

    ``seen`` is the head of the file as the signer saw it.

    Raises:
        SettingError: the content does not fit the kind of act.
    """
    from vedette.council.act import CouncilAct, Receipt, encode_act
    from vedette.model.signature import public_key_of, sign, to_base64

    try:
        act: CouncilAct = msgspec.convert(
            {
                "act_id": uuid4().hex,
                "matter_id": matter_id,
                "roster": roster.digest,
                "party": party,
                "person": person,
                "office": office,
                "kind": kind,
                "valid_ns": now_ns,
                "seen": seen,
                **content,
            },
            CouncilAct,
        )
    except msgspec.ValidationError as error:
        raise SettingError(f"{kind}: {error}") from error
    data = encode_act(act)
    return Receipt(
        received_ns=now_ns,
        act=to_base64(data),
        public_key=to_base64(public_key_of(private)),
        signature=to_base64(sign(data, private)),
    )
