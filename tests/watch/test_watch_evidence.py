"""Evidence after the fact: the smoothed path, its band, and the figure that shows them."""

import xml.etree.ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest

from vedette.app.evidence_figure import Figure, draw
from vedette.bench import watch as scenes
from vedette.engine.measurements import Measured
from vedette.model.time import SECOND_NS
from vedette.watch.evidence import band_m, evidence
from vedette.watch.settings import WatchSettings

STRIP = scenes.index(
    scenes.area("strip", [(-200e3, 0.0), (200e3, 0.0), (200e3, 5_100.0), (-200e3, 5_100.0)])
)


@pytest.fixture(scope="module")
def scene():
    seen = scenes.tracked(scenes.straight(300.0, 0.0, (0.0, 0.0)), -100.0, 70.0, 20, 11)
    names = [f"T{k:04d}" for k in range(20)]
    tables = [scenes.row_table(seen, tick, names) for tick in range(len(seen.times_s))]
    return seen, scenes.watch(seen, STRIP), pa.concat_tables(tables)


def test_the_band_holds_the_true_distance_about_95_times_in_100(scene):
    _, _, table = scene
    found = evidence(WatchSettings(), table, STRIP, ("strip", "none of ours"))
    assert len(found) == 20
    held = looked = 0
    for one in found:
        assert set(one.profiles) == {"strip"}
        at_s = (one.path.times_ns - scenes.START_NS) / SECOND_NS
        here = np.abs(at_s) < 30.0
        north_m = 300.0 * at_s[here]
        true_m = np.minimum(north_m, 5_100.0 - north_m)
        low, high = band_m(one.profiles["strip"])
        # the border is where it was drawn: the band has its doubt as well, so it holds more
        held += ((low[here] <= true_m) & (true_m <= high[here])).sum()
        looked += here.sum()
    assert held / looked > 0.93


def test_smoothing_backwards_narrows_what_was_known_at_the_time(scene):
    seen, _, table = scene
    (one, *_) = evidence(WatchSettings(), table, STRIP, ("strip",))
    at_ns = scenes.START_NS
    row = int(np.argmin(np.abs(one.path.times_ns - at_ns)))
    tick = int(np.argmin(np.abs(seen.times_s)))
    assert one.path.covariance[row, 1, 1] < seen.covariance[tick, 0, 1, 1]


def test_the_figure_is_an_image_with_words_for_those_who_cannot_see_it(scene):
    _, watched, table = scene
    incident = min(watched.last().values(), key=lambda i: i.track_id)
    found = evidence(WatchSettings(), table, STRIP, ("strip",))
    mine = [one for one in found if one.track_id == incident.track_id]
    path = mine[0].path
    plots = Measured("r<1>", "psr", path.times_ns[::10], path.state[::10, 0], path.state[::10, 1])
    text = draw(Figure(incident, "Incident <&>", "RECONSTRUCTION", "source", mine, [plots], STRIP))
    root = ET.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{name}svg"
    assert root.find(f"{name}title").text == "Incident <&>"
    assert root.find(f"{name}desc").text.startswith("2025-09-19, EST: in 06:58:0")
    assert "s inside" in root.find(f"{name}desc").text
    words = " ".join(item.text or "" for item in root.iter(f"{name}text"))
    for word in ("EST", "in 06:58:0", "out 06:58:1", "r<1>", "RECONSTRUCTION", "km"):
        assert word in words
    assert "nan" not in text
    assert text == draw(
        Figure(incident, "Incident <&>", "RECONSTRUCTION", "source", mine, [plots], STRIP)
    )
