"""``vedette office``: keys are made once, kept from others, and only for offices that can be read back."""

import stat
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from desk_kit import TABLE

from vedette.app.commands.office import group
from vedette.app.key_file import read_office_key
from vedette.model.errors import RecordError, SettingError
from vedette.model.signature import public_key_of, to_base64
from vedette.response.desk.offices import Roster, decode_roster


def new(folder: Path, office: str, person: str, *more: str, key: str | None = None) -> Result:
    words = ["new", office, "--person", person, "--offices", str(folder / "offices.json"),
             "--key", str(folder / (key or f"{person}.key")), *more]  # fmt: skip
    return CliRunner().invoke(group, words)


def roster(folder: Path) -> Roster:
    return decode_roster((folder / "offices.json").read_bytes(), frozenset(TABLE.roles))


def test_an_office_is_made_and_gets_a_second_holder(tmp_path: Path) -> None:
    assert (
        new(tmp_path, "watch", "Ann", "--role", "watch_supervisor", "--state", "EST").exit_code == 0
    )
    assert new(tmp_path, "watch", "Ben").exit_code == 0
    (office,) = roster(tmp_path).offices
    assert (office.roles, office.state) == (("watch_supervisor",), "EST")
    assert [holder.person for holder in office.holders] == ["Ann", "Ben"]
    key = read_office_key(tmp_path / "Ann.key")
    assert key.public_key == office.holders[0].public_key == to_base64(public_key_of(key.private))
    assert stat.S_IMODE((tmp_path / "Ann.key").stat().st_mode) == 0o600
    assert key.private_key not in (tmp_path / "offices.json").read_text()
    listed = CliRunner().invoke(group, ["list", str(tmp_path / "offices.json")])
    assert "watch  EST  watch_supervisor  Ann, Ben" in listed.output


@pytest.mark.parametrize(
    ("more", "person", "error"),
    [
        (("--role", "king"), "Ann", SettingError),
        ((), "Ann", SettingError),
        (("--role", "reviewer"), " ", SettingError),
        (("--role", "reviewer", "--state", "Estonia"), "Ann", SettingError),
    ],
)
def test_what_could_not_be_read_back_is_refused_and_leaves_nothing(
    tmp_path: Path, more: tuple[str, ...], person: str, error: type[Exception]
) -> None:
    result = new(tmp_path, "watch", person, *more, key="k")
    assert isinstance(result.exception, error)
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_never_written_over_and_an_office_keeps_what_it_is(tmp_path: Path) -> None:
    new(tmp_path, "watch", "Ann", "--role", "watch_supervisor")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert isinstance(new(tmp_path, "watch", "Ben", key="Ann.key").exception, RecordError)
    assert isinstance(new(tmp_path, "watch", "ANN").exception, SettingError)  # stands there already
    assert isinstance(new(tmp_path, "watch", "Ben", "--role", "reviewer").exception, SettingError)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_is_no_key_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "k"
    for data in (b"", b"{}", msgspec.json.encode({"office": "a", "person": "b", "public_key": "",
                                                  "private_key": "AAAA"})):  # fmt: skip
        path.write_bytes(data)
        with pytest.raises(RecordError):
            read_office_key(path)


def test_every_role_is_listed_with_what_it_may_accept() -> None:
    output = CliRunner().invoke(group, ["roles"]).output
    assert all(role in output for role in TABLE.roles)
    assert "launch_authority" in output
