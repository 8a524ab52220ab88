"""The compiled writer of category 048 records and blocks."""

from vedette.feeds.asterix._kernels import Integers, Octets
from vedette.model.kernel import bare_kernel

BLOCK_ROOM = 1400  # fits one Ethernet frame with all headers to spare
RECORD_MAX = 3 + 2 + 3 + 2 + 4 + 2 + 2 + 2 + 3 + 6 + 2 + 4 + 2  # all items of the writer below


@bare_kernel
def put(out: Octets, position: int, value: int, octets: int) -> int:
    for octet in range(octets):
        out[position + octet] = value >> (8 * (octets - 1 - octet)) & 0xFF
    return position + octets


@bare_kernel
def write_record(
    source: int,
    integers: Integers,
    reals: Integers,
    callsign: int,
    amplitude: int,
    row: int,
    start: int,
    out: Octets,
) -> int:
    """One record at ``start``; its end. Columns as ``encoder`` prepares them."""
    detection, reply = integers[1, row], integers[2, row]
    rho, level, speed = reals[0, row], reals[2, row], reals[3, row]
    address, mode_3a, track = integers[3, row], integers[4, row], integers[5, row]
    ground = integers[6, row]
    first = 0b1110_0000
    second = third = 0
    if rho >= 0:
        first |= 0x10
    if mode_3a >= 0:
        first |= 0x08
    if level > -8192:
        first |= 0x04
    if amplitude < 999:
        first |= 0x02
    if address >= 0:
        second |= 0x80
    if callsign >= 0:
        second |= 0x40
    if track >= 0:
        second |= 0x10
    if speed >= 0:
        second |= 0x04
    if ground >= 0:
        third |= 0x02
    position = start
    # an FSPEC octet follows only where one of its items does
    position = put(out, position, first | (1 if second or third else 0), 1)
    if second or third:
        position = put(out, position, second | (1 if third else 0), 1)
    if third:
        position = put(out, position, third, 1)
    position = put(out, position, source, 2)
    position = put(out, position, integers[0, row], 3)
    position = put(out, position, detection << 5 | (1 if reply else 0), 1)
    if reply:
        position = put(out, position, reply << 1, 1)
    if rho >= 0:
        position = put(out, position, rho, 2)
        position = put(out, position, reals[1, row], 2)
    if mode_3a >= 0:
        position = put(out, position, mode_3a, 2)
    if level > -8192:
        position = put(out, position, level & 0x3FFF, 2)
    if amplitude < 999:
        # subfield 5, amplitude of the primary plot, or 3, of the reply
        position = put(out, position, 0x08 if detection == 1 else 0x20, 1)
        position = put(out, position, amplitude & 0xFF, 1)
    if address >= 0:
        position = put(out, position, address, 3)
    if callsign >= 0:
        position = put(out, position, callsign, 6)
    if track >= 0:
        position = put(out, position, track, 2)
    if speed >= 0:
        position = put(out, position, speed, 2)
        position = put(out, position, reals[4, row], 2)
    if ground >= 0:
        # COM 1: the transponder takes Comm-A and Comm-B; STAT 0 airborne, 1 on the ground
        position = put(out, position, 0x2000 | ground << 10, 2)
    return position


@bare_kernel
def write_blocks(
    source: int,
    integers: Integers,
    reals: Integers,
    callsigns: Integers,
    amplitudes: Integers,
    out: Octets,
) -> int:
    """All records in blocks of at most ``BLOCK_ROOM`` octets; how many octets were written."""
    block = 0
    position = 3
    for row in range(integers.shape[1]):
        end = write_record(
            source, integers, reals, callsigns[row], amplitudes[row], row, position, out
        )
        if end - block > BLOCK_ROOM:
            put(out, block, 48, 1)
            put(out, block + 1, position - block, 2)
            block = position
            end = write_record(
                source, integers, reals, callsigns[row], amplitudes[row], row, block + 3, out
            )
        position = end
    put(out, block, 48, 1)
    put(out, block + 1, position - block, 2)
    return position
