"""Which number is where: columns of the arrays that the kernels share.

One *lane* is one motion model of one track, 21 numbers: east, east velocity, north, north
velocity; the upper triangle of their 4 x 4 covariance row by row; height above WGS 84, its covariance with
the four, its variance; the weight of the model. The height part is used only while the height hangs
together with the place (a *coupled* track: slant ranges and nothing that tells the height). The lanes of a track
stand side by side, (ROW, LANES), so that all are computed at once; one that is not used has the weight 0.
"""

from typing import Final

import numpy as np

from vedette.model import pages

NEVER: Final = np.int64(-(2**62))  # a time that has not come
NEVER_MS: Final = np.int32(-(2**31) + 1)
LANES: Final = 4
STATE: Final = 4
FLAT: Final = 14  # without the height part
WEIGHT: Final = 20
ROW: Final = 21
# packed position of covariance entry (a, b)
AT: Final = np.array(
    [
        [4, 5, 6, 7, 15],
        [5, 8, 9, 10, 16],
        [6, 9, 11, 12, 17],
        [7, 10, 12, 13, 18],
        [15, 16, 17, 18, 19],
    ]
)
H, HX, HVX, HY, HVY, HH = 14, 15, 16, 17, 18, 19

# track, float columns
R, AX, EX, NX = 0, 1, 4, 7  # existence, anchor, east and north vectors there (Earth-centred)
PRESSURE, GEOMETRIC = 10, 15  # vertical filters: height, rate, three covariances
PACE, MEAN, HINT_CONFIDENCE = (
    20,
    21,
    26,
)  # expected interval [s]; mean over the lanes (5 with height)
HEIGHT_VAR = 27  # of the height above WGS 84 of a track that is not coupled
FLOATS: Final = 28

# circle that holds all gates of a track in this window: centre, and radius for the least certain plot; for one
# of variance v the radius is REACH + gate * sqrt(SPREAD + v)
CX, CY, CZ, RADIUS, REACH, SPREAD = 0, 1, 2, 3, 4, 5
CIRCLE_FLOATS: Final = 6

# track, integer columns
STATUS, T, BIRTH, UPDATED, UPDATES, KEY = 0, 1, 2, 3, 4, 5
ICAO, CODE, CALLSIGN, CATEGORY, NIC, NAC_P, SIL, EMERGENCY, GROUND, MILITARY, HINT = (
    6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
)  # fmt: skip
COOPERATIVE, KINDS, PRESSURE_T, GEOMETRIC_T, PRESSURE_BAD, GEOMETRIC_BAD = 17, 18, 19, 20, 21, 22
OTHER_ICAO, PARTNER, PARTNER_CHECKS, PARTNER_UPDATES, MERGED, ADDRESSED = 23, 24, 25, 26, 27, 28
BIRTH_SENSOR, BIRTH_CELL, NUMBER, NUMBER_SENSOR = 29, 30, 31, 32
# GROUP: which set of motions. From SEERS on a bit for each sensor that has seen it, those beyond SEERS_MAX apart:
# they are told in every picture, and ``sights`` would be read for them alone
COUPLED, GROUP, PACE_SENSOR, LAST_SENSOR, OTHERS_T, CROWDED, SEERS = 33, 34, 35, 36, 37, 38, 39
SEER_WORDS: Final = 4
SEERS_MAX: Final = 64 * SEER_WORDS
MOVING, SLOWLY, NEWBORN = 0, 1, 2  # groups
INTEGERS: Final = SEERS + SEER_WORDS

FREE, TENTATIVE, CONFIRMED, ENDED = 0, 1, 2, 3

# plot, float columns; a row is five lines of the processor's cache, and what is read most stands first
PX, UX, VAR_U, VAR_T = 0, 3, 6, 7  # place on the ellipsoid, direction of range there, variances
SLANT, SITE_H, REF_H, REF_ARC, FREE_HEIGHT = 8, 9, 10, 11, 12
LAMBDA, CLAIM, CROWD = 13, 14, 15  # CROWD: tracks that might own the plot
Z_HAE, Z_HAE_VAR, Z_PRESSURE, Z_PRESSURE_VAR, Z_CLIMB = 16, 17, 18, 19, 20
# range rate [m/s] or NaN; azimuth from the sensor; variance of an assumed height
RATE, AZIMUTH, REF_VAR = 21, 22, 23
VX, V_KNOWN, R_BIRTH, CONFIDENCE = 24, 27, 28, 29
# against a track that others see: residual along and across, their variances, the track's speed along and
# across, metres of the ground to a metre of range and to a radian of azimuth
O_ALONG, O_ACROSS, O_VAR_ALONG, O_VAR_ACROSS, O_V_ALONG, O_V_ACROSS, O_STRETCH, O_ARC = (
    30, 31, 32, 33, 34, 35, 36, 37
)  # fmt: skip
PLOT_FLOATS: Final = 40

# plot, integer columns; P_ICAO .. P_HINT in the order of ICAO .. HINT
P_T, P_SENSOR, P_KIND, P_GRID, P_NUMBER = 0, 1, 2, 3, 4
P_ICAO, P_CODE, P_CALLSIGN, P_CATEGORY, P_NIC, P_NAC_P, P_SIL, P_EMERGENCY = (
    5, 6, 7, 8, 9, 10, 11, 12
)  # fmt: skip
P_GROUND, P_MILITARY, P_HINT, P_CELL, P_KEY = 13, 14, 15, 16, 17
PLOT_INTEGERS: Final = 18
IDENTITY: Final = 11  # number of identity columns

# sensor, float columns
S_LAT, S_LON, S_H, S_X, S_RANGE, S_PERIOD, S_PD, S_POLAR, S_PRIMARY = 0, 1, 2, 3, 6, 7, 8, 9, 10
S_SIN_LAT, S_COS_LAT, S_SIN_LON, S_COS_LON = 11, 12, 13, 14
# registration: bias of range, azimuth and clock, variances that they add
S_RANGE_BIAS, S_AZIMUTH_BIAS, S_TIME_BIAS, S_RANGE_VAR, S_AZIMUTH_VAR, S_TIME_VAR = (
    15, 16, 17, 18, 19, 20
)  # fmt: skip
S_HEIGHT, S_HEIGHT_SIGMA = 21, 22  # of what it sees, where nothing tells it
S_SAMPLES = 23  # a plot whose key has these bits at 0 is held against its track
S_YOUNG, S_NEW = 24, 25  # its clutter map knows next to nothing yet; new objects a turn
SENSOR_FLOATS: Final = 26

# clutter map of one sensor
RINGS: Final = 24
SECTORS: Final = 48

# pair of local track and plot, float columns: odds, belief, message; place and covariance in the track's
# plane, slope of the place by the height; likelihood of each lane
W, B, NU, ZX, ZY, R00, R01, R11, GX, GY, MIXED = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
LIKELIHOOD: Final = 11
EDGE_FLOATS: Final = LIKELIHOOD + LANES

# node of the spatial hash
D_NEXT, D_TRACK, D_KEY, D_X, D_Y, D_Z, D_REACH, D_SPREAD = 0, 1, 2, 3, 4, 5, 6, 7
NODE_FLOATS: Final = 8

# local track, integer columns: slot, time of its nearest plot, first pair, number of pairs, next of the
# cluster, last of the cluster (and then its place among the tracks of its cluster), fixed pair
L_SLOT, L_T, L_FIRST, L_COUNT, L_NEXT, L_LAST, L_FIXED = 0, 1, 2, 3, 4, 5, 6
L_RANK = L_LAST
LOCALS: Final = 7

# working rows of (WORK, LANES) numbers: what the most is needed for is the update of a coupled track
WORK: Final = 36

# motions, (MOTION_FLOATS, LANES) of a group
M_KIND, M_RATE, M_Q, M_DECAY, M_STAY, M_ENTRY, M_BIRTH, M_REST = 0, 1, 2, 3, 4, 5, 6, 7
MOTION_FLOATS: Final = 8  # M_REST: sum of the entry weights of the others
STRAIGHT, TURN, SLOW = 0, 1, 2

# parameters, from FusionSettings
(
    G_GATE, G_GATE_MAX, G_CELL, G_SAME_ICAO, G_OTHER_ICAO, G_SAME_CODE, G_OTHER_CODE, G_SAME_CALL,
    G_OTHER_CALL, G_SECOND, G_BIRTH, G_CLUTTER, G_MEMORY, G_GEO_CLUTTER, G_CONFIRM, G_UPDATES,
    G_UPDATES_COOP, G_END_R, G_LATENCY, G_COAST, G_TENTATIVE, G_END, G_END_MIN, G_END_MAX, G_MERGE,
    G_MERGE_CHECKS, G_LATE, G_FUTURE, G_HEIGHT, G_HEIGHT_SIGMA, G_HEIGHT_UNKNOWN, G_DRIFT, G_PRESSURE,
    G_DATUM, G_DATUM_SHARE, G_GEOMETRIC, G_ELEVATION, G_CLIMB, G_VELOCITY, G_TRACKS, G_PLOTS,
    G_SENSORS, G_ROUNDS, G_BIRTH_TURN, G_SLOW_SPEED, G_RATE_SIGMA,
) = range(46)  # fmt: skip

# a plot within its window: where its candidates begin, how many; next plot of its component, its batch; whether
# all tracks have been asked, and not only those beyond doubt; the batch of the next plot, told before that is read
N_START, N_COUNT, N_NEXT, N_BATCH, N_ASKED, N_AFTER = 0, 1, 2, 3, 4, 5
LINKS: Final = 6

# of a track and a sensor [ms since the origin]: last seen; last settled whether it is seen. The third number
# is a float, read through a view: how probably the sensor sees the track.
HIT, DUE, CHANCE = 0, 1, 2
SIGHTS: Final = 3
SIGHT_BYTES: Final = 4 * SIGHTS

LINE: Final = pages.LINE  # for kernels

# copies that a worker has made of what it changes: of tracks, of sights; a line of the cache for each worker
K_TRACKS, K_SIGHTS = 0, 1
KEPT_COUNTS: Final = 8

# counters
C_FREE, C_HIGH, C_STAMP, C_NODES, C_OVERFLOW, C_BATCH = 0, 1, 2, 3, 4, 5
COUNTERS: Final = 6
