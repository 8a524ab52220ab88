"""Thirty-two nodes in one process, in virtual time, with everything that breaks between them.

One seed fixes delays, drops, doubles, reorderings, partitions, crashes with torn disks, and clocks that are
wrong and jump. The nodes run ``vedette.alliance.node.step``, the code of a real node; the disk, the network and
the people are played. After each step of a node the laws below are checked on it; a ``BrokenLawError`` names
the seed.
"""

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

import msgspec
import numpy as np

from vedette.alliance.charter import Charter
from vedette.alliance.hearing import header_of
from vedette.alliance.items import Alert, MatterLine, Submission
from vedette.alliance.matters import Outcome, outcome
from vedette.alliance.messages import Header as EntryHeader
from vedette.alliance.messages import content_of, read_header
from vedette.alliance.muster import made_key, mustered
from vedette.alliance.node import boot, step
from vedette.alliance.release import AlertRule, OwnTrack, ReleaseRules, TrackRule
from vedette.alliance.state import (
    Input,
    Limits,
    Made,
    NodeSettings,
    NodeState,
    OwnPicture,
    Received,
    Taken,
    initial,
    read_lines,
    recovered,
)
from vedette.council.act import DRILL, CouncilAct, Roster, digest_of, encode_act
from vedette.council.lines import FORMAT, Header
from vedette.model.signature import public_key_of, sign, to_base64
from vedette.model.signature import verify as verify_ed25519
from vedette.model.time import SECOND_NS
from vedette.sim.law import BrokenLawError

START_NS: Final = 1_900_000_000 * SECOND_NS
# fmt: off
NATIONS: Final = (
    "ALB", "BEL", "BGR", "CAN", "HRV", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "ISL", "ITA", "LVA",
    "LTU", "LUX", "MNE", "NLD", "MKD", "NOR", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE", "TUR", "GBR", "USA",
)
# fmt: on
MATTER: Final = DRILL + "of-the-wire"


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, and how much of it."""

    nodes: int = 32
    seconds: int = 40  # of trouble; then the links are whole and everything must come together
    calm_s: int = 12
    drop: float = 0.05
    double: float = 0.05
    delay_s: float = 0.4  # mean; exponential, so that messages overtake each other
    partitions: int = 2
    crashes: int = 6
    skew_s: float = 20.0
    jumps: int = 4
    alerts: int = 60
    objection: bool = True


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one seed."""

    seed: int
    messages: int
    dropped: int
    doubled: int
    crashes: int
    torn_lines: int
    entries: int  # in all logs
    told: int  # times an entry was told to a reader
    converged_s: float  # after the links were whole again
    shed: int  # tracks that thin or cut links did not carry
    outcomes: tuple[str, ...]  # of the matter, at the end: one for all


class _Place:
    """One nation: its node, its disk, its clock, and what its people still want to say."""

    def __init__(self, settings: NodeSettings) -> None:
        self.settings = settings
        self.state: NodeState = initial(settings)
        self.disk: list[bytes] = []
        self.up = True
        self.skew_ns = 0
        self.pending: list[
            Made
        ] = []  # spooled: said again after a crash until it is in the journal
        self.told: dict[str, int] = {}
        self.checked: dict[str, int] = {}
        self.inbox: list[Input] = []


class Wire:
    """The network and all nodes under one seed."""

    def __init__(self, seed: int, trouble: Trouble) -> None:
        self.seed, self.trouble = seed, trouble
        self.rng = np.random.default_rng(seed)
        self.now_ns = START_NS
        self._ties = count()
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        names = NATIONS[: trouble.nodes]
        readers = tuple(names)
        self.rules = ReleaseRules(
            tracks=(TrackRule(name="all", to=readers[::2], fields=("velocity", "callsign")),),
            alerts=(
                AlertRule(name="half", to=readers[1::2], fields=("position", "icao24")),
                AlertRule(name="rest", to=readers, fields=("position",), position_m=5_000.0),
            ),
        )
        limits = Limits(hearing_s=30.0)
        self.cache: dict[tuple[bytes, bytes, bytes], bool] = {}
        self.places = {
            name: _Place(msgspec.structs.replace(settings, verify=self._verify))
            for name, settings in mustered(names, names[0], self.rules, limits).items()
        }
        self.names = names
        self.keeper = names[0]
        self.cut: dict[str, int] = dict.fromkeys(names, 0)  # side of the partition
        self.truth: dict[tuple[str, int], bytes] = {}  # content of each durable entry
        self.states_of_matter: dict[tuple[int, int], Outcome] = {}
        self.counts = dict.fromkeys(
            ("messages", "dropped", "doubled", "crashes", "torn", "told"), 0
        )
        self.calm = False
        for place in self.places.values():
            place.skew_ns = int(self.rng.normal(0, trouble.skew_s / 2) * SECOND_NS)
            self._begin(place)

    @property
    def charter(self) -> Charter:
        """Of the alliance."""
        return self.places[self.keeper].settings.charter

    def _verify(self, data: bytes, signature: bytes, key: bytes) -> bool:
        found = self.cache.get((data, signature, key))
        if found is None:
            found = self.cache[data, signature, key] = verify_ed25519(data, signature, key)
        return found

    def at(self, delay_s: float, act: Callable[[], None]) -> None:
        """Let something happen later."""
        at_ns = self.now_ns + max(0, int(delay_s * SECOND_NS))
        heappush(self._events, (at_ns, next(self._ties), act))

    # ------------------------------------------------------------------ nodes

    def _begin(self, place: _Place) -> None:
        place.state, told = recovered(place.settings, place.disk)
        before = place.told
        place.told, place.checked = {}, {}
        for one in told:
            self._told_once(place, one.nation, one.sequence)
        self._law(
            all(place.told.get(nation, 0) >= last for nation, last in before.items()),
            place, "what was told before a crash is in the journal",
        )  # fmt: skip
        place.state, outputs = boot(place.settings, place.state, self.now_ns + place.skew_ns)
        place.disk += outputs.lines
        place.inbox = []
        place.up = True

    def _law(self, holds: bool, place: _Place, words: str) -> None:
        if not holds:
            raise BrokenLawError(
                f"seed {self.seed}, {place.settings.nation}, after"
                f" {(self.now_ns - START_NS) / SECOND_NS:.3f} s: not true that {words}"
            )

    def _told_once(self, place: _Place, nation: str, sequence: int) -> None:
        self._law(
            sequence > place.told.get(nation, 0),
            place,
            f"{nation} {sequence} is told once, in order",
        )
        place.told[nation] = sequence

    def run_node(self, place: _Place, *, crash: bool = False) -> None:
        """One step of a node: journal, then network. With ``crash`` the power goes while it writes."""
        if not place.up:
            return
        inputs = place.inbox + list(place.pending)
        place.inbox = []
        place.state, outputs = step(
            place.settings, place.state, inputs, self.now_ns + place.skew_ns
        )
        lines = outputs.lines
        if crash:
            kept = int(self.rng.integers(0, len(lines) + 1))
            self.counts["torn"] += len(lines) - kept
            lines = lines[:kept]
        place.disk += lines
        for line in read_lines(lines):
            if isinstance(line, Taken):
                continue
            message = getattr(line, "message", None)
            if message is not None:
                header = header_of(message)
                self._law(
                    (header.nation, header.sequence) not in self.truth,
                    place, "an own entry is made durable once",
                )  # fmt: skip
                self.truth[header.nation, header.sequence] = header.content
        if crash:
            place.up = False
            self.counts["crashes"] += 1
            self.at(float(self.rng.uniform(1.0, 8.0)), lambda: self._begin(place))
            return
        for one in outputs.told:
            self._told_once(place, one.nation, one.sequence)
            self.counts["told"] += 1
        self._check(place)
        for to, data in outputs.messages:
            for name in self.names if to is None else (to,):
                if name != place.settings.nation:
                    self._send(place, name, data)
        place.pending = [
            made for made in place.pending
            if not any(key.startswith(made.key) for key in place.state.keys)
        ]  # fmt: skip

    def _check(self, place: _Place) -> None:
        """The laws that hold of a node after each of its steps."""
        state = place.state
        for nation, log in state.logs.items():
            if log.contested:
                self._law(False, place, f"nobody contests {nation}")
            for sequence in range(place.checked.get(nation, 0) + 1, log.sequence + 1):
                header = read_header(log.headers[sequence - 1][0])
                assert isinstance(header, EntryHeader), "what is in a log has a header"
                self._law(
                    self.truth.get((nation, sequence)) == header.content,
                    place, f"{nation} {sequence} was durable at home before it came here",
                )  # fmt: skip
            place.checked[nation] = log.sequence
        for kept in state.matters.values():
            stage = (len(kept.lines), len(kept.closings))
            here = outcome(kept)
            there = self.states_of_matter.setdefault(stage, here)
            self._law(here == there, place, f"the matter at {stage} is the same everywhere")

    # ------------------------------------------------------------------ network

    def _send(self, place: _Place, name: str, data: bytes) -> None:
        self.counts["messages"] += 1
        me = place.settings.nation
        trouble = self.trouble
        if self.cut[me] != self.cut[name] or (not self.calm and self.rng.random() < trouble.drop):
            self.counts["dropped"] += 1
            return
        times = 1
        if self.rng.random() < trouble.double:
            times = 2
            self.counts["doubled"] += 1
        for _ in range(times):
            mean_s = 0.02 if self.calm else trouble.delay_s
            delay_s = 0.002 + float(self.rng.exponential(mean_s))
            self.at(delay_s, lambda: self._arrive(name, me, data))

    def _arrive(self, name: str, via: str, data: bytes) -> None:
        place = self.places[name]
        if place.up:
            place.inbox.append(Received(via=via, data=data))

    # ------------------------------------------------------------------ what happens

    def _tick(self, place: _Place) -> None:
        self.run_node(place)
        self.at(0.25, lambda: self._tick(place))

    def _plan(self) -> None:
        trouble, rng = self.trouble, self.rng
        places = list(self.places.values())
        for place in places:
            self.at(float(rng.uniform(0, 0.25)), partial(self._tick, place))
            self._picture(place)
        for number in range(trouble.alerts):
            place = places[int(rng.integers(len(places)))]
            self.at(float(rng.uniform(0, trouble.seconds)), self._alert(place, number))
        for _ in range(trouble.crashes):
            place = places[int(rng.integers(len(places)))]
            when_s = float(rng.uniform(1, trouble.seconds - 10))
            self.at(when_s, partial(self.run_node, place, crash=True))
        for _ in range(trouble.partitions):
            begin_s = float(rng.uniform(1, trouble.seconds * 0.7))
            self.at(begin_s, self._part)
            self.at(begin_s + float(rng.uniform(3, trouble.seconds * 0.3)), self._join)
        for _ in range(trouble.jumps):
            place = places[int(rng.integers(len(places)))]
            jump_ns = int(rng.normal(0, trouble.skew_s / 2) * SECOND_NS)
            self.at(float(rng.uniform(1, trouble.seconds)), self._jump(place, jump_ns))
        self._council()

    def _alert(self, place: _Place, number: int) -> Callable[[], None]:
        alert = Alert(
            incident_id=f"I-{number}", revision=1, status="open",
            latitude_deg=float(self.rng.uniform(50, 60)), longitude_deg=25.0, icao24=number,
        )  # fmt: skip
        made = Made(key=f"alert:{number}:1", item=alert)
        return lambda: place.pending.append(made)

    def _picture(self, place: _Place) -> None:
        track = OwnTrack(
            track_id="T1", valid_ns=self.now_ns, latitude_deg=55.0, longitude_deg=20.0,
            position_sigma_m=100.0, callsign="TEST",
        )  # fmt: skip
        place.inbox.append(OwnPicture(tracks=(track,)))
        self.at(5.0, lambda: self._picture(place))

    def _part(self) -> None:
        for name in self.names:
            self.cut[name] = int(self.rng.integers(0, 2))

    def _join(self) -> None:
        self.cut = dict.fromkeys(self.names, 0)

    def _jump(self, place: _Place, jump_ns: int) -> Callable[[], None]:
        def jump() -> None:
            place.skew_ns += jump_ns

        return jump

    def _council(self) -> None:
        """A text under silence: opened, put, placed by one state, objected to or not by another."""
        keys = {name: made_key(name, "council") for name in self.names}
        roster = {name: to_base64(public_key_of(key)) for name, key in keys.items()}
        header = Header(format=FORMAT, matter_id=MATTER, roster=roster)
        digest = Roster(keys=roster).digest
        keeper = self.places[self.keeper]
        line = MatterLine(matter_id=MATTER, number=0, line=msgspec.json.encode(header))
        keeper.pending.append(Made(key="matter:0", item=line))
        opener, objector = self.names[1], self.names[-1]

        def act(party: str, kind: str, at_s: float, **content: Any) -> None:
            value = msgspec.convert(
                {
                    "act_id": f"{party}-{kind}", "matter_id": MATTER, "roster": digest,
                    "party": party, "person": "A. Person", "office": "delegation", "kind": kind,
                    "valid_ns": START_NS - 3600 * SECOND_NS, **content,
                },
                CouncilAct,
            )  # fmt: skip
            data = encode_act(value)
            item = Submission(
                matter_id=MATTER, act=to_base64(data), public_key=roster[party],
                signature=to_base64(sign(data, keys[party])),
            )  # fmt: skip
            made = Made(key=f"act:{value.act_id}", item=item, to=(self.keeper,))
            self.at(at_s, lambda: self.places[party].pending.append(made))

        seconds = self.trouble.seconds
        text = "We consult."
        act(opener, "open", 1.0, matter_kind="consultation", title="A drill")
        act(opener, "put", 4.0, text=text)
        deadline_ns = START_NS + keeper.skew_ns + int(seconds * 0.6 * SECOND_NS)
        act(
            opener, "place", 8.0, version=digest_of(text), deadline_ns=deadline_ns,
            deadline_zone="UTC",
        )  # fmt: skip
        if self.trouble.objection:
            late_s = seconds * 0.6 + float(self.rng.normal(0, 3.0))
            act(objector, "object", late_s, version=digest_of(text), words="We need more time.")

    # ------------------------------------------------------------------ the run

    def run(self) -> Report:
        """Trouble, then calm; the report, once all nodes hold the same.

        Raises:
            BrokenLawError: a law did not hold, or the nodes did not come together.
        """
        self._plan()
        calm_ns = START_NS + self.trouble.seconds * SECOND_NS
        end_ns = calm_ns + self.trouble.calm_s * SECOND_NS
        converged_ns: int | None = None
        while self._events and self._events[0][0] <= end_ns:
            self.now_ns, _, act = heappop(self._events)
            if not self.calm and self.now_ns >= calm_ns:
                self.calm = True
                self._join()
            act()
            if self.calm and converged_ns is None and self._together():
                converged_ns = self.now_ns
        last = self.places[self.keeper]
        self._law(converged_ns is not None and self._together(), last, "all nodes hold the same")
        self._bodies()
        assert converged_ns is not None
        outcomes = {
            outcome(kept).standing
            for place in self.places.values()
            for kept in place.state.matters.values()
        }
        self._law(len(outcomes) == 1, last, "the matter ends the same everywhere")
        return Report(
            seed=self.seed,
            messages=self.counts["messages"],
            dropped=self.counts["dropped"],
            doubled=self.counts["doubled"],
            crashes=self.counts["crashes"],
            torn_lines=self.counts["torn"],
            entries=len(self.truth),
            told=self.counts["told"],
            converged_s=(converged_ns - calm_ns) / SECOND_NS,
            shed=sum(
                peer.shed for place in self.places.values() for peer in place.state.peers.values()
            ),
            outcomes=tuple(sorted(outcomes)),
        )

    def _together(self) -> bool:
        heads = {name: place.state.logs[name].digest for name, place in self.places.items()}
        return all(
            place.up and not place.pending
            and all(place.state.logs[name].digest == head for name, head in heads.items())
            for place in self.places.values()
        )  # fmt: skip

    def _bodies(self) -> None:
        """Nothing released was lost, and nothing that was not released is on any disk."""
        for name, place in self.places.items():
            for line in read_lines(place.disk):
                if not isinstance(line, Taken):
                    continue
                header = header_of(line.message)
                released = not header.to or name in header.to
                self._law(
                    (line.message.body is not None) == released, place,
                    f"the body of {header.nation} {header.sequence} is here if it is released",
                )  # fmt: skip
                if line.message.body is not None:
                    content = content_of(line.message.body, line.message.salt or b"")
                    self._law(content == header.content, place, "a body is the one that was made")


def run_seed(seed: int, trouble: Trouble | None = None) -> Report:
    """Everything that happens under one seed.

    Raises:
        BrokenLawError: a law did not hold; says which and where.
    """
    return Wire(seed, trouble or Trouble()).run()
