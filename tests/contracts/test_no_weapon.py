"""There is no output that means "engage": no field, value, tag or measure can address a weapon."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

from vedette.model import proposal
from vedette.response.rule_set import shipped_rules

# packages whose structs are the program's vocabulary or can leave it
PACKAGES = (
    "vedette.model",
    "vedette.response",
    "vedette.council",
    "vedette.watch",
    "vedette.identity",
    "vedette.ledger",
    "vedette.engine",
    "vedette.app",
)
# words, whole, that would command, cue or assign a weapon, or mean that one is used
FORBIDDEN = {
    "weapon", "weapons", "engage", "engages", "engaged", "engagement", "fire", "fires", "fired",
    "firing", "shoot", "shoots", "shot", "shootdown", "kill", "kills", "killed", "destroy",
    "destroys", "destroyed", "strike", "strikes", "target", "targets", "targeted", "targeting",
    "designate", "designation", "cue", "cues", "cueing", "cued", "slew", "lock", "lockon",
    "illuminate", "jam", "jammed", "jamming", "jammer", "effector", "effectors", "interceptor",
    "interceptors", "munition", "munitions", "warhead", "ammunition", "gun", "cannon", "laser",
    "neutralise", "neutralize", "neutralised", "neutralized", "defeat", "attack", "eliminate",
    "salvo", "launcher", "arm", "armed", "disarm",
}  # fmt: skip
# a fact about an object that a person reported, not a command: reviewed one by one
ALLOWED = {
    ("Situation", "armed_type_seen"),  # a person saw its type
    ("_Derived", "do_not_engage"),  # read from published files: that nobody may
}


def words(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return set(re.findall(r"[a-z]+", spaced.lower()))


def structs() -> Iterator[type[msgspec.Struct]]:
    seen: set[type] = set()
    for name in PACKAGES:
        package = importlib.import_module(name)
        for info in pkgutil.walk_packages(package.__path__, f"{name}."):
            module = importlib.import_module(info.name)
            for value in vars(module).values():
                if (
                    isinstance(value, type)
                    and issubclass(value, msgspec.Struct)
                    and value.__module__.startswith("vedette.")
                    and value not in seen
                ):
                    seen.add(value)
                    yield value


def literals(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from (value for value in get_args(kind) if isinstance(value, str))
    for part in get_args(kind):
        yield from literals(part)


def names_of(struct: type[msgspec.Struct]) -> Iterator[str]:
    yield struct.__name__
    tag = struct.__struct_config__.tag
    if isinstance(tag, str):
        yield tag
    for field in msgspec.structs.fields(struct):
        yield field.name
        yield field.encode_name
        yield from literals(field.type)


def offences(struct: type[msgspec.Struct]) -> list[str]:
    return [
        name
        for name in names_of(struct)
        if words(name) & FORBIDDEN and (struct.__name__, name) not in ALLOWED
    ]


def test_no_struct_has_a_name_or_value_that_could_address_a_weapon() -> None:
    found = {struct.__name__: offences(struct) for struct in structs()}
    assert len(found) > 40  # the walk finds the program
    assert {name: bad for name, bad in found.items() if bad} == {}


@pytest.mark.parametrize("bad", ["weapon_id", "fireControl", "cue", "target_list", "ENGAGE"])
def test_the_search_would_find_one(bad: str) -> None:
    assert offences(msgspec.defstruct("Order", [(bad, str)]))
    assert offences(msgspec.defstruct("Order", [("what", Literal[bad])]))  # type: ignore[valid-type]
    assert offences(msgspec.defstruct("Order", [("what", str)], tag=bad))


def test_the_outputs_are_the_closed_list() -> None:
    assert set(get_args(proposal.Output)) == {
        "MONITOR",
        "ASSIST",
        "IDENTIFY",
        "ESCORT",
        "WARN_PUBLIC",
        "HAND_OVER_TO_NATIONAL_AUTHORITY",
    }
    assert set(get_args(proposal.ForceQuestion)) == {"never", "closed", "admissible"}
    (output,) = [f for f in msgspec.structs.fields(proposal.Advice) if f.name == "output"]
    assert output.type is proposal.Output


def test_advice_and_proposals_have_these_fields_and_no_others() -> None:
    """A new field is a decision of people: it changes this list."""

    def fields(struct: type[msgspec.Struct]) -> set[str]:
        return {field.name for field in msgspec.structs.fields(struct)}

    assert fields(proposal.Proposal) == {
        "rule", "measures", "withheld", "not_permitted", "authority", "deadline", "deadline_s",
        "reasons", "sources",
    }  # fmt: skip
    assert fields(proposal.Advice) == {
        "incident_id", "valid_ns", "rule_set", "proposals", "output", "force_question", "gate",
        "checks", "undetermined", "authority",
        "confirmed",  # who said yes to each check and item, in which words: what a dossier is bound to
    }  # fmt: skip


def test_no_measure_tells_anybody_to_use_a_weapon() -> None:
    rules = shipped_rules()
    assert set(rules.measures) == {f"M{number:02}" for number in range(18)}
    for measure in rules.measures.values():
        assert not words(measure.text) & FORBIDDEN, measure.id
    for rule in rules.rules.values():
        assert not words(rule.title) & (FORBIDDEN - {"attack", "armed"}), rule.id
