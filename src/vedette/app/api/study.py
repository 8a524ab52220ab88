"""Saved answers of studies and play-books: what their page shows, and the form of their files."""

from typing import Literal

import msgspec

from vedette.app.api.common import Latitude, Longitude, Share
from vedette.sim.play.book import Book
from vedette.sim.play.course import Played
from vedette.sim.study.answer import Answer
from vedette.sim.study.base import Base
from vedette.sim.study.calibration import Calibration
from vedette.sim.study.comparison import Comparison
from vedette.sim.study.edge import EdgeAnswer, EdgeIntruder, StateAnswer
from vedette.sim.study.sensitivity import Sensitivity
from vedette.sim.study.study import Readiness, StepName

Kind = Literal["study", "ways", "edge", "calibration", "play"]


class CaseSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where a fact of a case is published."""

    publisher: str
    date: str
    url: str


class CasePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Aircraft kept ready, or a radar, of a case."""

    name: str
    state: str | None
    latitude_deg: Latitude
    longitude_deg: Longitude
    readiness: Readiness | None  # null: of a radar


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a study asks about."""

    id: str
    title: str
    about: str
    state: str
    date: str
    object_class: str
    before: tuple[tuple[Latitude, Longitude], ...]  # its way to the entry
    inside: tuple[tuple[Latitude, Longitude], ...]  # the first is the entry
    ready: tuple[CasePlace, ...]
    radars: tuple[CasePlace, ...]
    silence_h: float
    objects: Share  # probability that a member does
    abstains: Share
    assumptions: tuple[str, ...]
    sources: tuple[CaseSource, ...]


class StudyFile(msgspec.Struct, frozen=True, kw_only=True, tag="study", tag_field="kind"):
    """``vedette sim study``: steps, the late step, changes."""

    case: Case
    answer: Answer
    sensitivity: Sensitivity | None


class WaysFile(msgspec.Struct, frozen=True, kw_only=True, tag="ways", tag_field="kind"):
    """``vedette sim compare``: ways of deciding on the same draws."""

    case: Case
    comparison: Comparison


class EdgeFile(msgspec.Struct, frozen=True, kw_only=True, tag="edge", tag_field="kind"):
    """``vedette sim map``: readiness along the edge."""

    intruder: EdgeIntruder
    goal: StepName
    seed: int
    worlds: int  # at each place
    doubts: bool
    states: tuple[StateAnswer, ...]
    places: tuple[EdgeAnswer, ...]
    bases: tuple[Base, ...]  # that are taken to keep aircraft ready
    assumptions: tuple[str, ...]


class CalibrationFile(
    msgspec.Struct, frozen=True, kw_only=True, tag="calibration", tag_field="kind"
):
    """``vedette sim calibrate``: the model's answers beside what is published."""

    calibration: Calibration


class PlayFile(msgspec.Struct, frozen=True, kw_only=True, tag="play", tag_field="kind"):
    """``vedette sim play``: postures of a play-book."""

    book: Book
    played: Played


Saved = StudyFile | WaysFile | EdgeFile | CalibrationFile | PlayFile


class SavedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One file of ``--out``."""

    format: Literal["vedette-answer/1"]
    version: str  # of the program that worked it out
    found: Saved


class ListedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a saved answer is of."""

    file: str
    kind: Kind
    of: str  # study, kind of intruder or play-book; "" for the calibration
    title: str
    worlds: int
    seed: int
    version: str


class AnswerFault(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is none."""

    file: str
    error: str


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """All saved answers that the page was given."""

    answers: tuple[ListedAnswer, ...]
    faults: tuple[AnswerFault, ...]
