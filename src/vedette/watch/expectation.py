"""What tracks without known authority are expected to enter, as crossings that have not begun."""

import math
from collections.abc import Mapping

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.incident import Crossing
from vedette.model.time import SECOND_NS
from vedette.watch.cases import Case, predicted_crossing
from vedette.watch.futures import Route, known_wind
from vedette.watch.membership import Picture, Zones
from vedette.watch.moments import Past
from vedette.watch.path import Rings
from vedette.watch.prediction import forecast
from vedette.watch.restless import restless_radps
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Watched

_TURN_S, _TURN_MOST_S = 8.0, 32.0  # over which a turn is measured
_TURN_SIGMAS = 2.0  # a turn below is none
EARTH_M = 6_371_008.8  # mean radius, IUGG
_HEADING_S = 10.0  # of straight flight, to see whether a zone comes nearer

Return = tuple[str, str]  # a track and a zone that it left


def turn_radps(rings: Rings, at: int) -> float:
    """Turn to the right [rad/s] that a track's recent states show; NaN where they show none.

    Args:
        rings: states of some tracks.
        at: which of these tracks.
    """
    first, last = int(rings.begin[at]), int(rings.begin[at + 1]) - 1
    for old in range(last - 1, first - 1, -1):
        gap_s = int(rings.times_ns[last] - rings.times_ns[old]) / SECOND_NS
        if gap_s < _TURN_S:
            continue
        if gap_s > _TURN_MOST_S:
            break
        (east, north), (old_east, old_north) = rings.state[[last, old], 2:].tolist()
        change = math.remainder(math.atan2(east, north) - math.atan2(old_east, old_north), math.tau)
        variance = float(rings.covariance[[last, old]][:, [7, 9]].sum())
        spread = math.sqrt(max(variance, 0.0) / 2.0)
        if abs(change) * math.hypot(east, north) < _TURN_SIGMAS * spread:
            return 0.0
        return change / gap_s
    return math.nan


class Ahead:
    """Looks ahead of the tracks of one tick."""

    def __init__(
        self,
        settings: WatchSettings,
        picture: Picture,
        zones: Zones,
        tracks: Mapping[str, Watched],
        now_ns: int,
        routes: Mapping[str, Route],
        past: Past,
    ) -> None:
        self.settings, self.zones, self.now_ns = settings, zones, now_ns
        self.routes, self.past = routes, past
        self.wind: Floats = known_wind(settings)
        self.picture, self.tracks = picture, tracks

    def entries(
        self,
        rows: list[int],
        before: Mapping[str, tuple[Crossing, ...]],
        cases: Mapping[str, Case],
        returning: Mapping[Return, int],
    ) -> tuple[dict[str, tuple[Crossing, ...]], dict[Return, int]]:
        """Expected crossings by track, and since when tracks have headed back for zones that they just left.

        A new one needs ``predict_probability``, one that stands only ``withdraw_probability``. One whose time
        has come stands until the boundary has decided, not between the two. One of a zone left within ``left_s``
        must be as likely at every look of ``return_s``, with the object heading for it.

        Args:
            rows: tracks to look ahead of.
            before: what was expected at the last look.
            cases: incidents by name, which know what their tracks left.
            returning: as given at the last look.
        """
        result: dict[str, tuple[Crossing, ...]] = {}
        heading: dict[Return, int] = {}
        row_of = {self.picture.track_id[row]: row for row in rows}
        for track_id, one in self._found(rows, self.settings.predict_horizon_s):
            standing = self.tracks[track_id].standings.get(one.zone_id)
            if standing is not None and standing.passage is not None:
                continue
            held = any(c.zone_id == one.zone_id for c in before.get(track_id, ()))
            least = (
                self.settings.withdraw_probability if held else self.settings.predict_probability
            )
            if one.probability < least:
                continue
            pair = track_id, one.zone_id
            if not held and self._just_left(track_id, one.zone_id, cases):
                if not self._heads_for(row_of[track_id], one.zone_id):
                    continue
                heading[pair] = returning.get(pair, self.now_ns)
                if self.now_ns - heading[pair] < int(self.settings.return_s * SECOND_NS):
                    continue
            result[track_id] = (*result.get(track_id, ()), one)
        limit_ns = int(self.settings.due_s * SECOND_NS)
        looked = {self.picture.track_id[row] for row in rows}
        for track_id in sorted(before):
            watched = self.tracks.get(track_id)
            if watched is None or not looked:
                continue
            known = {c.zone_id for c in result.get(track_id, ())}
            known |= {p.zone.zone_id for p in watched.passages()}
            due = tuple(
                c
                for c in before[track_id]
                if c.zone_id not in known and abs(c.entered.estimate_ns - self.now_ns) <= limit_ns
            )
            if due:
                result[track_id] = (*result.get(track_id, ()), *due)
        return result, heading

    def _just_left(self, track_id: str, zone_id: str, cases: Mapping[str, Case]) -> bool:
        watched = self.tracks[track_id]
        case = cases.get(watched.incident_id or "")
        known = (*watched.settling, *(case.passages.values() if case else ()))
        since_ns = self.now_ns - int(self.settings.left_s * SECOND_NS)
        return any(p.zone.zone_id == zone_id and (p.gone_ns or 0) > since_ns for p in known)

    def _heads_for(self, row: int, zone_id: str) -> bool:
        """Whether a straight flight of some seconds brings a track nearer to a zone."""
        p, zone = self.picture, self.zones.row_of(zone_id)
        latitude_deg, longitude_deg = float(p.latitude_deg[row]), float(p.longitude_deg[row])
        north = math.degrees(float(p.north_mps[row]) * _HEADING_S / EARTH_M)
        parallel_m = EARTH_M * max(math.cos(math.radians(latitude_deg)), 1e-6)
        east = math.degrees(float(p.east_mps[row]) * _HEADING_S / parallel_m)
        latitudes = np.clip(np.array([latitude_deg, latitude_deg + north]), -90.0, 90.0)
        longitudes = np.array([longitude_deg, math.remainder(longitude_deg + east, 360.0)])
        distance_m, _, _ = self.zones.measured(latitudes, longitudes, np.array([zone, zone]))
        return bool(distance_m[1] > distance_m[0])

    def members(self, rows: list[int]) -> dict[str, tuple[Crossing, ...]]:
        """Members that tracks may enter within ``hand_over_horizon_s``, likelier than they may be withdrawn."""
        result: dict[str, tuple[Crossing, ...]] = {}
        for track_id, one in self._found(rows, self.settings.hand_over_horizon_s):
            if one.probability >= self.settings.withdraw_probability:
                result[track_id] = (*result.get(track_id, ()), one)
        return result

    def _found(self, rows: list[int], horizon_s: float) -> list[tuple[str, Crossing]]:
        if not rows:
            return []
        index: Integers = np.array(rows, dtype=np.int64)
        some = self.picture.take(index)
        # a turn is spoken of near a boundary or in an incident alone
        since_ns = [self.tracks[name].near_ns for name in some.track_id]
        first_ns = np.array([1 << 62 if ns is None else ns for ns in since_ns], dtype=np.int64)
        first_ns = np.maximum(first_ns, some.valid_ns - int(2.0 * _TURN_MOST_S * SECOND_NS))
        rings = self.past.rings(self.settings, index, first_ns)
        turns: Floats = np.array([turn_radps(rings, k) for k in range(len(rows))])
        some = some._replace(
            turn_radps=turns, restless_radps=restless_radps(self.past.moments, self.picture, index)
        )
        found = forecast(
            self.settings,
            some,
            self.zones,
            (horizon_s,),
            members_only=True,
            routes=[self.routes.get(name) for name in some.track_id] if self.routes else None,
            wind=self.wind,
        )
        result = []
        for k in range(len(found.row)):
            track_id = some.track_id[int(found.row[k])]
            zone = self.zones.zones[int(found.zone[k])]
            eta_ns = int(found.eta_low_ns[k]), int(found.eta_ns[k]), int(found.eta_high_ns[k])
            chance = float(found.probability[k, 0])
            one = predicted_crossing(track_id, zone, chance, eta_ns, self.now_ns, horizon_s)
            result.append((track_id, one))
        return result
