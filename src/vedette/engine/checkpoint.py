"""Checkpoints: the state of a run as it was at some tick, so that a long record need not be replayed whole.

A checkpoint is a cache; the record stays the truth (ADR 0001). It is kept in the user's own cache folder and
never in a record: what is read from it is Python's own objects, and reading those may run anything. A record may
come from a stranger, this folder does not.

A checkpoint is believed only where the record is as it says, by the root of its entries and the digests of its
items, and where what follows it there comes out of it again, line for line, the digest of a picture among it.
"""

import contextlib
import io
import os
import pickle
import shutil
import time
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

import vedette
from vedette.engine.course import Course
from vedette.engine.record import RecordStore, platform_tag
from vedette.engine.track_tables import TrackTables
from vedette.model.errors import RecordError
from vedette.watch import incidents as watch

EVERY_TICKS: Final = 600
KEPT: Final = 2  # of a record: the younger one may have nothing behind it yet to be tried on
_FORGOTTEN_S: Final = 30 * 86_400.0  # of a record that nobody has gone on with for so long
_SUFFIX: Final = ".checkpoint"
# of the pipeline: what it is made from, what belongs to the machine, and what only those read who look on
_GIVEN: Final = frozenset({"body", "zones", "rules", "_zones_by_id", "_tracker", "heard"})
_OF_COURSE: Final = ("items", "ticks", "last_tick_ns", "chunks", "frontier", "_raw_from")


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint is of."""

    record: str  # digest of record.json
    program: str  # digest of this program and its libraries
    items: int  # of the input log, behind it
    last_tick_ns: int
    entries: int
    root: str  # of these entries
    tables: int  # files of the record's track tables
    state: str  # digest of the bytes that follow


def checkpoints_home() -> Path:
    """Where checkpoints are kept: in the user's cache folder, or where ``VEDETTE_HOME`` says."""
    home = os.environ.get("VEDETTE_HOME")
    if home:
        return Path(home) / "checkpoints"
    cached = os.environ.get("XDG_CACHE_HOME")
    return (Path(cached) if cached else Path.home() / ".cache") / "vedette" / "checkpoints"


@cache
def program_digest() -> str:
    """Digest of this program's sources and data and of what else its numbers depend on."""
    package = Path(vedette.__file__).parent
    digest = sha256(msgspec.json.encode([platform_tag(), version("msgspec"), vedette.__version__]))
    for path in sorted(package.rglob("*.py")):
        digest.update(str(path.relative_to(package)).encode() + sha256(path.read_bytes()).digest())
    for path in sorted((package / "data").rglob("*")):
        stat = path.stat()
        digest.update(f"{path.relative_to(package)} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()


def _given(course: Course) -> dict[str, Any]:
    """What a course is made from, by name: not in the checkpoint, but looked up when it is read."""
    pipeline = course.pipeline
    named: dict[str, Any] = {
        "body": pipeline.body,
        "zones": pipeline.zones,
        "rules": pipeline.rules,
        "plan": pipeline.desk.plan,
        "timing": pipeline.desk.plan.timing,
    }
    return named | {f"zone {number}": zone for number, zone in enumerate(pipeline.zones.zones)}


def _named(name: str) -> Any:
    """Stands in a checkpoint for what is given."""
    raise RecordError(f"{name} is given only where a checkpoint is read")


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, given: Mapping[str, Any]) -> None:
        super().__init__(file, protocol=5)
        self._names = {id(found): name for name, found in given.items()}

    def reducer_override(self, obj: Any) -> Any:
        # asked of objects alone and not of each number and text, as ``persistent_id`` would be
        name = self._names.get(id(obj))
        return NotImplemented if name is None else (_named, (name,))


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, given: Mapping[str, Any]) -> None:
        super().__init__(file)
        self._given = given

    def find_class(self, module_name: str, global_name: str) -> Any:
        if (module_name, global_name) == (__name__, _named.__name__):
            return self._given.__getitem__
        return super().find_class(module_name, global_name)


def state_of(course: Course) -> bytes:
    """The state of a course behind an entry of the digest of its input log.

    Raises:
        ValueError: it has taken items since.
        pickle.PicklingError: something in it cannot be written.
    """
    if not course.digested:
        raise ValueError("items have come since the last digest of the input log")
    file = io.BytesIO()
    state = {name: vars(course)[name] for name in _OF_COURSE}
    pipeline = {name: held for name, held in vars(course.pipeline).items() if name not in _GIVEN}
    _Writer(file, _given(course)).dump((state, pipeline))
    return file.getvalue()


def put_back(course: Course, state: bytes) -> None:
    """Let a course at its beginning go on from a state of the same record."""
    of_course, pipeline = _Reader(io.BytesIO(state), _given(course)).load()
    pipeline["_watch"] = watch.among(pipeline["_watch"], course.pipeline.zones)
    vars(course).update(of_course)
    vars(course.pipeline).update(pipeline)


def _ours_alone(folder: Path) -> bool:
    """Whether nobody else can have written in a folder."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


class Checkpoint(NamedTuple):
    """One that was found, and not believed yet."""

    stamp: Stamp
    path: Path

    def state(self) -> bytes:
        """What it holds.

        Raises:
            OSError: it cannot be read.
            RecordError: it is not what its stamp says.
        """
        _, _, state = self.path.read_bytes().partition(b"\n")
        if sha256(state).hexdigest() != self.stamp.state:
            raise RecordError("its bytes were changed")
        return state

    def drop(self) -> None:
        """It was of no use."""
        _drop(self.path)


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


class Checkpoints:
    """The checkpoints of one record."""

    def __init__(
        self,
        record: str,
        *,
        home: Path | None = None,
        every_ticks: int | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Prepare.

        Args:
            record: digest of record.json.
            home: where those of all records are; ``checkpoints_home`` where None.
            every_ticks: how often one is kept; EVERY_TICKS where None.
            told: is told, once, why none can be kept.
        """
        self._home = home or checkpoints_home()
        self._folder = self._home / record[:32]
        self._record, self._told = record, told
        self._every = EVERY_TICKS if every_ticks is None else every_ticks
        self._last: int | None = None  # ticks at the last one
        self._failed = False

    def due(self, course: Course) -> bool:
        """Whether one is to be kept now: then all that is behind it has to be durable first."""
        if self._last is None:
            self._last = course.ticks
        enough = course.ticks - self._last >= self._every
        return enough and course.digested and not self._failed

    def keep(self, course: Course, store: RecordStore, tables: TrackTables) -> None:
        """Keep one.

        What fails here costs a replay one day and nothing else: it is told once, and the run goes on.
        """
        if store.committed[0] != course.frontier.size:  # never ahead of the record
            return
        self._last = course.ticks
        try:
            tables.flush()
            self._write(course, state_of(course), tables.files)
        except Exception as error:
            self._failed = True
            self._told(
                f"no checkpoint can be kept ({type(error).__name__}: {error}): "
                "who continues this record will wait for all of it to be replayed"
            )

    def _write(self, course: Course, state: bytes, tables: int) -> None:
        stamp = Stamp(
            record=self._record,
            program=program_digest(),
            items=course.items,
            last_tick_ns=course.last_tick_ns or 0,
            entries=course.frontier.size,
            root=course.frontier.root().hex(),
            tables=tables,
            state=sha256(state).hexdigest(),
        )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{course.items:015d}{_SUFFIX}"
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(msgspec.json.encode(stamp) + b"\n")
            file.write(state)
        temporary.rename(path)
        for old in self._paths()[KEPT:]:
            _drop(old)

    def _paths(self) -> list[Path]:
        """The youngest first."""
        return sorted(self._folder.glob(f"*{_SUFFIX}"), reverse=True)

    def found(self) -> list[Checkpoint]:
        """Those of this record that this program has made, the youngest first; others are removed."""
        found: list[Checkpoint] = []
        if not _ours_alone(self._folder):
            return found
        for path in self._paths():
            try:
                with path.open("rb") as file:
                    stamp = msgspec.json.decode(file.readline(), type=Stamp)
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                _drop(path)
                continue
            if stamp.record == self._record and stamp.program == program_digest():
                found.append(Checkpoint(stamp, path))
            else:
                _drop(path)
        return found

    def forget_old(self) -> None:
        """Remove the checkpoints of records that nobody has gone on with for a month."""
        with contextlib.suppress(OSError):
            for folder in self._home.iterdir():
                if time.time() - folder.stat().st_mtime > _FORGOTTEN_S:
                    shutil.rmtree(folder, ignore_errors=True)
