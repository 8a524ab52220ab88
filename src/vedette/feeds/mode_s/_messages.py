"""Mode S messages to rows of plots, with what is known of each aircraft in between.

Sources: ICAO Annex 10 Vol. IV (downlink formats), Doc 9871 2nd ed. appendices A to C and DO-260B
(extended squitter). Bits of the 56-bit ME field are counted from 1, as there.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.feeds.mode_s import _aircraft as a
from vedette.feeds.mode_s import _codes as c
from vedette.feeds.mode_s import _comm_b as b
from vedette.feeds.mode_s import accuracy
from vedette.feeds.mode_s._counts import (
    N_AIRSPEED,
    N_AMBIGUOUS,
    N_CALLSIGN,
    N_DUPLICATE,
    N_HEADING_AND_SPEED,
    N_IDLE,
    N_INTENTION,
    N_JUMP,
    N_MODE_AC,
    N_NO_REFERENCE,
    N_OTHER_REGISTER,
    N_RECEIVER,
    N_STATUS,
    N_TRACK_AND_TURN,
    N_UNVERIFIED,
    N_WAITING,
)
from vedette.feeds.mode_s._frames import LONG, MODE_AC, RECEIVER, SHORT, STATUS
from vedette.feeds.mode_s._parity import octet, syndrome
from vedette.feeds.mode_s._places import (
    FLAGGED,
    IMPOSSIBLE,
    PAIR_AIRBORNE_NS,
    REFUSED,
    REPEATED,
    WAITING,
    S,
    bits,
    place,
)
from vedette.model.kernel import bare_kernel
from vedette.model.units import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS

Octets = NDArray[np.uint8]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

BAD_PARITY, BAD_LENGTH, OUT_OF_RANGE, JUMP = 0, 1, 2, 3  # reasons of quarantine
ADS_B, MLAT, TRACK, MODE_S = 0, 1, 2, 3  # kinds of plots

VELOCITY_NS: Final = 2 * S
COMM_B_NS: Final = 10 * S  # a broadcast velocity this young goes before one that was asked for
SQUAWK_NS: Final = 60 * S
EMERGENCY_NS: Final = 30 * S  # sent every 5 s, every 0.8 s in an emergency
QUALITY_NS: Final = 60 * S
ALTITUDE_NS: Final = 10 * S
UNPLACED_NS: Final = 5 * S  # at most one plot without a place this often
KNOWN_NS: Final = 600 * S  # an address heard intact within this time is taken under parity overlay


# Columns of the plots that come out: integers (-1 is unknown) and floats (NaN is unknown)
(
    SOURCE,  # index of the message
    KIND,
    KEY,
    SQUAWK,
    NAME,
    CATEGORY,
    NIC,
    NAC_P,
    SIL,
    EMERGENCY,
    ON_GROUND,
) = range(11)
LATITUDE, LONGITUDE, SIGMA, PRESSURE, HAE, SPEED, TRACK_ANGLE, CLIMB = range(8)
WHOLE: Final = 11
REAL: Final = 8


@bare_kernel
def _velocity(
    whole: Integers, real: Floats, row: int, now_ns: int, me: int, counts: Integers
) -> None:
    subtype = bits(me, 6, 8)
    if subtype < 1 or subtype > 4:
        counts[N_IDLE] += 1
        return
    speed_mps = track_rad = climb_mps = raised_m = math.nan
    if subtype <= 2:
        east, north = bits(me, 15, 24), bits(me, 26, 35)
        if east > 0 and north > 0:
            step_mps = KNOT_MPS * (4.0 if subtype == 2 else 1.0)
            east_mps = (east - 1) * (-step_mps if bits(me, 14, 14) else step_mps)
            north_mps = (north - 1) * (-step_mps if bits(me, 25, 25) else step_mps)
            speed_mps = math.hypot(east_mps, north_mps)
            if speed_mps > 0.0:
                track_rad = math.atan2(east_mps, north_mps) % (2.0 * math.pi)
    else:
        counts[N_AIRSPEED] += 1  # heading and airspeed say nothing of the wind: no ground speed
    climb = bits(me, 38, 46)
    if climb > 0:
        step_mps = 64.0 * FOOT_PER_MINUTE_MPS
        climb_mps = (climb - 1) * (-step_mps if bits(me, 37, 37) else step_mps)
    raised = bits(me, 50, 56)
    if raised > 0:
        step_m = 25.0 * FOOT_M
        raised_m = (raised - 1) * (-step_m if bits(me, 49, 49) else step_m)
    whole[row, a.VELOCITY_NS], whole[row, a.COMM_B] = now_ns, 0
    real[row, a.SPEED], real[row, a.TRACK] = speed_mps, track_rad
    real[row, a.CLIMB], real[row, a.RAISED] = climb_mps, raised_m


@bare_kernel
def _status(whole: Integers, row: int, now_ns: int, me: int, tc: int) -> None:
    """Emergency and identity code (28), target state (29), operational status (31)."""
    subtype = bits(me, 6, 8)
    if tc == 28 and subtype == 1:
        emergency = bits(me, 9, 11)
        whole[row, a.EMERGENCY_NS] = now_ns
        whole[row, a.EMERGENCY] = emergency if emergency < 7 else a.UNKNOWN
        whole[row, a.SQUAWK_NS] = now_ns
        whole[row, a.SQUAWK] = c.squawk_of(bits(me, 12, 24))
    elif tc == 29 and bits(me, 6, 7) == 1:
        whole[row, a.QUALITY_NS] = now_ns
        whole[row, a.ACCURACY] = bits(me, 40, 43)
        whole[row, a.INTEGRITY] = bits(me, 45, 46)
    elif tc == 31 and subtype <= 1:
        whole[row, a.VERSION_NS] = now_ns
        whole[row, a.VERSION] = bits(me, 41, 43)
        if whole[row, a.VERSION] > 0:  # the first version has none of what follows
            whole[row, a.SUPPLEMENT_A] = bits(me, 44, 44)
            whole[row, a.SUPPLEMENT_C] = bits(me, 20, 20) if subtype == 1 else 0
            whole[row, a.MAGNETIC] = bits(me, 54, 54)
            whole[row, a.QUALITY_NS] = now_ns
            whole[row, a.ACCURACY] = bits(me, 45, 48)
            whole[row, a.INTEGRITY] = bits(me, 51, 52)


@bare_kernel
def _write(
    plots: Integers,
    values: Floats,
    at: int,
    frame: int,
    kind: int,
    whole: Integers,
    row: int,
    now_ns: int,
) -> None:
    """What a plot of an aircraft says whatever it was made of."""
    plots[at, SOURCE], plots[at, KIND], plots[at, KEY] = frame, kind, whole[row, a.KEY]
    for column in range(REAL):
        values[at, column] = math.nan
    plots[at, NAME] = whole[row, a.NAME]
    plots[at, CATEGORY] = whole[row, a.CATEGORY]
    plots[at, SQUAWK] = plots[at, EMERGENCY] = a.UNKNOWN
    if abs(now_ns - whole[row, a.SQUAWK_NS]) <= SQUAWK_NS:
        plots[at, SQUAWK] = whole[row, a.SQUAWK]
    if abs(now_ns - whole[row, a.EMERGENCY_NS]) <= EMERGENCY_NS:
        plots[at, EMERGENCY] = whole[row, a.EMERGENCY]
    plots[at, NIC] = plots[at, NAC_P] = plots[at, SIL] = a.UNKNOWN
    if abs(now_ns - whole[row, a.QUALITY_NS]) <= QUALITY_NS:
        plots[at, NAC_P] = whole[row, a.ACCURACY]
        plots[at, SIL] = whole[row, a.INTEGRITY]
    plots[at, ON_GROUND] = whole[row, a.ON_GROUND]


@bare_kernel
def _write_place(
    plots: Integers,
    values: Floats,
    at: int,
    whole: Integers,
    real: Floats,
    row: int,
    now_ns: int,
    me: int,
    tc: int,
) -> None:
    """What a plot made of a position message says besides."""
    values[at, LATITUDE], values[at, LONGITUDE] = real[row, a.LATITUDE], real[row, a.LONGITUDE]
    version = max(0, whole[row, a.VERSION])  # until it says otherwise it is taken as the first
    plots[at, NIC] = accuracy.nic_of(
        tc,
        version,
        max(0, whole[row, a.SUPPLEMENT_A]),
        bits(me, 8, 8),
        max(0, whole[row, a.SUPPLEMENT_C]),
    )
    values[at, SIGMA] = accuracy.sigma_m(tc, plots[at, NAC_P])
    if tc <= 8:
        values[at, SPEED] = c.movement_mps(bits(me, 6, 12))
        if bits(me, 13, 13) and whole[row, a.MAGNETIC] != 1:
            values[at, TRACK_ANGLE] = bits(me, 14, 20) * (2.0 * math.pi / 128.0)
        return
    feet = c.altitude_feet_12(bits(me, 9, 20))
    if feet != c.NO_FEET:
        values[at, HAE if tc >= 20 else PRESSURE] = feet * FOOT_M
    if abs(now_ns - whole[row, a.VELOCITY_NS]) > VELOCITY_NS:
        return
    values[at, SPEED], values[at, TRACK_ANGLE] = real[row, a.SPEED], real[row, a.TRACK]
    values[at, CLIMB] = real[row, a.CLIMB]
    if tc <= 18:
        values[at, HAE] = values[at, PRESSURE] + real[row, a.RAISED]
    else:
        values[at, PRESSURE] = values[at, HAE] - real[row, a.RAISED]


@bare_kernel
def _key(messages: Octets, frame: int, df: int, me: int, tc: int) -> int:
    """Whose message an extended squitter is; UNKNOWN for formats that say no place in ours."""
    address = _address(messages, frame)
    form = octet(messages, frame, 0) & 7
    if df == 17 or form in (0, 6):
        return address
    if form == 1:
        return address | (a.OWN_ANONYMOUS << 24)
    if form in (2, 5):
        anonymous = form == 5 or (bits(me, 8, 8) == 1 and 5 <= tc <= 22 and tc != 19)
        return address | ((a.GROUND_ANONYMOUS if anonymous else a.GROUND) << 24)
    return a.UNKNOWN


@bare_kernel
def _address(messages: Octets, frame: int) -> int:
    address = 0
    for i in range(1, 4):
        address = (address << 8) | octet(messages, frame, i)
    return address


@bare_kernel
def _squitter(
    messages: Octets,
    frame: int,
    df: int,
    now_ns: int,
    stamped_mlat: bool,
    whole: Integers,
    real: Floats,
    taken: Integers,
    reference: Floats,
    plots: Integers,
    values: Floats,
    count: int,
    counts: Integers,
) -> int:
    """One intact DF17 or DF18: 1 if it gave a plot, 0 if not, or less the reason of quarantine less 1."""
    me = 0
    for i in range(4, 11):
        me = (me << 8) | octet(messages, frame, i)
    tc = bits(me, 1, 5)
    key = _key(messages, frame, df, me, tc)
    counts[df] += 1
    if key == a.UNKNOWN:
        counts[N_IDLE] += 1
        return 0
    row = a.find_or_add(whole, real, key, taken)
    whole[row, a.HEARD_NS] = now_ns
    if 5 <= tc <= 18 or 20 <= tc <= 22:
        surface = tc <= 8
        whole[row, a.ON_GROUND] = 1 if surface else 0
        outcome = place(whole, real, row, now_ns, me, surface, reference, counts)
        if outcome <= FLAGGED:
            ground = key >> 24 >= a.GROUND
            kind = MLAT if stamped_mlat else TRACK if ground else ADS_B
            _write(plots, values, count, frame, kind, whole, row, now_ns)
            _write_place(plots, values, count, whole, real, row, now_ns, me, tc)
            counts[N_JUMP] += outcome == FLAGGED
            return 1
        if outcome == REFUSED:
            counts[N_JUMP] += 1
            return -1 - JUMP
        if outcome == IMPOSSIBLE:
            return -1 - OUT_OF_RANGE
        if outcome == REPEATED:
            counts[N_DUPLICATE] += 1
        elif outcome == WAITING:
            counts[N_WAITING] += 1
        else:
            counts[N_NO_REFERENCE] += 1
    elif 1 <= tc <= 4:
        whole[row, a.NAME_NS] = now_ns
        whole[row, a.NAME] = bits(me, 9, 56)
        category = bits(me, 6, 8)
        whole[row, a.CATEGORY] = (4 - tc) * 8 + category if category else a.UNKNOWN
    elif tc == 19:
        _velocity(whole, real, row, now_ns, me, counts)
    elif tc in (28, 29, 31):
        _status(whole, row, now_ns, me, tc)
    else:
        counts[N_IDLE] += 1
    return 0


@bare_kernel
def _register(
    messages: Octets,
    frame: int,
    now_ns: int,
    whole: Integers,
    real: Floats,
    row: int,
    counts: Integers,
) -> None:
    """What a Comm-B reply's register says, where it can be only one."""
    mb = 0
    for i in range(4, 11):
        mb = (mb << 8) | octet(messages, frame, i)
    found = b.registers(mb)
    if found == b.EMPTY:
        return
    if found == b.CALLSIGN:
        counts[N_CALLSIGN] += 1
        whole[row, a.NAME_NS] = now_ns
        whole[row, a.NAME] = b.bits(mb, 9, 56)
    elif found == b.INTENTION:
        counts[N_INTENTION] += 1
    elif found == b.TRACK_AND_TURN:
        counts[N_TRACK_AND_TURN] += 1
        if whole[row, a.COMM_B] == 1 or abs(now_ns - whole[row, a.VELOCITY_NS]) > COMM_B_NS:
            whole[row, a.VELOCITY_NS], whole[row, a.COMM_B] = now_ns, 1
            real[row, a.SPEED], real[row, a.TRACK] = b.ground_speed_mps(mb), b.track_rad(mb)
            real[row, a.CLIMB] = real[row, a.RAISED] = math.nan
    elif found == b.HEADING_AND_SPEED:
        counts[N_HEADING_AND_SPEED] += 1
        if whole[row, a.COMM_B] == 1:
            real[row, a.CLIMB] = b.climb_mps(mb)
    elif found == b.OTHER:
        counts[N_OTHER_REGISTER] += 1
    else:
        counts[N_AMBIGUOUS] += 1


@bare_kernel
def _reply(
    messages: Octets,
    frame: int,
    df: int,
    address: int,
    now_ns: int,
    unplaced: bool,
    whole: Integers,
    real: Floats,
    plots: Integers,
    values: Floats,
    count: int,
    counts: Integers,
) -> int:
    """One DF4, 5, 20 or 21 with the address laid over the parity: 1 if it gave a plot, else 0."""
    row = a.find(whole, address)
    if row < 0 or abs(now_ns - whole[row, a.HEARD_NS]) > KNOWN_NS:
        counts[N_UNVERIFIED] += 1
        return 0
    counts[df] += 1
    whole[row, a.HEARD_NS] = now_ns
    status = octet(messages, frame, 0) & 7
    if status <= 3:
        whole[row, a.ON_GROUND] = status & 1
    code = ((octet(messages, frame, 2) & 0x1F) << 8) | octet(messages, frame, 3)
    if df in (5, 21):
        whole[row, a.SQUAWK_NS] = now_ns
        whole[row, a.SQUAWK] = c.squawk_of(code)
    else:
        feet = c.altitude_feet(code)
        whole[row, a.ALTITUDE_NS] = now_ns
        real[row, a.ALTITUDE] = math.nan if feet == c.NO_FEET else feet * FOOT_M
    if df >= 20:
        _register(messages, frame, now_ns, whole, real, row, counts)
    if (
        not unplaced
        or abs(now_ns - whole[row, a.PLACE_NS]) <= PAIR_AIRBORNE_NS
        or abs(now_ns - whole[row, a.UNPLACED_NS]) < UNPLACED_NS
    ):
        return 0
    whole[row, a.UNPLACED_NS] = now_ns
    _write(plots, values, count, frame, MODE_S, whole, row, now_ns)
    if abs(now_ns - whole[row, a.ALTITUDE_NS]) <= ALTITUDE_NS:
        values[count, PRESSURE] = real[row, a.ALTITUDE]
    if abs(now_ns - whole[row, a.VELOCITY_NS]) <= COMM_B_NS:
        values[count, SPEED], values[count, TRACK_ANGLE] = real[row, a.SPEED], real[row, a.TRACK]
        values[count, CLIMB] = real[row, a.CLIMB]
    return 1


@bare_kernel
def decode(
    first: int,
    frames: int,
    types: Octets,
    messages: Octets,
    times_ns: Integers,
    mlat: NDArray[np.bool_],
    whole: Integers,
    real: Floats,
    taken: Integers,
    reference: Floats,
    unplaced: bool,
    plots: Integers,
    values: Floats,
    faults: Integers,
    counts: Integers,
    ends: Integers,
) -> int:
    """Decode messages until the end, or until half of the table of aircraft is taken.

    Args:
        first: index of the first message to decode.
        frames: how many messages there are.
        types: (m,) of ``_frames.unframe``.
        messages: (m, 14) of it.
        times_ns: (m,) times on any scale that runs evenly.
        mlat: (m,) whether a message is stamped as made by multilateration.
        whole: (slots, ...) table of aircraft, its integers.
        real: (slots, ...) its floats.
        taken: (1,) how many aircraft it has.
        reference: (2,) a place near the receiver [degrees], or NaN.
        unplaced: whether aircraft without a place give plots without one.
        plots: (m, WHOLE) out: integers of plots.
        values: (m, REAL) out: floats of plots.
        faults: (m, 2) out: index of each quarantined message, and why.
        counts: (COUNTS,) in and out.
        ends: (2,) in and out: numbers of plots and of faults.

    Returns:
        The index of the next message.
    """
    count, bad = ends[0], ends[1]
    half = whole.shape[0] // 2
    at = first
    while at < frames and taken[0] < half:
        kind = types[at]
        frame = at
        at += 1
        if kind == MODE_AC:
            counts[N_MODE_AC] += 1
            continue
        if kind == STATUS:
            counts[N_STATUS] += 1
            continue
        if kind == RECEIVER:
            counts[N_RECEIVER] += 1
            continue
        df = min(24, octet(messages, frame, 0) >> 3)  # Comm-D has two bits of format only
        reason = -1
        if (kind == LONG) != (df >= 16):
            reason = BAD_LENGTH
        else:
            left = syndrome(messages, frame, 7 if kind == SHORT else 14)
            if df in (17, 18):
                if left:
                    reason = BAD_PARITY
                else:
                    outcome = _squitter(
                        messages,
                        frame,
                        df,
                        times_ns[frame],
                        mlat[frame],
                        whole,
                        real,
                        taken,
                        reference,
                        plots,
                        values,
                        count,
                        counts,
                    )
                    if outcome > 0:
                        count += 1
                    elif outcome < 0:
                        reason = -1 - outcome
            elif df == 11:
                row = -1
                if left == 0:
                    row = a.find_or_add(whole, real, _address(messages, frame), taken)
                elif left < 128:  # the code of the radar that asked is laid over
                    row = a.find(whole, _address(messages, frame))
                if row < 0:
                    counts[N_UNVERIFIED] += 1
                else:
                    counts[df] += 1
                    whole[row, a.HEARD_NS] = times_ns[frame]
            elif df in (4, 5, 20, 21):
                count += _reply(
                    messages,
                    frame,
                    df,
                    left,
                    times_ns[frame],
                    unplaced,
                    whole,
                    real,
                    plots,
                    values,
                    count,
                    counts,
                )
            else:
                counts[df] += 1
        if reason >= 0:
            faults[bad, 0], faults[bad, 1] = frame, reason
            bad += 1
    ends[0], ends[1] = count, bad
    return at
