"""Files of saved answers: what ``--out`` writes and the page of studies shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from vedette import __version__
from vedette.app.api.study import (
    Case,
    CasePlace,
    CaseSource,
    EdgeFile,
    Kind,
    ListedAnswer,
    PlayFile,
    Saved,
    SavedAnswer,
    StudyFile,
    WaysFile,
)
from vedette.app.study_words import EDGE_ASSUMED, race_words
from vedette.model.errors import SourceError
from vedette.sim.play.course import Played
from vedette.sim.study.answer import Answer
from vedette.sim.study.base import shipped_bases
from vedette.sim.study.calibration import Calibration
from vedette.sim.study.comparison import Comparison
from vedette.sim.study.edge import EdgeAnswer, EdgeIntruder, by_state
from vedette.sim.study.study import StepName, Study

FORMAT: Final = "vedette-answer/1"
SUFFIX: Final = ".answer.json"
_MAX_BYTES: Final = 64_000_000


def case_of(study: Study) -> Case:
    """What the page says of a study."""
    return Case(
        id=study.id,
        title=study.title,
        about=study.about.strip(),
        state=study.state,
        date=study.date,
        object_class=study.intruder.object_class,
        before=study.intruder.before,
        inside=study.intruder.inside,
        ready=tuple(
            CasePlace(
                name=name, state=state, latitude_deg=place[0], longitude_deg=place[1],
                readiness=readiness,
            )
            for name, state, place, readiness in study.bases()
        ),
        radars=tuple(
            CasePlace(
                name=radar.name, state=None, latitude_deg=radar.latitude_deg,
                longitude_deg=radar.longitude_deg, readiness=None,
            )
            for radar in study.watch.radars
        ),
        silence_h=study.council.silence_h,
        objects=study.council.objects,
        abstains=study.council.abstains,
        assumptions=study.assumptions,
        sources=tuple(
            CaseSource(publisher=one.publisher, date=one.date, url=one.url)
            for one in study.sources
        ),
    )  # fmt: skip


def edge_file(
    kind: EdgeIntruder,
    goal: StepName,
    drawn: tuple[int, int],
    places: Sequence[EdgeAnswer],
    *,
    doubts: bool,
) -> EdgeFile:
    """The map of one kind of intruder; ``drawn``: number of worlds at each place, and the seed."""
    return EdgeFile(
        intruder=kind,
        goal=goal,
        seed=drawn[1],
        worlds=drawn[0],
        doubts=doubts,
        states=tuple(by_state(places)),
        places=tuple(places),
        bases=tuple(shipped_bases().values()),
        assumptions=(race_words(kind, doubts=doubts), *EDGE_ASSUMED),
    )


def save_answer(path: Path, found: Saved) -> None:
    """Write an answer.

    Raises:
        SourceError: it cannot be written.
    """
    whole = SavedAnswer(format=FORMAT, version=__version__, found=found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    except OSError as error:
        raise SourceError(f"cannot write {path}: {error.strerror}") from error


def read_answer(path: Path) -> SavedAnswer:
    """A saved answer.

    Raises:
        SourceError: it cannot be read, or is none; says where and what.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SourceError(f"{path}: more than {_MAX_BYTES} octets, which no answer has")
        return msgspec.json.decode(path.read_bytes(), type=SavedAnswer)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            f"{path}: no answer of a study ({error}); 'vedette sim study NAME --out FILE.answer.json' writes one"
        ) from error


def listed(file: str, saved: SavedAnswer) -> ListedAnswer:
    """What an answer is of."""
    found = saved.found
    kind: Kind
    of = title = ""
    drawn: Answer | Comparison | EdgeFile | Calibration | Played
    if isinstance(found, StudyFile):
        kind, of, title, drawn = "study", found.case.id, found.case.title, found.answer
    elif isinstance(found, WaysFile):
        kind, of, title, drawn = "ways", found.case.id, found.case.title, found.comparison
    elif isinstance(found, EdgeFile):
        kind, of, title, drawn = "edge", found.intruder.id, found.intruder.text, found
    elif isinstance(found, PlayFile):
        kind, of, title, drawn = "play", found.book.id, found.book.title, found.played
    else:
        kind, drawn = "calibration", found.calibration
    return ListedAnswer(
        file=file, kind=kind, of=of, title=title, worlds=drawn.worlds, seed=drawn.seed,
        version=saved.version,
    )  # fmt: skip
