"""A study: one intruder, who watches, who can go and look, who decides; and what is published of it.

YAML, closed to unknown keys; see ``docs/reference/studies.md``. Nothing in it says what happens to the intruder.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec

from vedette.airspace.states import check_state
from vedette.council.decision import populations
from vedette.model.assessment import CLASSES
from vedette.model.errors import SettingError, SourceError
from vedette.response.timing import Spread
from vedette.sim.document import read
from vedette.sim.study.base import shipped_bases

FORMAT: Final = "vedette-study/1"
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
State = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Place = tuple[Latitude, Longitude]
Readiness = Literal["alert", "raised", "airborne"]
Office = Literal["commander", "minister", "cabinet"]
StepName = Literal[
    "seen", "reported", "correlated", "launch_decided", "airborne", "looked_at", "authority",
    "neighbours_told", "public_warned", "airspace_closed", "capital", "council_meets", "council",
]  # fmt: skip


class Intruder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes: its way, speed, height and time, and nothing else."""

    object_class: str
    before: tuple[Place, ...] = ()  # on the way to the entry
    inside: Annotated[tuple[Place, ...], msgspec.Meta(min_length=1)]  # the first is the entry
    height_agl_m: Spread
    speed_mps: Spread  # before the entry
    inside_s: Spread  # until it leaves, falls or was last known of
    ends: Literal["leaves", "falls", "lost"] = "leaves"
    before_over: Literal["sea", "state"] = "state"  # over another state nobody goes to meet it


class Radar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A radar that needs no answer of what it sees; over a smooth sea on a 4/3 Earth."""

    name: Words
    latitude_deg: Latitude
    longitude_deg: Longitude
    antenna_agl_m: Annotated[float, msgspec.Meta(ge=-500, le=30_000)]
    range_m: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who has the track before it enters, and may pass it on."""

    state: State
    before_s: Spread  # how long before the entry
    tells: Share


class Watch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it becomes known."""

    radars: tuple[Radar, ...] = ()
    sees: Share = 0.75  # each radar in whose sight it comes makes a track of it, or never does
    neighbour: Neighbour | None = None
    from_entry: bool = False  # there is nothing to report before: a crew that answers, then no more
    people: Share = 0.0  # report it
    people_s: Spread | None = (
        None  # after the fall, or the entry of what does not; None: ``people_call``
    )


class Ready(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Aircraft that are kept ready to go and look."""

    base: str | None = None  # code of an airfield of the list, or ...
    name: Words = "patrol"
    at: Place | None = None  # ... a place
    state: State | None = None  # whose aircraft; None: of the state on whose ground the base lies
    readiness: Readiness = "alert"


class Council(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the council is asked for afterwards, and how it decides."""

    silence_h: Annotated[float, msgspec.Meta(gt=0, le=24 * 365)] = 24.0
    objects: Share = 0.0  # probability that one member objects
    abstains: Share = 0.0
    unreachable: tuple[State, ...] = ()
    beforehand: bool = False  # all have consented to it before: nobody is asked any more


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a published fact stands."""

    publisher: Words
    date: str
    url: str


class Published(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known to have happened, beside which the model's answer is put."""

    until: StepName | Literal["gone"]
    since: StepName | Literal["entry", "gone"] = "entry"
    seconds: float | None = None  # from one to the other, or ...
    in_time: bool | None = None  # ... whether it was done before the intruder had gone
    words: Words
    source: str
    anchor: bool = False  # the model's times were chosen with it in view: no independent evidence
    why: str = ""  # the model's answer is another: why, as far as is known


class Study(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One study file."""

    format: Literal["vedette-study/1"]
    id: Annotated[str, msgspec.Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Words
    about: Words
    state: State
    date: str = ""
    incident: str = ""
    intruder: Intruder
    watch: Watch
    ready: tuple[Ready, ...] = ()
    patrol: Place | None = None  # where one would fly, if one did
    authority: Office = "minister"
    asked: Literal["looked_at", "correlated"] = "looked_at"  # after which step
    delegated: bool = False  # the watch sends aircraft to look without asking
    found: Share = 0.9  # who is there to look sees it
    council: Council = Council()
    goal: StepName = "looked_at"
    published: tuple[Published, ...] = ()
    assumptions: Annotated[tuple[Words, ...], msgspec.Meta(min_length=1)]
    sources: tuple[Source, ...] = ()

    def bases(self) -> list[tuple[str, str, Place, Readiness]]:
        """Name, state, place and readiness of everything that is kept ready."""
        out: list[tuple[str, str, Place, Readiness]] = []
        for one in self.ready:
            if one.at is not None:
                out.append((one.name, one.state or self.state, one.at, one.readiness))
            else:
                base = shipped_bases()[one.base or ""]
                out.append(
                    (base.name, one.state or base.state, (base.latitude_deg, base.longitude_deg), one.readiness)
                )  # fmt: skip
        return out


def read_study(name: str, data: bytes) -> Study:
    """A study of a file.

    Raises:
        SourceError: it is none; says where and what.
    """
    return read(name, data, Study, _check)


def _check(study: Study) -> None:
    for where, spread in _spreads(study):
        try:
            spread.check()
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
    if study.intruder.object_class not in CLASSES:
        raise ValueError(f"intruder.object_class: one of {', '.join(CLASSES)}")
    for k, one in enumerate(study.ready):
        if (one.base is None) == (one.at is None):
            raise ValueError(f"ready[{k}]: give base or at")
        if one.base is not None and one.base not in shipped_bases():
            raise ValueError(f"ready[{k}].base: {one.base} is none of `vedette sim map --bases`")
    states = [("state", study.state)]
    if study.watch.neighbour is not None:
        states.append(("watch.neighbour.state", study.watch.neighbour.state))
    states += [(f"ready[{k}].state", one.state) for k, one in enumerate(study.ready) if one.state]
    for where, code in states:
        try:
            check_state(where, code)
        except SettingError as error:
            raise ValueError(str(error)) from error
    strangers = set(study.council.unreachable) - set(populations("nato"))
    if strangers:
        raise ValueError(f"council.unreachable: {', '.join(sorted(strangers))} takes no part")
    for k, item in enumerate(study.published):
        if (item.seconds is None) == (item.in_time is None):
            raise ValueError(f"published[{k}]: give seconds or in_time")
        if item.in_time is not None and item.until == "gone":
            raise ValueError(f"published[{k}].in_time: of a step")


def _spreads(study: Study) -> list[tuple[str, Spread]]:
    out = [
        ("intruder.height_agl_m", study.intruder.height_agl_m),
        ("intruder.speed_mps", study.intruder.speed_mps),
        ("intruder.inside_s", study.intruder.inside_s),
    ]
    if study.watch.neighbour is not None:
        out.append(("watch.neighbour.before_s", study.watch.neighbour.before_s))
    if study.watch.people_s is not None:
        out.append(("watch.people_s", study.watch.people_s))
    return out


@cache
def gallery() -> dict[str, Study]:
    """The studies that come with the program, by id.

    Raises:
        SourceError: the installation is damaged.
    """
    found = {}
    folder = files("vedette") / "data" / "studies" / "gallery"
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.name.endswith(".yaml"):
            study = read_study(item.name, item.read_bytes())
            if item.name != f"{study.id}.yaml":
                raise SourceError(f"{item.name}: its id is {study.id}")
            found[study.id] = study
    return found


def named(name: str) -> Study:
    """A study of the gallery.

    Raises:
        SettingError: there is none of that name.
    """
    found = gallery()
    if name not in found:
        raise SettingError(f"no study {name!r}; there are {', '.join(found)}")
    return found[name]
