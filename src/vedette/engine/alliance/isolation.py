"""Whether the node that a watch belongs to is cut off, as the node wrote it last in its folder."""

from pathlib import Path
from typing import Final

import msgspec

from vedette.model.errors import RecordError
from vedette.model.time import SECOND_NS

# A node that runs writes its status each second; what is older says nothing of now.
STALE_NS: Final = 5 * SECOND_NS


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of ``status.json``; a node of before does not say whether it is cut off."""

    at_ns: int
    running: bool
    isolated: bool | None = None


def isolation_of(folder: Path, now_ns: int) -> bool | None:
    """Whether the node of ``folder`` hears none of its allies.

    Args:
        folder: of the node.
        now_ns: by the clock that the node has too [ns UTC].

    Returns:
        None where it cannot be told: the node does not run, has not been up for long enough, or has not
        written its status for some seconds; or what is there cannot be read.
    """
    try:
        status = msgspec.json.decode((folder / "status.json").read_bytes(), type=_Status)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not status.running or abs(now_ns - status.at_ns) > STALE_NS:
        return None
    return status.isolated


def check_node(folder: Path) -> None:
    """See that there is a node in ``folder``, which need not run.

    Raises:
        RecordError: there is none.
    """
    if not (folder / "card.json").exists():
        raise RecordError(f"{folder} holds no node (of 'vedette node init')")
