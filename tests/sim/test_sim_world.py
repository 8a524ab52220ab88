"""Simulated worlds: the seed decides all of it, and what the sensors say is near the truth."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.app.worlds import bundled_world, world_of_file
from vedette.feeds.asterix.decoder import AsterixDecoder
from vedette.model.errors import SourceError
from vedette.model.frames import geodetic_to_polar
from vedette.model.time import SECOND_NS
from vedette.sim.motion import Motion
from vedette.sim.scenario import Flight, Variation, Waypoint, read_scenario
from vedette.sim.world import World

SMALL = Path(__file__).parent / "small.yaml"


def chunks(world: World) -> list[tuple[str, int, bytes]]:
    return [
        (feed.spec.feed_id, chunk.received_ns, chunk.data)
        for feed in world.feeds
        for chunk in feed.emitter.chunks(0)
    ]


def test_the_seed_decides_every_byte() -> None:
    first = chunks(world_of_file(SMALL, Variation(seed=4)))
    assert first == chunks(world_of_file(SMALL, Variation(seed=4)))
    assert first != chunks(world_of_file(SMALL, Variation(seed=5)))


def test_a_feed_goes_on_where_it_was() -> None:
    for feed in world_of_file(SMALL, Variation()).feeds:
        everything = list(feed.emitter.chunks(0))
        assert list(feed.emitter.chunks(7)) == everything[7:]


def test_radar_plots_of_the_jet_lie_at_the_jet() -> None:
    world = world_of_file(SMALL, Variation())
    radar = world.scenario.radars[0]
    site = (radar.latitude_deg, radar.longitude_deg, radar.height_hae_m)
    decoder = AsterixDecoder("radar-1", world.sensors, None)
    feed = next(feed for feed in world.feeds if feed.spec.feed_id == "radar-1")
    jet = world.motions[0]
    near = total = 0
    for chunk in feed.emitter.chunks(0):
        plots = decoder.decode(chunk.data, chunk.received_ns, 0).plots
        for row in plots.to_pylist():
            if row["kind"] != "psr":
                continue
            state = jet.at(np.array([(row["valid_ns"] - world.start_ns) / SECOND_NS]))
            polar = geodetic_to_polar(site, state[:, :3])[0]
            across_m = abs(row["azimuth_rad"] - polar[1]) * polar[0]
            total += 1
            near += (
                abs(row["range_m"] - polar[0]) < 400
                and across_m < 5 * radar.azimuth_sigma_rad * polar[0]
            )
    assert total > 60  # the jet each 5 s, and one false plot a turn
    assert near > 35


@settings(max_examples=25)
@given(
    st.floats(-70, 70),
    st.floats(-170, 170),
    st.floats(0, 360),
    st.floats(60, 700),
    st.floats(20, 300),
)
def test_a_flight_keeps_its_speed_over_the_ground(
    lat: float, lon: float, course_deg: float, speed_mps: float, length_s: float
) -> None:
    geod = Geod(ellps="WGS84")
    to_lon, to_lat, _ = geod.fwd(lon, lat, course_deg, speed_mps * (length_s + 60))
    if abs(to_lon - lon) > 90:
        return  # over the antimeridian the two ends compare badly, the way itself is tested elsewhere
    flight = Flight(
        name="f",
        object_class="airliner",
        path=(
            Waypoint(
                latitude_deg=lat, longitude_deg=lon, speed_mps=speed_mps, pressure_altitude_m=0.0
            ),
            Waypoint(latitude_deg=to_lat, longitude_deg=to_lon),
        ),
    )
    states = Motion(flight, length_s + 30).at(np.array([1.0, 1.0 + length_s]))
    _, _, flown_m = geod.inv(states[0, 1], states[0, 0], states[1, 1], states[1, 0])
    assert abs(flown_m - speed_mps * length_s) < 1.0 + 0.002 * speed_mps * length_s


def test_what_is_left_out_is_not_there() -> None:
    everything = {feed.spec.feed_id for feed in bundled_world("gulf_of_finland", Variation()).feeds}
    assert everything == {"radar-1", "radar-2", "radar-3", "ads-b-1", "reports"}
    without = Variation(without=("asterix",), drop=("ads-b-1",))
    left = {feed.spec.feed_id for feed in bundled_world("gulf_of_finland", without).feeds}
    assert left == {"reports"}


@pytest.mark.parametrize(
    "text", [b"title: x", b"[1", b"title: 3\nlabel: 4\nstart: x\nduration_s: no"]
)
def test_a_scenario_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(SourceError, match="scenario"):
        read_scenario(text, "x.yaml")
