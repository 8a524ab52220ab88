"""Situations of every kind, and more of those near the rows of the question of force."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from vedette.response.situation import Situation


def _values(kind: Any) -> st.SearchStrategy[Any]:
    options = [part for part in get_args(kind) if part is not NoneType]
    inner = options[0] if get_origin(kind) in (Union, UnionType) else kind
    if get_origin(inner) is Literal:
        return st.sampled_from([None, *get_args(inner)])
    if inner is bool:
        return st.sampled_from([None, True, False])
    if inner is int:
        return st.sampled_from([None, 0, 1, 2, 3, 5, 21])
    if inner is float:
        return st.sampled_from([None, 0.0, 0.00001, 0.5, 17.0, 59.9, 60.0, 300.0, 5000.0, 1e6])
    return st.sampled_from([None, "EST", "LTU", "DEU", "POL", "LUX", "ROU", "SVK", "RUS"])


FIELDS = {field.name: _values(field.type) for field in msgspec.structs.fields(Situation)}
SITUATIONS = st.builds(Situation, **FIELDS)
# near the rows of the force question, where random facts hardly ever come
GRAVE = {
    "identity": st.sampled_from(["suspect", "hostile"]),
    "object_class": st.sampled_from(["drone_long_range", "military_aircraft", "drone_small"]),
    "civil": st.sampled_from(["excluded", "possible", None]),
    "where": st.just("inside"),
    "member": st.just(True),
    "state": st.sampled_from(["LTU", "ROU", "POL", "LUX"]),
    **{
        name: st.just(False)
        for name in (
            "plan_fits", "civil_sign", "radio_failure", "radio_contact_lost", "emergency",
            "unlawful_interference", "crew_not_responding", "threat_message", "exercise", "replay",
            "node_isolated", "reported_by_people_only", "track_lost", "at_aerodrome", "drifting",
            "cooperative", "radio_answered", "third_state_stray", "friend_candidate",
            "identity_set_alone", "plan_like", "civil_reply_lately", "keeps_route",
        )
    },
    **{
        name: st.just(True)
        for name in (
            "hostile_act", "heading_to_site", "sensors_healthy", "plans_held", "needs_heard",
            "civil_feed",
        )
    },
    "sensor_count": st.just(3),
    "sensor_kind_count": st.just(2),
    "kinds_agree_s": st.just(300.0),
    "crewed_civil_probability": st.just(0.00001),
}  # fmt: skip
GRAVE_SITUATIONS = st.builds(Situation, **(FIELDS | GRAVE))
MIXED = st.one_of(SITUATIONS, GRAVE_SITUATIONS)
