"""Runs in an interpreter of its own, with GPL decoders installed, and imports nothing of ours.

Standard input: one JSON object, {"blocks": [hex, ...]} or {"messages": [[hex, seconds], ...]}.
Standard output: what asterix-decoder or pyModeS makes of them, as one JSON array.
"""

import json
import sys
from typing import Any


def records(blocks: list[str]) -> list[Any]:
    import asterix

    found = []
    for block in blocks:
        for record in asterix.parse(bytes.fromhex(block), verbose=False):
            record.pop("ts", None)
            found.append(record)
    return found


def messages(sent: list[tuple[str, float]]) -> list[Any]:
    import pyModeS

    pipe = pyModeS.PipeDecoder()
    return [dict(pipe.decode(text, timestamp=seconds)) for text, seconds in sent]


asked = json.load(sys.stdin)
answer = records(asked["blocks"]) if "blocks" in asked else messages(asked["messages"])
json.dump(answer, sys.stdout, default=str)
