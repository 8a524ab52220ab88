"""What worlds hold beside aircraft and radars: each part against what it stands for, and its files read back."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.app.worlds import bundled_world
from vedette.engine.address import parse_feed
from vedette.engine.recordings import open_recording
from vedette.feeds.formats import codec
from vedette.model.errors import SourceError
from vedette.model.time import SECOND_NS
from vedette.sim.deception import JAMMED, SOUND, Navigation
from vedette.sim.links import Troubled
from vedette.sim.motion import Motion
from vedette.sim.out import write_world
from vedette.sim.radar import SimulatedRadar
from vedette.sim.scenario import (
    Deception,
    Flight,
    Interference,
    Link,
    Radar,
    Scenario,
    SeaClutter,
    Transponder,
    Variation,
    Waypoint,
    read_scenario,
)
from vedette.sim.surroundings import (
    Rain,
    Ridge,
    Sight,
    Weather,
    WindLayer,
    flat,
    in_sight,
    lost_in_rain,
    rain_at,
    wind_at,
)
from vedette.sim.witnesses import SimulatedListener, SimulatedPeople
from vedette.sim.world import ReportLines, World

GEOD = Geod(ellps="WGS84")
START = "2026-01-01T00:00:00Z"
SMALL = Path(__file__).parent / "small.yaml"


def scenario(**parts: Any) -> Scenario:
    return Scenario(**({"title": "t", "label": "l", "start": START, "duration_s": 60.0} | parts))


def hovering(latitude_deg: float, longitude_deg: float, height_m: float, kind: str) -> Flight:
    """Something that hardly moves."""
    return Flight(
        name=kind,
        object_class=kind,
        path=(
            Waypoint(
                latitude_deg=latitude_deg,
                longitude_deg=longitude_deg,
                speed_mps=0.1,
                pressure_altitude_m=height_m,
            ),
            Waypoint(latitude_deg=latitude_deg + 1.0, longitude_deg=longitude_deg),
        ),
    )


# ---------------------------------------------------------------------------- files


def test_every_feed_of_a_night_is_read_back_as_it_was_sent(tmp_path: Path) -> None:
    whole = bundled_world("drones_at_the_border", Variation(seed=4))
    world = World(msgspec.structs.replace(whole.scenario, duration_s=150.0), Variation(seed=4), "x")
    addresses = {one.name: one.address for one in write_world(world, tmp_path) if one.address}
    kinds = {feed.spec.decoder for feed in world.feeds}
    assert kinds >= {"asterix", "beast", "remote-id", "sapient", "people"}
    for feed in world.feeds:
        name = next(n for n in addresses if n.rsplit(".", 1)[0] == feed.spec.feed_id)
        scheme, _, path = addresses[name].partition(":")
        recording = open_recording(parse_feed(f"{scheme}:{tmp_path / path}"), world.start_ns)
        found = []
        for chunks in (feed.emitter.chunks(0), recording.chunks(0)):
            decoder = codec(feed.spec.decoder).decoder(feed.spec.feed_id, world.sensors, None)
            rows, faults = [], 0
            for chunk in chunks:
                decoded = decoder.decode(chunk.data, chunk.received_ns, 0)
                rows += decoded.plots.drop_columns(["received_ns", "raw_ref"]).to_pylist()
                faults += len(decoded.faults)
            found.append((rows, faults))
        if feed.spec.decoder == "beast":  # a receiver's counter times it anew
            assert abs(len(found[0][0]) - len(found[1][0])) <= 3
        else:
            assert found[0] == found[1]
        assert found[0][1] == 0
        if feed.spec.feed_id not in ("people", "ears-1", "ears-2"):  # nothing may be near yet
            assert found[0][0], feed.spec.feed_id


def test_a_night_is_the_same_from_the_same_seed(tmp_path: Path) -> None:
    def digest(seed: int, folder: str) -> dict[str, str]:
        whole = bundled_world("drones_at_the_border", Variation(seed=seed))
        short = msgspec.structs.replace(whole.scenario, duration_s=40.0)
        world = World(short, Variation(seed=seed), "x")
        return {one.name: one.sha256 for one in write_world(world, tmp_path / folder)}

    assert digest(1, "a") == digest(1, "b")
    assert digest(1, "c")["radar-1.pcap"] != digest(2, "d")["radar-1.pcap"]


# ---------------------------------------------------------------------------- sight


@settings(max_examples=60)
@given(st.floats(-70, 70), st.floats(-179, 179), st.floats(0, 360), st.floats(1, 400_000))
def test_the_plane_keeps_range_and_azimuth(
    lat: float, lon: float, azimuth: float, far_m: float
) -> None:
    to_lon, to_lat, _ = GEOD.fwd(lon, lat, azimuth, far_m)
    east, north = flat(lat, lon, np.array([[to_lat, to_lon]]))[0]
    assert np.hypot(east, north) == pytest.approx(far_m, rel=0.006)
    off = (np.degrees(np.arctan2(east, north)) - azimuth + 180) % 360 - 180
    assert abs(off) < 0.3


@settings(max_examples=60)
@given(st.floats(10, 3_000), st.floats(0, 12_000), st.floats(1_000, 300_000), st.floats(0, 3_000))
def test_whoever_climbs_is_not_lost_from_sight(
    top_m: float, height_m: float, far_m: float, more_m: float
) -> None:
    sight = Sight(
        (55.0, 25.0, 50.0), [Ridge(path=((55.05, 24.0), (55.05, 26.0)), height_hae_m=top_m)]
    )
    lon, lat, _ = GEOD.fwd(25.0, 55.0, 0.0, far_m)
    places = np.array([[lat, lon, height_m], [lat, lon, height_m + more_m]])
    low, high = sight.sees(places, np.full(2, far_m))
    assert high or not low


def test_a_ridge_hides_what_is_low_behind_it_and_nothing_else() -> None:
    ridge = Ridge(path=((55.1, 24.5), (55.1, 25.5)), height_hae_m=800.0)
    sight = Sight((55.0, 25.0, 50.0), [ridge])
    places = np.array(
        [[55.2, 25.0, 500.0], [55.2, 25.0, 3_000.0], [55.05, 25.0, 500.0], [54.8, 25.0, 500.0]]
    )
    ranges_m = flat(55.0, 25.0, places)
    seen = sight.sees(places, np.hypot(ranges_m[:, 0], ranges_m[:, 1]))
    assert seen.tolist() == [False, True, True, True]
    open_ground = Sight((55.0, 25.0, 50.0), [])
    assert open_ground.sees(places, np.full(4, 2e4)).all()


def test_the_ray_bends_with_the_earth() -> None:
    # a ridge of 1 mm hides what is under the horizon of a sphere 4/3 as large, as the formula of the horizon does
    for height_m in (100.0, 1_000.0, 10_000.0):
        reach_m = 4_121.0 * (np.sqrt(50.0) + np.sqrt(height_m))
        assert in_sight(50.0, np.array([height_m]), np.array([0.99 * reach_m]))[0]
        assert not in_sight(50.0, np.array([height_m]), np.array([1.01 * reach_m]))[0]
        foot_m = 4_121.0 * np.sqrt(50.0)  # where the ray to the horizon touches the ground
        lat = 55.0 + foot_m / 111_195.0
        sight = Sight(
            (55.0, 25.0, 50.0), [Ridge(path=((lat, 24.9), (lat, 25.1)), height_hae_m=0.001)]
        )
        for share, visible in ((0.98, True), (1.03, False)):
            far_m = share * reach_m
            place = np.array([[55.0 + far_m / 111_195.0, 25.0, height_m]])
            assert sight.sees(place, np.array([0.0]))[0] == visible


# ---------------------------------------------------------------------------- weather


def test_wind_is_what_the_layers_say_and_lies_between_them() -> None:
    weather = Weather(
        wind=(
            WindLayer(pressure_altitude_m=0, from_deg=270, speed_mps=10),
            WindLayer(pressure_altitude_m=2_000, from_deg=180, speed_mps=20),
        )
    )
    ground, top, middle, above = wind_at(weather, np.array([0.0, 2_000.0, 1_000.0, 9_000.0]))
    assert ground == pytest.approx([10.0, 0.0], abs=1e-9)
    assert top == pytest.approx([0.0, 20.0], abs=1e-9)
    assert middle == pytest.approx([5.0, 10.0], abs=1e-9)
    assert above == pytest.approx(top)
    assert not wind_at(Weather(), np.array([0.0])).any()


def test_a_balloon_goes_where_the_wind_goes() -> None:
    weather = Weather(wind=(WindLayer(pressure_altitude_m=0, from_deg=225, speed_mps=12.0),))
    flight = Flight(
        name="b", object_class="balloon", drifts=True,
        path=(Waypoint(latitude_deg=54.0, longitude_deg=25.0, pressure_altitude_m=4_000),),
    )  # fmt: skip
    begin, end = Motion(flight, 700.0, 0.0, weather).at(np.array([0.0, 600.0]))
    azimuth, _, far_m = GEOD.inv(begin[1], begin[0], end[1], end[0])
    assert far_m == pytest.approx(7_200.0, rel=0.01)
    assert azimuth == pytest.approx(45.0, abs=0.5)
    assert begin[3] == pytest.approx(12.0)


def plots_of(radar: Radar, world: Scenario) -> list[dict[str, Any]]:
    emitter = SimulatedRadar(radar, [], 0, world, 1)
    rows: list[dict[str, Any]] = emitter._plots.to_pylist()
    return rows


SITE = Radar(
    sensor_id="r", sac=1, sic=1, latitude_deg=55.0, longitude_deg=20.0, height_hae_m=100.0,
    false_plots=0.0, period_s=4.0,
)  # fmt: skip


def test_rain_is_where_the_wind_has_brought_it() -> None:
    rain = Rain(
        latitude_deg=55.4, longitude_deg=20.0, radius_m=6_000.0, plots_per_scan=40, loss=0.6
    )
    weather = Weather(
        rain=(rain,), wind=(WindLayer(pressure_altitude_m=3_000, from_deg=270, speed_mps=30),)
    )
    world = scenario(duration_s=600.0, weather=weather)
    rows = plots_of(SITE, world)
    assert len(rows) == pytest.approx(40 * 150, rel=0.1)
    for row in rows[::97]:
        centre = rain_at(weather, rain, np.array([row["valid_ns"] / SECOND_NS]))[0]
        lon, lat, _ = GEOD.fwd(20.0, 55.0, np.degrees(row["azimuth_rad"]), row["range_m"])
        _, _, off_m = GEOD.inv(lon, lat, centre[1], centre[0])
        assert off_m < 6_600.0  # and how far it goes within a scan
    inside = np.array([[55.4, 20.0], [54.0, 20.0]])
    assert lost_in_rain(weather, np.zeros(2), inside) == pytest.approx([0.6, 0.0])


def test_the_sea_is_in_its_sector() -> None:
    sea = SeaClutter(plots_per_scan=30, within_m=25_000.0, sector_deg=(300.0, 30.0))
    rows = plots_of(msgspec.structs.replace(SITE, sea=sea), scenario())
    azimuths = np.degrees([row["azimuth_rad"] for row in rows])
    assert len(rows) == pytest.approx(30 * 15, rel=0.2)
    assert ((azimuths >= 300.0) | (azimuths <= 30.0)).all()
    assert max(row["range_m"] for row in rows) <= 25_000.0


# ---------------------------------------------------------------------------- ears and eyes


def test_a_microphone_points_to_where_the_sound_came_from() -> None:
    flight = Flight(
        name="d", object_class="drone_long_range",
        path=(
            Waypoint(latitude_deg=55.0, longitude_deg=19.95, speed_mps=50, pressure_altitude_m=300),
            Waypoint(latitude_deg=55.0, longitude_deg=20.10),
        ),
    )  # fmt: skip
    from vedette.sim.scenario import Listener

    ears = Listener(
        sensor_id="e", latitude_deg=55.02, longitude_deg=20.0, bearing_sigma_deg=0.001,
        detection_probability=1.0, range_m=8_000.0,
    )  # fmt: skip
    motion = Motion(flight, 200.0)
    world = scenario(duration_s=150.0)
    decoder = codec("people").decoder("e", (), None)
    lags = []
    for chunk in SimulatedListener(ears, [motion], 0, world, 1).chunks(0):
        told = msgspec.json.decode(chunk.data)
        at_s = told["valid_ns"] / SECOND_NS
        now = motion.at(np.array([at_s]))[0]
        azimuth, _, far_m = GEOD.inv(20.0, 55.02, now[1], now[0])
        then = motion.at(np.array([at_s - np.hypot(far_m, 300.0) / 340.0]))[0]
        if np.isnan(then[0]):
            continue
        late, _, _ = GEOD.inv(20.0, 55.02, then[1], then[0])
        assert abs((told["bearing_deg"] - late + 180) % 360 - 180) < 1.5
        lags.append(abs((told["bearing_deg"] - azimuth + 180) % 360 - 180))
        assert decoder.decode(chunk.data, chunk.received_ns, 0).plots.num_rows == 1
    assert max(lags) > 3.0  # or nothing above would have shown that sound takes its time


def test_people_tell_of_what_is_near_later_and_once() -> None:
    from vedette.sim.scenario import People

    place = People(
        place="P", latitude_deg=55.0, longitude_deg=20.0, count=200, spread_m=500.0, reports=0.5,
        delay_s=10.0,
    )  # fmt: skip
    near = Motion(hovering(55.01, 20.0, 300.0, "drone_long_range"), 600.0)
    far = Motion(hovering(55.9, 20.0, 300.0, "drone_long_range"), 600.0)
    world = scenario(duration_s=600.0)
    lines = list(SimulatedPeople((place,), [near, far], 0, world, 1).chunks(0))
    told = [msgspec.json.decode(chunk.data) for chunk in lines]
    assert len(told) == pytest.approx(100, rel=0.3)
    assert len({one["reporter"] for one in told}) == len(told)
    assert all(abs((one["bearing_deg"] + 180) % 360 - 180) < 120 for one in told)
    waits = [chunk.received_ns - one["valid_ns"] for chunk, one in zip(lines, told, strict=True)]
    assert np.mean(waits) / SECOND_NS == pytest.approx(10.0, rel=0.4)
    assert SimulatedPeople((place,), [far], 0, world, 1).chunks(0).__next__ is not None
    assert not list(SimulatedPeople((place,), [far], 0, world, 1).chunks(0))


# ---------------------------------------------------------------------------- interference and links


def test_navigation_is_disturbed_inside_the_circle_alone_and_at_its_times() -> None:
    flight = msgspec.structs.replace(
        hovering(55.0, 20.0, 9_000.0, "airliner"),
        path=(
            Waypoint(
                latitude_deg=55.0, longitude_deg=19.0, speed_mps=250, pressure_altitude_m=9_000
            ),
            Waypoint(latitude_deg=55.0, longitude_deg=22.0),
        ),
        transponder=Transponder(icao24="461e01", mode3a="2001"),
    )
    motion = Motion(flight, 900.0)
    area = Interference(
        latitude_deg=55.0, longitude_deg=20.0, radius_m=20_000.0,
        does=Deception(kind="elsewhere", to=(60.0, 30.0), after_s=0.0, until_s=300.0),
    )  # fmt: skip
    navigation, rng = Navigation(motion, [area]), np.random.default_rng(1)
    for second in range(0, 800, 10):
        truth = motion.at(np.array([float(second)]))[0]
        _, _, off_m = GEOD.inv(truth[1], truth[0], 20.0, 55.0)
        told, accuracy = navigation.at(float(second), rng)
        assert accuracy == SOUND
        deceived = abs(told[0] - truth[0]) > 1.0
        if abs(off_m - 20_000.0) > 300.0:
            assert deceived == (off_m < 20_000.0 and second < 300)
    jam = msgspec.structs.replace(area, does=Deception(kind="jam"))
    _, accuracy = Navigation(motion, [jam]).at(250.0, rng)
    assert accuracy == JAMMED


def lines(seconds: int) -> ReportLines:
    from vedette.feeds.decoder import Chunk

    return ReportLines(
        [Chunk(second * SECOND_NS, str(second).encode()) for second in range(seconds)]
    )


def arrived(
    link: Link | None, outages: tuple[tuple[float, float], ...] = ()
) -> list[tuple[int, int]]:
    troubled = Troubled(lines(100), outages, link, 0, [1])
    everything = list(troubled.chunks(0))
    assert list(troubled.chunks(7)) == everything[7:]
    return [(int(chunk.data), chunk.received_ns // SECOND_NS) for chunk in everything]


def test_links_break_as_they_are_said_to() -> None:
    assert [sent for sent, _ in arrived(Link(feed="x", cut=((20.0, 40.0),)))] == [
        *range(20), *range(40, 100),
    ]  # fmt: skip
    held = arrived(Link(feed="x", cut=((20.0, 40.0),), held=True))
    assert [sent for sent, _ in held] == list(range(100))
    assert {at for sent, at in held if 20 <= sent <= 40} == {40}
    assert all(at == sent + 3 for sent, at in arrived(Link(feed="x", delay_s=3.0)))
    assert 60 < len(arrived(Link(feed="x", loss=0.25))) < 90
    assert [sent for sent, _ in arrived(None, ((10.0, 99.0),))] == [*range(10), 99]


# ---------------------------------------------------------------------------- what is wrong is told with its place

GOOD = SMALL.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('mode3a: "2001"', "mode3a: 2001", r"flights\[1\].transponder.mode3a.*in quotes"),
        ('mode3a: "2001"', 'mode3a: "2891"', r"flights\[1\] \(GEN1\).*four octal digits"),
        ("icao24: 461e01", "icao24: 61e1", r"flights\[1\] \(GEN1\).*six hexadecimal"),
        ("sensor_id: radar-2", "sensor_id: radar-1", r"'radar-1' stands 2 times"),
        ("sac: 250, sic: 2", "sac: 250, sic: 1", r"SAC/SIC 250/1 stands 2 times"),
        ("- name: GEN2", "- name: GEN1", r"flights: the name 'GEN1' stands 2 times"),
        ("period_s: 5, false", "period_s: 5, outages: [[9, 3]], false", r"radars\[0\].outages\[0\]"),
        ('start: "2025-09-19T06:57:00Z"', "start: soon", r"start 'soon' is no time: write it as"),
        ("movable: true", "drifts: true", r"flights\[0\] \(jet\): drifts from one point"),
        ("duration_s: 240", "duration_s: 240\nlinks: [{feed: radar-9}]", r"links\[0\].feed 'radar-9'.*there are"),
        ("duration_s: 240", "duration_s: 240\nweather: {wnid: []}", r"unknown field `wnid` - at `\$.weather`"),
        ("duration_s: 240", "duration_s: 240\nterrain: [{path: [[1, 2]], height_hae_m: 9}]", r"terrain"),
        ("duration_s: 240", "duration_s: [", r"no YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_scenario_is_told_with_its_place(
    was: str, now: str, words: str
) -> None:
    assert was in GOOD
    with pytest.raises(SourceError, match=words):
        read_scenario(GOOD.replace(was, now, 1).encode(), "x.yaml")
