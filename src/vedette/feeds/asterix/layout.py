"""Layout of ASTERIX data blocks and of the records of categories 048 and 034.

Sources: EUROCONTROL-SPEC-0149 part 1 (blocks, FSPEC, explicit and compound items); part 4, category
048, editions 1.15 to 1.31 (one user application profile for all of them); part 2b, category 034,
editions 1.23 to 1.29. The tests compare every length with an independent decoder.
"""

from typing import Final

import numpy as np

HEADER: Final = 3  # octets: category, then the length of the whole block, big-endian
BLOCK_MAX: Final = 65_535

# Categories that EUROCONTROL has assigned; any other first octet is no data block
CATEGORIES: Final = (
    *(1, 2, 3, 4, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 30, 31, 32, 34),
    *(48, 62, 63, 65, 129, 150, 153, 205, 238, 240, 247, 252, 253, 254, 255),
)
ASSIGNED: Final = np.zeros(256, np.bool_)
ASSIGNED[list(CATEGORIES)] = True

# Item lengths by field reference number: octets if positive, otherwise one of these
EXTENDED: Final = 0  # octets follow while the last bit is set
EXPLICIT: Final = -1  # the first octet is the length, itself included
REPEAT_8: Final = -2  # a count, then so many times 8 octets (I048/250)
REPEAT_2: Final = -3  # a count, then so many times 2 octets (I034/070)
COMPOUND_130: Final = -4
COMPOUND_120: Final = -5
COMPOUND_050: Final = -6
COMPOUND_060: Final = -7

ITEMS_048: Final = (
    *("010", "140", "020", "040", "070", "090", "130"),
    *("220", "240", "250", "161", "042", "200", "170"),
    *("210", "030", "080", "100", "110", "120", "230"),
    *("260", "055", "050", "065", "060", "SP", "RE"),
)
LENGTHS_048: Final = np.array(
    [
        *(2, 3, EXTENDED, 4, 2, 2, COMPOUND_130),
        *(3, 6, REPEAT_8, 2, 4, 4, EXTENDED),
        *(4, EXTENDED, 2, 4, 2, COMPOUND_120, 2),
        *(7, 1, 2, 1, 2, EXPLICIT, EXPLICIT),
    ],
    np.int64,
)
ITEMS_034: Final = (
    *("010", "000", "030", "020", "041", "050", "060"),
    *("070", "100", "110", "120", "090", "RE", "SP"),
)
LENGTHS_034: Final = np.array(
    [
        *(2, 1, 3, 1, 2, COMPOUND_050, COMPOUND_060),
        *(REPEAT_2, 8, 1, 8, 2, EXPLICIT, EXPLICIT),
    ],
    np.int64,
)

TICKS_PER_DAY: Final = 86_400 * 128  # time of day counts 1/128 s
TICK_NS: Final = 7_812_500
RANGE_LSB_M: Final = 1852.0 / 256.0
ANGLE_LSB_RAD: Final = 2.0 * np.pi / 65_536.0
CARTESIAN_LSB_M: Final = 1852.0 / 128.0
LEVEL_LSB_M: Final = 25.0 * 0.3048  # a quarter of a flight level
SPEED_LSB_MPS: Final = 1852.0 / 16_384.0
LEVEL_MIN, LEVEL_MAX = -15 * 4, 1500 * 4  # as I062/136 states for a measured flight level
EDITIONS_048: Final = (15, 31)  # 1.15 to 1.31 share the profile above

# Six-bit characters of ICAO Annex 10 volume IV table 3-7; 0 marks codes without a character
CHARACTERS: Final = np.zeros(64, np.uint8)
CHARACTERS[1:27] = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)
CHARACTERS[32] = ord(" ")
CHARACTERS[48:58] = np.frombuffer(b"0123456789", np.uint8)
CODES: Final = np.full(256, 255, np.uint8)
CODES[CHARACTERS[CHARACTERS > 0]] = np.nonzero(CHARACTERS)[0]
