"""No field leaves that no rule lets out; and the test that says so fails when a rule is weakened."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from alliance_net import NAMES, Net
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.alliance.items import Alert
from vedette.alliance.release import (
    ALERT_FIELDS,
    TRACK_FIELDS,
    AlertRule,
    Area,
    OwnTrack,
    ReleaseRules,
    TrackRule,
    alert_rule,
    read_rules,
    released_alert,
    released_track,
    track_rule,
)
from vedette.alliance.state import Made, OwnPicture
from vedette.model.errors import SettingError
from vedette.model.time import SECOND_NS

SHIPPED = Path(__file__).parents[2] / "docs" / "howto" / "alliance-release.yaml"
ALWAYS = {"track_id", "valid_ns", "latitude_deg", "longitude_deg", "position_sigma_m"}
AREA = Area(polygon=((57.0, 24.0), (59.0, 24.0), (59.0, 26.0), (57.0, 26.0)))

track_rules = st.builds(
    TrackRule,
    name=st.just("r"),
    to=st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    zone=st.sampled_from([None, "area"]),
    classes=st.sampled_from([None, ("drone",), ("airliner", "drone")]),
    fields=st.lists(st.sampled_from(sorted(TRACK_FIELDS)), max_size=4).map(tuple),
    position_m=st.sampled_from([0.0, 500.0, 20_000.0]),
    height_m=st.sampled_from([0.0, 300.0]),
    delay_s=st.sampled_from([0.0, 2.0]),
    onward=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
)
alert_rules = st.builds(
    AlertRule,
    name=st.just("r"),
    to=st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    zone=st.sampled_from([None, "area"]),
    fields=st.lists(st.sampled_from(sorted(ALERT_FIELDS)), max_size=4).map(tuple),
    position_m=st.sampled_from([0.0, 20_000.0]),
)
rule_sets = st.builds(
    ReleaseRules,
    zones=st.just({"area": AREA}),
    tracks=st.lists(track_rules, max_size=3).map(tuple),
    alerts=st.lists(alert_rules, max_size=3).map(tuple),
)
own_tracks = st.builds(
    OwnTrack,
    track_id=st.just("HOME-NAME"),
    valid_ns=st.just(0),
    latitude_deg=st.floats(56.0, 60.0),
    longitude_deg=st.floats(23.0, 27.0),
    position_sigma_m=st.just(50.0),
    east_mps=st.just(123.456),
    north_mps=st.just(-7.125),
    height_hae_m=st.just(10_123.0),
    height_sigma_m=st.just(20.0),
    pressure_altitude_m=st.just(9_876.0),
    icao24=st.just(0x51A2B3),
    mode3a=st.just(0o4321),
    callsign=st.just("ZZSECRET"),
    emitter_category=st.just("QQ9"),
    object_class=st.sampled_from([None, "drone", "airliner"]),
    on_ground=st.just(False),
    contributors=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
)


@given(rule_sets, own_tracks, st.sampled_from(NAMES))
def test_a_track_leaves_with_what_its_first_rule_names_and_nothing_else(
    rules: ReleaseRules, track: OwnTrack, reader: str
) -> None:
    rule = track_rule(rules, reader, track)
    inside = AREA.holds(track.latitude_deg, track.longitude_deg)
    fitting = [
        one for one in rules.tracks
        if reader in one.to and (one.zone is None or inside)
        and (one.classes is None or track.object_class in one.classes)
    ]  # fmt: skip
    if not fitting or not set(track.contributors) <= {reader, *fitting[0].onward}:
        assert rule is None
        return
    assert rule == fitting[0]
    out = msgspec.to_builtins(released_track(rule, reader, track, b"s"))
    allowed = ALWAYS | {name for field in rule.fields for name in TRACK_FIELDS[field]}
    assert {name for name, value in out.items() if value is not None} <= allowed
    assert "HOME-NAME" not in str(out)
    if rule.position_m:
        # nothing finer than the grid: a neighbour on the same cell looks the same
        step_deg = rule.position_m / 111_320.0
        assert round(out["latitude_deg"] / step_deg, 6) % 1 in (0.0, 1.0)
        assert abs(out["latitude_deg"] - track.latitude_deg) <= step_deg / 2 + 1e-9
        assert out["position_sigma_m"] >= rule.position_m / 2


MARKS = {
    "callsign": b"ZZSECRET", "category": b"QQ9", "track_id": b"HOME-NAME",
    "icao24": msgspec.msgpack.encode(0x51A2B3), "pressure_altitude": msgspec.msgpack.encode(9_876.0),
    "velocity": msgspec.msgpack.encode(123.456),
}  # fmt: skip


@settings(max_examples=40)
@given(rule_sets, own_tracks)
def test_octets_that_leave_a_node_hold_nothing_that_was_not_released(
    rules: ReleaseRules, track: OwnTrack
) -> None:
    net = Net(rules=rules)
    net.run(1)
    alert = Alert(
        incident_id="I-1", revision=1, status="open", latitude_deg=track.latitude_deg,
        longitude_deg=track.longitude_deg, callsign="YYSECRET", identity="XXSECRET",
    )  # fmt: skip
    track = msgspec.structs.replace(track, valid_ns=net.now_ns - 10 * SECOND_NS)
    for _ in range(4):
        net.put("EST", OwnPicture(tracks=(track,)))
        net.run(1)
    net.put("EST", Made(key="a", item=alert))
    net.run(3)
    for reader in ("FIN", "LVA"):
        data = b"".join(octets for a, b, octets in net.sent if (a, b) == ("EST", reader))
        rule = track_rule(rules, reader, track)
        fields = set() if rule is None else set(rule.fields)
        if rule is not None and rule.height_m:
            fields.discard("pressure_altitude")  # rounded
        for field, mark in MARKS.items():
            assert field in fields or mark not in data, field
        told = alert_rule(rules, reader, alert)
        named = set() if told is None else set(told.fields)
        assert "callsign" in named or b"YYSECRET" not in data
        assert "identity" in named or b"XXSECRET" not in data
        seen = [p.tracks for p in net.pictures[reader] if p.nation == "EST"]
        assert bool(seen) == (rule is not None)


# ---------------------------------------------------------------------------- the shipped example


BORDER, INLAND = (58.0, 27.0), (59.3, 24.8)
FULL = {"velocity", "height", "pressure_altitude", "icao24", "callsign", "category", "class"}
ALL_OF_ALERT = set(ALERT_FIELDS)
# (reader, place): (fields beside the position, least precision [m], least delay [s]); not there: nothing
MAY_SEE_TRACKS: dict[tuple[str, tuple[float, float]], tuple[set[str], float, float]] = {
    ("FIN", BORDER): (FULL, 0, 0),
    ("LVA", BORDER): (FULL, 0, 0),
    ("FIN", INLAND): ({"velocity"}, 2000, 60),
}
MAY_SEE_ALERTS: dict[tuple[str, tuple[float, float]], tuple[set[str], float, float]] = {
    ("FIN", BORDER): (ALL_OF_ALERT, 0, 0),
    ("LVA", BORDER): (ALL_OF_ALERT, 0, 0),
    **{
        (reader, INLAND): ({"causes", "position", "states"}, 20_000, 0)
        for reader in ("FIN", "LVA", "POL")
    },
    ("POL", BORDER): ({"causes", "position", "states"}, 20_000, 0),
}


def leaks(rules: ReleaseRules) -> list[str]:
    """What some nation would see that it may not."""
    found = []
    for reader in ("FIN", "LVA", "POL", "TUR"):
        for place in (BORDER, INLAND):
            track = OwnTrack(
                track_id="t", valid_ns=0, latitude_deg=place[0], longitude_deg=place[1],
                position_sigma_m=1.0, east_mps=1.0, north_mps=1.0, height_hae_m=1.0,
                height_sigma_m=1.0, pressure_altitude_m=1.0, icao24=1, mode3a=1, callsign="c",
                emitter_category="A1", object_class="drone", on_ground=True,
            )  # fmt: skip
            alert = Alert(
                incident_id="i", revision=1, status="open", causes=("c",), latitude_deg=place[0],
                longitude_deg=place[1], pressure_altitude_m=1.0, ground_speed_mps=1.0,
                track_angle_rad=1.0, icao24=1, callsign="c", identity="UNKNOWN",
                object_class="drone", states=("EST",), expected_in="LVA", expected_ns=1,
            )  # fmt: skip
            for kind, rule, may, fields_of, shown in (
                ("track", track_rule(rules, reader, track), MAY_SEE_TRACKS, TRACK_FIELDS, track),
                ("alert", alert_rule(rules, reader, alert), MAY_SEE_ALERTS, ALERT_FIELDS, alert),
            ):  # fmt: skip
                where = f"{kind} to {reader} at {place}"
                if rule is None:
                    continue
                if (reader, place) not in may:
                    found.append(where)
                    continue
                fields, precision_m, delay_s = may[reader, place]
                out: Any = (
                    released_track(rule, reader, shown, b"s")
                    if isinstance(rule, TrackRule)
                    else released_alert(rule, shown)
                )
                for field, names in fields_of.items():
                    there = any(getattr(out, name) is not None for name in names)
                    if there and field not in fields:
                        found.append(f"{where}: {field}")
                if rule.position_m < precision_m or rule.delay_s < delay_s:
                    found.append(f"{where}: too precise or too early")
    return found


def weakened(rules: ReleaseRules) -> dict[str, ReleaseRules]:
    """Each rule made weaker in one way."""
    found: dict[str, ReleaseRules] = {}
    for kind, known in (("tracks", TRACK_FIELDS), ("alerts", ALERT_FIELDS)):
        for index, rule in enumerate(getattr(rules, kind)):
            changes: dict[str, dict[str, Any]] = {"reader": {"to": (*rule.to, "TUR")}}
            changes |= {
                f"field {name}": {"fields": (*rule.fields, name)}
                for name in known
                if name not in rule.fields
            }
            if rule.zone is not None:
                changes["zone"] = {"zone": None}
            if rule.position_m:
                changes["precision"] = {"position_m": rule.position_m / 2}
            if rule.delay_s:
                changes["delay"] = {"delay_s": 0.0}
            for name, change in changes.items():
                rows = list(getattr(rules, kind))
                rows[index] = msgspec.structs.replace(rule, **change)
                found[f"{kind} {index}: {name}"] = msgspec.structs.replace(
                    rules, **{kind: tuple(rows)}
                )
    return found


def test_the_shipped_example_leaks_nothing_and_every_weaker_one_does() -> None:
    rules = read_rules(SHIPPED.read_bytes())
    assert leaks(rules) == []
    mutants = weakened(rules)
    assert len(mutants) >= 25
    quiet = [name for name, mutant in mutants.items() if not leaks(mutant)]
    assert quiet == []


def test_rules_that_say_nothing_let_nothing_out_and_unknown_words_are_refused() -> None:
    assert leaks(ReleaseRules()) == []
    with pytest.raises(SettingError, match="no zone"):
        read_rules(yaml.safe_dump({"tracks": [{"name": "r", "to": ["FIN"], "zone": "x"}]}).encode())
    with pytest.raises(SettingError):
        read_rules(b"tracks: [{name: r, to: [FIN], feilds: [callsign]}]")
    with pytest.raises(SettingError):
        read_rules(b"tracks: [{name: r, to: [everybody]}]")
