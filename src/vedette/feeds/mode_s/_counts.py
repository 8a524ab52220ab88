"""What became of messages: the numbers of a decoder's counts."""

from typing import Final

# What became of a message: the first 32 count messages of each downlink format that could be used
(
    N_MODE_AC,
    N_STATUS,
    N_RECEIVER,
    N_JUMP,
    N_DUPLICATE,
    N_UNVERIFIED,
    N_WAITING,
    N_NO_REFERENCE,
    N_MISMATCH,
    N_AIRSPEED,
    N_IDLE,
    N_CALLSIGN,  # Comm-B registers
    N_INTENTION,
    N_TRACK_AND_TURN,
    N_HEADING_AND_SPEED,
    N_OTHER_REGISTER,
    N_AMBIGUOUS,
) = range(32, 49)
COUNTS: Final = 49
