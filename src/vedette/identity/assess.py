"""The identity stage: tracks, reports and acts in, assessments that changed out."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.identity import (
    _kernels,
    acts,
    airways,
    classes,
    correlation,
    evidence,
    history,
    reasoning,
    registered,
    traffic,
    verdict,
)
from vedette.identity import integrity as checks
from vedette.identity._lost import Lost
from vedette.identity._succession import continue_lost, inherit_doubts
from vedette.identity._work import Work
from vedette.identity.correlation import PLAN_AGAIN_NS, PlanIndex, PlanKey, clean
from vedette.identity.dossier import EMPTY, Dossier, Linked, Told
from vedette.identity.history import ATS_AUTHORISED, ATS_CIVIL, ATS_OURS, NEVER, NS, Rows
from vedette.identity.monitor import Verdicts
from vedette.identity.plan_like import Legs, legs_of
from vedette.identity.plan_like import look as look_for_plans
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CLASS_INDEX, registry
from vedette.model.act import Act
from vedette.model.assessment import CLASSES, CREWED_CIVIL, Assessment
from vedette.model.columns import NO, Flags, Floats, Integers, floats, greatest, strings
from vedette.model.report import Airway, AtsReport, FlightPlan, RegisteredAircraft, Report, Sighting
from vedette.model.time import SECOND_NS

ENDED: Final = pa.scalar("ended")
MAYBE_CREWED: Final = np.array([name in CREWED_CIVIL or name == "unknown" for name in CLASSES])
LITTLE: Final = (
    0.001  # a probability of a crewed civil aircraft below which each rise of it is told
)


class IdentityState(msgspec.Struct, frozen=True, kw_only=True):
    """All that identity remembers; never changed, each step gives a new one."""

    settings: IdentitySettings
    rows: Rows  # (n,) tracks of the last step
    ids: list[str]
    raw: list[str | None]  # callsigns as received
    callsigns: list[str | None]
    lost: Lost  # (m,) tracks that are gone, which a new one may continue; the first to go first
    lost_ids: list[str]
    lost_callsigns: list[str | None]
    # columns of ids and callsigns as they came: the same again need not be turned into Python's texts
    named: tuple[pa.ChunkedArray, pa.ChunkedArray] | None = None
    where: dict[str, int] = msgspec.field(default_factory=dict)  # row of each of ``ids``
    dossiers: dict[str, Dossier] = msgspec.field(default_factory=dict)
    plans: dict[PlanKey, FlightPlan] = msgspec.field(default_factory=dict)
    legs: Legs = msgspec.field(default_factory=lambda: legs_of({}))
    index: PlanIndex = msgspec.field(default_factory=lambda: PlanIndex({}, {}, {}))
    told: tuple[Told, ...] = ()
    mix: traffic.Mix = traffic.Mix()  # of the aircraft that speak
    register: Mapping[int, int] = msgspec.field(default_factory=dict)  # class by address
    routes: airways.Airways = msgspec.field(default_factory=airways.Airways)
    homeless: tuple[str, ...] = ()  # acts for tracks that are not known, in words


def initial(settings: IdentitySettings) -> IdentityState:
    """The state before the first step."""
    return IdentityState(
        settings=settings,
        rows=history.birth(0),
        ids=[],
        raw=[],
        callsigns=[],
        lost=Lost(),
        lost_ids=[],
        lost_callsigns=[],
    )


def step(
    settings: IdentitySettings,
    state: IdentityState,
    tracks: pa.Table,
    reports: Sequence[Report],
    acts_: Sequence[Act],
    now_ns: int,
    verdicts: Verdicts | None = None,
    drones: Mapping[str, int] | None = None,
) -> tuple[IdentityState, list[Assessment]]:
    """Judge the picture at one instant.

    Args:
        settings: bounds of time, size and belief.
        state: of the step before.
        tracks: TRACK rows at ``now_ns``, those that ended included; one row a track.
        reports: plans, answers and sightings that came since the last step, in any order.
        acts_: what persons did since the last step; only ``set_identity`` matters here.
        now_ns: this step, ns UTC.
        verdicts: of the integrity monitor on the plots that made the tracks; None: not asked.
        drones: by track_id the ``remote_key`` of tracks that broadcast a drone's serial number.

    Returns:
        The next state, and the assessments that changed materially, sorted by track, without the evidence, which
        ``explain`` gives.
    """
    names = tracks.column("track_id")
    same = state.named is not None and names.equals(state.named[0])
    if not same and pc.count_distinct(names).as_py() != tracks.num_rows:
        tracks = _last_of_each(tracks)
    work, raw, before_deg, before_ns = _align(settings, state, tracks, now_ns, same=same)
    rows = work.rows
    marked = history.take_marks(rows, tracks)
    work.changed |= marked
    rows["block"][marked] = registry().find(rows["icao24"][marked])
    register = registered.with_aircraft(
        settings, state.register, [r for r in reports if isinstance(r, RegisteredAircraft)]
    )
    if register is not state.register:
        work.changed[:] = True
    for row in np.flatnonzero(work.changed) if register else ():
        rows["registered"][row] = register.get(int(rows["icao24"][row]), NEVER)
    for row in np.flatnonzero(work.changed):
        rows["callsign_kind"][row] = classes.callsign_kind(
            work.callsigns[row], int(rows["block"][row])
        )
    measured = history.take_motion(settings, rows, tracks, now_ns)
    _take_status(rows, tracks, now_ns)
    _take_freshness(settings, rows, now_ns)
    rows["plan_due_ns"] = np.where(work.changed, 0, rows["plan_due_ns"])
    told = _take_reports(work, state, [r for r in reports if isinstance(r, AtsReport | Sighting)])
    continue_lost(work, tracks)
    plans, index = _take_plans(work, state, [r for r in reports if isinstance(r, FlightPlan)])
    rows["needs"] = verdict.need_bits(rows)
    gap_s = np.where(np.isfinite(before_deg[:, 0]), (rows["updated_ns"] - before_ns) * NS, 0.0)
    spoken = None
    if drones:
        spoken = np.array([drones.get(name, NEVER) for name in work.ids], np.int64)
    checks.check(settings, rows, before_deg, gap_s, work.lost.rows, now_ns, verdicts, spoken)
    routes = airways.with_airways(
        settings, state.routes, [r for r in reports if isinstance(r, Airway)]
    )
    airways.keep(settings, routes, rows, now_ns)
    rows["airway_kept"] = airways.kept(settings, rows)
    _find_company(settings, rows, now_ns)
    _judge(work, measured, traffic.logs(settings, state.mix))
    legs = state.legs if plans is state.plans else legs_of(plans)
    look_for_plans(settings, legs, rows, now_ns)
    verdict.decide(settings, rows, now_ns)
    mix = traffic.learn(settings, state.mix, rows, now_ns)
    rows["may_be"] = verdict.may_be(settings, rows)
    homeless = _take_acts(work, state.homeless, acts_)
    changed = _changed(settings, rows, work)
    out = _tell(work, changed)
    _forget(work)
    return (
        IdentityState(
            settings=settings,
            rows=rows,
            ids=work.ids,
            raw=raw,
            callsigns=work.callsigns,
            named=(tracks.column("track_id"), tracks.column("callsign")),
            where=work.index,
            lost=work.lost,
            lost_ids=work.lost_ids,
            lost_callsigns=work.lost_callsigns,
            dossiers=work.dossiers,
            plans=plans,
            legs=legs,
            index=index,
            told=told,
            mix=mix,
            routes=routes,
            register=register,
            homeless=homeless,
        ),
        out,
    )


def explain(state: IdentityState, track_id: str) -> Assessment | None:
    """The full current assessment of a track with all its evidence; None for an unknown track."""
    for rows, ids, callsigns in (
        (state.rows, state.ids, state.callsigns),
        (state.lost.rows, state.lost_ids, state.lost_callsigns),
    ):
        if track_id in ids:
            row = ids.index(track_id)
            one = rows[row : row + 1]
            logs = classes.factors(state.settings, one, told_rows(one), int(one["seen_ns"][0]))
            found, words = evidence.full(
                state.settings, one, logs, track_id, callsigns[row], state.dossiers
            )
            return msgspec.structs.replace(
                found,
                ledgers=reasoning.ledgers(state.settings, one[0], logs, words),
                what_if=reasoning.what_if(state.settings, one, told_rows, int(one["seen_ns"][0])),
            )
    return None


def _judge(work: Work, measured: Flags, traffic_log: Floats) -> None:
    """Renew the class probabilities of tracks of which anything new is known."""
    due = measured | work.changed
    due[[work.index[name] for name in work.dirty if name in work.index]] = True
    where = np.flatnonzero(due)
    if len(where):
        work.rows["traffic_log"][where] = traffic_log
        some = work.rows.part(where)
        work.rows["probabilities"][where] = classes.judged(
            work.settings, some, told_rows(some), work.now_ns
        )


def _last_of_each(tracks: pa.Table) -> pa.Table:
    last = {name: row for row, name in enumerate(tracks.column("track_id").to_pylist())}
    return tracks.take(sorted(last.values()))


def _align(
    settings: IdentitySettings, state: IdentityState, tracks: pa.Table, now_ns: int, *, same: bool
) -> tuple[Work, list[str | None], Floats, Integers]:
    """Rows in the order of the new picture, and the lost ones that are still remembered.

    ``same`` says that the picture has the tracks of the one before: the usual case, nothing came, nothing went.
    """
    count = len(state.ids)
    if same:
        ids, old, rows = state.ids, np.arange(count), state.rows.copy()
    else:
        ids = [name or "" for name in strings(tracks, "track_id")]
        old = np.fromiter(map(state.where.get, ids, repeat(NEVER)), np.int64, len(ids))
        new = np.flatnonzero(old < 0)
        # nearly all were there before: one copy of theirs, in which the few that are new get their own
        rows = state.rows[np.maximum(old, 0)] if count else history.birth(len(ids))
        if len(new) and count:
            rows[new] = history.birth(len(new))
        if len(new) and state.lost_ids:  # of the lost ones only those that come back
            lost = {name: row for row, name in enumerate(state.lost_ids)}
            again = np.array([lost.get(ids[row], NEVER) for row in new.tolist()], dtype=np.int64)
            back = again >= 0
            old[new[back]] = count + again[back]
            rows[new[back]] = state.lost.rows[again[back]]
    here = old >= 0
    rows["ended_ns"] = NEVER
    before_deg = np.full((len(ids), 2), np.nan)
    before_deg[here, 0] = rows["latitude_deg"][here]
    before_deg[here, 1] = rows["longitude_deg"][here]
    said = tracks.column("callsign")
    if same and state.named is not None and said.equals(state.named[1]):
        raw, callsigns, index = state.raw, state.callsigns, state.where
        changed = np.zeros(count, dtype=np.bool_)
    else:
        raw, callsigns, changed = _take_callsigns(state, said.to_pylist(), old)
        index = {name: row for row, name in enumerate(ids)}
    work = Work(
        settings=settings,
        now_ns=now_ns,
        rows=rows,
        ids=ids,
        callsigns=callsigns,
        index=index,
        lost=state.lost,
        lost_ids=state.lost_ids,
        lost_callsigns=state.lost_callsigns,
        dossiers=dict(state.dossiers),
        dirty=set(),
        changed=changed,
    )
    _take_leave(work, state, old)
    return work, raw, before_deg, rows["updated_ns"].copy()


def _take_callsigns(
    state: IdentityState, heard: list[str | None], old: Integers
) -> tuple[list[str | None], list[str | None], Flags]:
    """Callsigns as received, the same in one form, and which of them are new."""
    count = len(state.ids)
    changed = old < 0
    known = np.where(old < count, old, NEVER).tolist()
    # a place more, for those that were not there
    raw = list(map([*state.raw, None].__getitem__, known))
    callsigns = list(map([*state.callsigns, None].__getitem__, known))
    for row, (name, before) in enumerate(zip(heard, raw, strict=True)):
        if name != before and name is not None:
            changed[row] = True
    changed |= old >= count
    for row in np.flatnonzero(changed).tolist():
        origin = int(old[row])
        raw[row] = heard[row]
        bore = state.lost_callsigns[origin - count] if origin >= count else None
        callsigns[row] = clean(heard[row]) or bore
    return raw, callsigns, changed


def _take_leave(work: Work, state: IdentityState, old: Integers) -> None:
    """Remember tracks that are gone from the picture, for a time and up to a number."""
    settings = work.settings
    gone = np.ones(len(state.ids) + len(state.lost_ids), dtype=np.bool_)
    gone[old[old >= 0]] = False
    count = len(state.ids)
    lost, ids, callsigns = state.lost, state.lost_ids, state.lost_callsigns
    if not gone[count:].all():  # some came back
        lost = lost.only(gone[count:])
        kept = np.flatnonzero(gone[count:]).tolist()
        ids, callsigns = [ids[row] for row in kept], [callsigns[row] for row in kept]
    left = np.flatnonzero(gone[:count])
    if len(left):
        rows = state.rows[left]
        rows["ended_ns"] = np.where(rows["ended_ns"] < 0, rows["seen_ns"], rows["ended_ns"])
        rows["fresh"] = False
        lost = lost.extended(rows)
        ids = [*ids, *(state.ids[row] for row in left.tolist())]
        callsigns = [*callsigns, *(state.callsigns[row] for row in left.tolist())]
    # they left in the order of time: what is forgotten, or has no room, stands first
    forget_ns = int(settings.forget_s * SECOND_NS)
    first = int(np.searchsorted(lost.rows["seen_ns"], work.now_ns - forget_ns, side="left"))
    first = max(first, len(ids) - max(0, settings.tracks_max - len(work.ids)))
    if first:
        lost, ids, callsigns = lost.without_first(first), ids[first:], callsigns[first:]
    work.lost, work.lost_ids, work.lost_callsigns = lost, ids, callsigns


def _take_status(rows: Rows, tracks: pa.Table, now_ns: int) -> None:
    ended = pc.fill_null(pc.equal(tracks.column("status"), ENDED), NO).to_numpy()
    rows["ended_ns"] = np.where(ended, now_ns, NEVER)
    if tracks.column("class_hint").null_count < len(rows):
        names = strings(tracks, "class_hint")
        hint = np.array([CLASS_INDEX.get(name or "", NEVER) for name in names])
        sure = np.nan_to_num(floats(tracks, "class_confidence"), nan=0.5)
        rows["hint_confidence"] = np.where(hint >= 0, sure, rows["hint_confidence"])
        rows["hint"] = np.where(hint >= 0, hint, rows["hint"])


def _take_freshness(settings: IdentitySettings, rows: Rows, now_ns: int) -> None:
    # against the last measurement, not the clock: an object that nobody sees has not fallen silent
    age_s = (rows["updated_ns"] - rows["cooperative_ns"]) * NS
    fresh = (rows["cooperative_ns"] >= 0) & (age_s <= settings.fresh_s)
    begins = fresh & ~rows["fresh"] & ((rows["icao24"] >= 0) | (rows["mode3a"] >= 0))
    rows["fresh"] = fresh
    shown = rows["shown"] >= settings.need_updates
    opens = shown & ~rows["answered"] & (rows["need_ns"] < 0)
    rows["need_ns"] = np.where(opens, now_ns, rows["need_ns"])
    onset = begins | opens.any(axis=1)
    rows["civil_onset_ns"] = np.where(onset, now_ns, rows["civil_onset_ns"])


def _take_reports(work: Work, state: IdentityState, new: Iterable[Told]) -> tuple[Told, ...]:
    """Link reports to tracks: new ones to all tracks, old ones to tracks that changed."""
    settings = work.settings
    known = set(state.told)
    fresh = sorted(
        {report for report in new if report not in known},
        key=lambda report: (report.valid_ns, repr(report)),
    )
    found: dict[str, list[Linked]] = {}

    def link(told: Told, rows: Rows, ids: list[str], callsigns: list[str | None]) -> None:
        index = {name: row for row, name in enumerate(ids)} if told.subject.track_id else {}
        for row, linked in correlation.find(
            settings, told, ids, index, rows, callsigns, work.now_ns
        ):
            found.setdefault(ids[row], []).append(linked)

    for told in fresh:
        link(told, work.rows, work.ids, work.callsigns)
    where = np.flatnonzero(work.changed)
    if len(where) and state.told:
        some = work.rows[where]
        some_ids = [work.ids[row] for row in where]
        some_callsigns = [work.callsigns[row] for row in where]
        for told in state.told:
            link(told, some, some_ids, some_callsigns)
    for track_id, links in sorted(found.items()):
        dossier = work.dossiers.get(track_id, EMPTY)
        renewed = dossier.with_said(tuple(links))
        if renewed != dossier:
            work.put(track_id, renewed)
            _mark_onset(work, track_id)
    return (*state.told, *fresh)[-settings.reports_max :]


def _mark_onset(work: Work, track_id: str) -> None:
    row = work.index.get(track_id)
    if row is not None and work.rows["ats_state"][row] & ATS_CIVIL:
        work.rows["civil_onset_ns"][row] = work.now_ns


def _take_plans(
    work: Work, state: IdentityState, filed: list[FlightPlan]
) -> tuple[dict[PlanKey, FlightPlan], PlanIndex]:
    """Correlate tracks that bear a plan's mark; each one again every minute."""
    settings, rows, now_ns = work.settings, work.rows, work.now_ns
    plans, index = state.plans, state.index
    late_ns = int(settings.plan_late_s * SECOND_NS)
    if filed or any(plan.arrival_ns + late_ns < now_ns for plan in plans.values()):
        plans = correlation.take_plans(settings, plans, filed, now_ns)
        index = correlation.index_plans(plans)
        rows["plan_due_ns"] = 0
    if not plans and not (rows["plan_state"] > 0).any():
        return plans, index
    due = np.flatnonzero((rows["plan_due_ns"] <= now_ns) & (rows["ended_ns"] < 0))
    marked = np.isin(rows["icao24"][due], list(index.by_icao24))
    marked |= np.isin(rows["mode3a"][due], list(index.by_mode3a))
    marked |= np.array([work.callsigns[row] in index.by_callsign for row in due], dtype=np.bool_)
    marked |= rows["plan_state"][due] > 0
    rows["plan_due_ns"][due[~marked]] = now_ns + PLAN_AGAIN_NS
    wanted = due[marked]
    if len(wanted) > settings.plan_checks_max:
        order = sorted(wanted.tolist(), key=lambda r: (int(rows["plan_due_ns"][r]), work.ids[r]))
        wanted = np.array(order[: settings.plan_checks_max], dtype=np.int64)
    for row in wanted.tolist():
        _correlate(work, row, plans, index)
    return plans, index


def _correlate(work: Work, row: int, plans: Mapping[PlanKey, FlightPlan], index: PlanIndex) -> None:
    rows, track_id = work.rows, work.ids[row]
    rows["plan_due_ns"][row] = work.now_ns + PLAN_AGAIN_NS
    keys = index.candidates(correlation.borne_by(rows, work.callsigns, row))
    fit = correlation.best_plan(work.settings, plans, keys, rows, work.callsigns, row, work.now_ns)
    dossier = work.dossiers.get(track_id, EMPTY)
    held = dossier.plan
    if fit is None and held is None:
        return
    if fit is not None and held is not None and (fit.plan, fit.fits) == (held.plan, held.fits):
        return
    work.put(track_id, msgspec.structs.replace(dossier, plan=fit))
    if fit is not None:
        rows["civil_onset_ns"][row] = work.now_ns


def told_rows(rows: Rows) -> Integers:
    """(n,) row of ``classes.TOLD_LOG``: civil evidence outweighs a state aircraft's permission."""
    ats = rows["ats_state"]
    civil = (rows["plan_state"] > 0) | (rows["needs"] > 0) | rows["inherited"]
    civil |= (ats & (ATS_CIVIL | ATS_OURS)) > 0
    return np.where(civil, 1, np.where(ats & ATS_AUTHORISED, 2, 0)).astype(np.int64)


def _find_company(settings: IdentitySettings, rows: Rows, now_ns: int) -> None:
    silent = (rows["cooperative_ns"] < 0) & (rows["ended_ns"] < 0) & (rows["samples"] >= 3)
    where = np.flatnonzero(silent)
    where = where[np.argsort(rows["latitude_deg"][where], kind="stable")]
    count = np.zeros(len(where), dtype=np.int64)
    if len(where) > 1:
        some = rows.part(where)
        _kernels.companions(
            np.ascontiguousarray(some["latitude_deg"]),
            np.ascontiguousarray(some["longitude_deg"]),
            np.ascontiguousarray(some["height_m"]),
            np.ascontiguousarray(some["velocity_mps"]),
            settings.formation_m,
            settings.formation_height_m,
            settings.formation_mps,
            count,
        )
    companions = np.zeros(len(rows), dtype=np.int64)
    companions[where] = count
    has = companions > 0
    begins = has & (rows["formation_ns"] < 0)
    age_s = (now_ns - rows["birth_ns"]) * NS
    rows["company_ns"] = np.where(has, now_ns, rows["company_ns"])
    # a formation opens and closes, and noise with it: company counts until it is gone for good
    gone = (now_ns - rows["company_ns"]) * NS > settings.formation_keep_s
    rows["formation_born"] |= begins & (age_s <= settings.formation_born_s)
    rows["formation_ns"] = np.where(begins, now_ns, np.where(gone, NEVER, rows["formation_ns"]))
    rows["companions"] = np.where(has, companions, np.where(gone, 0, rows["companions"]))


def _take_acts(work: Work, homeless: tuple[str, ...], new: Sequence[Act]) -> tuple[str, ...]:
    """Acts of persons, in the order of their own time; then what no longer holds lapses."""
    rows = work.rows
    mine = [act for act in new if act.kind == "set_identity"]
    for act in sorted(mine, key=acts.turn):
        row = work.index.get(act.track_id or "")
        if row is None and act.value == acts.POSSIBLE and act.track_id in work.lost_ids:
            # of a track that is lost a doubt is kept: it may come back, or go on under another name
            past = work.dossiers.get(act.track_id, EMPTY)
            work.put(act.track_id, acts.apply(past, act, None, work.now_ns))
            heir = work.index.get(past.merged_into or "")
            if heir is not None:
                inherit_doubts(work, heir, act.track_id)
            continue
        if row is None:
            homeless = (*homeless, f"act {act.act_id}: no track {act.track_id!r}")[-64:]
            continue
        dossier = work.dossiers.get(work.ids[row], EMPTY)
        reason = verdict.civil_reason(rows, row, dossier)
        doubt = verdict.doubt_of_exclusion(work.settings, rows, row, dossier)
        work.put(work.ids[row], acts.apply(dossier, act, reason, work.now_ns, doubt))
    gone = {act.subject for act in new if act.kind == "withdraw" and act.subject is not None}
    if gone:
        for track_id, dossier in sorted(work.dossiers.items()):
            work.put(track_id, acts.without(dossier, gone, work.now_ns))
    touched = [
        name
        for name, dossier in work.dossiers.items()
        if dossier.notes or dossier.standing is not None or dossier.excluded is not None
    ]
    for track_id in sorted(touched):
        dossier = work.dossiers[track_id]
        row = work.index.get(track_id)
        if row is None:
            continue
        reason = verdict.civil_reason(rows, row, dossier)
        onset_ns = int(rows["civil_onset_ns"][row])
        doubt = verdict.doubt_of_exclusion(work.settings, rows, row, dossier)
        renewed = acts.lapse(work.settings, dossier, reason, onset_ns, work.now_ns, doubt)
        work.put(track_id, renewed)
        verdict.overrule(rows, row, renewed)
    return homeless


def _changed(settings: IdentitySettings, rows: Rows, work: Work) -> Integers:
    codes = np.column_stack(
        [
            rows[name].astype(np.int32)
            for name in (
                "object_class",
                "identity",
                "civil",
                "explained",
                "needs",
                "integrity",
                "may_be",
            )
        ]
        + [rows["fresh"].astype(np.int32)]
    )
    moved = greatest(np.abs(rows["probabilities"] - rows["told_probabilities"]))
    changed = ~rows["told"] | (moved > settings.change_probability)
    changed |= (codes != rows["told_codes"]).any(axis=1)
    # a rule asks whether a crewed civil aircraft is all but impossible: that it is less so is always told
    held, told = (
        rows[name][:, MAYBE_CREWED].sum(axis=1) for name in ("probabilities", "told_probabilities")
    )
    changed |= (held > told * 1.001) & (told < LITTLE)
    for track_id in work.dirty:
        row = work.index.get(track_id)
        if row is not None:
            changed[row] = True
    where = np.flatnonzero(changed)
    rows["told"][where] = True
    rows["told_codes"][where] = codes[where]
    rows["told_probabilities"][where] = rows["probabilities"][where]
    return where


def _tell(work: Work, where: Integers) -> list[Assessment]:
    if not len(where):
        return []
    where = np.array(sorted(where.tolist(), key=work.ids.__getitem__), dtype=np.int64)
    ids = [work.ids[row] for row in where.tolist()]
    callsigns = [work.callsigns[row] for row in where.tolist()]
    return evidence.conclude(work.rows.part(where), ids, callsigns, work.dossiers)


def _forget(work: Work) -> None:
    """Drop dossiers of tracks that are no longer remembered."""
    if not work.dossiers:
        return
    gone = {name for name in work.dossiers if name not in work.index}
    if gone:
        for track_id in gone.difference(work.lost_ids):
            del work.dossiers[track_id]
