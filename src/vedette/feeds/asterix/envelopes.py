"""Datagrams in which every data block stands in an envelope: six octets before it, as one maker's recorders send.

Two octets give the length of envelope and block together, four the time of day in milliseconds. The decoder of
Croatia Control calls the form "Oradis"; here it was read off a capture, where it fits every block.
"""

from typing import Final

from vedette.feeds.asterix import layout

SIZE: Final = 6
_DAY_MS: Final = 86_400_000


def blocks_in(datagram: bytes) -> list[int]:
    """Where each envelope of a datagram begins, if it is nothing but such envelopes with one block in each.

    Empty for everything else. An envelope begins with 0 or a small number where a block begins with its category,
    so that only what adds up to the last octet is taken for one.
    """
    found = []
    position = 0
    while position < len(datagram):
        length = int.from_bytes(datagram[position : position + 2], "big")
        block = position + SIZE
        if block + layout.HEADER > len(datagram) or position + length > len(datagram):
            return []
        if int.from_bytes(datagram[position + 2 : block], "big") >= _DAY_MS:
            return []
        if not layout.ASSIGNED[datagram[block]]:
            return []
        if int.from_bytes(datagram[block + 1 : block + 3], "big") != length - SIZE:
            return []
        found.append(position)
        position += length
    return found
