"""Packets of Wi-Fi and Bluetooth to plots; see docs/reference/feeds-remote-id.md."""

from vedette.feeds.decoder import Decoded
from vedette.feeds.remote_id.carried import DJI, LINKS, NOTHING, ODID, Carried
from vedette.feeds.remote_id.messages import PACK, Refused
from vedette.feeds.remote_id.packets import PLAIN, SEALED, Cut, PacketReader, cut_packets
from vedette.feeds.remote_id.transmitters import Transmitters
from vedette.feeds.remote_id.vendors import read_dji, read_french
from vedette.model.sensor import Sensor


class RemoteIdDecoder:
    """Reads packets with their link types, as ``RemoteIdFramer`` gives them; half a packet waits."""

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: the receiver: its id, and its ``range_sigma_m`` as position error where the drone
                states none.
        """
        self.feed_id = feed_id
        self._transmitters = Transmitters(feed_id, sensor)
        self._reader = PacketReader()
        self._rest = b""

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, reports, faults and counts of one chunk. Never raises, whatever the bytes are."""
        kept = len(self._rest)
        stretch = self._rest + data
        cuts, settled = cut_packets(stretch)
        self._rest = stretch[settled:]
        for cut in cuts:
            self._take(cut, kept, received_ns)
        return self._transmitters.take(received_ns, raw_ref)

    def _take(self, cut: Cut, kept: int, received_ns: int) -> None:
        heard, offset = self._transmitters, cut.offset - kept
        if cut.link is None:
            why = Refused("garbage", "octets that are no packet")
            heard.fault(why, cut.data, offset, received_ns)
            return
        if cut.link not in LINKS and cut.link != PLAIN:
            why = Refused("unknown_link", f"packets of link type {cut.link} are not read")
            heard.fault(why, cut.data, offset, received_ns)
            return
        found = self._reader.read(cut.link, cut.data)
        if found == NOTHING and not self._reader.waits:
            heard.count("no remote id")
        for refused in found.refused:
            heard.fault(refused, cut.data, offset, received_ns)
        for carried in found.carried:
            at = offset + max(0, cut.data.find(carried.data))
            self._hear(carried, at, received_ns)
            if cut.link == PLAIN and cut.data[6] & SEALED:
                heard.seal(carried.transmitter, received_ns)

    def _hear(self, carried: Carried, at: int, received_ns: int) -> None:
        heard = self._transmitters
        if carried.form == ODID:
            transport = carried.transport
            if transport == "bluetooth":
                is_pack = carried.data[:1] and carried.data[0] >> 4 == PACK
                transport = "bluetooth 5" if is_pack else "bluetooth 4"
            heard.count(transport)
            heard.hear(carried.transmitter, carried.data, received_ns, at, received_ns)
            return
        stated = read_dji(carried.data) if carried.form == DJI else read_french(carried.data)
        if isinstance(stated, Refused):
            heard.fault(stated, carried.data, at, received_ns)
            return
        heard.count(stated.name)
        if stated.fix is not None:
            operator = stated.operator
            heard.state(
                carried.transmitter,
                received_ns,
                ids=stated.ids,
                ua_type=None,
                fixes=[stated.fix],
                operator=None if operator is None else lambda _: operator,
            )
