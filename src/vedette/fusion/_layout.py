"""Which number is where: columns of the arrays that the kernels share.

One row of a *model state* holds 20 numbers: east, east velocity, north, north velocity, height above
WGS 84, then the upper triangle of their 5 x 5 covariance row by row.
"""

from typing import Final

import numpy as np

NEVER: Final = np.int64(-(2**62))  # a time that has not come
STATE: Final = 5
ROW: Final = 20
# packed position of covariance entry (a, b) within a row
AT: Final = np.array(
    [
        [5, 6, 7, 8, 9],
        [6, 10, 11, 12, 13],
        [7, 11, 14, 15, 16],
        [8, 12, 15, 17, 18],
        [9, 13, 16, 18, 19],
    ]
)
EDGES: Final = 12  # plots kept per track and batch

# track, float columns
R, AX, EX, NX = 0, 1, 4, 7  # existence, anchor, east and north vectors there (Earth-centred)
PRESSURE, GEOMETRIC = 10, 15  # vertical filters: height, rate, three covariances
PACE, RADIUS, CX = 20, 21, 22  # expected interval [s]; gate radius and centre in this window
MEAN, HINT_CONFIDENCE = 25, 30  # mean state over the models (5)
FLOATS: Final = 31

# track, integer columns
STATUS, T, BIRTH, UPDATED, UPDATES, KEY = 0, 1, 2, 3, 4, 5
ICAO, CODE, CALLSIGN, CATEGORY, NIC, NAC_P, SIL, EMERGENCY, GROUND, MILITARY, HINT = (
    6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
)  # fmt: skip
COOPERATIVE, KINDS, PRESSURE_T, GEOMETRIC_T, PRESSURE_BAD, GEOMETRIC_BAD = 17, 18, 19, 20, 21, 22
OTHER_ICAO, PARTNER, PARTNER_CHECKS, PARTNER_UPDATES, MERGED, ADDRESSED = 23, 24, 25, 26, 27, 28
MARK, LOCAL, BIRTH_SENSOR, BIRTH_CELL, NUMBER, NUMBER_SENSOR = 29, 30, 31, 32, 33, 34
INTEGERS: Final = 35

FREE, TENTATIVE, CONFIRMED, ENDED = 0, 1, 2, 3

# plot, float columns
PX, UX, VAR_U, VAR_T = 0, 3, 6, 7  # place on the ellipsoid, direction of range there, variances
SLANT, SITE_H, REF_H, REF_ARC, FREE_HEIGHT = 8, 9, 10, 11, 12
Z_HAE, Z_HAE_VAR, Z_PRESSURE, Z_PRESSURE_VAR, Z_CLIMB = 13, 14, 15, 16, 17
VX, V_KNOWN, LAMBDA, R_BIRTH, CLAIM, CONFIDENCE = 18, 21, 22, 23, 24, 25
PLOT_FLOATS: Final = 26

# plot, integer columns; P_ICAO .. P_HINT in the order of ICAO .. HINT
P_T, P_SENSOR, P_KIND, P_KEY = 0, 1, 2, 3
P_ICAO, P_CODE, P_CALLSIGN, P_CATEGORY, P_NIC, P_NAC_P, P_SIL, P_EMERGENCY = (
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
)
P_GROUND, P_MILITARY, P_HINT, P_CELL, P_GRID, P_NUMBER = 12, 13, 14, 15, 16, 19
PLOT_INTEGERS: Final = 20
IDENTITY: Final = 11  # number of identity columns

# sensor, float columns
S_LAT, S_LON, S_H, S_X, S_RANGE, S_PERIOD, S_PD, S_POLAR, S_PRIMARY = 0, 1, 2, 3, 6, 7, 8, 9, 10
SENSOR_FLOATS: Final = 11

# clutter map of one sensor
RINGS: Final = 24
SECTORS: Final = 48

# edge, float columns: odds, belief, message; place, covariance and height slope in the track's plane
W, B, NU, ZX, ZY, R00, R01, R11, GX, GY = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
EDGE_FLOATS: Final = 10

# motions
M_KIND, M_RATE, M_Q, M_DECAY, M_STAY, M_ENTRY, M_BIRTH = 0, 1, 2, 3, 4, 5, 6
MOTION_FLOATS: Final = 7
STRAIGHT, TURN, SLOW = 0, 1, 2

# parameters, from FusionSettings
(
    G_GATE, G_GATE_MAX, G_CELL, G_SAME_ICAO, G_OTHER_ICAO, G_SAME_CODE, G_OTHER_CODE, G_SAME_CALL,
    G_OTHER_CALL, G_SECOND, G_BIRTH, G_CLUTTER, G_MEMORY, G_GEO_CLUTTER, G_CONFIRM, G_UPDATES,
    G_UPDATES_COOP, G_END_R, G_LATENCY, G_COAST, G_TENTATIVE, G_END, G_END_MIN, G_END_MAX, G_MERGE,
    G_MERGE_CHECKS, G_LATE, G_FUTURE, G_HEIGHT, G_HEIGHT_SIGMA, G_HEIGHT_UNKNOWN, G_DRIFT, G_PRESSURE,
    G_DATUM, G_DATUM_SHARE, G_GEOMETRIC, G_ELEVATION, G_CLIMB, G_VELOCITY, G_TRACKS, G_PLOTS,
    G_SENSORS, G_ROUNDS, G_BIRTH_TURN,
) = range(44)  # fmt: skip

# counters
C_FREE, C_HIGH, C_STAMP, C_NODES, C_OVERFLOW = 0, 1, 2, 3, 4
COUNTERS: Final = 5
