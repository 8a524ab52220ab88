"""The formats that feeds come in: one table, from which addresses, decoders and commands take what they need.

To add a format is to add one entry; a test holds every entry to the same law. Nothing is imported before its use.
"""

from collections.abc import Callable
from functools import cache
from typing import Final, Literal, NamedTuple

from vedette.feeds.decoder import Decoder, Framer
from vedette.model.errors import SettingError
from vedette.model.sensor import Sensor

Transport = Literal["udp", "tcp", "listen", "http", "web", "file", "pcap"]
HEAD: Final = 131_072  # octets of a file's beginning that ``sniff`` may want to see


class Codec(NamedTuple):
    """What reads one format.

    Attributes:
        sniff: whether a file with these first ``HEAD`` octets is of the format.
        framer: cuts a recorded file into chunks; gets the same octets, and midnight UTC of the first day.
        decoder: of one feed; gets its name, all sites, and that midnight (None: as received).
        cutter: cuts a live stream into whole messages, where a chunk must hold no half ones; its times are not
            used. None: any octets will do.
        answers: for a format whose senders connect and wait for answers: given our node's identifier, what
            makes the octets to send back for a chunk heard at an instant.
        redact: a chunk of whole messages without what is personal, and whose that is; None where nothing is.
        apart: cuts a datagram or an answer into messages, each of which names one person at most, so that each is
            sealed with that person's own key. None: it is one message, or names nobody.
        is_message: whether a key of the decoder's counts counts messages, and not something about them.
        form: what kind of file it is, for people.
    """

    sniff: Callable[[bytes], bool]
    framer: Callable[[bytes, int], Framer]
    decoder: Callable[[str, tuple[Sensor, ...], int | None], Decoder]
    cutter: Callable[[], Framer] | None = None
    answers: Callable[[str], Callable[[bytes, int], bytes]] | None = None
    redact: Callable[[bytes], tuple[bytes, str] | None] | None = None
    apart: Callable[[], Framer] | None = None
    is_message: Callable[[str], bool] = bool
    form: Callable[[bytes], str | None] = lambda head: None


class Format(NamedTuple):
    """One format.

    Attributes:
        says: what it is, in a line.
        page: of the documentation, in docs/reference.
        transports: over which it may come, the usual one first.
        undated: whether its recordings hold less than a date.
        load: imports what reads it.
    """

    says: str
    page: str
    transports: tuple[Transport, ...]
    load: Callable[[], Codec]
    undated: bool = False


def own_site(feed_id: str, sensors: tuple[Sensor, ...]) -> Sensor | None:
    """The site that is named like the feed: where its receiver stands."""
    return next((sensor for sensor in sensors if sensor.sensor_id == feed_id), None)


def _asterix() -> Codec:
    from vedette.feeds.asterix.decoder import AsterixDecoder
    from vedette.feeds.asterix.framers import BlockCutter, frame_file, sniff
    from vedette.feeds.remote_id.packets import sniff as is_remote_id

    return Codec(
        # a capture may hold anything that goes over IP; what sniffers of radio write does not
        lambda head: sniff(head) is not None and not is_remote_id(head),
        frame_file,
        AsterixDecoder,
        cutter=BlockCutter,
        is_message=lambda key: key[:3].isdigit(),
        form=sniff,
    )


def _beast() -> Codec:
    from vedette.feeds.mode_s.decoder import BeastDecoder
    from vedette.feeds.mode_s.framers import BeastFileFramer, sniff

    return Codec(
        sniff,
        lambda head, day_start_ns: BeastFileFramer(day_start_ns),
        lambda feed_id, sensors, day: BeastDecoder(feed_id, own_site(feed_id, sensors)),
        is_message=lambda key: key.startswith(("DF", "Mode A/C")),
    )


def _avr() -> Codec:
    from vedette.feeds.mode_s.avr import AvrDecoder, AvrFileFramer, sniff

    return Codec(
        sniff,
        lambda head, day_start_ns: AvrFileFramer(day_start_ns),
        lambda feed_id, sensors, day: AvrDecoder(feed_id, own_site(feed_id, sensors)),
        is_message=lambda key: key.startswith(("DF", "Mode A/C")),
    )


def _sbs() -> Codec:
    from vedette.feeds.sbs import SbsDecoder, SbsFramer, sniff

    return Codec(
        sniff,
        lambda head, day: SbsFramer(),
        lambda feed_id, sensors, day: SbsDecoder(feed_id, own_site(feed_id, sensors)),
    )


def _readsb() -> Codec:
    from vedette.feeds.readsb import ReadsbDecoder, ReadsbFramer, sniff

    return Codec(
        sniff,
        lambda head, day: ReadsbFramer(),
        lambda feed_id, sensors, day: ReadsbDecoder(feed_id, own_site(feed_id, sensors)),
        is_message=lambda key: key != "snapshot",
    )


def _opensky() -> Codec:
    from vedette.feeds.opensky import OpenSkyDecoder, OpenSkyFramer, sniff

    return Codec(
        sniff,
        lambda head, day: OpenSkyFramer(),
        lambda feed_id, sensors, day: OpenSkyDecoder(feed_id, own_site(feed_id, sensors)),
        is_message=lambda key: key != "answer",
    )


def _cot() -> Codec:
    from vedette.feeds.cot.decoder import CotDecoder, CotFramer, sniff

    return Codec(
        sniff,
        lambda head, day: CotFramer(),
        lambda feed_id, sensors, day: CotDecoder(feed_id, own_site(feed_id, sensors)),
    )


def _remote_id() -> Codec:
    from vedette.feeds.remote_id.decoder import RemoteIdDecoder
    from vedette.feeds.remote_id.packets import RemoteIdFramer, sniff
    from vedette.feeds.remote_id.personal import redact_packets

    return Codec(
        sniff,
        lambda head, day: RemoteIdFramer(),
        lambda feed_id, sensors, day: RemoteIdDecoder(feed_id, own_site(feed_id, sensors)),
        redact=redact_packets,
    )


def _remote_id_json() -> Codec:
    from vedette.feeds.remote_id.network import (
        RemoteIdJsonDecoder,
        RemoteIdJsonFramer,
        sniff_json,
    )
    from vedette.feeds.remote_id.personal import redact_json

    return Codec(
        sniff_json,
        lambda head, day: RemoteIdJsonFramer(),
        lambda feed_id, sensors, day: RemoteIdJsonDecoder(feed_id, own_site(feed_id, sensors)),
        cutter=RemoteIdJsonFramer,
        redact=redact_json,
        apart=RemoteIdJsonFramer,
    )


def _mavlink() -> Codec:
    from vedette.feeds.mavlink.decoder import MavlinkDecoder
    from vedette.feeds.mavlink.framers import MavlinkFramer, sniff
    from vedette.feeds.mavlink.personal import redact_frames

    return Codec(
        sniff,
        lambda head, day_start_ns: MavlinkFramer(day_start_ns),
        lambda feed_id, sensors, day: MavlinkDecoder(feed_id, own_site(feed_id, sensors)),
        cutter=MavlinkFramer,
        redact=redact_frames,
    )


def _sapient() -> Codec:
    from vedette.feeds.sapient.decoder import SapientDecoder
    from vedette.feeds.sapient.framing import SapientFramer, framer_of, sniff
    from vedette.feeds.sapient.fusion_node import FusionNode

    return Codec(
        sniff,
        lambda head, day: framer_of(head),
        lambda feed_id, sensors, day: SapientDecoder(feed_id, sensors),
        cutter=SapientFramer,
        answers=lambda node_id: FusionNode(node_id).replies,
        is_message=lambda key: " " not in key,
    )


def _people() -> Codec:
    from vedette.feeds.people import PeopleDecoder, PeopleFramer, redact, sniff

    return Codec(
        sniff,
        lambda head, day: PeopleFramer(),
        lambda feed_id, sensors, day: PeopleDecoder(feed_id, (s.sensor_id for s in sensors)),
        cutter=PeopleFramer,
        redact=redact,
        apart=PeopleFramer,
    )


def _table() -> Codec:
    from vedette.feeds.table import TableDecoder, TableFramer
    from vedette.feeds.table.reader import sniff

    return Codec(
        sniff,
        lambda head, day: TableFramer(),
        lambda feed_id, sensors, day: TableDecoder(feed_id, own_site(feed_id, sensors)),
        is_message=lambda key: key == "row",
    )


def _report() -> Codec:
    from vedette.feeds.reports import ReportDecoder, ReportFramer, redact, sniff

    return Codec(
        sniff,
        lambda head, day: ReportFramer(),
        lambda feed_id, sensors, day: ReportDecoder(feed_id),
        cutter=ReportFramer,
        redact=redact,
    )


def _plots() -> Codec:
    from vedette.feeds.plots import PlotDecoder, PlotFramer, sniff

    return Codec(
        sniff,
        lambda head, day: PlotFramer(),
        lambda feed_id, sensors, day: PlotDecoder(feed_id),
        cutter=lambda: PlotFramer(is_file=False),
    )


# Tried in this order where the format of a file is not given
FORMATS: Final[dict[str, Format]] = {
    "asterix": Format(
        "EUROCONTROL ASTERIX data blocks",
        "feeds-asterix.md",
        ("udp", "tcp", "file", "pcap"),
        _asterix,
        undated=True,
    ),
    "remote-id": Format(
        "drone Remote ID in captures of Wi-Fi and Bluetooth",
        "feeds-remote-id.md",
        ("file",),
        _remote_id,
    ),
    "beast": Format(
        "Mode S and ADS-B in Beast frames", "feeds-mode-s.md", ("tcp", "file"), _beast, undated=True
    ),
    "avr": Format("Mode S as AVR text", "feeds-mode-s.md", ("tcp", "file"), _avr, undated=True),
    "sbs": Format("SBS-1 BaseStation lines", "feeds-sbs.md", ("tcp", "file"), _sbs),
    "readsb": Format(
        "readsb and tar1090 JSON: aircraft.json, traces",
        "feeds-readsb.md",
        ("http", "file", "tcp"),
        _readsb,
    ),
    "opensky": Format(
        "OpenSky state vectors as JSON", "feeds-opensky.md", ("http", "file"), _opensky
    ),
    "mavlink": Format(
        "MAVLink with OPEN_DRONE_ID messages",
        "feeds-mavlink.md",
        ("udp", "tcp", "file"),
        _mavlink,
        undated=True,
    ),
    "sapient": Format(
        "SAPIENT (BSI Flex 335 v2) messages of sensing nodes, heard as a fusion node",
        "feeds-sapient.md",
        ("listen", "file"),
        _sapient,
    ),
    "cot": Format(
        "Cursor on Target events, XML and TAK protobuf",
        "feeds-cot.md",
        ("udp", "tcp", "file"),
        _cot,
    ),
    "people": Format(
        "what people and listening devices saw or heard: the form /report, JSON lines",
        "feeds-people.md",
        ("web", "file", "tcp", "udp"),
        _people,
    ),
    "table": Format("trajectories as Parquet or CSV", "feeds-table.md", ("file",), _table),
    "report": Format(
        "flight plans, words of air traffic services, sightings as JSON lines",
        "feeds-reports.md",
        ("file", "tcp"),
        _report,
    ),
    "plots": Format(
        "plots as they are inside, NDJSON or Parquet",
        "plots.md",
        ("file", "tcp", "udp"),
        _plots,
    ),
    "remote-id-json": Format(
        "drone Remote ID over the network, as JSON",
        "feeds-remote-id.md",
        ("file", "udp", "tcp", "http"),
        _remote_id_json,
    ),
}


def named(name: str) -> Format:
    """The format of this name.

    Raises:
        SettingError: there is none; the message lists those that there are.
    """
    found = FORMATS.get(name)
    if found is None:
        raise SettingError(f"no feed format is called {name!r}: {', '.join(FORMATS)}")
    return found


@cache
def codec(name: str) -> Codec:
    """What reads the format of this name.

    Raises:
        SettingError: there is none.
    """
    return named(name).load()


def recognise(head: bytes) -> str | None:
    """The format of a file that begins with these octets; None if it is of none."""
    return next((name for name in FORMATS if codec(name).sniff(head[:HEAD])), None)
