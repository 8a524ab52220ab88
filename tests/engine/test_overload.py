"""A watch that falls behind: how much it takes on, what it does without, and that nothing of it is silent."""

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.engine.bundled import sovereign_digest
from vedette.engine.opening import Unrecorded, course_of
from vedette.engine.overload import BUSY, LEAST, LIMIT, OVERLOAD, Load, spare
from vedette.engine.settings import FeedSpec, RunBody
from vedette.feeds.asterix.encoder import encode_cat048
from vedette.fusion import _layout as c
from vedette.fusion.picture import initial, step
from vedette.fusion.settings import FusionSettings
from vedette.ledger.entries import decode_entry
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.response.rule_set import shipped_rules

DAY_NS = 1_758_240_000 * SECOND_NS


@st.composite
def ticks(draw: st.DrawFn) -> pa.Table:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(0, 200))
    kind = rng.choice(["psr", "ssr", "mode_s", "ads_b", "person", "cuas"], count)
    address = [
        int(a) if k in ("mode_s", "ads_b") and a > 4 else None  # some are garbled
        for a, k in zip(rng.integers(1, 30, count), kind, strict=True)
    ]
    code = [[0o7700, 0o1234, None][int(k)] for k in rng.choice(3, count, p=[0.02, 0.6, 0.38])]
    return plots(
        sensor_id=[f"r{k}" for k in rng.integers(0, 4, count)], kind=kind.tolist(),
        valid_ns=DAY_NS + rng.integers(0, SECOND_NS, count), received_ns=np.full(count, DAY_NS),
        icao24=address, mode3a=code, track_number=np.arange(count),
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(ticks(), st.integers(0, 250), st.integers(0, 5))
def test_what_is_spared_is_what_can_be_done_without(table: pa.Table, limit: int, turn: int) -> None:
    used, spared = spare(table, limit, DAY_NS + turn)
    assert spare(table, limit, DAY_NS + turn)[0].equals(
        used
    )  # chance is of the plots and the tick alone
    numbers = [part.column("track_number").to_pylist() for part in (used, spared)]
    assert numbers[0] == sorted(numbers[0])
    assert numbers[1] == sorted(numbers[1])
    assert sorted(numbers[0] + numbers[1]) == table.column("track_number").to_pylist()
    rows = table.to_pylist()
    kept = [row for row in rows if row["mode3a"] == 0o7700 or row["kind"] in ("person", "cuas")]
    urgent = sum(row in kept for row in used.to_pylist())
    # a flood of what comes first leaves half to the others
    assert urgent == min(len(kept), max(limit - (len(rows) - len(kept)), (limit + 1) // 2))
    assert used.num_rows == min(len(rows), limit)
    heard, left = (
        {row["icao24"] for row in part.to_pylist() if row["icao24"]} for part in (used, spared)
    )
    nameless = sum(row["icao24"] is None for row in spared.to_pylist())
    named = {row["icao24"] for row in rows if row["icao24"]}
    if nameless == 0 and limit >= len(kept) + sum(row["icao24"] is None for row in rows) + len(
        named
    ):
        assert left <= heard  # each address by one plot at least
    if nameless:  # who does not answer has half of what there is
        of_nameless = sum(row["icao24"] is None and row not in kept for row in used.to_pylist())
        assert of_nameless >= (limit - len(kept)) // 2 or len(kept) > limit


def test_without_a_limit_nothing_is_spared() -> None:
    table = plots(sensor_id=["a"] * 9, kind=["psr"] * 9, valid_ns=[0] * 9, received_ns=[0] * 9)
    for limit in (None, 9, 10):
        used, spared = spare(table, limit, 0)
        assert used.num_rows == 9
        assert spared.num_rows == 0


@settings(deadline=None)
@given(
    st.floats(0.0, 0.3),
    st.floats(1e-6, 5e-5),
    st.integers(1_000, 300_000),
    st.integers(1_000, 300_000),
)
def test_no_load_makes_a_tick_take_ever_longer(
    fixed_s: float, each_s: float, heavy: int, light: int
) -> None:
    load, waited_s, spent = Load(1.0), 1.0, []
    for turn in range(60):
        rate = heavy if turn < 30 else light
        heard = int(rate * waited_s)  # what comes while a tick takes longer than a tick
        fused = heard if load.limit is None else min(heard, load.limit)
        took_s = fixed_s + each_s * fused
        load.ticked(heard, fused, took_s)
        spent.append(took_s)
        waited_s = max(1.0, took_s)
    for last in (spent[20:30], spent[50:]):
        assert max(last) <= max(1.0, fixed_s + each_s * LEAST)
    if fixed_s + each_s * light < 0.6:
        assert load.limit is None  # what has room is used again
        assert spent[-1] == fixed_s + each_s * light
    assert BUSY < 1.0


RADARS = tuple(
    Sensor(
        sensor_id=f"r{k}", kind="mode_s", latitude_deg=56.0 + 0.1 * k, longitude_deg=20.0, sac=1, sic=k,
        period_s=4.0,
    )
    for k in range(12)
)  # fmt: skip


def seen(second: int, radar: int, *, dark: bool = False) -> pa.Table:
    """An aircraft that flies north, or one beside it that does not answer, as a radar sees it."""
    site = RADARS[radar]
    place = np.array([[57.0 + 0.002 * second, 22.5 if dark else 21.5, 9_000.0]])
    at = geodetic_to_polar((site.latitude_deg, site.longitude_deg, 0.0), place)[0]
    now_ns = DAY_NS + second * SECOND_NS
    return plots(
        sensor_id=[site.sensor_id], kind=["psr" if dark else "mode_s"], valid_ns=[now_ns],
        received_ns=[now_ns], range_m=[at[0]], azimuth_rad=[at[1]],
        icao24=[None if dark else 0x4B1801], pressure_altitude_m=[None if dark else 9_000.0],
    )  # fmt: skip


def flown(*, told: bool, again: bool = False) -> tuple[list[pa.Table], np.ndarray]:
    """A minute; once there is no time one radar in four seconds is fused and the others are told of, or not.

    Pictures, and how probably each radar is taken to see the aircraft.
    """
    state, pictures = initial(FusionSettings()), []
    for second in range(60):
        turn = [radar for radar in range(12) if radar % 4 == second % 4]
        own = [seen(second, radar) for radar in turn]
        dark = [seen(second, radar, dark=True) for radar in turn]
        now_ns = DAY_NS + (second + 1) * SECOND_NS
        fused = 3 if second < 20 else 1 if second % 4 == 0 else 0
        used, left = dark + own[:fused], own[fused:]
        spared = pa.concat_tables(left) if told and left else None
        table = pa.concat_tables(used)
        state, output = step(FusionSettings(), state, table, RADARS, now_ns, spared=spared)
        if again:
            state, output = step(FusionSettings(), state, table.slice(0, 0), RADARS, now_ns)
        pictures.append(output.tracks)
    m = state.memory
    (row,) = np.flatnonzero((m.ints[:, c.STATUS] == c.CONFIRMED) & (m.ints[:, c.ICAO] == 0x4B1801))
    return pictures, m.detection[row, :12]


def test_who_is_spared_is_not_missed() -> None:
    told, chances = flown(told=True)
    assert told[-1].column("status").to_pylist() == ["confirmed"] * 2
    assert told[-1].column("track_id").equals(told[10].column("track_id"))
    assert [len(names) for names in told[-1].column("sensors").to_pylist()] == [12, 12]
    assert chances.min() > 0.7
    untold, _ = flown(
        told=False
    )  # eleven radars that look there and see nothing: is there anything?
    assert not untold[-1].column("track_id").equals(untold[10].column("track_id"))
    for once, twice in zip(told, flown(told=True, again=True)[0], strict=True):
        assert once.equals(twice)  # a tick that is computed again


def test_a_limit_is_an_item_of_the_input_log_and_what_it_spares_is_counted() -> None:
    body = RunBody(
        version="test", created_ns=DAY_NS,
        feeds=(FeedSpec(feed_id="radars", url="asterix+udp://x:1", decoder="asterix"),),
        sensors=RADARS, day_start_ns=DAY_NS, sovereign_digest=sovereign_digest(),
        rules_digest=shipped_rules().digest, platform={},
    )  # fmt: skip

    def lines(limit: int | None) -> list[bytes]:
        course = course_of(Unrecorded(body, {}))
        found = course.open()
        for second in range(1, 4):
            now_ns = DAY_NS + second * SECOND_NS
            if second == 2:
                control = msgspec.json.encode({"event": LIMIT, "plots": limit})
                found += course.run(Item(ItemKind.CONTROL, 0, now_ns, control), control)
            for radar in range(12):
                data = encode_cat048(seen(second, radar), RADARS[radar])
                found += course.run(Item(ItemKind.CHUNK, 0, now_ns, data), data)
            found += course.run(Item(ItemKind.TICK, 0, now_ns, b""), b"")
        assert course.pipeline.health[0].plots == 36  # all of them were read
        return found

    assert lines(5) == lines(5)
    told = [decode_entry(line) for line in lines(5)]
    lost = [entry.body for entry in told if entry.kind == "loss"]
    assert lost == [{"what": OVERLOAD, "count": 7}] * 2
    assert not [line for line in lines(None) if decode_entry(line).kind == "loss"]
