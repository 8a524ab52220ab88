"""Spoofed flights found and false alarms: on simulated flights, and with attacks laid over recorded ones."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.bench import recordings
from vedette.bench.identity.playing import plots_of, stretches
from vedette.bench.row import Note, Row, Table
from vedette.identity import monitor
from vedette.identity.monitor import NONE, VERDICTS
from vedette.identity.settings import IdentitySettings
from vedette.model.columns import Flags, Floats, Integers, integers
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

START_NS: Final = 1_758_265_080 * SECOND_NS
_SECONDS: Final = 360
_ONSET_S: Final = 120
_METRE_DEG: Final = 180.0 / (np.pi * 6_371_008.8)
_RADAR: Final = Sensor(
    sensor_id="radar", kind="mode_s", latitude_deg=58.0, longitude_deg=24.0, height_hae_m=100.0
)
# What may be done to a flight. Under "drag" a radar sees it too; "drag, no radar" is drawn off so gently that
# nothing in its own word tells: it is counted apart, since no test of that word can find it.
ATTACKS: Final = (
    "elsewhere", "common place", "circle", "standing", "false speed", "replayed", "height", "drag",
)  # fmt: skip
HOPELESS: Final = "drag, no radar"
_ON_RECORDINGS: Final = ("elsewhere", "circle", "false speed", "replayed")


class Flown(NamedTuple):
    """(n, t) a second apart: what each flight truly does."""

    latitude_deg: Floats
    longitude_deg: Floats
    speed_mps: Floats
    course_rad: Floats
    height_m: Floats


def fly(count: int, dice: np.random.Generator) -> Flown:
    """Civil flights with turns at up to 3 degrees a second, climbs and changes of speed."""
    shape = (count, _SECONDS)
    turn = np.zeros(shape)
    for row in range(count):
        if dice.random() < 0.5:
            begin, long = dice.integers(0, _SECONDS - 60), dice.integers(10, 60)
            turn[row, begin : begin + long] = np.radians(dice.uniform(-3.0, 3.0))
    course = dice.uniform(0.0, 2.0 * np.pi, (count, 1)) + np.cumsum(turn, axis=1)
    speed = dice.uniform(50.0, 260.0, (count, 1)) + np.cumsum(
        dice.uniform(-0.4, 0.4, (count, 1)) * np.ones(shape), axis=1
    )
    speed = np.clip(speed, 40.0, 280.0)
    climb = np.where(dice.random((count, 1)) < 0.5, dice.uniform(-12.0, 12.0, (count, 1)), 0.0)
    height = np.clip(
        dice.uniform(600.0, 12_000.0, (count, 1)) + climb * np.arange(_SECONDS), 300.0, 13_000.0
    )
    latitude = dice.uniform(56.5, 59.5, (count, 1)) + np.cumsum(
        speed * np.cos(course) * _METRE_DEG, axis=1
    )
    longitude = dice.uniform(21.5, 26.5, (count, 1)) + np.cumsum(
        speed * np.sin(course) * _METRE_DEG / np.cos(np.radians(latitude)), axis=1
    )
    return Flown(latitude, longitude, speed, course % (2.0 * np.pi), height)


def spoof(
    true: Flown, attack: list[str], dice: np.random.Generator
) -> tuple[Flown, Floats, Integers]:
    """What is broadcast: the flights as they say, (n, t) the error of the geometric height, copies on top.

    Returns:
        the flights as said, errors of height [m], and indices of flights that are heard truly as well.
    """
    said = Flown(*(values.copy() for values in true))
    error = np.zeros(true.latitude_deg.shape)
    place = (float(dice.uniform(57.0, 59.0)), float(dice.uniform(22.0, 26.0)))
    after = slice(_ONSET_S, None)
    since = np.arange(_SECONDS - _ONSET_S, dtype=np.float64)
    twins = []
    for row, kind in enumerate(attack):
        away_m = dice.uniform(20_000.0, 250_000.0)
        toward = dice.uniform(0.0, 2.0 * np.pi)
        north, east = away_m * np.cos(toward), away_m * np.sin(toward)
        cosine = np.cos(np.radians(true.latitude_deg[row, after]))
        if kind in ("elsewhere", "replayed"):
            said.latitude_deg[row, after] += north * _METRE_DEG
            said.longitude_deg[row, after] += east * _METRE_DEG / cosine
            if kind == "replayed":
                twins.append(row)
        elif kind in ("common place", "circle", "standing"):
            centre = place if kind == "common place" else (
                true.latitude_deg[row, _ONSET_S] + 0.3 * north * _METRE_DEG,
                true.longitude_deg[row, _ONSET_S] + 0.3 * east * _METRE_DEG / cosine[0],
            )  # fmt: skip
            speed, radius = dice.uniform(20.0, 90.0), dice.uniform(500.0, 4_000.0)
            turned = speed / radius * since if kind != "standing" else np.zeros(len(since))
            radius = radius if kind != "standing" else 0.0
            said.latitude_deg[row, after] = centre[0] + radius * np.cos(turned) * _METRE_DEG
            said.longitude_deg[row, after] = (
                centre[1] + radius * np.sin(turned) * _METRE_DEG / cosine
            )
            said.speed_mps[row, after] = 0.0 if kind == "standing" else speed
            said.course_rad[row, after] = (turned + np.pi / 2.0) % (2.0 * np.pi)
        elif kind == "false speed":
            slower = true.speed_mps[row, _ONSET_S] > 80.0 and dice.random() < 0.5
            said.speed_mps[row, after] *= 0.35 if slower else 1.9
        elif kind == "height":
            error[row, after] = dice.choice((-1.0, 1.0)) * dice.uniform(500.0, 3_000.0)
        elif kind.startswith("drag"):
            pull = dice.uniform(60.0, 120.0)
            said.latitude_deg[row, after] += pull * since * np.cos(toward) * _METRE_DEG
            said.longitude_deg[row, after] += pull * since * np.sin(toward) * _METRE_DEG / cosine
            east_mps = true.speed_mps[row] * np.sin(true.course_rad[row])
            north_mps = true.speed_mps[row] * np.cos(true.course_rad[row])
            ramp = np.clip((np.arange(_SECONDS) - _ONSET_S) / 30.0, 0.0, 1.0)  # drawn off gently
            east_mps, north_mps = (
                east_mps + ramp * pull * np.sin(toward),
                north_mps + ramp * pull * np.cos(toward),
            )
            said.speed_mps[row] = np.hypot(east_mps, north_mps)
            said.course_rad[row] = np.arctan2(east_mps, north_mps) % (2.0 * np.pi)
    return said, error, np.array(twins, dtype=np.int64)


def broadcasts(
    said: Flown, error_m: Floats, rows: Integers, dice: np.random.Generator, *, twin: bool = False
) -> pa.Table:
    """Reports of flights as a receiver hears them: with gaps, noise, strays of decoding, steps of the fields."""
    heard = dice.random((len(rows), _SECONDS)) < (0.4 if twin else 0.85)
    gap = dice.random(len(rows)) < 0.15  # out of reach for a while
    for row in np.flatnonzero(gap):
        begin = dice.integers(0, _SECONDS - 60)
        heard[row, begin : begin + dice.integers(20, 120)] = False
    flight, second = np.nonzero(heard)
    index = (rows[flight], second)
    count = len(flight)
    latitude = said.latitude_deg[index] + dice.normal(0.0, 10.0, count) * _METRE_DEG
    longitude = said.longitude_deg[index] + dice.normal(0.0, 10.0, count) * 2.0 * _METRE_DEG
    stray = dice.random(count) < 5e-4
    latitude = np.where(stray, latitude + dice.uniform(-3.0, 3.0, count), latitude)
    pressure = np.round(said.height_m[index] / 7.62) * 7.62
    usual = dice.uniform(-120.0, 250.0, len(said.height_m))[rows[flight]]
    known = dice.random(count) < 0.5
    geometric = np.where(
        known, pressure + usual + 0.02 * pressure + error_m[index] + dice.normal(0.0, 15.0, count), np.nan
    )  # fmt: skip
    when = START_NS + ((second + dice.random(count) * 0.8) * SECOND_NS).astype(np.int64)
    return plots(
        sensor_id=["receiver"] * count,
        kind=["ads_b"] * count,
        valid_ns=when,
        received_ns=when,
        latitude_deg=latitude,
        longitude_deg=longitude,
        pressure_altitude_m=pressure,
        height_hae_m=geometric,
        ground_speed_mps=np.round(said.speed_mps[index] / 0.5144) * 0.5144,
        track_angle_rad=said.course_rad[index] + dice.normal(0.0, 0.01, count),
        icao24=(rows[flight] + 0x4CA000).astype(np.uint32),
        nic=np.where(dice.random(count) < 0.02, 6, 8).astype(np.uint8),
        nac_p=np.where(dice.random(count) < 0.02, 7, 9).astype(np.uint8),
    )


def answers(true: Flown, rows: Integers, dice: np.random.Generator) -> pa.Table:
    """What a turned radar (0.3 degrees, 60 m) hears of flights once in ten seconds."""
    tables = []
    site = (_RADAR.latitude_deg, _RADAR.longitude_deg, _RADAR.height_hae_m)
    for row in rows.tolist():
        seconds = np.arange(int(dice.integers(0, 10)), _SECONDS, 10)
        place = np.column_stack(
            (true.latitude_deg[row], true.longitude_deg[row], true.height_m[row])
        )
        polar = geodetic_to_polar(site, place[seconds])
        count = len(seconds)
        tables.append(
            plots(
                sensor_id=["radar"] * count,
                kind=["mode_s"] * count,
                valid_ns=START_NS + seconds * SECOND_NS,
                received_ns=START_NS + seconds * SECOND_NS,
                range_m=polar[:, 0] + 60.0 + dice.normal(0.0, 70.0, count),
                azimuth_rad=polar[:, 1] + np.radians(0.3) + dice.normal(0.0, 0.0012, count),
                pressure_altitude_m=true.height_m[row, seconds],
                icao24=np.full(count, row + 0x4CA000, dtype=np.uint32),
            )
        )
    return pa.concat_tables(tables)


def flagged(table: pa.Table, sensors: tuple[Sensor, ...]) -> dict[int, Integers]:
    """By address, the verdicts that stood at any time, each once, as indices."""
    settings = IdentitySettings()
    state = monitor.initial()
    found: dict[int, set[int]] = {}
    for part, now_ns in stretches(table):
        state, verdicts = monitor.step(settings, state, part, sensors, now_ns)
        for finding in verdicts.changed:
            if finding.icao24 is not None and finding.verdict != "none":
                found.setdefault(finding.icao24, set()).add(VERDICTS.index(finding.verdict))
    return {key: np.array(sorted(values)) for key, values in found.items()}


def _doubted(found: dict[int, Integers], address: int) -> bool:
    """Whether its place was doubted: interference that it states itself is no spoofing."""
    return bool(len(found.get(address, ())) and found[address].max() > NONE + 1)


def simulated(seed: int, count: int) -> tuple[dict[str, tuple[int, int]], tuple[int, int]]:
    """By attack, flights found and flights attacked; and false alarms and flights left alone."""
    dice = np.random.default_rng([seed, 6])
    true = fly(2 * count, dice)
    attack = [
        (*ATTACKS, HOPELESS)[int(dice.integers(0, len(ATTACKS) + 1))] if row < count else ""
        for row in range(2 * count)
    ]
    said, error, twins = spoof(true, attack, dice)
    everyone = np.arange(2 * count)
    seen = np.array(
        [kind == "drag" or (kind == "" and row % 2 == 0) for row, kind in enumerate(attack)]
    )
    tables = [broadcasts(said, error, everyone, dice), answers(true, everyone[seen], dice)]
    if len(twins):
        tables.append(broadcasts(true, np.zeros_like(error), twins, dice, twin=True))
    found = flagged(pa.concat_tables(tables), (_RADAR,))
    hits: Flags = np.array([_doubted(found, row + 0x4CA000) for row in range(2 * count)])
    by_kind = {
        kind: (
            int(hits[[row for row in range(count) if attack[row] == kind]].sum()),
            attack[:count].count(kind),
        )
        for kind in (*ATTACKS, HOPELESS)
    }
    return by_kind, (int(hits[count:].sum()), count)


def over_recording(path: Path, seed: int) -> tuple[dict[str, tuple[int, int]], int]:
    """Attacks laid over recorded flights of five minutes and more; by attack, found and attacked."""
    dice = np.random.default_rng([seed, 7])
    table = plots_of(path)
    address = integers(table, "icao24", missing=-1)
    times_ns = integers(table, "valid_ns", missing=0)
    columns = {
        name: table.column(name).to_numpy(zero_copy_only=False).astype(np.float64).copy()
        for name in ("latitude_deg", "longitude_deg", "ground_speed_mps", "track_angle_rad")
    }
    attack: dict[int, str] = {}
    order = np.lexsort((times_ns, address))
    bounds = np.flatnonzero(np.diff(address[order], prepend=-2, append=-3))
    for low, high in pairwise(bounds.tolist()):
        rows = order[low:high]
        lasts_s = (times_ns[rows[-1]] - times_ns[rows[0]]) * 1e-9
        if address[rows[0]] < 0 or len(rows) < 30 or lasts_s < 300.0:
            continue
        kind = _ON_RECORDINGS[int(dice.integers(0, len(_ON_RECORDINGS)))]
        attack[int(address[rows[0]])] = kind
        _lay_over(kind, columns, times_ns, rows[len(rows) // 2 :], dice)
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.array(values, from_pandas=True))
    found = flagged(table, ())
    return {
        kind: (
            sum(_doubted(found, one) for one, what in attack.items() if what == kind),
            list(attack.values()).count(kind),
        )
        for kind in _ON_RECORDINGS
    }, len(attack)


def _lay_over(
    kind: str,
    columns: dict[str, Floats],
    times_ns: Integers,
    rows: Integers,
    dice: np.random.Generator,
) -> None:
    latitude, longitude = columns["latitude_deg"], columns["longitude_deg"]
    cosine = np.cos(np.radians(latitude[rows]))
    toward, away_m = dice.uniform(0.0, 2.0 * np.pi), dice.uniform(40_000.0, 250_000.0)
    north, east = away_m * np.cos(toward) * _METRE_DEG, away_m * np.sin(toward) * _METRE_DEG
    if kind == "replayed":  # every other report is the false one's
        rows, cosine = rows[::2], cosine[::2]
    if kind in ("elsewhere", "replayed"):
        latitude[rows] += north
        longitude[rows] += east / cosine
    elif kind == "circle":
        speed, radius = dice.uniform(40.0, 90.0), dice.uniform(1_000.0, 4_000.0)
        turned = speed / radius * (times_ns[rows] - times_ns[rows[0]]) * 1e-9
        latitude[rows] = latitude[rows[0]] + 0.5 * north + radius * np.cos(turned) * _METRE_DEG
        longitude[rows] = (
            longitude[rows[0]] + 0.5 * east / cosine + radius * np.sin(turned) * _METRE_DEG / cosine
        )
        columns["ground_speed_mps"][rows] = speed
        columns["track_angle_rad"][rows] = (turned + np.pi / 2.0) % (2.0 * np.pi)
    else:
        columns["ground_speed_mps"][rows] *= dice.choice((0.35, 1.9))


def rows(seed: int, quick: bool) -> Iterator[Row | Note | Table]:
    """Rates of both kinds, by attack."""
    seeds = range(seed + 200, seed + (201 if quick else 205))  # not those it was tuned on
    total: dict[str, list[int]] = {kind: [0, 0] for kind in (*ATTACKS, HOPELESS)}
    false = alone = 0
    for one in seeds:
        by_kind, (wrong, quiet) = simulated(one, 100 if quick else 400)
        for kind, (hit, all_) in by_kind.items():
            total[kind][0] += hit
            total[kind][1] += all_
        false, alone = false + wrong, alone + quiet
    hit = sum(total[kind][0] for kind in ATTACKS)
    attacked = sum(total[kind][1] for kind in ATTACKS)
    yield Row(
        area="identity",
        name="spoofed flights found, simulated",
        value=100.0 * hit / attacked,
        unit="%",
        target="> 99",
        note=f"{attacked} flights of {len(ATTACKS)} attacks on {len(seeds)} unseen seeds",
    )
    yield Row(
        area="identity",
        name="false alarms, simulated",
        value=100.0 * false / alone,
        unit="%",
        target="< 0.5",
        note=f"{alone} flights left alone, half of them under a radar turned by 0.3 degrees",
    )
    yield Table(
        area="identity",
        name="found by attack, simulated",
        columns=("attack", "flights", "found %"),
        rows=tuple((kind, float(n), 100.0 * hits / max(n, 1)) for kind, (hits, n) in total.items()),
    )
    folder = recordings.folder()
    path = None if folder is None else folder / "switzerland_2018-08-01.parquet"
    if path is None or not path.exists():
        yield Note(
            "attacks over recorded flights skipped: VEDETTE_RECORDINGS names no folder with them"
        )
        return
    by_kind, flights = over_recording(path, seed)
    yield Row(
        area="identity",
        name="spoofed flights found, attacks laid over a recording",
        value=100.0 * sum(hits for hits, _ in by_kind.values()) / flights,
        unit="%",
        target="> 99",
        note=", ".join(f"{kind} {hits}/{n}" for kind, (hits, n) in by_kind.items()),
    )
