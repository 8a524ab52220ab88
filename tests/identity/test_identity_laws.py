"""What holds for any input."""

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.identity import _kernels, classes, evidence
from vedette.identity.assess import explain, initial, step, told_rows
from vedette.identity.history import EMITTERS, ROW
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CIVIL, phases
from vedette.model.assessment import CLASSES, CREWED_CIVIL
from vedette.model.plot import EMERGENCIES
from vedette.model.report import AtsReport, FlightPlan, Sighting, Subject
from vedette.model.time import SECOND_NS
from vedette.model.track import TRACK, tracks

SETTINGS = IdentitySettings()
T0 = 1_758_265_080 * SECOND_NS
MACHINE = {"pending", "unknown", "assumed_friend", "friend", "neutral"}


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | values


number = st.floats(-1e4, 1e4, allow_nan=False)
odd_row = st.fixed_dictionaries(
    {
        "latitude_deg": st.floats(-90, 90),
        "longitude_deg": st.floats(-180, 180),
        "height_hae_m": maybe(number),
        "pressure_altitude_m": maybe(number),
        "height_sigma_m": maybe(st.floats(0, 1e5)),
        "east_mps": number,
        "north_mps": number,
        "up_mps": maybe(number),
        "covariance": st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=10),
        "status": st.sampled_from(["tentative", "confirmed", "coasting", "ended"]),
        "updates": st.integers(0, 10_000),
        "kinds": st.lists(
            st.sampled_from(["psr", "ssr", "mode_s", "ads_b", "mlat", "odd"]), max_size=3
        ),
        "icao24": maybe(st.sampled_from([0, 1, 0x3C4A1B, 0x4CA123, 0xAE1234, 0xFFFFFF])),
        "mode3a": maybe(st.sampled_from([0, 0o7500, 0o7600, 0o7700, 0o7000, 0o1234, 0o7777])),
        "callsign": maybe(
            st.sampled_from(["", " ", "AFR1234", "GAF612", "DABCD", "ÄÖ?", "AFR 1234 "])
        ),
        "emitter_category": maybe(st.sampled_from([*EMITTERS, "Z9"])),
        "emergency": maybe(st.sampled_from([*EMERGENCIES, "odd"])),
        "military_reply": maybe(st.sampled_from(["friend", "unknown"])),
        "nic": maybe(st.integers(0, 11)),
        "nac_p": maybe(st.integers(0, 11)),
        "on_ground": maybe(st.booleans()),
        "cooperative_ns": maybe(st.sampled_from([0, T0, T0 + 10 * SECOND_NS])),
        "class_hint": maybe(st.sampled_from([*CLASSES, "odd"])),
        "class_confidence": maybe(st.floats(0, 1)),
        "merged_into": maybe(st.sampled_from(["t0", "t1", "t9"])),
    }
)
subject = st.builds(
    Subject,
    track_id=maybe(st.sampled_from(["t0", "t1", "t7"])),
    icao24=maybe(st.sampled_from(["3c4a1b", "zz", ""])),
    callsign=maybe(st.sampled_from(["AFR1234", ""])),
    mode3a=maybe(st.sampled_from(["1234", "7600", "9"])),
    latitude_deg=maybe(st.floats(-90, 90)),
    longitude_deg=maybe(st.floats(-180, 180)),
    pressure_altitude_m=maybe(number),
    valid_ns=maybe(st.just(T0)),
)
moment = st.sampled_from([T0 - 3600 * SECOND_NS, T0, T0 + 5 * SECOND_NS, T0 + 9999 * SECOND_NS])
report = st.one_of(
    st.builds(
        AtsReport,
        subject=subject,
        says=st.sampled_from(
            [
                "radio_contact_lost",
                "radio_contact",
                "ours",
                "not_ours",
                "distress",
                "unlawful_interference",
                "route_clearance",
                "authorised",
            ]
        ),
        unit=st.just("EETT ACC"),
        valid_ns=moment,
    ),
    st.builds(
        Sighting, subject=subject, seen=st.just("a light"), reporter=st.just("x"), valid_ns=moment
    ),
    st.builds(
        FlightPlan,
        callsign=st.sampled_from(["AFR1234", "", "DABCD"]),
        icao24=maybe(st.sampled_from(["3c4a1b", "zz"])),
        mode3a=maybe(st.sampled_from(["1234", "9"])),
        departure=st.just("EFHK"),
        destination=st.just("LFPG"),
        departure_ns=moment,
        arrival_ns=moment,
        cruise_pressure_altitude_m=maybe(number),
        route=st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=3).map(tuple),
        filed_ns=moment,
    ),
)


def table_of(rows: list[dict], t: int, order: list[int]) -> pa.Table:
    full = [
        row
        | {
            "track_id": f"t{index}",
            "valid_ns": T0 + t * SECOND_NS,
            "birth_ns": T0,
            "updated_ns": T0 + t * SECOND_NS,
            "sensors": ["a"],
        }
        for index, row in enumerate(rows)
    ]
    return tracks(**{name: [full[at][name] for at in order] for name in full[0]})


@settings(max_examples=25)
@given(st.lists(st.lists(odd_row, min_size=3, max_size=3), min_size=1, max_size=3))
def test_the_quick_way_to_probabilities_is_that_of_the_ledger_to_the_bit(ticks):
    state = initial(SETTINGS)
    for t, rows in enumerate(ticks):
        now_ns = T0 + 5 * t * SECOND_NS
        state, _ = step(SETTINGS, state, table_of(rows, 5 * t, [0, 1, 2]), [], [], now_ns)
        told = told_rows(state.rows)
        logs = classes.factors(SETTINGS, state.rows, told, now_ns)
        slow = classes.probabilities(SETTINGS, logs)
        assert slow.tobytes() == classes.judged(SETTINGS, state.rows, told, now_ns).tobytes()


@given(
    st.floats(0, 900), st.floats(0, 80), maybe(st.floats(-100, 20_000)), maybe(st.floats(-60, 60)),
    st.floats(0, 1),
)  # fmt: skip
def test_what_a_sample_says_of_a_class_is_the_sum_of_its_boxes(speed, sigma, height, climb, share):
    kept, parts = phases(), [0.003 / 1_000.0] * len(CLASSES)
    given_ = [(speed, 0, lambda b: 5.0 + 0.08 * b[1] + 2.0 * sigma)]
    flat = 1.0
    if height is not None:
        given_.append((height, 2, lambda b: 150.0 + 0.05 * b[3]))
        flat /= 30_000.0
    if climb is not None:
        given_.append((climb, 4, lambda b: 1.5 + 0.1 * max(-b[4], b[5])))
        flat /= 200.0
    parts = [part * flat for part in parts]
    for owner, weight, box in zip(kept.owners, kept.weights, kept.boxes, strict=True):
        density = 1.0
        for value, at, shoulder in given_:
            corners = box[at] - shoulder(box), box[at], box[at + 1], box[at + 1] + shoulder(box)
            top = 1.0 / (box[at + 1] - box[at] + shoulder(box))
            density *= top * np.interp(value, corners, (0.0, 1.0, 1.0, 0.0))
        parts[owner] += weight * density
    wanted = np.maximum(np.log(parts) - np.log(max(parts)), -12.0)
    found = np.full((1, len(CLASSES)), -1.0)
    one = [np.array([np.nan if v is None else v]) for v in (speed, sigma, height, climb, share)]
    room = np.empty(len(CLASSES))
    _kernels.learn_phases(*one, kept.owners, kept.weights, kept.boxes, room, found)
    np.testing.assert_allclose(found[0], -1.0 + share * (wanted + 1.0), rtol=1e-9, atol=1e-9)


@settings(max_examples=25)
@given(
    st.lists(st.lists(odd_row, min_size=2, max_size=2), min_size=1, max_size=3),
    st.lists(report, max_size=4),
    st.randoms(use_true_random=False),
)
def test_any_input_gives_sound_answers_that_do_not_depend_on_order(ticks, reports, chance):
    one, two = initial(SETTINGS), initial(SETTINGS)
    for t, rows in enumerate(ticks):
        straight = list(range(len(rows)))
        shuffled, other = straight[:], reports[:]
        chance.shuffle(shuffled)
        chance.shuffle(other)
        now_ns = T0 + 5 * t * SECOND_NS
        before = one.rows.copy()
        state, out = step(SETTINGS, one, table_of(rows, 5 * t, straight), reports, [], now_ns)
        again = step(SETTINGS, one, table_of(rows, 5 * t, straight), reports, [], now_ns)[1]
        for name in ROW.names:  # the old state is as it was
            assert before[name].tobytes() == one.rows[name].tobytes()
        assert msgspec.json.encode(out) == msgspec.json.encode(again)
        two, turned = step(SETTINGS, two, table_of(rows, 5 * t, shuffled), other, [], now_ns)
        assert msgspec.json.encode(turned) == msgspec.json.encode(out)
        one = state
        for given_out in out:
            full = explain(one, given_out.track_id)
            assert full is not None
            assert full.ledgers  # told in full alone
            reasons = {"evidence": (), "doubts": (), "ledgers": (), "what_if": ()}
            assert msgspec.structs.replace(full, **reasons) == given_out
            chances = given_out.class_probabilities
            assert tuple(chances) == CLASSES
            assert abs(sum(chances.values()) - 1.0) < 1e-9
            assert all(0.0 <= value <= 1.0 for value in chances.values())
            assert given_out.identity in MACHINE
            assert given_out.civil in ("confirmed", "possible")
            assert all(np.isfinite(reason.log_odds) for reason in full.evidence)
            assert all(r.source and r.statement and r.would_change for r in full.evidence)


def civil_share(assessment) -> float:
    return sum(assessment.class_probabilities[name] for name in CREWED_CIVIL)


@settings(max_examples=15)
@given(
    st.floats(0, 700),
    st.floats(0, 20_000),
    st.floats(-40, 40),
    st.sampled_from(["address", "callsign", "code", "category", "need", "plan", "ats", "field"]),
    st.sampled_from(["A1", "A2", "A3", "A4", "A5", "B1", "B4"]),
)
def test_a_civil_indication_never_lowers_the_civil_probability(
    sky, speed, height, climb, kind, category
):
    plain = {
        "velocity_mps": (0.0, speed),
        "height_m": height,
        "climb_mps": 0.0,
        "kinds": ("mode_s",),
    }
    more = dict(plain)
    reports = {}
    if kind in ("plan", "callsign"):
        plain |= {"cooperative": True}
        more |= {"cooperative": True, "callsign": "AFR1234"}
    elif kind == "address":
        more |= {"cooperative": True, "icao24": 0x3C4A1B}
    elif kind == "code":
        more |= {"cooperative": True, "mode3a": 0o4321}
    elif kind == "category":
        plain |= {"cooperative": True}
        more |= {"cooperative": True, "emitter_category": category}
    elif kind == "need":
        more |= {"cooperative": True, "mode3a": 0o7600}
    elif kind == "field":
        plain |= {"cooperative": True}
        more |= {"cooperative": True, "emergency": "general"}
    world = sky(sky.Thing(**more))
    if kind == "plan":
        reports[0] = [world.plan()]
    if kind == "ats":
        reports[10] = [world.ats("ours", 10, track_id="one")]
    without = sky(sky.Thing(**plain)).run(20).of()
    assert civil_share(world.run(20, reports=reports).of()) >= civil_share(without) - 1e-9


def test_in_every_table_of_civil_indications_civil_classes_gain_at_least_as_much_as_others():
    steps = [
        ("category", classes.EMITTER_LOG[0], classes.EMITTER_LOG[[1, 2, 3, 4, 5, 8, 11]]),
        ("address", classes.ADDRESS_LOG[0], classes.ADDRESS_LOG[1:2]),
        ("callsign", classes.CALLSIGN_LOG[0], classes.CALLSIGN_LOG[[1, 2]]),
        ("reply", classes.REPLY_LOG[0], classes.REPLY_LOG[1:]),
        ("code", classes.REPLY_LOG[1], classes.REPLY_LOG[2:]),
        ("route", classes.AIRWAY_LOG[0], classes.AIRWAY_LOG[1:]),
        ("register", classes.REGISTER_LOG[-1], classes.REGISTER_LOG[:4]),
        ("told", classes.TOLD_LOG[0], classes.TOLD_LOG[1:2]),
        ("alone again", classes.FORMATION_LOG, np.zeros((1, len(CLASSES)))),
    ]
    for name, before, after in steps:
        gain = after - before
        assert np.all(gain[:, CIVIL].min(axis=1) >= gain[:, ~CIVIL].max(axis=1)), name


@given(
    st.lists(st.floats(-8, 3), min_size=14, max_size=14),
    st.lists(st.floats(-8, 3), min_size=14, max_size=14),
)
def test_log_odds_of_a_factor_are_what_it_moves_the_odds_of_its_class(factor, others):
    factor_log, others_log = np.array([factor]), np.array([others])
    index, log_odds = evidence.weigh(factor_log, others_log)

    def logit(logs):
        chances = np.exp(logs - np.logaddexp.reduce(logs))
        return np.log(chances[index[0]]) - np.log(np.delete(chances, index[0]).sum())

    moved = logit(others_log[0] + factor_log[0]) - logit(others_log[0])
    np.testing.assert_allclose(log_odds[0], moved, atol=1e-6)


@settings(max_examples=6)
@given(st.sampled_from([0o7500, 0o7600, 0o7700]), st.integers(10, 60), st.booleans())
def test_falling_silent_takes_no_need_and_makes_nothing_worse(sky, code, silent_from_s, named):
    marks = {"icao24": 0x3C4A1B, "callsign": "AFR1234"} if named else {}
    thing = sky.Thing(
        kinds=("psr", "mode_s"),
        mode3a=code,
        cooperative=True,
        silent_from_s=float(silent_from_s),
        **marks,
    )
    world = sky(thing).run(silent_from_s)
    needs = world.of().needs
    assert len(needs) == 1
    world.run(silent_from_s + 60)
    assert world.of().needs == needs
    assert world.of().identity in ("neutral", "unknown")
    assert not world.of().cooperative


def test_memory_is_bounded_and_ended_tracks_are_forgotten(sky):
    small = IdentitySettings(forget_s=60.0, reports_max=10, plans_max=5, tracks_max=20)
    things = [sky.Thing(track_id=f"t{i}", born_s=2.0 * i, ends_s=2.0 * i + 4) for i in range(60)]
    world = sky(*things, settings=small)
    reports = {
        t: [
            world.ats("ours", t, callsign=f"X{t}"),
            world.plan(callsign=f"Y{t}"),
            world.ats("distress", t, track_id=f"t{t // 2}"),
        ]
        for t in range(0, 120, 2)
    }
    world.run(120, reports=reports)
    state = world.state
    assert len(state.told) <= 10
    assert len(state.plans) <= 5
    assert len(state.ids) + len(state.lost_ids) <= 23
    world.run(400)
    assert (state := world.state).ids == []
    assert state.lost_ids == []
    assert state.dossiers == {}
    assert explain(state, "t1") is None


def test_an_empty_picture_is_no_error():
    state, out = step(SETTINGS, initial(SETTINGS), TRACK.empty_table(), [], [], T0)
    assert out == []
    assert explain(state, "none") is None


def test_repeated_samples_of_one_flight_do_not_make_certainty_grow_without_end(sky):
    world = sky(sky.Thing(), pace_s=10)
    early = world.run(200).of().class_probabilities["airliner"]
    late = world.run(1200).of().class_probabilities["airliner"]
    assert abs(late - early) < 0.02
    assert late < 0.99
