"""What a run prints for a person: incidents with their intervals, proposals, feeds, the ledger's head."""

from collections.abc import Mapping
from math import degrees
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from vedette.app.plain_words import one_line
from vedette.engine.overload import OVERLOAD
from vedette.engine.recordings import pieces_of
from vedette.engine.settings import FeedSpec
from vedette.feeds.formats import recognise
from vedette.model.feed import FeedStatus
from vedette.model.probability import class_share, percent
from vedette.model.time import SECOND_NS, format_utc

if TYPE_CHECKING:
    from vedette.fusion.registration import SensorBias


def _clock(moment: dict[str, str], day: str = "") -> str:
    """A moment with its interval, and the day where it is not the one that was named last."""
    named = "" if moment["utc"][:10] == day else f"{moment['utc'][:10]} "
    return f"{named}{moment['utc'][11:19]}Z [{moment['low'][11:19]} to {moment['high'][11:19]}]"


def _range(bounds: dict[str, float], unit: str, scale: float = 1.0) -> str:
    estimate, low, high = (bounds[name] / scale for name in ("estimate", "low", "high"))
    digits = 0 if scale == 1.0 else 1
    return f"{estimate:.{digits}f} {unit} [{low:.{digits}f} to {high:.{digits}f}]"


def place_name(state: str | None, zone_id: str) -> str:
    """Where a crossing is: the state whose airspace it is, or the zone with its state: "EKCH-UAS (DNK)"."""
    if zone_id.startswith("sovereign:"):
        return state or zone_id
    return f"{zone_id} ({state})" if state else zone_id


def incident_lines(incident: dict[str, Any]) -> list[str]:
    """One incident (as ``incident_json`` gives it) in a few lines."""
    item = incident["object"]
    name = item["callsign"] or item["icao24"] or item["track_id"]
    share = class_share(item["class"], item["class_probability"])
    lines = [
        f"{incident['incident_id']}  {incident['output']}  {name}: {item['class']}"
        + (f" ({percent(share)})" if share is not None else "")
        + f", {item['identity']}, {incident['status']}"
        + (f", needs {', '.join(incident['needs'])}" if incident["needs"] else "")
    ]
    for crossing in incident["crossings"]:
        place = place_name(crossing["state"], crossing["zone_id"])
        if crossing["predicted"]:
            entered = _clock(crossing["entered"])
            lines.append(
                f"  {place}  expected inside from {entered}, p {percent(crossing['probability'])}"
            )
            continue
        entered, left = crossing["entered"], crossing["left"]
        there = "lost inside" if crossing["lost_inside"] else "still inside"
        out = there if left is None else f"out {_clock(left, entered['utc'][:10])}"
        lines.append(f"  {place}  in {_clock(entered)}, {out}")
        lines.append(
            f"       inside {_range(crossing['inside_s'], 's')}, "
            f"depth {_range(crossing['depth_m'], 'km', 1000.0)}, p {percent(crossing['probability'])}"
        )
    for proposal in incident["proposals"]:
        lines.append(f"  {proposal['rule']}  {'; '.join(proposal['measures_text'])}")
        lines.append(
            f"       decides: {proposal['authority']}; deadline: {proposal['deadline']}; "
            f"not permitted: {proposal['not_permitted']}"
        )
    lines.append(f"  question of force: {incident['force_question']}")
    return [one_line(line) for line in lines]  # a call sign is whatever somebody sent


def feed_lines(feeds: list[FeedStatus]) -> list[str]:
    """Every feed with its counts."""
    lines = []
    for feed in feeds:
        offset = (
            ""
            if feed.clock_offset_s is None
            else f", clock {feed.clock_offset_s:+.2f} ± {feed.clock_sigma_s or 0.0:.2f} s"
        )
        lost = f", {feed.lost} datagrams lost" if feed.lost else ""
        lines.append(
            f"{feed.feed_id}  {feed.state}: {feed.chunks} chunks, {feed.size_bytes} bytes, "
            f"{feed.plots} plots, {feed.unplaced} unplaced, {feed.faults} faults{lost}{offset}"
        )
        lines += [f"    {name}: {count}" for name, count in feed.counts.items()]
    return [one_line(line) for line in lines]


_LOST: Final = {  # why the fusion did not use a plot, for people
    "duplicate": "said again",
    "late": "too late, or out of order",
    OVERLOAD: "shed by overload",
}


def speaks_on_occasion(spec: FeedSpec) -> bool:
    """Whether a feed's silence says nothing: what people and offices tell, by no link that could break."""
    network = spec.url.partition(":")[0].partition("+")[2] in ("tcp", "udp")
    return spec.decoder in ("people", "report") and not network


def unused_lines(losses: Mapping[str, int]) -> list[str]:
    """What came in and was not used, if anything was."""
    each = [
        f"{_LOST.get(reason, reason)} {count}" for reason, count in sorted(losses.items()) if count
    ]
    return (
        [f"Plots not used: {', '.join(each)} (vedette ledger list DIR --kind loss)"] if each else []
    )


def useless_lines(feeds: list[FeedStatus], paths: Mapping[str, Path]) -> list[str]:
    """Recordings of which nothing could be used, and what they look like: silence must not look like calm."""
    lines = []
    for feed in feeds:
        path = paths.get(feed.feed_id)
        if path is None or feed.plots or feed.unplaced or (feed.counts and not feed.faults):
            continue
        if not feed.chunks:
            lines.append(f"{feed.feed_id}: {path} holds nothing")
            continue
        looks = recognise(next(pieces_of(path), b""))
        hint = (
            f"; it looks like {looks}"
            if looks not in (None, feed.feed_id.rsplit("-", 1)[0])
            else ""
        )
        lines.append(
            f"{feed.feed_id}: no plot in {path}, {feed.faults} faults{hint} "
            "(vedette feed probe says what it holds)"
        )
    return lines


def bias_line(bias: "SensorBias") -> str:
    """What one radar is wrong by, each with two standard deviations."""
    return (
        f"{bias.sensor_id} range {bias.range_m:+.0f} ± {2.0 * bias.range_sigma_m:.0f} m, "
        f"azimuth {degrees(bias.azimuth_rad):+.3f} ± {2.0 * degrees(bias.azimuth_sigma_rad):.3f}°, "
        f"clock {bias.time_s:+.2f} ± {2.0 * bias.time_sigma_s:.2f} s, from {bias.plots} plots"
    )


def counted(number: int, one: str) -> str:
    """A number with its noun: "1 incident", "2 entries"."""
    if number == 1:
        return f"1 {one}"
    return f"{number} {one[:-1]}ies" if one.endswith("y") else f"{number} {one}s"


def when(instant_ns: int) -> str:
    """An instant to the second."""
    return format_utc(instant_ns - instant_ns % SECOND_NS)[:19] + "Z"


def to_json(value: object) -> str:
    """JSON of anything we print."""
    return msgspec.json.encode(value).decode()
