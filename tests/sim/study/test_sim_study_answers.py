"""Answers, their intervals, the gallery, what tells most, the edge, and the commands that print them."""

import json
import xml.etree.ElementTree as ET
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vedette.airspace.sovereign import sovereign_airspace
from vedette.app.cli import cli
from vedette.model.errors import SettingError, SourceError
from vedette.sim.study.answer import answer
from vedette.sim.study.base import shipped_bases
from vedette.sim.study.calibration import calibration
from vedette.sim.study.comparison import WAYS, comparison
from vedette.sim.study.draws import Draws
from vedette.sim.study.edge import edge, edge_intruders, readiness
from vedette.sim.study.estimate import gain, share
from vedette.sim.study.life import live
from vedette.sim.study.sensitivity import sensitivity
from vedette.sim.study.study import gallery, named, read_study
from vedette.sim.study.times import shipped_times

TIMES = shipped_times()
flags = hnp.arrays(np.bool_, st.integers(1, 60))


@given(flags, st.data())
def test_what_is_gained_is_the_difference_of_the_shares(before, data):
    after = data.draw(hnp.arrays(np.bool_, len(before)))
    found = gain(before, after)
    assert found.value == pytest.approx(share(after).value - share(before).value)
    assert found.low <= found.value <= found.high or len(before) < 10
    # the same luck cannot tell less than luck of its own: what is the same in both cancels
    assert gain(before, before).value == 0.0


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(4)
    held = gained = 0
    for _ in range(400):
        u = rng.random(200)
        one = share(u < 0.3)
        held += one.low <= 0.3 <= one.high
        two = gain(u < 0.3, (u < 0.3) | (rng.random(200) < 0.1))
        gained += two.low <= 0.07 <= two.high
    assert 0.92 <= held / 400 <= 0.98
    assert 0.92 <= gained / 400 <= 0.985


def test_an_answer_adds_up_and_comes_again_the_same():
    study = named("estonia-september-2025")
    one, two = (answer(study, TIMES, 3, 500) for _ in range(2))
    assert msgspec.json.encode(one) == msgspec.json.encode(two)
    goal = next(step for step in one.steps if step.step == one.goal)
    assert sum(late.share.value for late in one.late) + goal.in_time.value == pytest.approx(1.0)
    for change in one.changes:
        assert change.gain.value == pytest.approx(change.in_time.value - goal.in_time.value)
        assert change.gains[one.goal] == change.gain
    assert msgspec.json.encode(answer(study, TIMES, 4, 500)) != msgspec.json.encode(one)


def test_what_decided_oserdow_was_no_speed_of_people():
    found = answer(named("oserdow-2024"), TIMES, 1, 1_000, ["delegation", "raised", "silence"])
    assert all(change.in_time.value == 0.0 for change in found.changes)


def test_the_only_thing_that_varies_tells_everything():
    plain = named("gaigalava-2024")
    sure = {"values": [1.0], "sigma": 1e-9}
    intruder = msgspec.structs.replace(
        plain.intruder,
        **{name: msgspec.convert(sure | {"values": [value]}, type(plain.intruder.speed_mps))
           for name, value in (("speed_mps", 50.0), ("height_agl_m", 300.0), ("inside_s", 1e-3))},
    )  # fmt: skip
    # gone at once: in time only if it was seen before, which the luck of one radar decides
    study = msgspec.structs.replace(
        plain, intruder=intruder, watch=msgspec.structs.replace(plain.watch, sees=0.5)
    )
    found = sensitivity(study, TIMES, 1, "seen", power=7)
    assert found.indices[0].name == "radar radar of the east sees"
    assert found.indices[0].total.value == pytest.approx(1.0, abs=0.05)
    assert sum(index.first.value for index in found.indices[1:]) < 0.1
    with pytest.raises(SettingError, match="council"):
        sensitivity(study, TIMES, 1, "council")


def test_published_facts_that_do_not_fit_are_explained():
    found = calibration(gallery().values(), TIMES, 1, 1_500)
    assert found.steps + found.ways >= 20
    assert 0 < found.anchors < found.steps
    assert found.outcomes >= 25
    misfits = [row for row in found.rows if not row.fits]
    assert misfits
    assert all(row.why for row in misfits), [row.what for row in misfits if not row.why]
    assert found.brier < 0.25


def test_every_study_states_its_assumptions_and_sources():
    for study in gallery().values():
        publishers = {source.publisher.split(",")[0].split(" /")[0] for source in study.sources}
        assert publishers
        for base in study.bases():
            assert base[1] is not None
        assert all(fact.words and fact.source for fact in study.published)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("state: POL", "state: Poland", "state"),
        ("state: POL", "state: PLO", "is it POL"),
        ("asked: correlated", "asked: never", "asked"),
        ("{values: [39], sigma: 0.05}", "{triangular: [3, 2, 1]}", "low, mode and high must rise"),
        ("{values: [39], sigma: 0.05}", "{values: [39], lognormal: [3, 1]}", "give one of"),
        ("base: EPLK", "base: EPXX", "EPXX"),
        ("object_class: cruise_missile", "object_class: dragon", "object_class"),
        ("goal: looked_at", "goal: looked_at\nweapons: many", "weapons"),
        ("goal: looked_at", "goal: looked_at\ngoal: seen", "twice"),
        ("goal: looked_at", "goal: [", "line"),
    ],
)
def test_a_study_that_is_wrong_says_where(old, new, said, tmp_path):
    from importlib.resources import files

    folder = files("vedette") / "data" / "studies" / "gallery"
    text = (folder / "oserdow-2024.yaml").read_text("utf-8")
    assert old in text
    wrong = text.replace(old, new, 1)
    with pytest.raises(SourceError, match=said):
        read_study("x.yaml", wrong.encode())


def test_ways_of_deciding_stand_in_the_order_that_their_rules_give():
    study = named("poland-september-2025")
    council = msgspec.structs.replace(study.council, objects=0.03, abstains=0.02)
    found = comparison(msgspec.structs.replace(study, council=council), TIMES, 1, 400)
    ways = {way.name: way for way in found.ways}
    assert list(ways) == [way.name for way in WAYS]
    silences = [ways[f"silence of {h:g} h"] for h in (2, 12, 24, 48, 72)]
    for short, long in pairwise(silences):
        assert short.decided.value >= long.decided.value
        assert short.unheard.value >= long.unheard.value
    beforehand = ways["shield or delegation agreed beforehand"]
    ad_hoc = ways["shield or delegation agreed ad hoc"]
    everybody = ways["unanimity, everybody speaks"]
    assert beforehand.in_time.value > ad_hoc.in_time.value
    assert (
        ad_hoc.decided.value <= everybody.decided.value <= ways["unanimity less one"].decided.value
    )
    # what takes everybody's own word cannot be adopted over one
    assert everybody.unheard.value == ad_hoc.unheard.value == 0.0


def test_the_edge_lies_between_a_member_and_what_belongs_to_none():
    zones = sovereign_airspace()
    places = edge(zones, 150e3, ["CZE", "LUX", "POL", "EST"])
    states = {place.state for place in places}
    assert states == {"CZE", "POL", "EST"}  # Luxembourg has members around it alone
    assert {place.beyond for place in places if place.state == "CZE"} == {"AUT"}
    assert {"BLR", "UKR", "RUS"} <= {place.beyond for place in places if place.state == "POL"}
    with pytest.raises(SettingError, match="RUS"):
        edge(zones, 150e3, ["RUS"])


def test_postures_that_add_something_are_no_worse_anywhere():
    places = edge(sovereign_airspace(), 150e3, ["EST", "LVA"])
    found = list(readiness(places, edge_intruders()["drone"], TIMES, 1, 100))
    assert len(found) == len(places)
    for one in found:
        shares = {posture: estimate.value for posture, estimate in one.in_time.items()}
        assert shares["alone"] <= shares["alert"]
        assert max(shares["raised"], shares["delegation"], shares["patrol"]) >= shares["alert"]
        assert min(shares["raised"], shares["delegation"], shares["patrol"]) >= shares["alert"]
    assert one.nearest in shipped_bases()
    doubts = next(readiness(places[:1], edge_intruders()["drone"], TIMES, 1, 100, doubts=True))
    assert doubts.in_time["alert"].value <= found[0].in_time["alert"].value


def test_half_the_airborne_come_before_the_stated_middle():
    # the study's times are those of the rule set: the median of its triangle, from its own distribution
    lived = live(named("helios-2005"), TIMES, Draws(1, 0, 20_000), council=False)
    took = lived.done_s["airborne"] - lived.done_s["launch_decided"]
    low, mode, high = TIMES.priors["airborne"].triangular
    assert took.min() >= low
    assert took.max() <= high
    assert np.mean(took) == pytest.approx((low + mode + high) / 3, rel=0.01)


# -- commands ------------------------------------------------------------------------------------


def run(*words, code=0):
    result = CliRunner().invoke(cli, ["sim", *words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def test_commands_print_what_json_holds_and_draw_it(tmp_path):
    listed = run("study").stdout
    assert all(name in listed for name in gallery())
    picture = tmp_path / "a.svg"
    words = (
        "study",
        "zagreb-2022",
        "--worlds",
        "300",
        "--change",
        "neighbour",
        "--picture",
        str(picture),
    )
    told = run(*words).stdout
    data = json.loads(run(*words, "--json").stdout)
    assert f"{100 * data['answer']['changes'][0]['in_time']['value']:5.1f} %" in told
    assert "assumed: " in told
    drawn = ET.fromstring(picture.read_text("utf-8"))
    letters = "".join(drawn.itertext())
    assert named("zagreb-2022").assumptions[0][:40] in letters
    for verb, more in (
        ("compare", ["zagreb-2022"]),
        ("calibrate", ["zagreb-2022", "oserdow-2024"]),
    ):
        run(verb, *more, "--worlds", "200", "--picture", str(picture))
        ET.fromstring(picture.read_text("utf-8"))
        assert json.loads(run(verb, *more, "--worlds", "200", "--json").stdout)["worlds"] == 200


def test_the_map_is_drawn_for_one_state(tmp_path):
    picture = tmp_path / "map.svg"
    told = run(
        "map", "--state", "EST", "--worlds", "50", "--spacing", "200", "--picture", str(picture)
    ).stdout
    assert "EST" in told
    ET.fromstring(picture.read_text("utf-8"))
    assert "EEEI" in run("map", "--bases").stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("study", "nowhere-1999"), SettingError),
        (("study", "no/such.yaml"), SourceError),
        (("study", "zagreb-2022", "--worlds", "9", "--goal", "victory"), SettingError),
        (("study", "zagreb-2022", "--worlds", "9", "--change", "luck"), SettingError),
        (("study", "zagreb-2022", "--worlds", "9", "--change", "without:RUS"), SettingError),
        (("map", "--intruder", "dragon"), SettingError),
        (("map", "--state", "EST", "--goal", "council"), SettingError),
        (("map", "--state", "EST", "--posture", "luck"), SettingError),
    ],
)
def test_a_wrong_word_is_told(words, error):
    with pytest.raises(error):
        run(*words)
