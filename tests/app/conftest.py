"""What the tests of the servers share lies beside them, and beside those of the engine and of alliances."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "engine"), str(HERE.parent / "alliance")]
