"""A few nodes and a network without faults, for tests that break one thing at a time."""

from collections.abc import Callable

import msgspec

from vedette.alliance.charter import Statement
from vedette.alliance.items import Alert
from vedette.alliance.messages import EntryMessage, Message, pack, signed, unpack
from vedette.alliance.muster import made_key, mustered
from vedette.alliance.node import boot, step
from vedette.alliance.release import AlertRule, ReleaseRules, TrackRule
from vedette.alliance.state import (
    Input,
    Limits,
    Made,
    NewKey,
    NodeSettings,
    NodeState,
    Outputs,
    Received,
    Refused,
    initial,
    read_lines,
    recovered,
)
from vedette.model.signature import public_key_of
from vedette.model.time import SECOND_NS

NAMES = ("EST", "FIN", "LVA")
NOW_NS = 1_900_000_000 * SECOND_NS
OPEN = ReleaseRules(
    tracks=(TrackRule(name="all", to=NAMES, fields=("callsign", "velocity")),),
    alerts=(AlertRule(name="all", to=NAMES, fields=("position", "icao24")),),
)


def alert(number: int, **fields: object) -> Made:
    item = Alert(
        incident_id=f"I-{number}", revision=1, status="open", latitude_deg=58.0, longitude_deg=25.0,
        icao24=number, **fields,
    )  # type: ignore[arg-type]  # fmt: skip
    return Made(key=f"alert-{number}", item=item)


class Net:
    """Nodes that hear each other at once, unless a link is cut."""

    def __init__(self, rules: ReleaseRules = OPEN, limits: Limits | None = None) -> None:
        self.settings: dict[str, NodeSettings] = mustered(NAMES, "EST", rules, limits)
        self.states: dict[str, NodeState] = {n: initial(s) for n, s in self.settings.items()}
        self.disks: dict[str, list[bytes]] = {n: [] for n in NAMES}
        self.now_ns = NOW_NS
        self.cut: set[str] = set()
        self.sent: list[tuple[str, str, bytes]] = []  # from, to, octets: everything that ever left
        self.told: dict[str, list] = {n: [] for n in NAMES}
        self.pictures: dict[str, list] = {n: [] for n in NAMES}
        self.notes: dict[str, list] = {n: [] for n in NAMES}
        self.change: Callable[[str, str, bytes], bytes | None] = lambda a, b, data: data
        self._mail: dict[str, list[Input]] = {n: [] for n in NAMES}
        for name in NAMES:
            self.states[name], outputs = boot(self.settings[name], self.states[name], self.now_ns)
            self.disks[name] += outputs.lines

    def put(self, name: str, *inputs: Input) -> Outputs:
        self.states[name], outputs = step(
            self.settings[name], self.states[name], inputs, self.now_ns
        )
        self.disks[name] += outputs.lines
        self.told[name] += outputs.told
        self.pictures[name] += outputs.pictures
        self.notes[name] += outputs.notes
        for to, data in outputs.messages:
            for other in NAMES if to is None else (to,):
                if other == name:
                    continue
                self.sent.append((name, other, data))
                there = self.change(name, other, data)
                if there is not None and not {name, other} & self.cut:
                    self._mail[other].append(Received(via=name, data=there))
        return outputs

    def run(self, seconds: float = 4.0) -> None:
        for _ in range(int(seconds / 0.5)):
            self.now_ns += SECOND_NS // 2
            for name in NAMES:
                mail, self._mail[name] = self._mail[name], []
                self.put(name, *mail)

    def stand(self, name: str, seconds: float) -> None:
        """All run but one, which takes no step and hears nothing."""
        self.cut = self.cut | {name}
        for _ in range(int(seconds / 0.5)):
            self.now_ns += SECOND_NS // 2
            for other in NAMES:
                if other != name:
                    mail, self._mail[other] = self._mail[other], []
                    self.put(other, *mail)
        self.cut = self.cut - {name}

    def restart(self, name: str) -> None:
        state, told = recovered(self.settings[name], self.disks[name])
        assert [(t.nation, t.sequence) for t in told] == [
            (t.nation, t.sequence) for t in self.told[name]
        ]
        self.states[name], outputs = boot(self.settings[name], state, self.now_ns)
        self.disks[name] += outputs.lines

    def refused(self, name: str) -> list[Refused]:
        return [line for line in read_lines(self.disks[name]) if isinstance(line, Refused)]

    def alerts(self, name: str, nation: str) -> list[str]:
        return [
            t.body.item.incident_id
            for t in self.told[name]
            if t.nation == nation and isinstance(t.body.item, Alert)
        ]

    def entries(self, name: str, to: str) -> list[EntryMessage]:
        """Entries that ever left a node for another."""
        found: list[Message | str] = [
            unpack(data) for a, b, data in self.sent if (a, b) == (name, to)
        ]
        return [message for message in found if isinstance(message, EntryMessage)]

    def statement(self, name: str, *, stolen: bool) -> NewKey:
        """A key statement of a nation over its log as it is now; its node takes the new key."""
        log = self.states[name].logs[name]
        number = log.key_number + 1
        private = made_key(name, f"node {number}")
        value = Statement(
            charter=self.settings[name].charter.name, nation=name, number=number,
            key=public_key_of(private), after=log.sequence, digest=log.digest, stolen=stolen,
            made_ns=self.now_ns,
        )  # fmt: skip
        self.settings[name] = msgspec.structs.replace(self.settings[name], private_key=private)
        return NewKey(packed=signed(value, made_key(name, "root")))


def pack_entry(message: EntryMessage) -> bytes:
    return pack(message)
