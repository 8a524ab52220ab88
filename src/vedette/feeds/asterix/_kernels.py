"""The compiled walk over data blocks: bytes in, columns out, no Python object per record.

Every read is guarded by a comparison with the end of its record, since compiled code has no bounds
check.
"""

import math

import numpy as np
from numpy.typing import NDArray

from vedette.feeds.asterix import layout
from vedette.feeds.asterix._registers import read_registers
from vedette.model.kernel import bare_kernel, kernel

Octets = NDArray[np.uint8]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ASSIGNED = layout.ASSIGNED
CHARACTERS = layout.CHARACTERS
LENGTHS_048 = layout.LENGTHS_048
LENGTHS_034 = layout.LENGTHS_034
DAY_NS = 86_400 * 1_000_000_000

# Why bytes were quarantined; ``decoder.REASONS`` names them in this order
TRUNCATED, BAD_LENGTH, UNKNOWN_CATEGORY, BAD_ITEM, MISSING_ITEM = 0, 1, 2, 3, 4
OUT_OF_RANGE, TEST_TARGET = 5, 6
# What became of a record
PLOT, UNPLACED, NO_DETECTION, FIELD_MONITOR, TEST, SERVICE, OTHER = 0, 1, 2, 3, 4, 5, 6
# Rows of the float and integer columns of a plot
RANGE, AZIMUTH, LEVEL, SPEED, HEADING, CLIMB = 0, 1, 2, 3, 4, 5
FLOATS = 6
VALID, CHUNK, SENSOR, KIND, ADDRESS, MODE_3A, TRACK, REPLY, GROUND, EMERGENCY = range(10)
INTEGERS = 10
# Results of the walk
N_PLOTS, N_RECORDS, N_FAULTS, N_MARKS, N_PARSED = 0, 1, 2, 3, 4


@bare_kernel
def octet(data: Octets, position: int) -> int:
    # signed, since unsigned and signed together would turn into floating point
    return np.int64(data[position])  # type: ignore[return-value]


@bare_kernel
def item_end(data: Octets, start: int, end: int, length: int) -> int:
    """Where an item that begins at ``start`` ends; -1 beyond ``end``, -2 undefined."""
    position = start
    if length > 0:
        position += length
        return position if position <= end else -1
    if start >= end:
        return -1
    first = octet(data, start)
    if length == layout.EXTENDED:
        while position < end:
            position += 1
            if data[position - 1] & 1 == 0:
                return position
        return -1
    if length == layout.EXPLICIT:
        if first == 0:
            return -2
        position += first
    elif length == layout.REPEAT_8:
        position += 1 + 8 * first
    elif length == layout.REPEAT_2:
        position += 1 + 2 * first
    elif length == layout.COMPOUND_130:
        if first & 0x01:
            return -2
        position += 1
        for shift in range(1, 8):
            position += (first >> shift) & 1
    elif length == layout.COMPOUND_120:
        if first & 0x3F:
            return -2
        position += 1
        if first & 0x80:
            position += 2
        if first & 0x40:
            if position >= end:
                return -1
            position += 1 + 6 * octet(data, position)
    elif length == layout.COMPOUND_050:
        if first & 0x63:
            return -2
        position += 1 + (first >> 7) + (first >> 4 & 1) + (first >> 3 & 1) + 2 * (first >> 2 & 1)
    else:
        if first & 0x63:
            return -2
        position += 1 + (first >> 7) + (first >> 4 & 1) + (first >> 3 & 1) + (first >> 2 & 1)
    return position if position <= end else -1


@bare_kernel
def word(data: Octets, position: int) -> int:
    return octet(data, position) << 8 | octet(data, position + 1)


@bare_kernel
def triple(data: Octets, position: int) -> int:
    return octet(data, position) << 16 | octet(data, position + 1) << 8 | octet(data, position + 2)


@bare_kernel
def instant_ns(ticks: int, received_ns: int, shift_ns: int) -> int:
    """Time of day on the day that brings it closest to when it was heard."""
    heard_ns = received_ns + shift_ns
    valid_ns = heard_ns - heard_ns % DAY_NS + ticks * layout.TICK_NS
    if valid_ns - heard_ns > DAY_NS // 2:
        valid_ns -= DAY_NS
    elif heard_ns - valid_ns > DAY_NS // 2:
        valid_ns += DAY_NS
    return valid_ns


@bare_kernel
def callsign_length(data: Octets, start: int, out: Octets) -> int:
    """Eight characters into ``out``; their length without trailing blanks, -1 if one is none."""
    bits = 0
    for place in range(6):
        bits = bits << 8 | octet(data, start + place)
    length = 0
    for place in range(8):
        character = CHARACTERS[bits >> (42 - 6 * place) & 63]
        if character == 0:
            return -1
        out[place] = character
        if character != 32:
            length = place + 1
    return length if length > 0 else -1


@bare_kernel
def source_of(data: Octets, start: int, end: int) -> int:
    """SAC/SIC of the first record of a block whose first item is I…/010, as is usual; else -1."""
    position = start
    while position < end and data[position] & 1:
        position += 1
    position += 1
    if start >= end or data[start] & 0x80 == 0 or position + 2 > end:
        return -1
    return word(data, position)


@bare_kernel
def fields_end(start: int, data: Octets, end: int, most: int) -> int:
    """Where the FSPEC ends; -1 beyond ``end``, -2 longer than the profile."""
    position = start
    while position < end:
        position += 1
        if data[position - 1] & 1 == 0:
            return position if position - start <= most else -2
    return -1


@bare_kernel
def plot_record(
    data: Octets,
    start: int,
    end: int,
    received_ns: int,
    shift_ns: int,
    chunk: int,
    tests_allowed: bool,
    sensor_of: Integers,
    range_limits: Integers,
    site_heights_m: Floats,
    site_kinds: Integers,
    row: int,
    rows: int,
    floats: Floats,
    integers: Integers,
    characters: Octets,
    lengths: Integers,
    result: Integers,
    said: Floats,
) -> int:
    """One category 048 record into column ``row``; its end, or -1 and a fault in ``result``.

    ``result``: reason, detail (field reference number, or what was out of range), SAC/SIC, what
    became of it, registers of I048/250. A record whose layout is sound but which may not be shown
    returns its end with a reason of MISSING_ITEM or more.
    """
    result[0] = -1
    position = fields_end(start, data, end, 4)
    if position < 0 or data[start] & 0x80 == 0:
        # every record names its source: one that does not is a sign of lost alignment
        result[0] = MISSING_ITEM if position >= 0 else (BAD_LENGTH if position == -1 else BAD_ITEM)
        result[1] = 1 if position >= 0 else 0
        return -1
    fspec_end = position
    source = ticks = -1
    flags = extension = -1
    rho = theta = -1
    x = y = 0
    cartesian = False
    level = 1 << 20
    address = mode_3a = track = -1
    speed = heading = -1
    status = -1
    identification = -1
    registers = first_register = 0
    number = 0
    for place in range(start, fspec_end):
        present = octet(data, place)
        for shift in range(7, 0, -1):
            number += 1
            if present >> shift & 1 == 0:
                continue
            after = item_end(data, position, end, LENGTHS_048[number - 1])
            if after < 0:
                result[0] = BAD_LENGTH if after == -1 else BAD_ITEM
                result[1] = number
                return -1
            if number == 1:
                source = word(data, position)
            elif number == 2:
                ticks = triple(data, position)
            elif number == 3:
                flags = octet(data, position)
                extension = octet(data, position + 1) if after > position + 1 else -1
            elif number == 4:
                rho, theta = word(data, position), word(data, position + 2)
            elif number == 5:
                code = word(data, position)
                # not validated (bit 16) or garbled (bit 15): the code is no evidence of anything
                if code & 0xC000 == 0:
                    mode_3a = code & 0x0FFF
            elif number == 6:
                code = word(data, position)
                if code & 0xC000 == 0:
                    level = code & 0x3FFF
                    if level & 0x2000:
                        level -= 0x4000
            elif number == 8:
                address = triple(data, position)
            elif number == 9:
                identification = position
            elif number == 10:
                registers, first_register = octet(data, position), position + 1
            elif number == 11:
                track = word(data, position) & 0x0FFF
            elif number == 12:
                cartesian = True
                x, y = word(data, position), word(data, position + 2)
                x = x - 0x10000 if x & 0x8000 else x
                y = y - 0x10000 if y & 0x8000 else y
            elif number == 13:
                speed, heading = word(data, position), word(data, position + 2)
            elif number == 21:
                status = octet(data, position) >> 2 & 7
            position = after
    result[2], result[4] = source, registers
    if ticks < 0:
        result[0], result[1] = MISSING_ITEM, 2
        return position
    if ticks >= layout.TICKS_PER_DAY:
        result[0], result[1] = OUT_OF_RANGE, 2
        return position
    if level != 1 << 20 and (level < layout.LEVEL_MIN or level > layout.LEVEL_MAX):
        result[0], result[1] = OUT_OF_RANGE, 6
        return position
    sensor = sensor_of[source]
    if sensor >= 0 and rho > range_limits[sensor]:
        result[0], result[1] = OUT_OF_RANGE, 4
        return position
    if flags >= 0:
        if (flags & 0x10 or (extension >= 0 and extension & 0x80)) and not tests_allowed:
            result[0], result[1], result[3] = TEST_TARGET, 3, TEST
            return position
        if flags & 0x02:
            result[3] = FIELD_MONITOR
            return position
        if flags >> 5 == 0:
            result[3] = NO_DETECTION
            return position
    if sensor < 0:
        result[3] = UNPLACED
        return position
    result[3] = PLOT
    if row >= rows:
        return position
    for column in range(FLOATS):
        floats[column, row] = math.nan
    # with ERR set the range in I048/040 is saturated and the true one is in the reserved expansion
    # field
    beyond = extension >= 0 and extension & 0x40 != 0
    if level != 1 << 20:
        floats[LEVEL, row] = level * layout.LEVEL_LSB_M
    if rho >= 0 and not beyond:
        floats[RANGE, row] = rho * layout.RANGE_LSB_M
        floats[AZIMUTH, row] = theta * layout.ANGLE_LSB_RAD
    elif cartesian and not beyond:
        # a position on the ground plane: the slant range follows from the height, where there is
        # one
        ground_m = math.hypot(x, y) * layout.CARTESIAN_LSB_M
        above_m = 0.0
        if level != 1 << 20:
            above_m = level * layout.LEVEL_LSB_M - site_heights_m[sensor]
        floats[RANGE, row] = math.hypot(ground_m, above_m)
        floats[AZIMUTH, row] = math.atan2(x, y) % (2.0 * math.pi)
    if speed >= 0:
        floats[SPEED, row] = speed * layout.SPEED_LSB_MPS
        floats[HEADING, row] = heading * layout.ANGLE_LSB_RAD
    if registers > 0:
        name = read_registers(data, first_register, registers, said)
        floats[CLIMB, row] = said[2]
        if speed < 0:  # what the radar itself tracked goes before what the aircraft says
            floats[SPEED, row], floats[HEADING, row] = said[0], said[1]
        identification = name if identification < 0 else identification
    integers[VALID, row] = instant_ns(ticks, received_ns, shift_ns)
    integers[CHUNK, row] = chunk
    integers[SENSOR, row] = sensor
    # a combined report is known by its cooperative part
    detection = flags >> 5 if flags >= 0 else 0
    if detection == 0:
        integers[KIND, row] = site_kinds[sensor]
    else:
        integers[KIND, row] = 0 if detection == 1 else (1 if detection <= 3 else 2)
    integers[ADDRESS, row] = address if address > 0 else -1
    integers[MODE_3A, row] = mode_3a
    integers[TRACK, row] = track
    reply = extension >> 1 & 3 if extension >= 0 else 0
    integers[REPLY, row] = reply - 1 if reply in (1, 2) else -1
    integers[GROUND, row] = status & 1 if 0 <= status <= 3 else -1
    integers[EMERGENCY, row] = 0 if extension >= 0 and extension & 0x10 else -1
    lengths[row] = -1
    if identification >= 0:
        lengths[row] = callsign_length(data, identification, characters[row])
    return position


@bare_kernel
def service_record(data: Octets, start: int, end: int, mark: Integers, result: Integers) -> int:
    """One category 034 record; its end, or -1 and a fault in ``result`` as above.

    ``mark``: SAC/SIC, message type, ticks or -1, sector or -1, rotation period in ticks or -1.
    """
    result[0] = -1
    position = fields_end(start, data, end, 2)
    if position < 0 or data[start] & 0x80 == 0:
        # every record names its source: one that does not is a sign of lost alignment
        result[0] = MISSING_ITEM if position >= 0 else (BAD_LENGTH if position == -1 else BAD_ITEM)
        result[1] = 1 if position >= 0 else 0
        return -1
    fspec_end = position
    for field in range(5):
        mark[field] = -1
    number = 0
    for place in range(start, fspec_end):
        present = octet(data, place)
        for shift in range(7, 0, -1):
            number += 1
            if present >> shift & 1 == 0:
                continue
            after = item_end(data, position, end, LENGTHS_034[number - 1])
            if after < 0:
                result[0] = BAD_LENGTH if after == -1 else BAD_ITEM
                result[1] = number
                return -1
            if number == 1:
                mark[0] = word(data, position)
            elif number == 2:
                mark[1] = data[position]
            elif number == 3:
                mark[2] = triple(data, position)
            elif number == 4:
                mark[3] = data[position]
            elif number == 5:
                mark[4] = word(data, position)
            position = after
    result[2], result[3], result[4] = mark[0], SERVICE, 0
    if mark[1] < 0:
        result[0], result[1] = MISSING_ITEM, 2
    elif mark[2] >= layout.TICKS_PER_DAY:
        result[0], result[1] = OUT_OF_RANGE, 3
    return position


@bare_kernel
def put_fault(
    faults: Integers, n: Integers, reason: int, start: int, end: int, chunk: int, at: int, item: int
) -> None:
    if n[N_FAULTS] < faults.shape[1]:
        row = n[N_FAULTS]
        faults[0, row], faults[1, row], faults[2, row] = reason, start, end
        faults[3, row], faults[4, row], faults[5, row] = chunk, at, item
    n[N_FAULTS] += 1


@bare_kernel
def put_record(records: Integers, n: Integers, outcome: int, source: int, registers: int) -> None:
    if n[N_RECORDS] < records.shape[1]:
        row = n[N_RECORDS]
        records[0, row], records[1, row], records[2, row] = outcome, source, registers
    n[N_RECORDS] += 1


@kernel
def walk(
    data: Octets,
    starts: Integers,
    received_ns: Integers,
    shift_ns: int,
    tests_allowed: bool,
    sensor_of: Integers,
    range_limits: Integers,
    site_heights_m: Floats,
    site_kinds: Integers,
    floats: Floats,
    integers: Integers,
    characters: Octets,
    lengths: Integers,
    records: Integers,
    faults: Integers,
    marks: Integers,
    n: Integers,
) -> None:
    """All blocks of all chunks; ``n`` also counts what the columns could not hold.

    Args:
        data: (b,) the octets of m chunks, one after the other.
        starts: (m + 1,) where each chunk begins, and the end.
        received_ns: (m,) when each was heard.
        shift_ns: whole days from the day of hearing to the day of the recording.
        tests_allowed: whether simulated and test targets are plots.
        sensor_of: (65536,) index of the sensor of each SAC/SIC, or -1.
        range_limits: (s,) largest I048/040 range of each sensor.
        site_heights_m: (s,) height of each antenna.
        site_kinds: (s,) 0 psr, 1 ssr, 2 mode_s: the kind of reports that do not say.
        floats: (FLOATS, .) columns of plots, see the indices above.
        integers: (INTEGERS, .) further columns; -1 is unknown.
        characters: (., 8) callsigns.
        lengths: (.,) of the callsigns; -1 is none.
        records: (3, .) what became of each record, its SAC/SIC, registers of I048/250.
        faults: (6, .) reason, start, end, chunk, where, item.
        marks: (6, .) category 034: SAC/SIC, type, ticks, sector, period, chunk.
        n: (5,) plots, records, faults, marks, octets understood.
    """
    result = np.zeros(5, np.int64)
    mark = np.zeros(5, np.int64)
    said = np.empty(3)  # by an aircraft's registers
    n[:] = 0
    for chunk in range(starts.shape[0] - 1):
        position, chunk_end = starts[chunk], starts[chunk + 1]
        while position < chunk_end:
            if chunk_end - position < layout.HEADER:
                put_fault(faults, n, TRUNCATED, position, chunk_end, chunk, position, -1)
                break
            category = octet(data, position)
            length = word(data, position + 1)
            if length < layout.HEADER:
                # no way to know where the next block begins
                put_fault(faults, n, BAD_LENGTH, position, chunk_end, chunk, position, -1)
                break
            block, block_end = position, position + length
            cut = block_end > chunk_end
            position = min(block_end, chunk_end)
            if not ASSIGNED[category]:
                put_fault(faults, n, UNKNOWN_CATEGORY, block, position, chunk, block, category)
                continue
            if length == layout.HEADER or position == block + layout.HEADER:
                # no records, or none before the cut
                put_fault(faults, n, BAD_LENGTH, block, position, chunk, block, -1)
                continue
            if category not in (34, 48):
                if cut:
                    put_fault(faults, n, TRUNCATED, block, position, chunk, block, -1)
                    continue
                source = source_of(data, block + layout.HEADER, block_end)
                put_record(records, n, OTHER + category, source, 0)
                n[N_PARSED] += length
                continue
            n_plots, n_records, n_faults = n[N_PLOTS], n[N_RECORDS], n[N_FAULTS]
            n_marks, n_parsed = n[N_MARKS], n[N_PARSED]
            n[N_PARSED] += layout.HEADER
            at = block + layout.HEADER
            while at < position:
                if category == 48:
                    after = plot_record(
                        data, at, position, received_ns[chunk], shift_ns, chunk, tests_allowed,
                        sensor_of, range_limits, site_heights_m, site_kinds,
                        n[N_PLOTS], floats.shape[1], floats, integers, characters, lengths, result,
                        said,
                    )  # fmt: skip
                else:
                    after = service_record(data, at, position, mark, result)
                if cut and (after < 0 or result[0] in (MISSING_ITEM, OUT_OF_RANGE)):
                    # what came before the cut is sound, the rest is not
                    if at == block + layout.HEADER:
                        n[N_PARSED] -= layout.HEADER
                        at = block
                    put_fault(faults, n, TRUNCATED, at, position, chunk, at, result[1])
                    break
                if after < 0:
                    # without a checksum nothing in a block that does not add up can be trusted
                    n[N_PLOTS], n[N_RECORDS], n[N_FAULTS] = n_plots, n_records, n_faults
                    n[N_MARKS], n[N_PARSED] = n_marks, n_parsed
                    put_fault(faults, n, result[0], block, block_end, chunk, at, result[1])
                    break
                if result[0] >= 0:
                    put_fault(faults, n, result[0], at, after, chunk, at, result[1])
                else:
                    n[N_PARSED] += after - at
                if result[0] < 0 or result[0] == TEST_TARGET:
                    put_record(records, n, result[3], result[2], result[4])
                    if result[3] == PLOT and result[0] < 0:
                        n[N_PLOTS] += 1
                    elif result[3] == SERVICE:
                        if n[N_MARKS] < marks.shape[1]:
                            for field in range(5):
                                marks[field, n[N_MARKS]] = mark[field]
                            marks[5, n[N_MARKS]] = chunk
                        n[N_MARKS] += 1
                at = after
                if cut and at >= position:
                    # the cut fell between two records
                    put_fault(faults, n, TRUNCATED, position, position, chunk, position, -1)
