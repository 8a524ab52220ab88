"""Laws of the air picture: what must not matter does not, and what must hold does."""

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.fusion import _layout as c
from vedette.fusion import window
from vedette.fusion.memory import ORIGIN_MAX_MS
from vedette.fusion.order import seed_of
from vedette.fusion.picture import FusionOutput, initial, step, whole_picture
from vedette.fusion.settings import DEFAULT_MOTIONS, FusionSettings
from vedette.model.columns import floats
from vedette.model.frames import polar_to_geodetic_deg
from vedette.model.plot import PLOT, no_plots, plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.track import TRACK
from vedette.sim.scene.flight import START_NS, straight
from vedette.sim.scene.observe import Telling
from vedette.sim.scene.scene import Scene, compose, make, whole
from vedette.sim.scene.settings import Field, SceneSettings, Traffic, named
from vedette.sim.scene.sites import radars as ring
from vedette.sim.scene.traffic import flights_of

SETTINGS = FusionSettings()
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def pictures(
    seen: pa.Table,
    sensors: tuple[Sensor, ...],
    seconds: int,
    *,
    shuffle: np.random.Generator | None = None,
    cuts: int = 1,
    start_ns: int = START_NS,
) -> list[FusionOutput]:
    """One output per second; each second's plots may be shuffled and cut into several steps."""
    valid = seen.column("valid_ns").to_numpy()
    state, outputs = initial(SETTINGS), []
    for second in range(seconds + 1):
        now_ns = start_ns + second * SECOND_NS
        rows = np.flatnonzero((valid <= now_ns) & (valid > now_ns - SECOND_NS))
        if shuffle is not None:
            shuffle.shuffle(rows)
        for part in np.array_split(rows, cuts):
            state, output = step(SETTINGS, state, seen.take(pa.array(part)), sensors, now_ns)
        outputs.append(output)
    return outputs


def scene(seed: int, *, false_plots: float = 5.0) -> tuple[pa.Table, tuple[Sensor, ...]]:
    rng = np.random.default_rng(seed)
    sensors = (
        *ring(2, period_s=4.0),
        Sensor(
            sensor_id="broadcast", kind="ads_b", latitude_deg=56, longitude_deg=12,
            range_sigma_m=30.0, period_s=1.0,
        ),
    )  # fmt: skip
    crowd = flights_of(
        SceneSettings(traffic=Traffic(objects=12, side_m=100_000.0, equipped=1.0), duration_s=16),
        rng,
    )
    made = compose(
        crowd, sensors, 16, rng, false_plots=false_plots,
        telling=Telling(heights=True, addresses=True),
    )  # fmt: skip
    return whole(made.plots), sensors


def equal(first: Iterable[FusionOutput], second: Iterable[FusionOutput]) -> None:
    for a, b in zip(first, second, strict=True):
        assert a.tracks.equals(b.tracks)
        assert a.losses == b.losses


@settings(deadline=None, max_examples=6)
@given(SEEDS)
def test_the_order_of_rows_within_a_step_changes_no_bit(seed: int) -> None:
    seen, sensors = scene(seed)
    equal(
        pictures(seen, sensors, 16),
        pictures(seen, sensors, 16, shuffle=np.random.default_rng(seed)),
    )


@settings(deadline=None, max_examples=6)
@given(SEEDS, st.integers(min_value=2, max_value=5))
def test_cutting_the_plots_of_a_tick_into_steps_changes_no_bit(seed: int, cuts: int) -> None:
    seen, sensors = scene(seed)
    whole = pictures(seen, sensors, 16)
    cut = pictures(seen, sensors, 16, shuffle=np.random.default_rng(seed), cuts=cuts)
    for a, b in zip(whole, cut, strict=True):
        assert a.tracks.equals(b.tracks)


@settings(deadline=None, max_examples=12)
@given(SEEDS, st.integers(min_value=-(10**6), max_value=10**6))
def test_a_shift_in_time_shifts_the_picture_and_nothing_else(seed: int, seconds: int) -> None:
    seen, sensors = scene(seed)
    shift_ns = seconds * SECOND_NS
    moved = seen
    for name in ("valid_ns", "received_ns"):
        at = moved.schema.get_field_index(name)
        values = pa.array(moved.column(name).to_numpy() + shift_ns)
        moved = moved.set_column(at, PLOT.field(name), values)
    then = pictures(moved, sensors, 16, start_ns=START_NS + shift_ns)
    same_places(pictures(seen, sensors, 16)[-1], then[-1], 0.0, exact=True)


@settings(deadline=None, max_examples=4)
@given(SEEDS, st.integers(min_value=0, max_value=2))
def test_what_two_receivers_heard_of_one_report_is_one_report(seed: int, later_s: int) -> None:
    seen, sensors = scene(seed)
    broadcast = pc.equal(seen.column("sensor_id"), "broadcast")
    # a place that was told wrongly is told wrongly to both: to one alone it would be given up
    wrong = np.asarray(broadcast) & (np.random.default_rng(seed).random(seen.num_rows) < 0.05)
    latitude = floats(seen, "latitude_deg")
    seen = put(seen, "latitude_deg", np.where(wrong, latitude + 0.2, latitude))
    copies = seen.filter(broadcast)
    # of two reports that say the same that of the sensor stays which is first in order, and names the track
    name = next(f"copy{k}" for k in range(99) if seed_of(f"copy{k}") > seed_of("broadcast"))
    copies = put(copies, "sensor_id", np.full(copies.num_rows, name))
    second = msgspec.structs.replace(sensors[-1], sensor_id=name)

    def fused(parts: list[pa.Table], sites: tuple[Sensor, ...]) -> list[FusionOutput]:
        state, outputs = initial(SETTINGS), []
        for at in range(17 + later_s):
            now_ns = START_NS + at * SECOND_NS
            due = [
                part.filter(
                    pc.equal(pc.divide(part.column("received_ns"), SECOND_NS), now_ns // SECOND_NS)
                )
                for part in parts
            ]
            state, output = step(SETTINGS, state, pa.concat_tables(due), sites, now_ns)
            outputs.append(output)
        return outputs

    valid = seen.column("valid_ns").to_numpy()
    seen = put(seen, "received_ns", valid)
    copies = put(copies, "received_ns", valid[np.asarray(broadcast)] + later_s * SECOND_NS)
    alone = fused([seen], sensors)
    both = fused([seen, copies], (*sensors, second))
    assert sum(output.losses["duplicate"] for output in both) >= copies.num_rows
    for a, b in zip(alone, both, strict=True):
        assert a.tracks.drop_columns(["sensors"]).equals(b.tracks.drop_columns(["sensors"]))
    of_both = both[-1].tracks.column("sensors").to_pylist()
    for one, two in zip(alone[-1].tracks.column("sensors").to_pylist(), of_both, strict=True):
        assert set(two) <= {*one, name}
    assert any(name in names for names in of_both)


def put(table: pa.Table, name: str, values: Any) -> pa.Table:
    """The table with one column changed."""
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.field(name), pa.array(values).cast(table.field(name).type))


@pytest.mark.parametrize("cuts", [1, 3])
def test_times_of_detection_start_from_a_new_origin_and_the_picture_stays(cuts: int) -> None:
    seen, sensors = scene(5)
    valid = seen.column("valid_ns").to_numpy()
    state, outputs, origins = initial(SETTINGS), [], []
    for second in range(17):
        now_ns = START_NS + second * SECOND_NS
        if second == 9:  # as after 2^30 ms, twelve days, on end with a track alive
            memory = state.memory
            for times in (memory.hit, memory.due):
                times[times > c.NEVER_MS] += ORIGIN_MAX_MS
            memory.origin_ns -= ORIGIN_MAX_MS * 1_000_000
        rows = np.flatnonzero((valid <= now_ns) & (valid > now_ns - SECOND_NS))
        for part in np.array_split(rows, cuts):
            state, output = step(SETTINGS, state, seen.take(pa.array(part)), sensors, now_ns)
        outputs.append(output)
        origins.append(state.memory.origin_ns)
    assert origins[8] != origins[9]
    assert START_NS - origins[9] < 1_001 * SECOND_NS
    for a, b in zip(pictures(seen, sensors, 16), outputs, strict=True):
        assert a.tracks.equals(b.tracks)


def same_places(
    first: FusionOutput, second: FusionOutput, turn_deg: float, *, exact: bool = False
) -> None:
    """Equal pictures but for names, up to rounding if not exact, after a turn about the Earth's axis."""
    rows = []
    for output, turned in ((first, turn_deg), (second, 0.0)):
        table = output.tracks
        longitude = (table.column("longitude_deg").to_numpy() + turned + 540.0) % 360.0 - 180.0
        covariance = (
            table.column("covariance").combine_chunks().flatten().to_numpy().reshape(-1, 10)
        )
        columns = np.column_stack(
            [
                table.column("latitude_deg").to_numpy(), np.cos(np.radians(longitude)),
                np.sin(np.radians(longitude)), table.column("east_mps").to_numpy(),
                table.column("north_mps").to_numpy(), np.sqrt(covariance[:, [0, 4, 7, 9]]),
                table.column("updates").to_numpy(),
            ]
        )  # fmt: skip
        rows.append(columns[np.lexsort(np.round(columns[:, :2], 7).T)])
    assert rows[0].shape == rows[1].shape
    assert len(rows[0]) > 0
    if exact:
        np.testing.assert_array_equal(rows[0], rows[1])
        return
    # a hair's breadth in the last bit of a place grows through gates and trigonometry to less than this
    np.testing.assert_allclose(rows[0][:, :3], rows[1][:, :3], rtol=0, atol=1e-8)
    np.testing.assert_allclose(rows[0][:, 3:], rows[1][:, 3:], rtol=1e-5, atol=1e-4)


@settings(deadline=None, max_examples=5)
@given(SEEDS, st.sampled_from([-12.0, 90.0, 168.0, 171.3, -190.0]))
def test_a_turn_about_the_axis_turns_the_picture_also_over_the_antimeridian(
    seed: int, turn_deg: float
) -> None:
    seen, sensors = scene(seed)

    def turned(longitude_deg: float) -> float:
        return (longitude_deg + turn_deg + 540.0) % 360.0 - 180.0

    at = seen.schema.get_field_index("longitude_deg")
    values = [None if v is None else turned(v) for v in seen.column(at).to_pylist()]
    moved = seen.set_column(at, PLOT.field(at), pa.array(values, pa.float64()))
    elsewhere = tuple(
        Sensor(
            sensor_id=s.sensor_id, kind=s.kind, latitude_deg=s.latitude_deg,
            longitude_deg=turned(s.longitude_deg), height_hae_m=s.height_hae_m,
            period_s=s.period_s, range_max_m=s.range_max_m, range_sigma_m=s.range_sigma_m,
        )
        for s in sensors
    )  # fmt: skip
    same_places(pictures(seen, sensors, 16)[-1], pictures(moved, elsewhere, 16)[-1], turn_deg)


WILD = st.one_of(
    st.none(),
    st.floats(width=64),
    st.sampled_from([0.0, -0.0, 1e-300, 1e300, -1e9, 90.0, -90.0, 180.0, 89.9999999, 1e5, 7000.0]),
)


@st.composite
def wild_plots(draw: st.DrawFn) -> pa.Table:
    n = draw(st.integers(min_value=0, max_value=12))
    columns: dict[str, object] = {
        "sensor_id": draw(st.lists(st.sampled_from(["r", "g", "x", ""]), min_size=n, max_size=n)),
        "kind": draw(
            st.lists(
                st.sampled_from(["psr", "ads_b", "person", "nonsense"]), min_size=n, max_size=n
            )
        ),
        "valid_ns": draw(
            st.lists(
                st.one_of(
                    st.integers(min_value=-(2**62), max_value=2**62),
                    st.integers(min_value=START_NS - 40 * SECOND_NS, max_value=START_NS),
                ),
                min_size=n,
                max_size=n,
            )
        ),
        "received_ns": [START_NS] * n,
        "icao24": draw(st.lists(st.sampled_from([None, 0, 1, 2**32 - 1]), min_size=n, max_size=n)),
        "callsign": draw(
            st.lists(st.one_of(st.none(), st.text(max_size=12)), min_size=n, max_size=n)
        ),
        "class_hint": draw(
            st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=n, max_size=n)
        ),
    }
    floating = [f.name for f in PLOT if f.type == pa.float64() and draw(st.integers(0, 2)) > 0]
    for name in floating:
        columns[name] = draw(st.lists(WILD, min_size=n, max_size=n))
    return plots(**columns)


def assert_sound(table: pa.Table) -> None:
    """No NaN, symmetric positive definite covariance, sorted unique ids, the exact schema."""
    assert table.schema.equals(TRACK)
    ids = table.column("track_id").to_pylist()
    assert ids == sorted(set(ids))
    for field in TRACK:
        if field.type == pa.float64():
            values = table.column(field.name).drop_null().to_numpy()
            assert np.isfinite(values).all(), field.name
    packed = table.column("covariance").combine_chunks().flatten().to_numpy().reshape(-1, 10)
    assert np.isfinite(packed).all()
    for row in packed:
        matrix = np.zeros((4, 4))
        matrix[np.triu_indices(4)] = row
        matrix += np.triu(matrix, 1).T
        scale = np.sqrt(np.diag(matrix))
        assert (np.linalg.eigvalsh(matrix / np.outer(scale, scale)) > 0).all()
    if len(ids):
        latitude = table.column("latitude_deg").to_numpy()
        assert (np.abs(latitude) <= 90).all()


@settings(deadline=None, max_examples=40)
@given(st.lists(wild_plots(), min_size=1, max_size=4))
def test_no_input_makes_a_picture_that_is_not_one(batches: list[pa.Table]) -> None:
    sensors = (
        Sensor(sensor_id="r", kind="psr", latitude_deg=90.0, longitude_deg=180.0),
        Sensor(sensor_id="g", kind="ads_b", latitude_deg=0.0, longitude_deg=0.0),
    )
    state = initial(SETTINGS)
    for k, batch in enumerate(batches):
        state, output = step(SETTINGS, state, batch, sensors, START_NS + k * SECOND_NS)
        assert_sound(output.tracks)
        assert all(count >= 0 for count in output.losses.values())


@settings(deadline=None, max_examples=4)
@given(SEEDS)
def test_covariances_stay_positive_definite_in_clutter(seed: int) -> None:
    seen, sensors = scene(seed, false_plots=40.0)
    for output in pictures(seen, sensors, 16):
        assert_sound(output.tracks)


@pytest.mark.parametrize(
    ("latitude_deg", "course_deg"), [(89.7, 0.0), (-89.8, 180.0), (60.0, 90.0)]
)
def test_a_track_over_a_pole_or_far_along_a_parallel_keeps_its_course(
    latitude_deg: float, course_deg: float
) -> None:
    jet = straight(
        np.array([latitude_deg]), np.array([179.8]), np.array([0.0]), np.array([250.0]),
        np.radians([course_deg]),
    )  # fmt: skip
    sensors = (
        Sensor(
            sensor_id="g", kind="ads_b", latitude_deg=latitude_deg, longitude_deg=179.8,
            height_hae_m=20_000.0, range_sigma_m=10.0,
            period_s=1.0, detection_probability=1.0,
        ),
    )  # fmt: skip
    seconds = 300
    jet = jet._replace(equipped=np.ones(1, np.bool_))
    scene = compose(
        jet, sensors, seconds, np.random.default_rng(1), telling=Telling(addresses=True)
    )
    outputs = pictures(whole(scene.plots), sensors, seconds)
    truth = scene.truth.to_pylist()
    names = set[str]()
    for second in range(20, seconds):
        row = outputs[second].tracks.to_pylist()
        assert len(row) == 1
        names.add(row[0]["track_id"])
        speed = np.hypot(row[0]["east_mps"], row[0]["north_mps"])
        assert abs(speed - 250.0) < 15.0
        there = truth[second]
        _, _, apart_m = Geod(ellps="WGS84").inv(
            row[0]["longitude_deg"], row[0]["latitude_deg"], there["longitude_deg"],
            there["latitude_deg"],
        )  # fmt: skip
        assert apart_m < 60.0
    assert len(names) == 1


def test_time_cannot_go_backwards_and_settings_cannot_change() -> None:
    state, _ = step(SETTINGS, initial(SETTINGS), no_plots(), (), START_NS)
    with pytest.raises(ValueError, match="backwards"):
        step(SETTINGS, state, no_plots(), (), START_NS - 1)
    with pytest.raises(ValueError, match="other settings"):
        step(FusionSettings(motions=DEFAULT_MOTIONS[:1]), state, no_plots(), (), START_NS)


def test_one_core_and_several_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "PER_CORE", 1)  # else so small a scene would stay on one
    crowd = make(
        SceneSettings(
            traffic=Traffic(objects=150, side_m=300_000.0, drones=0.2, equipped=0.3),
            field=Field(radars=5, side_m=250_000.0, false_plots=30.0, kind="mode_s"),
            duration_s=20,
        ),
        7,
    )
    one, three = (
        list(_outputs(crowd, msgspec.structs.replace(SETTINGS, cores=cores))) for cores in (1, 3)
    )
    equal(one, three)
    again = list(_outputs(crowd, msgspec.structs.replace(SETTINGS, cores=3), cuts=2))
    for a, b in zip(one, again, strict=True):
        assert a.tracks.equals(b.tracks)
    assert one[-1].tracks.num_rows > 100


def test_a_component_that_spans_the_picture_is_cut_over_the_cores_and_changes_no_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(window, "PER_CORE", 1)
    monkeypatch.setattr(window, "PLOTS_PER_ROUND", 40)
    cut: list[tuple[int, int]] = []
    divide = window.divide_component

    def noted(*given_: object) -> None:
        divide(*given_)
        sizes = given_[-1]
        assert isinstance(sizes, np.ndarray)
        cut.append((int((sizes[:-1] > 0).sum()), int(sizes[-1])))

    monkeypatch.setattr(window, "divide_component", noted)
    crowd = make(
        SceneSettings(
            traffic=Traffic(objects=120, side_m=20_000.0, equipped=0.3),
            field=Field(radars=4, side_m=60_000.0, false_plots=20.0, kind="mode_s"),
            duration_s=16,
        ),
        7,
    )
    one, two, three = (
        list(_outputs(crowd, msgspec.structs.replace(SETTINGS, cores=cores))) for cores in (1, 2, 3)
    )
    equal(one, two)
    equal(one, three)
    # what three cores have changed is put back before a tick is computed again
    again = list(_outputs(crowd, msgspec.structs.replace(SETTINGS, cores=3), cuts=2))
    for a, b in zip(one, again, strict=True):
        assert a.tracks.equals(b.tracks)
    assert sum(sides > 1 for sides, _ in cut) > 5  # several sides at work at once
    assert sum(waits > 0 for _, waits in cut) > 5  # and something that had to wait


@pytest.mark.parametrize("cores", [1, 2])
def test_how_much_room_the_lists_of_owners_had_changes_no_bit(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists that do not fit are made again, also where many tracks beyond doubt compete for a plot."""
    monkeypatch.setattr(window, "PER_CORE", 1)
    traffic = msgspec.structs.replace(named("extreme").traffic, objects=200, side_m=16_000.0)
    crowd = make(msgspec.structs.replace(named("extreme"), traffic=traffic, duration_s=16), 3)
    given_ = msgspec.structs.replace(SETTINGS, cores=cores)
    little, much = initial(given_), initial(given_)
    much.shop.room["candidates"] = np.zeros(1_000_000, np.int64)
    for now_ns, part in crowd.batches(4.0):
        little.shop.room["candidates"] = np.zeros(16, np.int64)
        little, a = step(given_, little, part, crowd.sensors, now_ns)
        much, b = step(given_, much, part, crowd.sensors, now_ns)
        assert a.tracks.equals(b.tracks)
    assert len(little.shop.room["candidates"]) > 16
    assert a.tracks.num_rows > 150


def _outputs(scene_: Scene, settings_: FusionSettings, cuts: int = 1) -> Iterable[FusionOutput]:
    state = initial(settings_)
    for now_ns, part in scene_.batches(1.0):
        for rows in np.array_split(np.arange(part.num_rows), cuts):
            some = part.take(pa.array(rows))
            state, output = step(settings_, state, some, scene_.sensors, now_ns)
        yield output


@settings(deadline=None, max_examples=6)
@given(SEEDS, st.integers(min_value=1, max_value=3))
def test_what_has_changed_is_the_whole_picture_but_for_what_has_not(seed: int, cuts: int) -> None:
    seen, sensors = scene(seed)
    valid = seen.column("valid_ns").to_numpy()
    states = [initial(SETTINGS), initial(SETTINGS)]
    before: dict[str, tuple[object, ...]] = {}
    partial = 0
    for quarter in range(4 * 12):
        now_ns = START_NS + quarter * SECOND_NS // 4
        rows = np.flatnonzero((valid <= now_ns) & (valid > now_ns - SECOND_NS // 4))
        states[0], full = step(SETTINGS, states[0], seen.take(pa.array(rows)), sensors, now_ns)
        for part in np.array_split(rows, cuts):
            states[1], changed = step(
                SETTINGS, states[1], seen.take(pa.array(part)), sensors, now_ns, whole=False
            )
        assert whole_picture(SETTINGS, states[1]).equals(full.tracks)
        whole_rows = {row["track_id"]: row for row in full.tracks.to_pylist()}
        told = {row["track_id"]: row for row in changed.tracks.to_pylist()}
        assert all(whole_rows[name] == row for name, row in told.items())
        assert list(told) == sorted(told)
        now = {
            name: (row["updates"], row["updated_ns"], row["status"] in ("tentative", "ended"))
            for name, row in whole_rows.items()
        }
        assert {name for name, facts in now.items() if before.get(name) != facts} <= set(told)
        before = now
        partial += len(told) < len(whole_rows)
    assert partial > 10


def test_a_tick_computed_again_knows_nothing_of_sensors_that_were_new_in_it() -> None:
    """Sights of a sensor met in the first part must not stand when the tick begins anew."""
    seen, sensors = scene(3)
    later = Sensor(
        sensor_id="later", kind="ads_b", latitude_deg=56, longitude_deg=12, range_sigma_m=30.0,
        period_s=1.0,
    )  # fmt: skip
    valid = seen.column("valid_ns").to_numpy()
    name = PLOT.get_field_index("sensor_id")

    def rows(second: int) -> pa.Table:
        now_ns = START_NS + second * SECOND_NS
        return seen.take(pa.array(np.flatnonzero((valid <= now_ns) & (valid > now_ns - SECOND_NS))))

    pictures_: list[pa.Table] = []
    for cut in (False, True):
        state = initial(SETTINGS)
        for second in range(12):
            now_ns = START_NS + second * SECOND_NS
            state, _ = step(SETTINGS, state, rows(second), sensors, now_ns)
        now_ns = START_NS + 12 * SECOND_NS
        old = rows(12)
        new = old.set_column(name, PLOT.field(name), pa.array(["later"] * old.num_rows))
        parts = [new, old] if cut else [pa.concat_tables([new, old])]
        for part in parts:
            state, output = step(SETTINGS, state, part, (*sensors, later), now_ns)
        pictures_.append(output.tracks)
        state, output = step(
            SETTINGS, state, rows(13), (*sensors, later), START_NS + 13 * SECOND_NS
        )
        pictures_.append(output.tracks)
    assert "later" in {one for row in pictures_[0].column("sensors").to_pylist() for one in row}
    assert pictures_[0].equals(pictures_[2])
    assert pictures_[1].equals(pictures_[3])


def test_sights_of_a_sensor_new_in_a_tick_are_put_back() -> None:
    seen, sensors = scene(3)
    valid = seen.column("valid_ns").to_numpy()
    state = initial(SETTINGS)
    for second in range(12):
        now_ns = START_NS + second * SECOND_NS
        rows = np.flatnonzero((valid <= now_ns) & (valid > now_ns - SECOND_NS))
        state, _ = step(SETTINGS, state, seen.take(pa.array(rows)), sensors, now_ns)
    later = Sensor(
        sensor_id="later", kind="ads_b", latitude_deg=56, longitude_deg=12, range_sigma_m=30.0,
        period_s=1.0,
    )  # fmt: skip
    now_ns = START_NS + 12 * SECOND_NS
    rows = np.flatnonzero((valid <= now_ns) & (valid > now_ns - SECOND_NS))
    part = seen.take(pa.array(rows))
    name = PLOT.get_field_index("sensor_id")
    part = part.set_column(name, PLOT.field(name), pa.array(["later"] * part.num_rows))
    state, _ = step(SETTINGS, state, part, (*sensors, later), now_ns)
    number = state.register.numbers["later"]
    high = int(state.memory.counters[c.C_HIGH])
    assert (state.memory.hit[:high, number] > c.NEVER_MS).any()
    old = np.arange(int(state.before.counters[c.C_HIGH]))
    state.memory.restore(state.before)
    assert (state.memory.hit[old, number] == c.NEVER_MS).all()
    assert (state.memory.due[old, number] == c.NEVER_MS).all()


def test_the_bits_of_sensors_are_what_their_sights_say() -> None:
    seen, sensors = scene(7)
    valid = seen.column("valid_ns").to_numpy()
    state = initial(SETTINGS)
    told = 0
    for second in range(14):
        now_ns = START_NS + second * SECOND_NS
        rows = np.flatnonzero((valid <= now_ns) & (valid > now_ns - SECOND_NS))
        # a tick in two parts is computed again from where it began; of what is spared only the sight is learnt
        for part in np.array_split(rows, 2):
            plots = seen.take(pa.array(part))
            state, _ = step(
                SETTINGS, state, plots, sensors, now_ns, spared=plots if second % 3 == 2 else None
            )
        memory = state.memory
        bits = memory.ints[:, c.SEERS :, None] >> np.arange(64) & 1
        bits = bits.reshape(memory.rows, -1)[:, : memory.hit.shape[1]] == 1
        alive = memory.ints[:, c.STATUS] != c.FREE
        np.testing.assert_array_equal(bits[alive], memory.hit[alive] > c.NEVER_MS)
        told += int(bits[alive].sum())
    assert told > 100


def _some_in_degrees(seen: pa.Table, radar: Sensor) -> pa.Table:
    """Of the plots of a radar every second one is given as a place, as detectors of drones may do."""
    mine = np.array(seen.column("sensor_id").to_pylist()) == radar.sensor_id
    mine &= np.cumsum(mine) % 2 == 0
    site = (radar.latitude_deg, radar.longitude_deg, radar.height_hae_m)
    heights = np.nan_to_num(floats(seen, "pressure_altitude_m"), nan=5_000.0)
    ranges, azimuths = floats(seen, "range_m"), floats(seen, "azimuth_rad")
    places = np.full((seen.num_rows, 3), np.nan)
    places[mine] = polar_to_geodetic_deg(site, ranges[mine], azimuths[mine], heights[mine])
    new = {
        "range_m": np.where(mine, np.nan, ranges),
        "azimuth_rad": np.where(mine, np.nan, azimuths),
        "latitude_deg": np.where(mine, places[:, 0], floats(seen, "latitude_deg")),
        "longitude_deg": np.where(mine, places[:, 1], floats(seen, "longitude_deg")),
    }
    for name, values in new.items():
        at = seen.schema.get_field_index(name)
        seen = seen.set_column(at, PLOT.field(name), pa.array(values, from_pandas=True))
    return seen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_leavings_in_lent_memory_change_no_bit(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay finds other leavings there than the run did."""
    seen, sensors = scene(seed)
    seen = _some_in_degrees(seen, sensors[0])
    lend = window.Workshop.lend

    def with_leavings(content: int) -> list[FusionOutput]:
        def lent(shop: window.Workshop, name: str, shape: tuple[int, ...], kind: Any) -> Any:
            array = lend(shop, name, shape, kind)
            array.fill(content)
            return array

        monkeypatch.setattr(window.Workshop, "lend", lent)
        return pictures(seen, sensors, 16)

    clean, dirty = with_leavings(0), with_leavings(1_000)
    equal(clean, dirty)
    for a, b in zip(clean, dirty, strict=True):
        assert a.registration == b.registration
    assert clean[-1].tracks.num_rows > 5
