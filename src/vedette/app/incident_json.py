"""An incident as other programs and the page read it: ISO times, plain numbers, advice beside it."""

from collections.abc import Mapping
from typing import Any

from vedette.model.act import Act
from vedette.model.assessment import Assessment
from vedette.model.incident import Bounds, Crossing, HandOver, Incident, Moment
from vedette.model.probability import rounded
from vedette.model.proposal import Advice
from vedette.model.time import format_utc


def _moment(moment: Moment | None) -> dict[str, str] | None:
    if moment is None:
        return None
    return {
        "utc": format_utc(moment.estimate_ns),
        "low": format_utc(moment.low_ns),
        "high": format_utc(moment.high_ns),
    }


def _bounds(bounds: Bounds) -> dict[str, float]:
    return {
        "estimate": round(bounds.estimate, 1),
        "low": round(bounds.low, 1),
        "high": round(bounds.high, 1),
    }


def _crossing(crossing: Crossing) -> dict[str, Any]:
    return {
        "state": crossing.state,
        "zone_id": crossing.zone_id,
        "entered": _moment(crossing.entered),
        "left": _moment(crossing.left),
        "inside_s": _bounds(crossing.inside_s),
        "depth_m": _bounds(crossing.depth_m),
        "probability": rounded(crossing.probability),
        "predicted": crossing.predicted,
        "lost_inside": crossing.lost_inside,
    }


def _instant(at_ns: int | None) -> dict[str, str] | None:
    return None if at_ns is None else {"utc": format_utc(at_ns)}


def _proposals(advice: Advice | None, measures: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "rule": proposal.rule,
            "measures": list(proposal.measures),
            "measures_text": [measures.get(name, name) for name in proposal.measures],
            "withheld": list(proposal.withheld),
            "not_permitted": proposal.not_permitted,
            "authority": proposal.authority,
            "deadline": proposal.deadline,
            "deadline_s": proposal.deadline_s,
            "reasons": list(proposal.reasons),
            "sources": list(proposal.sources),
        }
        for proposal in (advice.proposals if advice else ())
    ]


def judged_json(
    incident_id: str, advice: Advice | None, measures: Mapping[str, str]
) -> dict[str, Any]:
    """What a rule set says of an incident, and nothing else of it.

    Args:
        incident_id: of the incident.
        advice: what the rules lead to; None: nothing yet.
        measures: texts of the measures of these rules.
    """
    return {
        "incident_id": incident_id,
        "output": advice.output if advice else "MONITOR",
        "force_question": advice.force_question if advice else "never",
        "proposals": _proposals(advice, measures),
    }


def _hand_over(given: HandOver) -> dict[str, Any]:
    return {
        "from_state": given.from_state,
        "state": given.state,
        "zone_id": given.zone_id,
        "told": _instant(given.told_ns),
        "expected": _moment(given.expected),
        "probability": rounded(given.probability),
        "entered": _instant(given.entered_ns),
        "withdrawn": _instant(given.withdrawn_ns),
    }


def _metres(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def incident_json(
    incident: Incident,
    advice: Advice | None,
    assessment: Assessment | None,
    acknowledged: Act | None,
    measures: Mapping[str, str],
) -> dict[str, Any]:
    """One element of ``vedette incident list --json`` and of ``/api/incidents``.

    ``measures`` gives the words of each measure. An incident that no advice exists for yet is to be
    monitored, and its force question is "never".
    """
    crossings = [_crossing(crossing) for crossing in incident.crossings]
    first = crossings[0] if crossings else {}
    known = assessment
    return {
        "incident_id": incident.incident_id,
        "group_id": incident.group_id,
        "status": incident.status,
        "causes": list(incident.causes),
        "object": {
            "track_id": incident.track_id,
            "class": known.object_class if known else "unknown",
            "class_probability": rounded(known.class_probability) if known else None,
            "identity": known.identity if known else "pending",
            "icao24": known.icao24 if known else None,
            "callsign": known.callsign if known else None,
            "mode3a": known.mode3a if known else None,
        },
        "crossings": crossings,
        "hand_overs": [_hand_over(given) for given in incident.hand_overs],
        "joined": list(incident.joined),
        "disputed": [_crossing(reading) for reading in incident.disputed],
        **{
            name: first.get(name)
            for name in (
                "state",
                "zone_id",
                "entered",
                "left",
                "inside_s",
                "depth_m",
                "probability",
            )
        },
        "proposals": _proposals(advice, measures),
        "output": advice.output if advice else "MONITOR",
        "force_question": advice.force_question if advice else "never",
        "national_authority": advice.authority if advice else None,
        "rule_set": advice.rule_set if advice else None,
        "opened": {"utc": format_utc(incident.opened_ns)},
        "valid": {"utc": format_utc(incident.valid_ns)},
        "position": {
            "latitude_deg": round(incident.latitude_deg, 5),
            "longitude_deg": round(incident.longitude_deg, 5),
            "pressure_altitude_m": incident.pressure_altitude_m,
            "height_hae_m": _metres(incident.height_hae_m),
            "height_sigma_m": _metres(incident.height_sigma_m),
            "ground_speed_mps": round(incident.ground_speed_mps, 1),
            "track_angle_deg": round(incident.track_angle_rad * 57.29577951308232 % 360.0, 1),
        },
        "sensors": list(incident.sensors),
        "needs": list(known.needs) if known else [],
        "civil": known.civil if known else "possible",
        "explained_by": known.explained_by if known else None,
        "flight_plan": known.flight_plan if known else None,
        "registry_state": known.registry_state if known else None,
        "evidence": [
            {
                "source": item.source,
                "statement": item.statement,
                "supports": item.supports,
                "log_odds": round(item.log_odds, 3),
                "valid": {"utc": format_utc(item.valid_ns)},
                "would_change": item.would_change,
            }
            for item in (known.evidence if known else ())
        ],
        "doubts": list(known.doubts) if known else [],
        "checks": dict(advice.checks) if advice else {},
        "gate": dict(advice.gate) if advice else {},
        "undetermined": list(advice.undetermined) if advice else [],
        "acknowledged": (
            {
                "person": acknowledged.person,
                "utc": format_utc(acknowledged.valid_ns),
                "signed": False,  # whoever watches may say it; nothing follows from it
            }
            if acknowledged
            else None
        ),
    }
