"""Recorded flights as tracks, as heard and as a radar without an answer would see them."""

from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.bench.recordings import GRID_S, Flight, balloons, flights
from vedette.feeds.table.columns import find_columns
from vedette.identity import classes, traffic
from vedette.identity.assess import IdentityState, explain, initial, step, told_rows
from vedette.identity.settings import IdentitySettings
from vedette.model.assessment import Assessment
from vedette.model.columns import Floats
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks

START_NS: Final = 1_758_265_080 * SECOND_NS
AGES_S: Final = (60.0, 180.0, 420.0)
_HEIGHT_SIGMA_M: Final = 300.0  # of a radar that measures height
_SPEED_SIGMA_MPS: Final = 5.0  # of a tracked velocity, per axis
_BALLOONS: Final = "radiosondes"


class Recorded(NamedTuple):
    """One flight of each aircraft of a recording, the longest."""

    recording: str
    flights: list[Flight]
    callsigns: list[str | None]


def recorded(path: Path) -> Recorded:
    """The flights of a trajectory table or of a table of radiosondes."""
    if path.stem.startswith(_BALLOONS):
        found = balloons(path)
        return Recorded(path.stem, _longest(found), [None] * len(_longest(found)))
    longest = _longest(flights(path))
    table = pq.read_table(path)
    columns = find_columns(table.column_names)
    heard: dict[str, str] = {}
    if columns is not None and "callsign" in columns.texts:
        for address, name in zip(
            table.column(columns.texts["icao24"]).to_pylist(),
            table.column(columns.texts["callsign"]).to_pylist(),
            strict=True,
        ):
            if name and name.strip():
                heard.setdefault(address, name.strip())
    return Recorded(path.stem, longest, [heard.get(flight.name) for flight in longest])


def _longest(found: list[Flight]) -> list[Flight]:
    best: dict[str, Flight] = {}
    for flight in found:
        if flight.name not in best or len(flight.east_mps) > len(best[flight.name].east_mps):
            best[flight.name] = flight
    return [best[name] for name in sorted(best)]


def picture(found: Recorded, age: int, *, silent: bool, seed: int) -> tuple[pa.Table, list[int]]:
    """All flights that last so long, ``age`` grid steps after each began; and which they are.

    Each is put into a part of the world of its own, so that none is company or twin of another. ``silent``:
    as radars would see it had it no transponder, its height measured.
    """
    which = [k for k, flight in enumerate(found.flights) if len(flight.east_mps) > age]
    noise = np.random.default_rng([seed, age, int(silent)])
    count = len(which)

    def column(name: str) -> Floats:
        return np.array([getattr(found.flights[k], name)[age] for k in which])

    vague = noise.normal(0.0, _SPEED_SIGMA_MPS, (2, count))
    height = column("height_m")
    if silent:
        height = height + noise.normal(0.0, _HEIGHT_SIGMA_M, count)
    now_ns = START_NS + round(age * GRID_S * SECOND_NS)
    variance = _SPEED_SIGMA_MPS**2
    marks: dict[str, object] = {}
    if not silent:
        named = [found.flights[k].name for k in which]
        marks = {
            "icao24": [int(n, 16) if len(n) == 6 else None for n in named],
            "callsign": [found.callsigns[k] for k in which],
            "cooperative_ns": [now_ns] * count,
            "pressure_altitude_m": height,
        }
    else:
        marks = {"height_hae_m": height, "height_sigma_m": np.full(count, _HEIGHT_SIGMA_M)}
    places = np.array(which, dtype=np.float64)
    table = tracks(
        track_id=[f"{k:06d}" for k in which],
        valid_ns=[now_ns] * count,
        latitude_deg=-60.0 + 0.5 * (places % 240),
        longitude_deg=-170.0 + 2.0 * (places // 240),
        east_mps=column("east_mps") + vague[0],
        north_mps=column("north_mps") + vague[1],
        up_mps=column("up_mps"),
        covariance=[[1e4, 0, 0, 0, 1e4, 0, 0, variance, 0, variance]] * count,
        status=["confirmed"] * count,
        birth_ns=[START_NS] * count,
        updated_ns=[now_ns] * count,
        updates=[age + 3] * count,
        sensors=[["radar"] if silent else ["receiver"]] * count,
        kinds=[["psr"] if silent else ["ads_b"]] * count,
        **marks,
    )
    return table, which


class Seen(NamedTuple):
    """What the stage holds of flights at one age."""

    age_s: float
    which: list[int]  # places in the list of flights
    logs: dict[str, Floats]  # by factor, (n, classes)
    probabilities: Floats  # (n, classes)
    assessments: list[Assessment]


def watched(
    settings: IdentitySettings,
    found: Recorded,
    *,
    silent: bool,
    seed: int,
    ages_s: tuple[float, ...],
    mix: traffic.Mix | None = None,
) -> list[Seen]:
    """Run the stage along all flights at once, each from its own beginning, and look at some ages.

    ``mix`` is the traffic that was heard here before.
    """
    state: IdentityState = msgspec.structs.replace(initial(settings), mix=mix or traffic.Mix())
    result = []
    for age in range(round(max(ages_s) / GRID_S) + 1):
        table, which = picture(found, age, silent=silent, seed=seed)
        if not which:
            break
        now_ns = START_NS + round(age * GRID_S * SECOND_NS)
        state, _ = step(settings, state, table, [], [], now_ns)
        if age * GRID_S in ages_s:
            result.append(_seen(settings, state, which, age * GRID_S, now_ns))
    return result


def traffic_of(settings: IdentitySettings, found: Recorded, *, seed: int) -> traffic.Mix:
    """The mix that a station knows that has heard these flights once; no label is used."""
    state = initial(settings)
    for age in range(round(settings.traffic_age_s / GRID_S) + 2):
        table, which = picture(found, age, silent=False, seed=seed)
        if not which:
            break
        now_ns = START_NS + round(age * GRID_S * SECOND_NS)
        state, _ = step(settings, state, table, [], [], now_ns)
    return state.mix


def _seen(
    settings: IdentitySettings, state: IdentityState, which: list[int], age_s: float, now_ns: int
) -> Seen:
    logs = classes.factors(settings, state.rows, told_rows(state.rows), now_ns)
    told = [explain(state, name) for name in state.ids]
    return Seen(
        age_s, which, logs, classes.probabilities(settings, logs), [one for one in told if one]
    )
