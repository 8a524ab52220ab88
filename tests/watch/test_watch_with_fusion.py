"""Watching what fusion makes of radar plots, and real borders."""

import itertools

import numpy as np
import pyarrow as pa
import pyproj
import pytest

from vedette.airspace.sovereign import sovereign_airspace
from vedette.bench import watch as scenes
from vedette.fusion import picture
from vedette.fusion.settings import FusionSettings
from vedette.model import frames
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks
from vedette.watch.incidents import finish, initial, step
from vedette.watch.settings import WatchSettings

HEIGHT_M = 9_000.0


def radars():
    sensors = []
    for k, radar in enumerate(scenes.RADARS):
        longitude_deg, latitude_deg = scenes.plane()(radar.east_m, radar.north_m, inverse=True)
        sensors.append(
            Sensor(
                sensor_id=f"r{k}",
                kind="psr",
                latitude_deg=latitude_deg,
                longitude_deg=longitude_deg,
                range_sigma_m=radar.range_sigma_m,
                azimuth_sigma_rad=radar.azimuth_sigma_rad,
                period_s=radar.period_s,
            )
        )
    return tuple(sensors)


def seen_plots(paths, begin_s, end_s, sensors, rng):
    """Plots of all radars by time; one in twenty is missed."""
    rows = []
    for k, radar in enumerate(scenes.RADARS):
        site = (sensors[k].latitude_deg, sensors[k].longitude_deg, 0.0)
        for lane, path in enumerate(paths):
            times_s = np.arange(begin_s + radar.offset_s + 0.3 * lane, end_s, radar.period_s)
            times_s = times_s[rng.random(len(times_s)) < 0.95]
            east_m, north_m = path(times_s).T
            longitude_deg, latitude_deg = scenes.plane()(east_m, north_m, inverse=True)
            height_m = np.full(len(times_s), HEIGHT_M)
            polar = frames.geodetic_to_polar(
                site, np.column_stack((latitude_deg, longitude_deg, height_m))
            )
            polar[:, 0] += rng.normal(size=len(times_s)) * radar.range_sigma_m
            polar[:, 1] += rng.normal(size=len(times_s)) * radar.azimuth_sigma_rad
            rows += [
                (scenes.START_NS + round(t * SECOND_NS), f"r{k}", r, a % (2 * np.pi))
                for t, (r, a, _) in zip(times_s, polar, strict=True)
            ]
    rows.sort()
    times_ns, names, ranges_m, azimuths_rad = zip(*rows, strict=True)
    return plots(
        sensor_id=list(names),
        kind=["psr"] * len(rows),
        valid_ns=np.array(times_ns),
        received_ns=np.array(times_ns),
        range_m=np.array(ranges_m),
        azimuth_rad=np.array(azimuths_rad),
        pressure_altitude_m=np.full(len(rows), HEIGHT_M),
    )


def test_seventeen_seconds_through_fusion_are_one_crossing_each_with_honest_intervals():
    """Six jets through a strip in 17 s, three 10-s radars, the border's own error drawn as well."""
    rng = np.random.default_rng(42)
    sensors = radars()
    paths = [scenes.straight(300.0, 0.0, (east_m, 0.0)) for east_m in np.arange(6) * 14e3 - 35e3]
    zones = scenes.index(
        scenes.area("strip", [(-200e3, 0.0), (200e3, 0.0), (200e3, 5_100.0), (-200e3, 5_100.0)])
    )
    table = seen_plots(paths, -110.0, 75.0, sensors, rng)
    valid_ns = table.column("valid_ns").to_numpy()
    fusion_settings, settings = FusionSettings(), WatchSettings()
    fusion, state = picture.initial(fusion_settings), initial(settings)
    incidents, crossings = [], []
    begin = 0
    for at_s in np.arange(-109.0, 76.0):
        now_ns = scenes.START_NS + int(at_s * SECOND_NS)
        end = int(np.searchsorted(valid_ns, now_ns - SECOND_NS // 5))
        fusion, fused = picture.step(
            fusion_settings, fusion, table.slice(begin, end - begin), sensors, now_ns
        )
        begin = end
        known = {t: scenes.assessed(t) for t in fused.tracks.column("track_id").to_pylist()}
        state, output = step(settings, state, fused.tracks, known, zones, now_ns)
        incidents += output.incidents
        crossings += output.crossings
    _, output = finish(settings, state, scenes.START_NS + 76 * SECOND_NS)
    crossings += output.crossings
    incidents += output.incidents
    ended = [c for c in crossings if c.left is not None]
    assert len(ended) == len({c.track_id for c in ended}) == 6
    assert len({i.incident_id for i in incidents}) == 6
    held = 0
    for crossing in ended:
        error_s = rng.normal(size=2) * 40.0 / 300.0
        entered_s = (crossing.entered.estimate_ns - scenes.START_NS) / SECOND_NS
        assert abs(entered_s) < 0.6
        assert 16.3 < crossing.inside_s.estimate < 17.7
        assert crossing.inside_s.high - crossing.inside_s.low < 1.3
        held += crossing.inside_s.low <= 17.0 + error_s.sum() <= crossing.inside_s.high
        low_s = (crossing.entered.low_ns - scenes.START_NS) / SECOND_NS
        high_s = (crossing.entered.high_ns - scenes.START_NS) / SECOND_NS
        held += low_s <= error_s[0] <= high_s
    assert held >= 10  # of 12; 11.4 are expected, 9 or fewer would come by once in 50 seeds


def test_a_drone_over_three_real_states_is_one_incident_in_order():
    """From Ukraine over Romania, Hungary and Croatia at 200 m/s, as the drone that fell on Zagreb in 2022 flew."""
    zones = sovereign_airspace()
    geod = pyproj.Geod(ellps="WGS84")
    corners = [(25.6, 48.3), (22.6, 47.6), (18.9, 46.2), (16.2, 45.9)]
    settings = WatchSettings()
    state = initial(settings)
    speed_mps, step_s = 200.0, 5.0
    places = []
    for (lon0, lat0), (lon1, lat1) in itertools.pairwise(corners):
        azimuth_deg, _, way_m = geod.inv(lon0, lat0, lon1, lat1)
        for along_m in np.arange(0.0, way_m, speed_mps * step_s):
            lon, lat, back_deg = geod.fwd(lon0, lat0, azimuth_deg, along_m)
            places.append((lat, lon, np.radians(back_deg + 180.0)))
    covariance = np.array([2500.0, 0, 60.0, 0, 2500.0, 0, 60.0, 9.0, 0, 9.0])
    incidents, crossings = [], []
    for k, (latitude_deg, longitude_deg, course_rad) in enumerate(places):
        now_ns = scenes.START_NS + int(k * step_s * SECOND_NS)
        table = tracks(
            track_id=["D"],
            valid_ns=[now_ns],
            latitude_deg=[latitude_deg],
            longitude_deg=[longitude_deg],
            east_mps=[speed_mps * np.sin(course_rad)],
            north_mps=[speed_mps * np.cos(course_rad)],
            covariance=pa.FixedSizeListArray.from_arrays(covariance, 10),
            status=["confirmed"],
            birth_ns=[scenes.START_NS],
            updated_ns=[now_ns],
            updates=[k + 1],
            sensors=[["r0"]],
            kinds=[["psr"]],
        )
        state, output = step(settings, state, table, {"D": scenes.assessed("D")}, zones, now_ns)
        incidents += output.incidents
        crossings += output.crossings
    assert len({i.incident_id for i in incidents}) == 1
    begun = [c for c in incidents[-1].crossings if not c.predicted]
    # what states the places themselves are in, one after the other; the route cuts a bend of a border
    where = np.array(places)
    rows, which = zones.locate(where[:, 0], where[:, 1], kinds=("sovereign",))
    visits = [
        (zones.zones[z].state, [r for r, _ in g])
        for z, g in itertools.groupby(
            zip(rows.tolist(), which.tolist(), strict=True), key=lambda pair: pair[1]
        )
    ]
    members = [(state_, r) for state_, r in visits if state_ != "UKR"]
    assert [c.state for c in begun] == [state_ for state_, _ in members]
    assert {c.state for c in begun} == {"ROU", "HUN", "HRV"}
    for crossing, (_, visited) in zip(begun, members, strict=True):
        entered_s = (crossing.entered.estimate_ns - scenes.START_NS) / SECOND_NS
        assert step_s * visited[0] - 6.0 < entered_s < step_s * visited[0] + 1.0
    for before, after in itertools.pairwise(begun):
        # two sovereign zones share their border, so leaving one is entering the other
        assert before.left.estimate_ns == pytest.approx(after.entered.estimate_ns, abs=SECOND_NS)
    assert {c.state for c in crossings} == {"UKR", "ROU", "HUN", "HRV"}
    assert incidents[-1].status == "open"


def test_eighteen_seconds_of_a_receivers_table_are_neither_missed_nor_overstated():
    """Kybartai 2025 in form: over the real border of Lithuania and back in about 18 s, turning hard."""
    zones = sovereign_airspace()
    row = np.array([zones.row_of("sovereign:LTU")])
    # a place on the border with Kaliningrad, and the way inwards there
    start = np.array([54.66]), np.array([22.60])
    for _ in range(30):
        away_m, azimuth = zones.boundary(*start, row)
        lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(
            start[1][0], start[0][0], np.degrees(azimuth[0]), abs(away_m[0])
        )
        start = np.array([lat]), np.array([lon])
    outside_m, azimuth = zones.boundary(*_moved(start, azimuth[0], 2_000.0), row)
    inwards = azimuth[0] if outside_m[0] < 0 else azimuth[0] + np.pi
    # a tight turn over the border and back, as much deeper as makes it 18 s: the border bends too
    speed_mps, radius_m = 200.0, 1_800.0
    times_s = np.arange(-90.0, 90.0)
    fine_s = np.arange(-90.0, 89.0, 0.05)
    angle = np.clip(times_s * speed_mps / radius_m, -np.pi / 2, np.pi / 2)
    over_m = times_s * speed_mps - angle * radius_m
    side_m = radius_m * np.sin(angle)
    geod = pyproj.Geod(ellps="WGS84")
    true_s = 0.0
    for deep_m in np.arange(300.0, 6_000.0, 50.0):
        deep = radius_m * (np.cos(angle) - 1.0) + deep_m - np.abs(over_m)
        count = len(times_s)
        lon, lat, _ = geod.fwd(
            np.full(count, start[1][0]),
            np.full(count, start[0][0]),
            np.degrees(inwards + np.arctan2(side_m, deep)),
            np.hypot(side_m, deep),
        )
        _, which = zones.locate(np.interp(fine_s, times_s, lat), np.interp(fine_s, times_s, lon))
        true_s = (which == row[0]).sum() * 0.05
        if true_s >= 17.5:
            break
    assert 17.0 < true_s < 19.5
    rng = np.random.default_rng(3)
    noisy = np.column_stack((lat, lon)) + rng.normal(size=(len(lat), 2)) * 20.0 / 111e3
    times_ns = scenes.START_NS + (times_s * SECOND_NS).astype(np.int64)
    table = plots(
        sensor_id=["table-1"] * count,
        kind=["ads_b"] * count,
        valid_ns=times_ns,
        received_ns=times_ns,
        latitude_deg=noisy[:, 0],
        longitude_deg=noisy[:, 1],
        position_sigma_m=np.full(count, 20.0),
        pressure_altitude_m=np.full(count, 6_000.0),
        icao24=[0x123456] * count,
    )
    fusion_settings, settings = FusionSettings(), WatchSettings()
    fusion, state = picture.initial(fusion_settings), initial(settings)
    crossings = []
    for k, now_ns in enumerate(times_ns.tolist()):
        fusion, fused = picture.step(fusion_settings, fusion, table.slice(k, 1), (), now_ns)
        known = {t: scenes.assessed(t) for t in fused.tracks.column("track_id").to_pylist()}
        state, output = step(settings, state, fused.tracks, known, zones, now_ns)
        crossings += output.crossings
    _, output = finish(settings, state, int(times_ns[-1]) + SECOND_NS)
    ended = [c for c in crossings + output.crossings if c.left is not None and c.state == "LTU"]
    assert len(ended) == 1
    # the border is where it was drawn here, so its doubt is all to spare
    assert ended[0].inside_s.low < true_s < ended[0].inside_s.high
    assert ended[0].inside_s.high - ended[0].inside_s.low < 3.0


def _moved(place, azimuth_rad, way_m):
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(
        place[1][0], place[0][0], np.degrees(azimuth_rad), way_m
    )
    return np.array([lat]), np.array([lon])
