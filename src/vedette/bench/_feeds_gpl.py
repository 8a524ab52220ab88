"""Decoders under the GPL as peers: each runs in an interpreter of its own, which ``VEDETTE_GPL_PYTHON`` names."""

import os
import subprocess
from typing import Final

from vedette.bench.row import Row

# Both time only their own work on octets that are in memory already
_ASTERIX: Final = """
import sys, time, asterix
data = sys.stdin.buffer.read()
asterix.parse(data[:int.from_bytes(data[1:3], "big")], verbose=False)
begun = time.process_time()
count = len(asterix.parse(data, verbose=False))
print(count / (time.process_time() - begun), count)
"""
_MODE_S: Final = """
import sys, time, pyModeS
texts = sys.stdin.read().split()
pipe = pyModeS.PipeDecoder()
pipe.decode(texts[0], timestamp=0.0)
begun = time.process_time()
for number, text in enumerate(texts):
    pipe.decode(text, timestamp=number / 1000.0)
print(len(texts) / (time.process_time() - begun), len(texts))
"""


def asterix_decoder(area: str, category: int, data: bytes) -> Row:
    """asterix-decoder on the data blocks of one category: all items, verbose off."""
    name = f"asterix-decoder, CAT{category:03d}, same bytes"
    return _row(area, name, "records/s", _ASTERIX, data)


def pymodes(area: str, messages: list[str]) -> Row:
    """PyModeS on messages as hexadecimal text."""
    text = "\n".join(messages).encode()
    return _row(area, "pyModeS, hexadecimal messages to dictionaries", "messages/s", _MODE_S, text)


def _row(area: str, name: str, unit: str, code: str, data: bytes) -> Row:
    python = os.environ.get("VEDETTE_GPL_PYTHON")
    value, note = float("nan"), "VEDETTE_GPL_PYTHON names no interpreter that has it"
    if python is not None:
        command = [python, "-c", code]
        done = subprocess.run(command, input=data, capture_output=True, check=False)  # noqa: S603
        if done.returncode == 0:
            rate, count = done.stdout.split()
            value, note = float(rate), f"{int(count)} of them; in a process of its own"
        else:
            note = f"failed with {done.returncode}"
    return Row(area=area, name=name, value=value, unit=unit, note=note)
