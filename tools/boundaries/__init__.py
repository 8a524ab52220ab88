"""How the bundled boundaries are made; run ``tools/build_boundaries.py``."""
