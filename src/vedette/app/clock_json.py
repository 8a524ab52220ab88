"""The decision clock as the page, the command line and other programs read it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from vedette.model.clock import Clock, Seconds
from vedette.model.probability import percent
from vedette.model.time import format_utc


def _seconds(times: Seconds | None) -> dict[str, float] | None:
    return None if times is None else dict(zip(("low", "estimate", "high"), times, strict=True))


def clock_json(clock: Clock, steps: Mapping[str, str]) -> dict[str, Any]:
    """One reading. ``steps`` gives the words of each step."""
    limit = clock.limit
    return {
        "incident_id": clock.incident_id,
        "valid": {"utc": format_utc(clock.valid_ns)},
        "limit": None
        if limit is None
        else msgspec.to_builtins(limit) | {"left_s": _seconds(limit.left_s)},
        "steps": [
            {
                "measure": one.measure,
                "status": one.status,
                "remaining": [steps.get(name, name) for name in one.remaining],
                "needed_s": _seconds(one.needed_s),
                "in_time": one.in_time,
                "late_step": None
                if one.late_step is None
                else steps.get(one.late_step, one.late_step),
                "helps": None if one.helps is None else steps.get(one.helps, one.helps),
                "helped": one.helped,
            }
            for one in clock.steps
        ],
        "measured": clock.measured,
    }


def clock_lines(clock: dict[str, Any]) -> list[str]:
    """A reading (as ``clock_json`` gives it) in a few lines."""
    limit = clock["limit"]
    if limit is None:
        return ["nothing is known to end the time that is left"]
    where = limit["state"] or limit["zone_id"]
    what = f"leaves {where}" if limit["kind"] == "exit" else f"enters {where}"
    left = limit["left_s"]
    when = "hardly" if left is None else (
        f"in {left['estimate'] / 60:.1f} min ({left['low'] / 60:.1f} to {left['high'] / 60:.1f})"
    )  # fmt: skip
    lines = [
        f"{clock['valid']['utc'][:19]}Z  it {what} {when}; "
        f"within {limit['horizon_s'] / 60:.0f} min with p {percent(limit['probability'])}"
    ]
    for one in clock["steps"]:
        needed = one["needed_s"]
        text = (
            f"{one['measure']}  in time p {percent(one['in_time'])}  needs {needed['estimate'] / 60:.1f} min "
            f"({needed['low'] / 60:.1f} to {needed['high'] / 60:.1f})"
        )
        if one["late_step"] is not None:
            text += f"; hardly before then: {one['late_step']}"
        if one["helps"] is not None:
            text += f"; were it not for '{one['helps']}', p {percent(one['helped'])}"
        lines.append(text)
    return lines
