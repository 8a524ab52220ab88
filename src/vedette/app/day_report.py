"""What a whole watch was, in Markdown, for whoever reads it the next morning."""

from collections import Counter
from typing import Any, Final

import msgspec

from vedette.app.crossings import NamedCrossing, crossings_of
from vedette.app.summary import counted, place_name, speaks_on_occasion, when
from vedette.engine.record import Record
from vedette.model.feed import FeedStatus

_LISTED: Final = 200  # crossings of zones; a day over an airway has thousands


def day_lines(record: Record, incidents: list[dict[str, Any]]) -> list[str]:
    """Hours, feeds with their silences, incidents in a table, and crossings of zones that are no whole state."""
    tracks: set[str] = set()
    feeds: dict[str, FeedStatus] = {}
    silences: Counter[str] = Counter()
    first_ns: int | None = None
    last_ns = 0
    for entry in record.entries(("feed", "track", "picture")):
        if entry.kind == "feed" and "state" not in entry.body:
            continue  # a link's event has the time of this machine
        first_ns = entry.valid_ns if first_ns is None else min(first_ns, entry.valid_ns)
        last_ns = max(last_ns, entry.valid_ns)
        if entry.kind == "track" and entry.body.get("status") == "confirmed":
            tracks.add(str(entry.body["track_id"]))
        elif entry.kind == "feed":
            status = msgspec.convert(entry.body, FeedStatus)
            before = feeds.get(status.feed_id)
            silences[status.feed_id] += status.state == "dead" and (
                before is None or before.state != "dead"
            )
            feeds[status.feed_id] = status
    hours = "Nothing was heard" if first_ns is None else f"{when(first_ns)} to {when(last_ns)}"
    lines = [
        f"{hours}: {counted(len(tracks), 'track')}, {counted(len(incidents), 'incident')}.",
        "",
        "| feed | state at the end | silences | plots | unplaced | faults | datagrams lost |",
        "|---|---|---|---|---|---|---|",
    ]
    quiet = {spec.feed_id for spec in record.body.feeds if speaks_on_occasion(spec)}
    for name, one in feeds.items():
        # a file has gaps where nothing flew, and no link that could fall silent
        live = "://" in one.url or one.url.startswith("sim:")
        silent = silences[name] if live and name not in quiet else "-"
        lines.append(
            f"| {name} | {one.state} | {silent} | {one.plots} | {one.unplaced} | {one.faults} | "
            f"{one.lost} |"
        )
    lines += ["", *_incident_lines(incidents)]
    crossings = [
        one for one in crossings_of(record) if not one.crossing.zone_id.startswith("sovereign:")
    ]
    return lines + (["", *_crossing_lines(crossings)] if crossings else [])


def _incident_lines(incidents: list[dict[str, Any]]) -> list[str]:
    if not incidents:
        return ["No incident."]
    lines = [
        "| opened | incident | where | object | advice | status |",
        "|---|---|---|---|---|---|",
    ]
    for one in incidents:
        item = one["object"]
        where = ", ".join(
            dict.fromkeys(place_name(c["state"], c["zone_id"]) for c in one["crossings"])
        )
        name = item["callsign"] or item["icao24"] or item["track_id"]
        lines.append(
            f"| {one['opened']['utc'][:19]}Z | {one['incident_id']} | {where or '-'} | "
            f"{name}, {item['class']}, {item['identity']} | {one['output']} | {one['status']} |"
        )
    return lines


def _crossing_lines(crossings: list[NamedCrossing]) -> list[str]:
    lines = [
        "Crossings of zones, lawful ones too (`vedette track crossings` lists all):",
        "",
        "| entered | left | zone | object | inside, 95 % | depth, 95 % |",
        "|---|---|---|---|---|---|",
    ]
    for one in crossings[:_LISTED]:
        crossing = one.crossing
        inside, depth = crossing.inside_s, crossing.depth_m
        left = (
            when(crossing.left.estimate_ns)
            if crossing.left is not None
            else "lost inside"
            if crossing.lost_inside
            else f"still inside at {when(one.told_ns)}"
        )
        lines.append(
            f"| {when(crossing.entered.estimate_ns)} | {left} | {place_name(crossing.state, crossing.zone_id)} | "
            f"{one.callsign or one.icao24 or crossing.track_id} | "
            f"{inside.estimate:.0f} s [{inside.low:.0f} to {inside.high:.0f}] | "
            f"{depth.estimate / 1000:.1f} km [{depth.low / 1000:.1f} to {depth.high / 1000:.1f}] |"
        )
    if len(crossings) > _LISTED:
        lines += ["", f"And {len(crossings) - _LISTED} more."]
    return lines
