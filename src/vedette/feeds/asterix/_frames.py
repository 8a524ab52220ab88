"""The compiled search for data blocks in a recording: where chunks begin and end, and when."""

import numpy as np

from vedette.feeds.asterix import layout
from vedette.feeds.asterix._kernels import (
    ASSIGNED,
    LENGTHS_034,
    LENGTHS_048,
    Integers,
    Octets,
    fields_end,
    item_end,
    triple,
    word,
)
from vedette.model.columns import Flags
from vedette.model.kernel import bare_kernel

TRAILER = 10  # octets after each block of the framed form: six of zero, time of day, one of zero
CHUNK_MAX = 65_536
# Chunks are cut only with so much seen beyond them, so that the pieces of a file do not matter
LOOKAHEAD = 2 * CHUNK_MAX + 65_536
STRICT_MAX = 4_096  # blocks longer than this are not believed while looking for the next sound one
CHAIN = 3  # blocks in a row that make us believe in them
UNHEARD = -(1 << 62)
HALF_DAY_TICKS = layout.TICKS_PER_DAY // 2

# What comes before the time of day, by field reference number: lengths as in ``layout``, then the time itself.
# Category 021 has one of two times. Category 001 has none that a whole day could be told by.
TIME, NO_TIME = 99, -99
LEADS = np.full((256, 12), NO_TIME)
for _category, _lead in {
    2: (2, 1, 1, TIME),
    10: (2, 1, layout.EXTENDED, TIME),
    19: (2, 1, TIME),
    20: (2, layout.EXTENDED, TIME),
    21: (2, layout.EXTENDED, 2, 1, TIME, 6, 8, 3, 2, 2, 3, TIME),
    34: (2, 1, TIME),
    48: (2, TIME),
    62: (2, 1, 1, TIME),
    63: (2, 1, TIME),
    65: (2, 1, 1, TIME),
    129: (2, 2, 3, 3, 12, 2, TIME),
    205: (2, 1, 1, TIME),
}.items():
    LEADS[_category, : len(_lead)] = _lead


@bare_kernel
def header(data: Octets, position: int, size: int, longest: int) -> int:
    """Length of the block at ``position``; -1 if no header can be so, 0 if it is cut off."""
    if position + layout.HEADER > size:
        return 0
    length = word(data, position + 1)
    if not ASSIGNED[data[position]] or length <= layout.HEADER or length > longest:
        return -1
    return length


@bare_kernel
def sound_trailer(data: Octets, position: int, size: int) -> bool:
    if position + TRAILER > size:
        return False
    for octet in range(6):
        if data[position + octet] != 0:
            return False
    return data[position + 9] == 0 and triple(data, position + 6) < layout.TICKS_PER_DAY


@bare_kernel
def adds_up(data: Octets, start: int, end: int) -> bool:
    """Whether the records of a block of category 048 or 034 end where it ends."""
    lengths, most = (LENGTHS_048, 4) if data[start] == 48 else (LENGTHS_034, 2)
    position = start + layout.HEADER
    while position < end:
        first = position
        position = fields_end(first, data, end, most)
        if position < 0 or data[first] & 0x80 == 0:
            return False
        number = 0
        for place in range(first, position):
            for shift in range(7, 0, -1):
                if data[place] >> shift & 1:
                    position = item_end(data, position, end, lengths[number])
                    if position < 0:
                        return False
                number += 1
    return True


@bare_kernel
def chained(data: Octets, position: int, size: int, trailer: int, seen: Flags) -> bool:
    """Whether sound blocks follow one another from here, ``CHAIN`` of them or to the very end."""
    for _ in range(CHAIN):
        length = header(data, position, size, STRICT_MAX)
        if length <= 0 or position + length + trailer > size:
            return False
        if not seen[data[position]] or data[position + layout.HEADER] & 0x80 == 0:
            return False
        if data[position] in (34, 48) and not adds_up(data, position, position + length):
            return False
        if trailer and not sound_trailer(data, position + length, size):
            return False
        position += length + trailer
        if position == size:
            return True
    return True


@bare_kernel
def time_of(data: Octets, start: int, end: int) -> int:
    """Ticks of the first record of a block, as the newest edition places them; -1 if it has none."""
    category = np.int64(data[start])
    most = LEADS.shape[1]
    first = start + layout.HEADER
    position = fields_end(first, data, end, 8)
    if position < 0 or data[first] & 0x80 == 0:
        return -1
    number = 0
    for place in range(first, position):
        for shift in range(7, 0, -1):
            if number == most or LEADS[category, number] == NO_TIME:
                return -1
            if data[place] >> shift & 1:
                length = LEADS[category, number]
                if length == TIME:
                    if position + 3 > end:
                        return -1
                    ticks = triple(data, position)
                    return ticks if ticks < layout.TICKS_PER_DAY else -1
                position = item_end(data, position, end, length)
                if position < 0:
                    return -1
            number += 1
    return -1


@bare_kernel
def unwrap(ticks: int, before: int) -> int:
    """Ticks since the first day's midnight with this time of day, nearest to ``before``."""
    if before == UNHEARD:
        return ticks
    near = before - before % layout.TICKS_PER_DAY + ticks
    if near - before > HALF_DAY_TICKS:
        near -= layout.TICKS_PER_DAY
    elif before - near > HALF_DAY_TICKS:
        near += layout.TICKS_PER_DAY
    return near


@bare_kernel
def cut_chunks(
    data: Octets,
    last: bool,
    trailer: int,
    span_ticks: int,
    state: Integers,
    seen: Flags,
    chunks: Integers,
    pieces: Integers,
) -> int:
    """Chunks of a stretch of a recording; where the part that is settled ends.

    A chunk is a run of blocks heard within ``span_ticks``, or octets that are no blocks. A block
    whose successor is none is followed only to where sound blocks begin again.

    Args:
        data: the octets that are not settled yet.
        last: whether the file ends here.
        trailer: octets after each block.
        span_ticks: how long a chunk may last.
        state: (4,) time of the last block in ticks or UNHEARD, whether we are lost; filled: chunks,
            pieces.
        seen: (256,) categories in sync so far; while lost, only these are believed.
        chunks: (3, size // 4 + 8) first piece, piece after the last, ticks; filled.
        pieces: (2, size // 4 + 8) start and end of each run of octets without trailers; filled.
    """
    size = data.shape[0]
    horizon = size if last else size - LOOKAHEAD
    n_chunks = n_pieces = 0
    settled = position = 0
    while position < horizon:
        believed = seen if seen.any() else ASSIGNED
        if state[1]:
            found = position
            limit = min(size, position + CHUNK_MAX)
            while found < limit and not chained(data, found, size, trailer, believed):
                found += 1
            state[1] = 0 if found < limit else 1
            if found > position:
                pieces[0, n_pieces], pieces[1, n_pieces] = position, found
                chunks[0, n_chunks], chunks[1, n_chunks] = n_pieces, n_pieces + 1
                chunks[2, n_chunks] = state[0] if state[0] != UNHEARD else 0
                n_pieces, n_chunks = n_pieces + 1, n_chunks + 1
            position = settled = found
            continue
        # a run of blocks
        begun = position
        first_piece = n_pieces
        first_ticks = ticks = 0
        while position < size:
            length = header(data, position, size, layout.BLOCK_MAX)
            if length <= 0 or position + length > size:
                state[1] = 1
                break
            end = position + length
            if trailer and not sound_trailer(data, end, size):
                state[1] = 1
                break
            if end + trailer < size and header(data, end + trailer, size, layout.BLOCK_MAX) < 0:
                # either this length or what follows is wrong: look for sound blocks inside it first
                inside = position + layout.HEADER
                while inside < end and not chained(data, inside, size, trailer, believed):
                    inside += 1
                if inside < end:
                    state[1] = 1
                    break
            heard = triple(data, end + 6) if trailer else time_of(data, position, end)
            now = state[0] if state[0] != UNHEARD else 0
            if heard >= 0:
                now = unwrap(heard, state[0])
            if position > begun and (
                abs(now - first_ticks) > span_ticks or end - begun > CHUNK_MAX
            ):
                break
            if position == begun:
                first_ticks = ticks = now
            ticks = max(ticks, now)
            if heard >= 0:
                state[0] = now
            if n_pieces > first_piece and trailer == 0:
                pieces[1, n_pieces - 1] = end
            else:
                pieces[0, n_pieces], pieces[1, n_pieces] = position, end
                n_pieces += 1
            seen[data[position]] = True
            position = end + trailer
        if n_pieces > first_piece:
            chunks[0, n_chunks], chunks[1, n_chunks] = first_piece, n_pieces
            chunks[2, n_chunks] = ticks
            n_chunks += 1
            settled = position
    state[2], state[3] = n_chunks, n_pieces
    return settled
