"""Kernels that make numbers of short texts and texts of such numbers, as long as they are of ASCII."""

from vedette.model.columns import Integers
from vedette.model.kernel import bare_kernel, inner_kernel

OCTETS = 8  # of a text that a number holds


@inner_kernel
def is_space(octet: int) -> bool:
    """Whether ``str.strip`` takes this ASCII character off."""
    return bool(octet == 32 or (octet >= 9 and octet <= 13) or (octet >= 28 and octet <= 31))


@bare_kernel
def pack_words(offsets: Integers, octets: Integers, words: Integers, others: Integers) -> int:
    """Numbers of texts as Arrow keeps them; those that are not of ASCII are counted and listed in ``others``."""
    found = 0
    for k in range(words.shape[0]):
        first, last = int(offsets[k]), int(offsets[k + 1])
        plain = True
        for at in range(first, last):
            plain = plain and octets[at] < 128
        if not plain:
            others[found] = k
            found += 1
            continue
        while first < last and is_space(octets[first]):
            first += 1
        while last > first and is_space(octets[last - 1]):
            last -= 1
        word = 0
        for at in range(first, first + OCTETS):
            word = (word << 8) | (int(octets[at]) if at < last else 0)
        words[k] = word
    return found


@bare_kernel
def spell_words(words: Integers, offsets: Integers, octets: Integers) -> bool:
    """The texts of numbers as Arrow keeps them; false when one is not of ASCII. 0 is no text."""
    at = 0
    for k in range(words.shape[0]):
        word = words[k]
        for place in range(OCTETS):
            octet = (word >> (8 * (OCTETS - 1 - place))) & 255
            if octet >= 128:
                return False
            octets[at + place] = octet
        last = at + OCTETS
        while last > at and octets[last - 1] == 0:
            last -= 1
        at = last
        offsets[k + 1] = at
    return True
