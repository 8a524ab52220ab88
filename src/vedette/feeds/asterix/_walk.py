"""The compiled walk over data blocks of one category, after a program of ``specification``.

One set of kernels for all categories and editions: the layouts are data. Every read is guarded by a comparison
with the end of its block.
"""

import numpy as np
from numpy.typing import NDArray

from vedette.feeds.asterix import specification as s
from vedette.feeds.asterix._kernels import BAD_ITEM, BAD_LENGTH, MISSING_ITEM, octet, word
from vedette.feeds.asterix.layout import HEADER
from vedette.model.kernel import bare_kernel, inlined_kernel

Octets = NDArray[np.uint8]
Integers = NDArray[np.int64]

MISSING = -(1 << 62)
FIXED, EXTENDED, REPEATED, EXPLICIT, COMPOUND = (
    s.FIXED,
    s.EXTENDED,
    s.REPEATED,
    s.EXPLICIT,
    s.COMPOUND,
)
UNUSED, COUNT = s.UNUSED, s.COUNT
# Columns of a record's own row: its chunk, first octet, end, source, layout, error (or -1), item, spare bits set,
# whether the second profile was used
CHUNK, START, END, SOURCE, LAYOUT, ERROR, ITEM, SPARES, SECOND = range(9)
MARKS = 9


@bare_kernel
def read_bits(data: Octets, start: int, first: int, bits: int, signed: int) -> int:
    position = start + (first >> 3)
    last = first + bits - 1
    end = start + (last >> 3)
    value = octet(data, position)
    value &= 0xFF >> (first & 7)
    while position < end:
        position += 1
        value = value << 8 | octet(data, position)
    value >>= 7 - (last & 7)
    if signed and bits < 64 and value >> (bits - 1) & 1:
        value -= 1 << bits
    return value


@inlined_kernel
def take(
    data: Octets,
    start: int,
    part: int,
    node: int,
    nodes: Integers,
    values: Integers,
    columns: Integers,
    marks: Integers,
) -> None:
    """The values of one part of an item that begins at ``start``."""
    for v in range(nodes[node, 4], nodes[node + 1, 4]):
        if values[v, 0] != part:
            continue
        value = read_bits(data, start, values[v, 1], values[v, 2], values[v, 3])
        if values[v, 4] >= 0:
            columns[values[v, 4]] = value
        elif value != 0:
            marks[SPARES] += 1


@inlined_kernel
def item_end(
    data: Octets,
    start: int,
    end: int,
    node: int,
    nodes: Integers,
    parts: Integers,
    values: Integers,
    columns: Integers,
    marks: Integers,
) -> int:
    """Read an item that is not compound; where it ends, -1 beyond ``end``, -2 undefined."""
    kind: int = nodes[node, 0]
    a: int = nodes[node, 1]
    b: int = nodes[node, 2]
    position: int = start
    if kind == FIXED:
        if start + a > end:
            return -1
        take(data, start, 0, node, nodes, values, columns, marks)
        return start + a
    if kind == EXTENDED:
        for number in range(b):
            size = parts[a + number, 0]
            if position + size > end:
                return -1
            take(data, position, number, node, nodes, values, columns, marks)
            position += size
            if parts[a + number, 1] == 0 or data[position - 1] & 1 == 0:
                return position
        return -2  # goes on beyond its last defined part
    if kind == EXPLICIT:
        if start >= end:
            return -1
        size = octet(data, start)
        if size == 0:
            return -2
        position = start + size
        return position if position <= end else -1
    count = 0
    if a == 0:  # a last bit in each
        while True:
            if position + b > end:
                return -1
            if count == 0:
                take(data, position, 0, node, nodes, values, columns, marks)
            position += b
            count += 1
            if data[position - 1] & 1 == 0:
                break
    else:
        if position + a > end:
            return -1
        for _ in range(a):
            count = count << 8 | octet(data, position)
            position += 1
        if position + count * b > end:
            return -1
        if count > 0:
            take(data, position, 0, node, nodes, values, columns, marks)
        position += count * b
    for v in range(nodes[node, 4], nodes[node + 1, 4]):
        if values[v, 0] == COUNT:
            columns[values[v, 4]] = count
    return position


@inlined_kernel
def record_end(
    data: Octets,
    start: int,
    end: int,
    layout: int,
    nodes: Integers,
    parts: Integers,
    inner: Integers,
    values: Integers,
    profiles: Integers,
    starts: Integers,
    columns: Integers,
    marks: Integers,
) -> int:
    """Read one record; where it ends, or -1 with an error in ``marks``."""
    fspec = start
    first = starts[2 * layout]
    size = starts[2 * layout + 1] - first
    # which of category 001's two profiles holds is not known yet: the longer one bounds the presence bits
    most = (max(size, starts[2 * layout + 2] - starts[2 * layout + 1]) + 6) // 7
    position = start
    while True:
        if position >= end:
            marks[ERROR], marks[ITEM] = BAD_LENGTH, 0
            return -1
        position += 1
        if data[position - 1] & 1 == 0:
            break
        if position - start >= most:
            marks[ERROR], marks[ITEM] = BAD_ITEM, 0
            return -1
    fspec_end = position
    if data[start] & 0x80 == 0:
        marks[ERROR], marks[ITEM] = MISSING_ITEM, 1
        return -1
    number = 0
    while fspec < fspec_end:
        flags = octet(data, fspec)
        fspec += 1
        for shift in range(7, 0, -1):
            number += 1
            if flags >> shift & 1 == 0:
                continue
            node = profiles[first + number - 1] if number <= size else UNUSED
            if node < 0:
                marks[ERROR], marks[ITEM] = BAD_ITEM, number
                return -1
            if number == 2 and starts[2 * layout + 2] > starts[2 * layout + 1]:
                # category 001: the first bit of item 020 says which of two profiles holds
                if position >= end:
                    marks[ERROR], marks[ITEM] = BAD_LENGTH, number
                    return -1
                if data[position] & 0x80:
                    first = starts[2 * layout + 1]
                    size = starts[2 * layout + 2] - first
                    node = profiles[first + 1]
                    marks[SECOND] = 1
            after = position
            if nodes[node, 0] != COMPOUND:
                after = item_end(data, position, end, node, nodes, parts, values, columns, marks)
            else:
                after = compound_end(
                    data, position, end, node, nodes, parts, inner, values, columns, marks
                )
            if after < 0:
                marks[ERROR] = BAD_LENGTH if after == -1 else BAD_ITEM
                marks[ITEM] = number
                return -1
            position = after
    return position


@bare_kernel
def compound_end(
    data: Octets,
    start: int,
    end: int,
    node: int,
    nodes: Integers,
    parts: Integers,
    inner: Integers,
    values: Integers,
    columns: Integers,
    marks: Integers,
) -> int:
    """Read a compound item; where it ends, -1 beyond ``end``, -2 undefined."""
    position = start
    most = (nodes[node, 2] + 6) // 7
    while True:
        if position >= end:
            return -1
        position += 1
        if data[position - 1] & 1 == 0:
            break
        if position - start >= most:
            return -2
    fspec_end = position
    number = 0
    for at in range(start, fspec_end):
        flags = octet(data, at)
        for shift in range(7, 0, -1):
            number += 1
            if flags >> shift & 1 == 0:
                continue
            child = UNUSED
            if number <= nodes[node, 2]:
                child = inner[nodes[node, 1] + number - 1]
            if child < 0:
                return -2
            position = item_end(data, position, end, child, nodes, parts, values, columns, marks)
            if position < 0:
                return position
    return position


@bare_kernel
def block_source(data: Octets, start: int, end: int) -> int:
    """SAC/SIC of the first record of a block; -1 if it names none."""
    position = start
    while position < end and data[position] & 1:
        position += 1
    position += 1
    if start >= end or data[start] & 0x80 == 0 or position + 2 > end:
        return -1
    return word(data, position)


@bare_kernel
def walk_category(
    data: Octets,
    starts_of_chunks: Integers,
    category: int,
    layout_of: Integers,
    nodes: Integers,
    parts: Integers,
    inner: Integers,
    values: Integers,
    profiles: Integers,
    starts: Integers,
    columns: Integers,
    marks: Integers,
) -> int:
    """All whole blocks of one category; how many rows there are, more than fit if they do not.

    A block whose records do not add up gives one row with an error instead of theirs.

    Args:
        data: (b,) the octets of m chunks.
        starts_of_chunks: (m + 1,) where each begins, and the end.
        category: of the blocks that are read; others are stepped over.
        layout_of: (65536,) number of the layout of each SAC/SIC.
        nodes: with the next five the program, see ``specification.Program``.
        parts: of extended items.
        inner: of compound items.
        values: that are wanted.
        profiles: of the layouts.
        starts: of the profiles.
        columns: (r, c) values; MISSING where a record has none.
        marks: (r, 9) of each record.
    """
    rows = columns.shape[0]
    row = 0
    for chunk in range(starts_of_chunks.shape[0] - 1):
        position, chunk_end = starts_of_chunks[chunk], starts_of_chunks[chunk + 1]
        while chunk_end - position >= HEADER:
            length = word(data, position + 1)
            block, position = position, position + length
            if length < HEADER or position > chunk_end:
                break  # reported by the walk over all blocks
            if octet(data, block) != category:
                continue
            first_row = row
            at = block + HEADER
            source = block_source(data, at, position)
            while at < position:
                here = min(row, rows - 1)  # counts on where there is no room
                for k in range(columns.shape[1]):
                    columns[here, k] = MISSING
                mark = marks[here]
                mark[CHUNK], mark[START], mark[ERROR], mark[ITEM] = chunk, at, -1, 0
                mark[SPARES], mark[SECOND] = 0, 0
                mark[SOURCE] = block_source(data, at, position)
                mark[LAYOUT] = layout_of[max(mark[SOURCE], 0)]
                at = record_end(
                    data, at, position, mark[LAYOUT], nodes, parts, inner, values, profiles,
                    starts, columns[here], mark,
                )  # fmt: skip
                if at < 0:
                    row = first_row
                    here = min(row, rows - 1)
                    error, item, layout = mark[ERROR], mark[ITEM], mark[LAYOUT]
                    mark = marks[here]
                    mark[CHUNK], mark[START], mark[END] = chunk, block, position
                    mark[SOURCE], mark[LAYOUT], mark[ERROR], mark[ITEM] = (
                        source,
                        layout,
                        error,
                        item,
                    )
                    row += 1
                    break
                mark[END] = at
                row += 1
    return row
