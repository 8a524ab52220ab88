"""An act at a desk that nobody of it has signed."""

from typing import Any

import msgspec

from vedette.model.signature import new_private_key
from vedette.response.desk.signed import DeskAct, sign_act


def signed_by_nobody() -> dict[str, Any]:
    act = DeskAct(
        act_id="a", desk="d", kind="accept", person="All", office="o", incident_id="i", track_id="t",
        seen_ns=1, subject="M06", paper="p", words="yes",
    )  # fmt: skip
    found: dict[str, Any] = msgspec.to_builtins(sign_act(act, new_private_key()))
    return found
