"""Beast bytes to ADS-B plots; see docs/reference/feeds-mode-s.md for what is used and how."""

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.feeds.decoder import Decoded
from vedette.feeds.mode_s import _aircraft as a
from vedette.feeds.mode_s import _counts as n
from vedette.feeds.mode_s import _frames as f
from vedette.feeds.mode_s import _messages as m
from vedette.feeds.mode_s._names import names
from vedette.feeds.mode_s.clock import MLAT_STAMP, ReceiverTime
from vedette.model.fault import Fault
from vedette.model.plot import EMERGENCIES, no_plots
from vedette.model.plot import plots as plot_table
from vedette.model.sensor import Sensor

Octets = NDArray[np.uint8]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

SLOTS_FIRST: Final = 4_096
SLOTS_MAX: Final = 131_072  # of which half are used: 65,536 aircraft, 40 MB
FAULTS_MAX: Final = 32  # single ones of a reason in a chunk; the others are one fault together
REASONS: Final = ("bad_parity", "bad_length", "out_of_range", "position_jump")
FRAME_REASONS: Final = ("garbage", "truncated")
DETAILS: Final = {
    "bad_parity": "an extended squitter whose parity does not hold",
    "bad_length": "a message whose length does not fit its downlink format",
    "out_of_range": "a latitude beyond the pole",
    "position_jump": "too far from the last place, and no pair of messages bears it out",
    "garbage": "no Beast frame begins here",
    "truncated": "another frame begins within this one",
}
COUNTED: Final = {
    n.N_MODE_AC: "Mode A/C",
    n.N_STATUS: "status",
    n.N_RECEIVER: "receiver number",
    n.N_JUMP: "position_jump",
    n.N_DUPLICATE: "duplicate position",
    n.N_UNVERIFIED: "unverified address",
    n.N_WAITING: "position waiting for its pair",
    n.N_NO_REFERENCE: "surface position without a reference",
    n.N_MISMATCH: "position pair mismatched",
    n.N_AIRSPEED: "airspeed only",
    n.N_IDLE: "squitter of no use here",
    n.N_CALLSIGN: "BDS 2,0",
    n.N_INTENTION: "BDS 4,0",
    n.N_TRACK_AND_TURN: "BDS 5,0",
    n.N_HEADING_AND_SPEED: "BDS 6,0",
    n.N_OTHER_REGISTER: "BDS other",
    n.N_AMBIGUOUS: "BDS ambiguous",
}
FORGOTTEN: Final = "aircraft forgotten"
KINDS: Final = pa.array(["ads_b", "mlat", "track", "mode_s"])
EMERGENCY_NAMES: Final = pa.array(EMERGENCIES)
CATEGORIES: Final = pa.array([f"{letter}{digit}" for letter in "ABCD" for digit in range(8)])
EMPTY: Final = no_plots()


class BeastDecoder:
    """Decodes a Beast stream cut anywhere; keeps half a frame and what is known of each aircraft.

    An extended squitter counts only with its parity intact and is never repaired: a repair invents
    aircraft. A reply with its address laid over the parity counts only for an address heard intact in the
    last ten minutes. A place far from the last one is shown, and counted as ``position_jump``, where a pair
    of messages bears it out; else its bytes are quarantined under that name.
    """

    def __init__(
        self,
        feed_id: str,
        sensor: Sensor | None,
        reference: tuple[float, float] | None = None,
        *,
        unplaced: bool = True,
    ) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: the receiver: its id, and its site as reference.
            reference: latitude and longitude [degrees] within 45 NM of aircraft on the ground; None: the
                site, and without one surface positions count only for aircraft seen in the air before.
            unplaced: whether aircraft heard without any position give plots of kind "mode_s" with identity
                and altitude only, one every five seconds at most.
        """
        self.feed_id = feed_id
        self.sensor_id = feed_id if sensor is None else sensor.sensor_id
        if reference is None and sensor is not None:
            reference = (sensor.latitude_deg, sensor.longitude_deg)
        self._reference = np.array(reference or (np.nan, np.nan), dtype=np.float64)
        self._unplaced = unplaced
        self._sensor_name, self._feed_name = pa.scalar(self.sensor_id), pa.scalar(feed_id)
        self._rest = b""
        self._time = ReceiverTime()
        self._whole = np.empty((0, a.WHOLE), np.int64)
        self._real = np.empty((0, a.REAL))
        self._taken = np.zeros(1, np.int64)
        self._grow(SLOTS_FIRST, since_ns=0)

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are.

        A frame that began in an earlier chunk belongs to this one; a fault's offset within it is 0.
        """
        stretch = self._rest + data if self._rest else data
        kept = len(self._rest)
        octets = np.frombuffer(stretch, np.uint8)
        room = len(octets) // f.FRAME_MIN + 1
        types, stamps = np.empty(room, np.uint8), np.empty(room, np.int64)
        messages, spans = np.empty((room, 14), np.uint8), np.empty((room, 2), np.int64)
        bad = np.empty((len(octets) // 2 + 2, 3), np.int64)
        frames, stretches, used = f.unframe(octets, types, stamps, messages, spans, bad)
        self._rest = stretch[used:]
        decoded = Decoded(plots=EMPTY)
        self._quarantine(
            decoded,
            [(FRAME_REASONS[bad[i, 2]], bad[i, 0], bad[i, 1]) for i in range(stretches)],
            stretch,
            kept,
            received_ns,
        )
        if frames == 0:
            return decoded
        times_ns, valid_ns = self._time.dates(stamps[:frames], received_ns)
        plots, values = np.empty((frames, m.WHOLE), np.int64), np.empty((frames, m.REAL))
        faults, counts = np.empty((frames, 2), np.int64), np.zeros(n.COUNTS, np.int64)
        ends = np.zeros(2, np.int64)
        mlat = stamps[:frames] == MLAT_STAMP
        at = 0
        while at < frames:
            at = m.decode(
                at,
                frames,
                types,
                messages,
                times_ns,
                mlat,
                self._whole,
                self._real,
                self._taken,
                self._reference,
                self._unplaced,
                plots,
                values,
                faults,
                counts,
                ends,
            )
            if 2 * self._taken[0] >= len(self._whole):
                self._make_room(int(times_ns[at - 1]), decoded)
        decoded.plots = self._plots(
            plots[: ends[0]], values[: ends[0]], valid_ns, received_ns, raw_ref
        )
        self._quarantine(
            decoded,
            [(REASONS[why], spans[i, 0], spans[i, 1]) for i, why in faults[: ends[1]]],
            stretch,
            kept,
            received_ns,
        )
        for index in np.flatnonzero(counts).tolist():
            name = f"DF{index}" if index < 32 else COUNTED[index]
            decoded.counts[name] = int(counts[index])
        return decoded

    def _grow(self, slots: int, since_ns: int) -> None:
        whole = np.full((slots, a.WHOLE), a.UNKNOWN, np.int64)
        real = np.full((slots, a.REAL), np.nan)
        self._taken[0] = a.rebuild(self._whole, self._real, since_ns, whole, real)
        self._whole, self._real = whole, real

    def _make_room(self, now_ns: int, decoded: Decoded) -> None:
        """Forget who has not been heard for long; grow; at the limit forget the half heard longest ago."""
        before = int(self._taken[0])
        heard_ns = self._whole[self._whole[:, a.KEY] != a.UNKNOWN, a.HEARD_NS]
        since_ns = now_ns - m.KNOWN_NS
        slots = len(self._whole)
        if int((heard_ns >= since_ns).sum()) * 4 > slots:
            if slots < SLOTS_MAX:
                slots *= 2
            else:
                since_ns = int(np.partition(heard_ns, before // 2)[before // 2]) + 1
        self._grow(slots, since_ns)
        if slots == SLOTS_MAX and before > int(self._taken[0]):
            lost = before - int(self._taken[0])
            decoded.counts[FORGOTTEN] = decoded.counts.get(FORGOTTEN, 0) + lost

    def _quarantine(
        self,
        decoded: Decoded,
        found: list[tuple[str, int, int]],
        stretch: bytes,
        kept: int,
        received_ns: int,
    ) -> None:
        single: dict[str, int] = {}
        rest: dict[str, list[tuple[int, int]]] = {}
        for reason, start, end in found:
            single[reason] = single.get(reason, 0) + 1
            if single[reason] > FAULTS_MAX:
                rest.setdefault(reason, []).append((start, end))
                continue
            self._fault(
                decoded, reason, DETAILS[reason], start - kept, received_ns, stretch[start:end]
            )
        for reason, spans in rest.items():
            detail = f"{DETAILS[reason]}: {len(spans)} more in this chunk, joined"
            joined = b"".join(stretch[start:end] for start, end in spans)
            self._fault(decoded, reason, detail, spans[0][0] - kept, received_ns, joined)

    def _fault(
        self, decoded: Decoded, reason: str, detail: str, offset: int, received_ns: int, data: bytes
    ) -> None:
        decoded.faults.append(
            Fault(
                feed_id=self.feed_id,
                received_ns=received_ns,
                reason=reason,
                detail=detail,
                offset=max(0, int(offset)),
                data=data,
            )
        )

    def _plots(
        self,
        plots: Integers,
        values: Floats,
        valid_ns: Integers,
        received_ns: int,
        raw_ref: int,
    ) -> pa.Table:
        size = len(plots)
        if size == 0:
            return EMPTY
        address, source = plots[:, m.KEY] & 0xFFFFFF, plots[:, m.KEY] >> 24
        anonymous = (source == a.OWN_ANONYMOUS) | (source == a.GROUND_ANONYMOUS)
        on_ground = plots[:, m.ON_GROUND]
        return plot_table(
            sensor_id=pa.repeat(self._sensor_name, size),
            kind=KINDS.take(pa.array(plots[:, m.KIND])),
            valid_ns=valid_ns[plots[:, m.SOURCE]],
            received_ns=np.full(size, received_ns),
            latitude_deg=values[:, m.LATITUDE],
            longitude_deg=values[:, m.LONGITUDE],
            position_sigma_m=values[:, m.SIGMA],
            pressure_altitude_m=values[:, m.PRESSURE],
            height_hae_m=values[:, m.HAE],
            ground_speed_mps=values[:, m.SPEED],
            track_angle_rad=values[:, m.TRACK_ANGLE],
            vertical_rate_mps=values[:, m.CLIMB],
            icao24=pa.array(address.astype(np.uint32), mask=anonymous),
            mode3a=_known(plots[:, m.SQUAWK], np.uint16),
            callsign=names(plots[:, m.NAME]),
            emitter_category=CATEGORIES.take(_known(plots[:, m.CATEGORY], np.int32)),
            nic=_known(plots[:, m.NIC], np.uint8),
            nac_p=_known(plots[:, m.NAC_P], np.uint8),
            sil=_known(plots[:, m.SIL], np.uint8),
            emergency=EMERGENCY_NAMES.take(_known(plots[:, m.EMERGENCY], np.int32)),
            on_ground=pa.array(on_ground == 1, mask=on_ground < 0),
            track_number=pa.array(address.astype(np.int32), mask=~anonymous),
            feed_id=pa.repeat(self._feed_name, size),
            raw_ref=np.full(size, raw_ref),
        )


def _known(values: Integers, width: type[np.integer]) -> pa.Array:
    """Integers as Arrow, -1 as null."""
    return pa.array(values.astype(width), mask=values < 0)
