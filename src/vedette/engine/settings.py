"""All that a run depends on besides its input: kept in the record, so that a replay is the same run."""

from typing import Annotated, Final, Literal

import msgspec

from vedette.fusion.settings import FusionSettings
from vedette.identity.settings import IdentitySettings
from vedette.model.errors import SettingError
from vedette.model.sensor import Sensor
from vedette.response.advise import ResponseSettings
from vedette.response.decision_clock import ClockSettings
from vedette.response.desk.admission import AdmissionSettings
from vedette.response.desk.docket import DocketSettings
from vedette.watch.settings import WatchSettings

DESK: Final = "desk"  # the decoder of the feed that only carries people's acts
Seconds = Annotated[float, msgspec.Meta(gt=0, le=60)]


class FeedSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed: its name, where it comes from and what decodes it."""

    feed_id: str
    url: str
    decoder: str  # a name of ``feeds.formats``, or ``DESK``


class DeskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the two stages of the desk."""

    admission: AdmissionSettings = AdmissionSettings()
    docket: DocketSettings = DocketSettings()


class StageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of every stage."""

    fusion: FusionSettings = FusionSettings()
    identity: IdentitySettings = IdentitySettings()
    watch: WatchSettings = WatchSettings()
    response: ResponseSettings = ResponseSettings()
    desk: DeskSettings = DeskSettings()
    clock: ClockSettings = ClockSettings()


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the engine itself."""

    tick_s: Seconds = 1.0  # the stages run once a tick
    silent_s: Seconds = 8.0  # a feed silent for longer is shown as dead
    digest_ticks: Annotated[int, msgspec.Meta(ge=1, le=3600)] = (
        10  # digests of raw bytes and picture
    )
    quarantine_per_tick: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = (
        20  # of one feed and reason
    )
    quarantine_bytes: Annotated[int, msgspec.Meta(ge=0, le=65_536)] = (
        256  # of each shown in its entry
    )
    queue_chunks: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 50_000


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that the run used, kept in the record's ``inputs`` folder."""

    name: str
    digest: str


class SimulatedWorld(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which simulated world a run is of: its scenario, kept among the inputs, and its seed."""

    scenario: Input
    seed: int


class RunBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``record.json`` holds and the first entry of the ledger attests."""

    format: Literal[1] = 1
    version: str
    created_ns: int
    mode: Literal["live", "demo", "replay"] = "live"
    exercise: bool = False
    # In an exercise check K9 (no exercise, test or replay) is answered as in life, so that people are asked what
    # they would be asked; the question of force stays closed by F14, as in everything that is not seen live
    as_in_life: bool = False
    world: SimulatedWorld | None = None
    label: str | None = None  # a banner: "RECONSTRUCTION from published facts"
    feeds: tuple[FeedSpec, ...]
    sensors: tuple[Sensor, ...] = ()
    day_start_ns: int | None = None
    engine: EngineSettings = EngineSettings()
    stages: StageSettings = StageSettings()
    sovereign_digest: str
    zones: tuple[Input, ...] = ()
    rules: tuple[Input, ...] = ()  # empty: the shipped rule set
    rules_digest: str
    offices: Input | None = None  # who may act at the desk; None: nobody
    desk_nonce: str = ""  # makes what is signed here of no use elsewhere
    desk_digest: str = ""  # of the table of who may decide what; with offices only
    platform: dict[str, str]

    def __post_init__(self) -> None:
        """Refuse what would be asked of people as in life and is no exercise on simulated feeds."""
        simulated = all(feed.url.startswith("sim:") or feed.decoder == DESK for feed in self.feeds)
        if self.as_in_life and not (self.exercise and simulated):
            raise ValueError("as_in_life: only of an exercise whose feeds are simulated")

    @property
    def banner(self) -> str | None:
        """What must stand above everything that this run leads to; None for nothing."""
        parts = (["EXERCISE"] if self.exercise else []) + ([self.label] if self.label else [])
        return " - ".join(parts) or None


def with_setting(body: RunBody, path: str, text: str) -> RunBody:
    """A copy of ``body`` with one stage or engine setting changed: ``fusion.gate`` to ``"12"``.

    Raises:
        SettingError: there is no such setting, or the value does not fit it.
    """
    value: object
    try:
        value = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        value = text
    tree = msgspec.to_builtins(body)
    stage, _, name = path.partition(".")
    branch = tree["engine"] if stage == "engine" else tree["stages"].get(stage)
    if branch is None or name not in branch:
        raise SettingError(f"no setting {path!r}; settings are named stage.name, as in fusion.gate")
    branch[name] = value
    try:
        return msgspec.convert(tree, RunBody)
    except msgspec.ValidationError as error:
        raise SettingError(f"setting {path}={text}: {error}") from error
