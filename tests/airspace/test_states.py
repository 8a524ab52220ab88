"""Codes of states as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.airspace.states import check_state, facts, near_states
from vedette.identity.tables import registry
from vedette.model.errors import SettingError

KNOWN = facts().codes.split()


def test_every_state_that_other_tables_name_is_known() -> None:
    named = {member.iso3 for member in facts().members} | set(facts().neighbours.values())
    named |= set(facts().location_prefixes.values()) | set(registry().states) - {""}
    assert named <= set(KNOWN)
    assert len(KNOWN) == len(set(KNOWN)) == 250  # 249 of ISO 3166-1, and XKX


@given(st.sampled_from(KNOWN))
def test_a_code_is_taken_as_it_is(code: str) -> None:
    assert check_state("--state", code) == code


@given(st.text(max_size=8) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3))
def test_what_is_no_code_is_refused_and_only_codes_are_offered(text: str) -> None:
    if text in KNOWN:
        return
    with pytest.raises(SettingError, match="no ISO 3166-1"):
        check_state("--state", text)
    offered = near_states(text, KNOWN).removeprefix(": is it ").removesuffix("?")
    assert set(filter(None, offered.split(", or "))) <= set(KNOWN)


@given(st.sampled_from(facts().members), st.sampled_from(["iso2", "name", "iso3"]))
def test_a_member_named_otherwise_is_the_first_that_is_offered(member: object, how: str) -> None:
    said = str(getattr(member, how)).lower()
    wanted = getattr(member, "iso3")  # noqa: B009
    assert near_states(said, KNOWN).startswith(f": is it {wanted}")
