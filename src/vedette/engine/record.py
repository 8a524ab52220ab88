"""A record: the folder that holds a run. ``ledger/``, ``raw/``, ``tables/``, ``keys/``, ``record.json``.

The input log and the entries are the truth; tables are a convenience made from them. Opening a record for
writing mends what a crash tore: whole items and whole lines stay, the torn end is cut and counted.
"""

import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vedette.engine.settings import Input, RunBody
from vedette.ledger.entries import decode_entry, kind_of, whole_lines
from vedette.ledger.head import Head, read_head, sign_head
from vedette.ledger.merkle import Frontier, leaf_hashes
from vedette.ledger.raw_log import MAGIC, Item, encode_item, read_items
from vedette.ledger.seal import KEY_SIZE
from vedette.model.entry import Entry
from vedette.model.errors import RecordError

SEGMENT_BYTES: Final = 64 << 20
_PIECE: Final = 1 << 20


def platform_tag() -> dict[str, str]:
    """What a bit-exact replay depends on: CPU family and library versions."""
    from importlib.metadata import version

    return {
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "pyarrow", "shapely", "pyproj")},
    }


def node_key() -> Ed25519PrivateKey:
    """The node's signing key, made once and kept outside every record; ``VEDETTE_HOME`` says where."""
    home = Path(os.environ.get("VEDETTE_HOME") or Path.home() / ".local" / "share" / "vedette")
    path = home / "node.key"
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise RecordError(f"the node's key {path} cannot be read: {error}") from error
    key = Ed25519PrivateKey.generate()
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(key.private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return node_key()  # another process made it in between
    except OSError:
        pass  # a read-only home: this run's heads are signed with a key of its own
    return key


def _sync_folder(folder: Path) -> None:
    """Make a new or renamed name in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def pieces(path: Path) -> Iterator[bytes]:
    """A file's bytes a piece at a time."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


class Record:
    """Reading side of a record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "record.json"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise RecordError(f"{folder} holds no record: {error.strerror or error}") from error
        try:
            self.body = msgspec.json.decode(data, type=RunBody)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordError(f"{path} is not readable: {error}") from error
        self.digest = sha256(data).hexdigest()

    @property
    def entries_path(self) -> Path:
        """The ledger's entries."""
        return self.folder / "ledger" / "entries.jsonl"

    def segments(self) -> list[Path]:
        """Segments of the input log, oldest first."""
        return sorted((self.folder / "raw").glob("*.raw"))

    def head(self) -> Head | None:
        """The signed head beside the entries; None when there is none yet."""
        path = self.folder / "ledger" / "head.json"
        return read_head(path.read_bytes()) if path.exists() else None

    def lines(self) -> Iterator[bytes]:
        """Whole lines of the ledger, without line ends."""
        if not self.entries_path.exists():
            return
        for lines, _ in whole_lines(pieces(self.entries_path)):
            yield from lines

    def entries(self, kinds: Iterable[str] | None = None) -> Iterator[Entry]:
        """Entries in order, of some kinds or all.

        Raises:
            RecordError: a line is no entry; of kinds that are not asked for only the kind is read.
        """
        wanted = None if kinds is None else frozenset(kinds)
        for line in self.lines():
            if wanted is None or kind_of(line) in wanted:
                yield decode_entry(line)

    def items(self) -> Iterator[tuple[Item, bytes]]:
        """Items of the input log with their bytes; stops at the first torn one."""
        for path in self.segments():
            data = path.read_bytes()
            start, end = len(MAGIC), 0
            for item, end in read_items(data):
                yield item, data[start:end]
                start = end
            if max(start, end) != len(data):
                return

    def key_of(self, key_id: str) -> bytes | None:
        """A sealing key; None when it was destroyed."""
        path = self.folder / "keys" / f"{key_id}.key"
        return path.read_bytes() if key_id.isalnum() and path.exists() else None

    def input_bytes(self, item: Input) -> bytes:
        """A file that the run used.

        Raises:
            RecordError: it is missing or not what it was.
        """
        path = self.folder / "inputs" / item.digest
        try:
            data = path.read_bytes()
        except OSError as error:
            raise RecordError(f"the record lacks its input {item.name} ({path.name})") from error
        if sha256(data).hexdigest() != item.digest:
            raise RecordError(f"the record's input {item.name} was changed")
        return data


class RecordStore(Record):
    """Writing side of a record: the Store port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.torn_bytes = 0
        self.new = False
        self._broken: str | None = None  # why nothing more can be written
        self._key = node_key()
        self._lines: list[bytes] = []
        self._frontier = Frontier()
        self._subjects: dict[str, str] = {}
        self._keys = 0  # of names that are known to be taken
        for name in ("ledger", "raw", "keys", "tables"):
            (folder / name).mkdir(exist_ok=True)
        self._lock = self._take_lock()
        self._mend()
        self._entries: BinaryIO = self.entries_path.open("ab")
        self._raw: BinaryIO = self._open_segment()

    @classmethod
    def create(cls, folder: Path, body: RunBody, inputs: dict[str, bytes]) -> "RecordStore":
        """Begin a record in an empty or new folder.

        Raises:
            RecordError: the folder holds something else, or cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise RecordError(f"{folder} is not empty and holds no record: name a new folder")
            (folder / "inputs").mkdir()
            for digest, data in inputs.items():
                (folder / "inputs" / digest).write_bytes(data)
            text = msgspec.json.format(msgspec.json.encode(body, order="deterministic"), indent=1)
            temporary = folder / "record.json.new"
            temporary.write_bytes(text + b"\n")
            temporary.rename(folder / "record.json")
        except OSError as error:
            raise RecordError(f"cannot write a record in {folder}: {error.strerror}") from error
        return cls(folder)

    def _take_lock(self) -> BinaryIO:
        import fcntl

        lock = (self.folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RecordError(f"{self.folder} is being written by another process") from error
        return lock

    def _mend(self) -> None:
        """Cut the torn ends that a crash left."""
        if self.entries_path.exists():
            size = self.entries_path.stat().st_size
            whole = sum(len(line) + 1 for line in self.lines())
            if whole < size:
                self.torn_bytes += size - whole
                os.truncate(self.entries_path, whole)
        for number, path in enumerate(self.segments()):
            data = path.read_bytes()
            whole = len(MAGIC) if data.startswith(MAGIC) else 0
            for _, end in read_items(data):
                whole = end
            if whole == len(data) and whole > 0:
                continue
            if number != len(self.segments()) - 1:
                raise RecordError(f"{path} is damaged before its end: the record cannot continue")
            self.torn_bytes += len(data) - whole
            os.truncate(path, whole)
            if whole == 0:
                path.unlink()

    def _open_segment(self) -> BinaryIO:
        segments = self.segments()
        if segments and segments[-1].stat().st_size < SEGMENT_BYTES:
            return segments[-1].open("ab")
        path = self.folder / "raw" / f"{len(segments) + 1:06d}.raw"
        file = path.open("ab")
        file.write(MAGIC)
        file.flush()
        os.fsync(file.fileno())  # a segment without its magic would be unreadable for good
        _sync_folder(path.parent)
        return file

    def recovered(self, frontier: Frontier) -> None:
        """Go on from entries that are already on disk."""
        self._frontier = frontier

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A write that fails ends the writing: what came after it would stand behind a torn place.

        Raises:
            RecordError: it failed, or one before it did.
        """
        if self._broken is None:
            try:
                yield
            except OSError as error:
                self._broken = str(error.strerror or error)
            else:
                return
        raise RecordError(
            f"the record in {self.folder} cannot be written: {self._broken}; {self._frontier.size} entries "
            "are durable. Nothing more is recorded: make room, then the same command continues it"
        )

    def append_item(self, encoded: bytes) -> None:
        """Add one item to the input log.

        Raises:
            RecordError: it cannot be written; then nothing more can.
        """
        with self._writing():
            if self._raw.tell() >= SEGMENT_BYTES:
                self._raw.flush()
                os.fsync(self._raw.fileno())
                self._raw.close()
                self._raw = self._open_segment()
            self._raw.write(encoded)

    def append_line(self, line: bytes) -> None:
        """Add one entry; written at the next commit, after the items that it came from."""
        self._lines.append(line)

    def commit(self) -> None:
        """Items to disk, then entries, then the signed head.

        Raises:
            RecordError: they cannot be written; then nothing more can.
        """
        with self._writing():
            self._commit()

    def _commit(self) -> None:
        self._raw.flush()
        os.fsync(self._raw.fileno())
        if self._lines:
            self._entries.write(b"".join(line + b"\n" for line in self._lines))
            self._entries.flush()
            os.fsync(self._entries.fileno())
            self._frontier.extend(leaf_hashes(self._lines))
            self._lines = []
        head = sign_head(self._frontier.size, self._frontier.root(), self._key)
        path = self.folder / "ledger" / "head.json"
        temporary = path.with_name("head.new")
        with temporary.open("wb") as file:
            file.write(head)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        _sync_folder(path.parent)

    @property
    def committed(self) -> tuple[int, str]:
        """Size and root of what is durable."""
        return self._frontier.size, self._frontier.root().hex()

    def key_for(self, subject: str) -> tuple[str, bytes]:
        """The sealing key of a person, made at first need. Its name says nothing of the person."""
        key_id = self._subjects.get(subject)
        if key_id is None:
            key_id = self._free_key()
            path = self.folder / "keys" / f"{key_id}.key"
            with self._writing():
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with open(handle, "wb") as file:
                    file.write(os.urandom(KEY_SIZE))
                    file.flush()
                    os.fsync(file.fileno())
            self._subjects[subject] = key_id
        key = self.key_of(key_id)
        if key is None:  # destroyed while running: a new one for what comes
            del self._subjects[subject]
            return self.key_for(subject)
        return key_id, key

    def _free_key(self) -> str:
        """The first name that no key has or had, whatever somebody put into the folder or took from it."""
        keys = self.folder / "keys"
        if not self._keys:
            numbers = (path.stem.removeprefix("k") for path in keys.glob("k*"))
            self._keys = max((int(number) for number in numbers if number.isdecimal()), default=0)
        self._keys += 1
        return f"k{self._keys:06d}"

    def close(self) -> None:
        """Commit, unless that has failed before, and let go of the files.

        Raises:
            RecordError: what was left cannot be written.
        """
        try:
            if self._broken is None:
                self.commit()
        finally:
            for file in (self._raw, self._entries, self._lock):
                with suppress(OSError):  # a full disk: told when it was found
                    file.close()


def write_item(store: RecordStore, item: Item) -> bytes:
    """Append an item and return its bytes."""
    encoded = encode_item(item)
    store.append_item(encoded)
    return encoded
