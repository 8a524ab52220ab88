"""Beginning or continuing a run from what a person named: feeds, sensors, zones, rules, a record."""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

import click
import msgspec

from vedette import __version__
from vedette.app.accounts.access import LOCAL, Access, refuse_unserved
from vedette.app.door import WebServer
from vedette.app.plan import Plan, Source
from vedette.app.reaction_file import check_file
from vedette.app.warmth import kernels_are_cold, warm_up
from vedette.app.web import application
from vedette.engine.address import FeedAddress
from vedette.engine.bundled import sovereign_digest
from vedette.engine.checkpoint import Checkpoints
from vedette.engine.clocks import AHEAD_S, WallClock
from vedette.engine.course import Course
from vedette.engine.freed_memory import collecting_when_asked
from vedette.engine.octet_queue import OctetQueue
from vedette.engine.opening import Unrecorded, course_of, resume, rules_of
from vedette.engine.record import RecordStore, platform_tag
from vedette.engine.recordings import open_recording
from vedette.engine.run import Run
from vedette.engine.settings import FeedSpec, Input, RunBody, SimulatedWorld
from vedette.engine.sockets import LiveFeed
from vedette.engine.track_tables import TrackTables
from vedette.ledger.raw_log import Item
from vedette.model.errors import RecordError, SettingError, SourceError
from vedette.model.sensor import Sensor, decode_sensors
from vedette.model.zone import Zone
from vedette.response.rule_set import RuleSet, load_rules, shipped_rules
from vedette.watch.settings import WatchSettings

T = TypeVar("T")


def read_sensors(path: Path) -> tuple[Sensor, ...]:
    """Sensors of a file.

    Raises:
        SourceError: it cannot be read, or is no list of sensors; says where.
    """
    try:
        return decode_sensors(path.read_bytes())
    except OSError as error:
        raise SourceError(f"cannot read sensors {path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"sensors {path}: {error}") from error


def sources_of(addresses: Sequence[FeedAddress], day_start_ns: int | None) -> list[Source]:
    """Sources of feed addresses; each is named after its decoder and its number: ``beast-1``."""
    numbers: dict[str, int] = {}
    sources = []
    for address in addresses:
        numbers[address.decoder] = numbers.get(address.decoder, 0) + 1
        spec = FeedSpec(
            feed_id=f"{address.decoder}-{numbers[address.decoder]}",
            url=address.url,
            decoder=address.decoder,
        )
        feed = None if address.live else open_recording(address, day_start_ns)
        sources.append(Source(spec, address, feed))
    return sources


def _read_input(path: Path, inputs: dict[str, bytes]) -> Input:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    digest = sha256(data).hexdigest()
    inputs[digest] = data
    return Input(name=path.name, digest=digest)


def _body(plan: Plan) -> tuple[RunBody, dict[str, bytes]]:
    from vedette.airspace.zone_file import File, read_files
    from vedette.engine.settings import EngineSettings

    inputs: dict[str, bytes] = {}
    zones = tuple(_read_input(path, inputs) for path in plan.zones)
    found, _, problems = read_files([File(inputs[item.digest], item.name) for item in zones])
    for problem in problems:
        click.echo(f"zones: {problem}", err=True)
    _say_unwatched(found)
    rules: tuple[Input, ...] = ()
    if plan.rules is not None:
        paths = sorted(plan.rules.glob("*.yaml"))
        if not paths:
            raise SourceError(f"{plan.rules} holds no rules (*.yaml)")
        rules = tuple(_read_input(path, inputs) for path in paths)
    rule_set = (
        load_rules({item.name: inputs[item.digest] for item in rules}) if rules else shipped_rules()
    )
    _say_other_rules(rule_set)
    offices, table_digest = _offices(
        plan, {item.name: inputs[item.digest] for item in rules}, inputs
    )
    body = RunBody(
        version=__version__,
        created_ns=plan.created_ns,
        mode=plan.mode,  # type: ignore[arg-type]
        exercise=plan.exercise,
        as_in_life=plan.as_in_life,
        world=_world(plan, inputs),
        label=plan.label,
        feeds=tuple(source.spec for source in plan.sources),
        sensors=plan.sensors,
        day_start_ns=plan.day_start_ns,
        engine=EngineSettings(tick_s=plan.tick_s),
        sovereign_digest=sovereign_digest(),
        zones=zones,
        rules=rules,
        rules_digest=rule_set.digest,
        offices=offices,
        desk_nonce="" if offices is None else token_hex(16),
        desk_digest=table_digest,
        platform=platform_tag(),
    )
    return body, inputs


def _say_other_rules(rules: RuleSet) -> None:
    """Let no watch go by rules that are unsound, and tell of those that are not this program's.

    Raises:
        RuleError: something is wrong in them; names the rows.
    """
    from vedette.response import audit

    if rules.digest == shipped_rules().digest:
        return
    click.echo(f"rules: {rules.name}, not those that come with this program ...", err=True)
    audit.refuse_unsound(rules)


def _world(plan: Plan, inputs: dict[str, bytes]) -> SimulatedWorld | None:
    """The simulated world of a run, its scenario among the inputs."""
    if plan.scenario is None:
        return None
    digest = sha256(plan.scenario).hexdigest()
    inputs[digest] = plan.scenario
    return SimulatedWorld(scenario=Input(name="scenario.yaml", digest=digest), seed=plan.seed)


def _offices(
    plan: Plan, rule_files: dict[str, bytes], inputs: dict[str, bytes]
) -> tuple[Input | None, str]:
    """The offices of a run as its input, read once to see that they are sound; the digest of their table."""
    from vedette.engine.desk import OFFICES
    from vedette.response.desk.offices import decode_roster
    from vedette.response.desk.seats import table_of

    if plan.offices is None:
        return None, ""
    rules = load_rules(rule_files) if rule_files else shipped_rules()
    table = table_of(rule_files, rules)
    item = _read_input(plan.offices, inputs)
    decode_roster(inputs[item.digest], frozenset(table.roles))
    return Input(name=OFFICES, digest=item.digest), table.digest


def _tell(words: str) -> None:
    click.echo(words, err=True)


Begun = tuple[Course, RecordStore | None, TrackTables]


def _say_unwatched(zones: Sequence[Zone]) -> None:
    """Say which zones are not watched, or not wholly: silence must not look like calm."""
    over = [
        zone.zone_id
        for zone in zones
        if any(
            limit is not None and limit.datum == "agl" and limit.height_m > 0.0
            for limit in (zone.floor, zone.ceiling)
        )
    ]
    if unwatched := sorted({zone.kind for zone in zones} - set(WatchSettings().kinds)):
        click.echo(
            f"zones: those of kind {', '.join(unwatched)} are shown and give no incident: watched are "
            f"{', '.join(WatchSettings().kinds)}",
            err=True,
        )
    if over:
        more = f" and {len(over) - 5} more" if len(over) > 5 else ""
        click.echo(
            f"zones: limits of {', '.join(over[:5])}{more} are above ground, whose height a watch does not know: "
            "what is within 300 m of such a limit is not told as inside. Give it above the sea (amsl) or the "
            "ellipsoid (hae)",
            err=True,
        )


def beginning(plan: Plan, folder: Path | None) -> Callable[[], Begun]:
    """Check what a run is to begin with, or continue; the course comes of what is returned.

    Checking is quick, and tells a person what is wrong before anything is compiled.

    Raises:
        RecordError: the folder holds a record of other feeds, or something else.
        SourceError: a file of zones or rules cannot be read.
    """
    if folder is not None and (folder / "record.json").exists():
        store = RecordStore(folder)
        kept = [feed.url for feed in store.body.feeds]
        asked = [source.spec.url for source in plan.sources]
        if kept != asked:
            raise RecordError(
                f"{folder} is a record of {', '.join(kept)}: name the same feeds, or a new folder"
            )
        if plan.exercise != store.body.exercise:
            raise RecordError(f"{folder}: exercise and live do not share a record")
        if _offices(plan, {}, {})[0] not in (None, store.body.offices):
            raise RecordError(f"{folder} was begun with other offices: name a new folder")
        _say_other_rules(rules_of(store, store.body))
        click.echo(f"continuing the record in {folder} ...", err=True)
        tables = TrackTables(folder / "tables", share=plan.share)
        checkpoints = None if plan.from_beginning else Checkpoints(store.digest)
        return lambda: (resume(store, tables, checkpoints, _tell), store, tables)
    body, inputs = _body(plan)
    return lambda: _begun(body, inputs, folder, share=plan.share)


def _begun(body: RunBody, inputs: dict[str, bytes], folder: Path | None, *, share: bool) -> Begun:
    if folder is None:
        course = course_of(Unrecorded(body, inputs))
        course.open()
        return course, None, TrackTables(None)
    store = RecordStore.create(folder, body, inputs)
    course = course_of(store)
    for line in course.open():
        store.append_line(line)
    store.commit()
    return course, store, TrackTables(folder / "tables", share=share)


class Acknowledgements:
    """Writes a line for each commit: how many entries and items are durable, under which root."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("a", buffering=1)
        except OSError as error:
            raise SourceError(f"cannot write {path}: {error.strerror}") from error

    def __call__(self, entries: int, root: str, items: int) -> None:
        """A commit has reached the disk."""
        self._file.write(f"{entries} {root} {items}\n")


def _isolation(plan: Plan) -> Callable[[], bool | None] | None:
    """What to ask whether the node of a watch is cut off; None: it has no node.

    Raises:
        RecordError: the folder that is named holds no node.
    """
    from vedette.engine.alliance.isolation import check_node, isolation_of

    if plan.node is None:
        # who shares has a node, of which this process knows no more
        return (lambda: None) if plan.share else None
    folder = plan.node
    check_node(folder)
    return lambda: isolation_of(folder, time.time_ns())


async def serve(
    run: Run,
    plan: Plan,
    *,
    speed: float | None,
    web: WebServer | None,
    stay: bool,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Run until the feeds have ended (or, with a page, until SIGINT or SIGTERM)."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, run.stop.set)
    clock = WallClock(run.course.last_tick_ns or 0)
    queue = OctetQueue[Item](
        run.course.pipeline.body.engine.queue_chunks, lambda item: len(item.payload)
    )
    live = [
        LiveFeed(index, source.address, queue, clock.now_ns)
        for index, source in enumerate(plan.sources)
        if source.feed is None and source.address is not None
    ]
    for feed in live:
        await feed.open()
    people = next((feed for feed in live if feed.address.transport == "web"), None)
    if web is not None:
        hear = None if people is None else people.offer
        texts = run.course.pipeline.rules.measure_texts
        web.door.open(
            application(
                run, texts, web.names, hear, plan.council, plan.reactions, plan.terrain
            )
        )  # fmt: skip
        if ready is not None:
            ready(web.url)
    if live and clock.ahead_s > AHEAD_S:
        click.echo(
            f"the record's last time is {clock.ahead_s:.0f} s ahead of this machine's clock: what sensors date "
            "comes too late to be used until the clock has come up; begin a new record, or see to the clock",
            err=True,
        )
    started = clock.now_ns() if live else (run.course.last_tick_ns or plan.created_ns)
    torn = run.store.torn_bytes if run.store else 0
    run.control({"event": "began", "version": __version__, "torn_bytes": torn}, started)
    with collecting_when_asked():  # between ticks, and not within one
        if live:
            recorded = {
                index: source.feed
                for index, source in enumerate(plan.sources)
                if source.feed is not None
            }
            await run.live(live, queue, recorded, clock)
        else:
            feeds = [source.feed for source in plan.sources if source.feed is not None]
            await run.play(
                feeds,
                speed=speed,
                stay=stay and web is not None,
                paced_from_ns=plan.paced_from_ns,
            )


def run_session(
    plan: Plan,
    *,
    folder: Path | None,
    speed: float | None,
    web: tuple[str, int] | None,
    access: Access = LOCAL,
    stay: bool = True,
    acks: Path | None = None,
    watchers: Sequence[Callable[[Any], None]] = (),
    ready: Callable[[str], None] | None = None,
) -> Course:
    """Begin, serve, and close; the course at its end.

    The page's address answers from the first second, also while kernels are compiled.

    Raises:
        SettingError: something was asked for that only a page does, and there is none; or the page's address can
            be reached by others, of whom ``access`` says nothing.
        RecordError: what is named as a register of reactions is none.
        SourceError: the page's port is taken.
    """
    form = next(
        (s.spec.url for s in plan.sources if s.address and s.address.transport == "web"), None
    )
    if form is not None and web is None:
        raise SettingError(f"{form} is a form on the page: it needs --web HOST:PORT")
    if web is None:
        shown = {
            "--council": plan.council is not None,
            "--reactions": plan.reactions is not None,
            "--terrain": plan.terrain is not None,
        }
        refuse_unserved(access, shown)
    elif plan.reactions is not None:
        check_file(plan.reactions)
    committed = Acknowledgements(acks) if acks is not None else None
    server = WebServer(*web, access) if web is not None else None
    return asyncio.run(
        _session(
            plan, server, folder=folder, speed=speed, stay=stay, committed=committed,
            watchers=watchers, ready=ready,
        )
    )  # fmt: skip


async def _session(
    plan: Plan,
    server: WebServer | None,
    *,
    folder: Path | None,
    speed: float | None,
    stay: bool,
    committed: Acknowledgements | None,
    watchers: Sequence[Callable[[Any], None]],
    ready: Callable[[str], None] | None,
) -> Course:
    async with server or nullcontext():
        isolation = _isolation(plan)
        begin = beginning(plan, folder)
        await _warm(server)
        course, store, tables = await _apart(begin)
        try:
            kept = None if store is None else Checkpoints(store.digest, told=_tell)
            if kept is not None:
                kept.forget_old()
            run = Run(
                course, store, tables=tables, committed=committed, isolation=isolation, checkpoints=kept
            )  # fmt: skip
            run.watchers.extend(watchers)
            await serve(run, plan, speed=speed, web=server, stay=stay, ready=ready)
        finally:
            if store is not None:
                store.close()
    sys.stderr.flush()
    return course


async def _warm(server: WebServer | None) -> None:
    """Compile what a first run needs, and say on the page and in the terminal how far it is."""
    if not kernels_are_cold():
        return
    if server is not None:
        click.echo(f"{server.url} says how far it is (Ctrl-C ends)", err=True)
    click.echo("first run on this machine: compiling the kernels, once", err=True)
    abandoned = threading.Event()

    def tell(word: str) -> None:
        if server is not None:
            server.door.word = word
        if sys.stderr.isatty():
            click.echo(f"\r{word}", nl=False, err=True)

    try:
        ready = await _apart(lambda: warm_up(tell, abandoned))
    finally:
        abandoned.set()
    if server is not None:
        server.door.word = "loading airspace and rules"
    said = "kernels are ready" if ready else "some kernels are left: the run compiles them"
    click.echo("\r" + said.ljust(60), err=True)


async def _apart(work: Callable[[], T]) -> T:
    """The result of ``work`` in a thread that need not be waited for when a person ends the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as caught:  # whatever it is, it is raised where it is awaited
            error = caught
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True).start()
    return await done
