"""The 24-bit parity of Mode S. Source: ICAO Annex 10 Vol. IV, 3.1.2.3.3 (generator polynomial)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.model.kernel import bare_kernel

Octets = NDArray[np.uint8]
GENERATOR: Final = 0xFFF409  # without its leading term x^24


def _table() -> NDArray[np.int64]:
    remainders = np.arange(256, dtype=np.int64) << 16
    for _ in range(8):
        carry = remainders & 0x800000
        remainders = (remainders << 1) & 0xFFFFFF
        remainders[carry != 0] ^= GENERATOR
    return remainders


TABLE: Final = _table()


@bare_kernel
def octet(messages: Octets, row: int, at: int) -> int:
    """One octet as a signed integer: signed and unsigned together would become a float."""
    return int(np.int64(messages[row, at]))


@bare_kernel
def parity(messages: Octets, row: int, size: int) -> int:
    """Remainder of the first ``size`` octets of a message, to be sent after them or over an address."""
    remainder = 0
    for i in range(size):
        index = (remainder >> 16) ^ octet(messages, row, i)
        remainder = ((remainder << 8) & 0xFFFFFF) ^ int(TABLE[index])
    return remainder


@bare_kernel
def syndrome(messages: Octets, row: int, size: int) -> int:
    """0 for an intact extended squitter; the address or interrogator code where one is laid over."""
    sent = 0
    for i in range(size - 3, size):
        sent = (sent << 8) | octet(messages, row, i)
    return parity(messages, row, size - 3) ^ sent
