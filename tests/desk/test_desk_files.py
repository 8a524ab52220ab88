"""Files of the desk: rosters and tables that would let somebody through are refused."""

from string import ascii_lowercase, ascii_uppercase, digits

import msgspec
import pytest
from desk_kit import (
    office,
    public,
)

from vedette.model.errors import RuleError, SettingError
from vedette.model.signature import from_base64
from vedette.response.desk.offices import Roster, decode_roster
from vedette.response.desk.seats import load_table, shipped_table_bytes
from vedette.response.rule_set import shipped_rules


def test_a_name_in_two_scripts_is_refused() -> None:
    for name, word in (("\u0410nn", "cyrillic and latin"), ("B\u03bfb", "greek and latin")):
        data = msgspec.json.encode(Roster(offices=(office("watch", ("reviewer",), name),)))
        with pytest.raises(SettingError, match=word):
            decode_roster(data, frozenset({"reviewer"}))
    whole = Roster(offices=(office("watch", ("reviewer",), "\u0410\u043d\u043d\u0430 \u5b89"),))
    assert decode_roster(msgspec.json.encode(whole), frozenset({"reviewer"})) == whole


def test_a_roster_with_a_shared_key_or_an_unknown_role_is_refused() -> None:
    roles = frozenset({"reviewer"})

    def read(*offices: object) -> Roster:
        return decode_roster(msgspec.json.encode({"offices": offices}), roles)

    fine = {"office_id": "r", "title": "r", "roles": ["reviewer"],
            "holders": [{"person": "Ann", "public_key": public("Ann")}]}  # fmt: skip
    assert read(fine).office("r") is not None
    for bad in (
        fine | {"roles": ["king"]},
        fine | {"roles": []},
        fine | {"holders": [{"person": "Ann", "public_key": "short"}]},
        fine | {"holders": [{"person": p, "public_key": public("Ann")} for p in ("Ann", "Ben")]},
        fine | {"holders": [{"person": p, "public_key": public(p)} for p in ("Ann", "ANN ")]},
        fine | {"state": "Estonia"},
        fine | {"more": 1},
    ):
        with pytest.raises(SettingError):
            read(bad)
    with pytest.raises(SettingError):
        read(fine, fine)
    # the same key in another spelling would be heard after the first was revoked
    key, letters = public("Ann"), ascii_uppercase + ascii_lowercase + digits + "+/"
    other = f"{key[:-2]}{letters[letters.index(key[-2]) | 3]}="
    assert (other != key, from_base64(other)) == (True, from_base64(key))
    again = fine | {"office_id": "s", "holders": [{"person": "Ann", "public_key": other}]}
    with pytest.raises(SettingError, match="no Ed25519 key"):
        read(fine, again)


@pytest.mark.parametrize("seat", ["[duty_commander]", "[national_authority, duty_commander]"])
def test_a_table_by_which_another_than_the_national_authority_answers_is_refused(seat: str) -> None:
    text = shipped_table_bytes().decode()
    assert text.count("[reviewer], [national_authority]]") == 1
    changed = text.replace("[reviewer], [national_authority]]", f"[reviewer], {seat}]")
    with pytest.raises(RuleError, match="M14 is answered by the national authority"):
        load_table(changed.encode(), shipped_rules())


@pytest.mark.parametrize("measure", ["M06", "M07", "M08", "M14"])
@pytest.mark.parametrize("what", ["one seat", "a no that does not close"])
def test_a_table_that_lets_one_person_send_somebody_near_is_refused(
    measure: str, what: str
) -> None:
    text = shipped_table_bytes().decode()
    (line,) = [line for line in text.splitlines() if f"id: {measure}" in line]
    worse = (
        line.replace("], [", ", ")
        if what == "one seat"
        else line.replace("one_no_closes: true", "valid_s: 9")
    )
    if what != "one seat" and "valid_s: 60," in worse:
        worse = worse.replace("valid_s: 60, ", "")
    with pytest.raises(RuleError, match=f"{measure} approaches"):
        load_table(text.replace(line, worse).encode(), shipped_rules())
