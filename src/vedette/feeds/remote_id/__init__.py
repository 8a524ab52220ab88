"""Remote ID (ASTM F3411-22a, ASD-STAN EN 4709-002): drones that say who and where they are."""
