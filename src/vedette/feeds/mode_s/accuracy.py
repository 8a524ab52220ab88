"""What the quality codes of ADS-B mean in metres, in both directions.

Sources: DO-260B / ICAO Doc 9871 2nd ed.: table C-13 (NACp), C.2.3 (type codes, NIC supplements), and
A-2-5 (type codes of version 0, with their 95 % bounds).
"""

import math
from typing import Final

import numpy as np

from vedette.model.kernel import bare_kernel

# A bound that holds 95 % of errors in the plane, over the standard deviation on each of its two axes
BOUND_SIGMAS: Final = math.sqrt(-2.0 * math.log(0.05))

# 95 % bound by NACp 0 to 11 [m]; NaN: none stated
EPU_M: Final = np.array(
    [np.nan, 18_520.0, 7_408.0, 3_704.0, 1_852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0]
)
# ... by type code 5 to 22 where no NACp has been heard
TYPE_CODE_M: Final = np.array(
    [
        *(3.0, 10.0, 92.6, np.nan),  # 5 to 8
        *(3.0, 10.0, 92.6, 185.2, 463.0, 926.0, 1_852.0, 9_260.0, 18_520.0, np.nan),  # 9 to 18
        *(np.nan, 3.0, 10.0, np.nan),  # 19 is a velocity; 20 to 22
    ]
)
# What is taken where no bound is stated: many such aircraft are within 100 m and some far off. It is
# no bound; ``nac_p`` 0 or null in the plot says so to whoever must not rely on it.
UNSTATED_M: Final = 1_000.0


@bare_kernel
def sigma_m(tc: int, nac_p: int) -> float:
    """Standard deviation per horizontal axis of a position message of type code 5 to 22.

    ``nac_p`` is -1 where none has been heard; the type code then says the accuracy, as in version 0.
    """
    bound_m = math.nan
    if 0 <= nac_p <= 11:
        bound_m = EPU_M[nac_p]
    elif nac_p < 0 and 5 <= tc <= 22:
        bound_m = TYPE_CODE_M[tc - 5]
    return UNSTATED_M if math.isnan(bound_m) else bound_m / BOUND_SIGMAS


@bare_kernel
def nic_of(tc: int, version: int, supplement_a: int, supplement_b: int, supplement_c: int) -> int:
    """NIC of a position message; of version 0, the NIC with the same containment radius."""
    if version == 0:
        supplement_a = supplement_b = supplement_c = 0
    elif version == 1:
        supplement_b = supplement_a  # one supplement; the bit in the message means something else
    if tc in (5, 9, 20):
        return 11
    if tc in (6, 10, 21):
        return 10
    if tc == 7:
        return 9 if supplement_a and not supplement_c else 8
    if tc == 8:
        if supplement_a and supplement_c:
            return 7
        return 6 if supplement_a or supplement_c else 0
    if tc == 11:
        return 9 if supplement_a and supplement_b else 8
    if 12 <= tc <= 15:
        return 19 - tc
    if tc == 16:
        if version == 0:
            return 1  # 10 NM: more than the 8 NM of NIC 2
        return 3 if supplement_a and supplement_b else 2
    return 1 if tc == 17 else 0


@bare_kernel
def airborne_code(nic: int) -> tuple[int, int]:
    """Type code 9 to 18 and whether both supplements are set, of a NIC 0 to 11."""
    if nic >= 11:
        return 9, 0
    if nic == 10:
        return 10, 0
    if nic == 9:
        return 11, 1
    if nic == 8:
        return 11, 0
    if nic >= 4:
        return 19 - nic, 0
    if nic == 3:
        return 16, 1
    if nic == 2:
        return 16, 0
    return (17, 0) if nic == 1 else (18, 0)


@bare_kernel
def surface_code(nic: int) -> tuple[int, int, int]:
    """Type code 5 to 8 and supplements A and C of a NIC 0 to 11; 1 to 5 have no code: 0 is sent."""
    if nic >= 11:
        return 5, 0, 0
    if nic == 10:
        return 6, 0, 0
    if nic == 9:
        return 7, 1, 0
    if nic == 8:
        return 7, 0, 0
    if nic == 7:
        return 8, 1, 1
    return (8, 1, 0) if nic == 6 else (8, 0, 0)
