"""Lets the tests of this folder share ``alliance_net``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
