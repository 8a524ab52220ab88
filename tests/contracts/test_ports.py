"""The ports are a closed list, and what goes out has no field outside its allow-list."""

import inspect
from typing import Protocol

from vedette.app.incident_json import incident_json
from vedette.engine import ports
from vedette.model.incident import Bounds, Crossing, HandOver, Incident, Moment
from vedette.model.proposal import Advice, Proposal
from vedette.model.time import format_utc

OUTBOUND = {
    "incident_id", "group_id", "status", "causes", "object", "crossings", "state", "zone_id", "entered",
    "left", "inside_s", "depth_m", "probability", "proposals", "output", "force_question",
    "national_authority", "rule_set", "opened", "valid", "position", "sensors", "needs", "civil",
    "explained_by", "flight_plan", "registry_state", "evidence", "doubts", "checks", "gate",
    "undetermined", "acknowledged",
    # words to people about an own incident, no less and no more than its crossings are: which neighbour was
    # told, and how each side reads an area in dispute
    "hand_overs", "disputed",
    "joined",  # own incidents that were the same object
}  # fmt: skip
OUTBOUND_HAND_OVER = {
    "from_state", "state", "zone_id", "told", "expected", "probability", "entered", "withdrawn",
}  # fmt: skip
OUTBOUND_CROSSING = {
    "state", "zone_id", "entered", "left", "inside_s", "depth_m", "probability", "predicted",
    "lost_inside",
}  # fmt: skip
OUTBOUND_PROPOSAL = {
    "rule", "measures", "measures_text", "withheld", "not_permitted", "authority", "deadline",
    "deadline_s", "reasons", "sources",
}  # fmt: skip


def test_there_are_six_ports_and_no_other() -> None:
    protocols = {
        name
        for name, value in inspect.getmembers(ports, inspect.isclass)
        if issubclass(value, Protocol) and value.__module__ == ports.__name__
    }
    assert protocols == set(ports.PORTS)
    assert set(ports.PORTS) == {"Feed", "Clock", "Store", "Link", "Notice", "Desk"}


def test_an_incident_goes_out_with_its_listed_fields_alone() -> None:
    moment = Moment(estimate_ns=0, low_ns=0, high_ns=0)
    bounds = Bounds(estimate=1.0, low=0.5, high=1.5)
    crossing = Crossing(
        track_id="T1", zone_id="EST", state="EST", entered=moment, left=None,
        inside_s=bounds, depth_m=bounds, probability=1.0,
    )  # fmt: skip
    given = HandOver(
        from_state="EST", state="LVA", zone_id="LVA", told_ns=0, expected=moment, probability=0.9,
        entered_ns=1,
    )  # fmt: skip
    incident = Incident(
        incident_id="I1", revision=1, group_id=None, status="open", causes=("unexplained_crossing",),
        track_id="T1", opened_ns=0, valid_ns=0, crossings=(crossing,), latitude_deg=59.0,
        longitude_deg=25.0, pressure_altitude_m=None, ground_speed_mps=200.0, track_angle_rad=0.0,
        sensors=("r",), hand_overs=(given,), disputed=(crossing,),
    )  # fmt: skip
    proposal = Proposal(
        rule="R14", measures=("M03",), not_permitted="M14", authority="x", deadline="60 s",
        deadline_s=60.0, reasons=(), sources=(),
    )  # fmt: skip
    advice = Advice(
        incident_id="I1", valid_ns=0, rule_set="r", proposals=(proposal,), output="ESCORT",
        force_question="never",
    )  # fmt: skip
    out = incident_json(incident, advice, None, None, {"M03": "hail"})
    assert set(out) == OUTBOUND
    assert set(out["proposals"][0]) == OUTBOUND_PROPOSAL
    (told,), (reading,) = out["hand_overs"], out["disputed"]
    assert set(told) == OUTBOUND_HAND_OVER
    assert told["entered"] == {"utc": format_utc(1)}
    assert told["withdrawn"] is None
    assert set(reading) == set(out["crossings"][0]) == OUTBOUND_CROSSING
