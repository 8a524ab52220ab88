"""Remote ID in MAVLink 2: the OPEN_DRONE_ID messages that autopilots and receivers exchange."""
