"""What is asked for is done or refused in words, never left out in silence; what was not found out is not said."""

import json
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from vedette.app import feed_probe
from vedette.app.cli import cli
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import TEXT_MAX, RecordError, SettingError, SourceError, shortened


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Here, with a file that holds nothing anybody asks for."""
    (tmp_path / "junk").write_bytes(b"\x00not what you think\xff" * 9)
    monkeypatch.chdir(tmp_path)
    return tmp_path


DEMO = ("demo", "--headless")
OFFICE = (
    "office",
    "new",
    "lv",
    "--role",
    "watch_operator",
    "--person",
    "Jan",
    "--offices",
    "new",
    "--key",
    "new",
)
ATTRIBUTE = (
    "desk",
    "attribute",
    "--key",
    "junk",
    "--words",
    "seen",
    "--url",
    "http://127.0.0.1:1",
    "i1",
)
SCRIPTED = ("sim", "exercise", "gulf_of_finland", "--record", "new", "--script", "x")


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ((*DEMO, "--accounts", "junk", "--reactions", "junk"), SettingError, "--accounts, --reactions: only"),
        ((*DEMO, "--council", "."), SettingError, "--council: only the page"),
        ((*DEMO, "--web", "127.0.0.1:8137"), SettingError, "--web: only the page"),
        ((*DEMO, "--web", "127.0.0.1:0", "--reactions", "junk"), SettingError, "--web, --reactions: only"),
        ((*SCRIPTED, "--web", "127.0.0.1:8137"), SettingError, "--web: only the page"),
        ((*SCRIPTED, "--speed", "5"), SettingError, "leave --speed out"),
        ((*SCRIPTED[:-2], "--json"), SettingError, "it needs --script"),
        ((*DEMO, "--open", "--name", "here"), SettingError, "--open, --name: only the page"),
        ((*DEMO, "--drop", "radar-9"), SettingError, "no sensor radar-9; there are radar-1"),
        ((*SCRIPTED, "--open"), SettingError, "--open: only the page"),
        (("demo", "--web", "127.0.0.1:0", "--reactions", "junk"), RecordError, "no register of reactions"),
        (("sim", "page", "junk"), SourceError, "no answer of a study"),
        (("watch", "table:.", "--until-end"), SourceError, ". is a folder"),
        (("council", "remaining", "--away", "XYZ"), SettingError, "XYZ: no member"),
        (("council", "remaining", "--away", "ETS"), SettingError, "(EST,LVA): is it EST"),
        (("council", "key", "XYZ", "--out", "new"), SettingError, "STATE: 'XYZ' is no ISO 3166-1"),
        (("council", "key", "EE", "--out", "new"), SettingError, "as EST: is it EST"),
        (("node", "init", "new", "--nation", "XYZ"), SettingError, "--nation: 'XYZ' is no ISO 3166-1"),
        (("node", "init", "new", "--nation", "Latvia"), SettingError, "is it LVA?"),
        ((*OFFICE, "--state", "XYZ"), SettingError, "--state: 'XYZ' is no ISO 3166-1"),
        ((*OFFICE, "--state", "FIM"), SettingError, "is it FIN"),
        (("zone", "list", "--state", "XYZ"), SettingError, "--state: 'XYZ' is no ISO 3166-1"),
        (("sim", "study", "zagreb-2022", "--picture", "new"), SettingError, "must end in .svg"),
        (("sim", "play", "drones", "--out", "new"), SettingError, "must end in .answer.json"),
        (("sim", "map", "--state", "XYZ"), SettingError, "XYZ: no member"),
        (("reaction", "list", "junk", "--party", "XYZ"), SettingError, "'XYZ' is no party"),
        ((*ATTRIBUTE, "XYZ"), SettingError, "STATE: 'XYZ' is no ISO 3166-1"),
        (("zone", "list", "--only-files", "--zones", "z.json", "--state", "Estonia"), SettingError, "alpha-3"),
        (("feed", "probe", "empty"), SourceError, "empty: it is empty"),
        (("feed", "quarantine", "junk", "--feed", "beast-1"), SettingError, "none: it is a recording"),
        (("reaction", "list", "junk", "--party", "est"), SettingError, "'est' is no party"),
        (("node", "act", "no", "m", "place", "--key", "k", "--person", "A", "--office", "o",
          "--deadline", "soon"), SettingError, "--deadline: 'soon'"),
        (("node", "act", "no", "m", "place", "--key", "k", "--person", "A", "--office", "o",
          "--deadline", "2025-09-19T12:00", "--zone", "Mars/Olympus"), SettingError, "Mars/Olympus"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(
    folder: Path, words: tuple[str, ...], error: type[Exception], says: str
) -> None:
    (folder / "empty").touch()
    (folder / "z.json").write_text('{"type": "FeatureCollection", "features": []}')
    done = run(*words)
    assert isinstance(done.exception, error), done.output
    assert says in str(done.exception)
    assert "page:" not in done.output  # no address is given out before
    assert not Path("new").exists()


def test_a_rule_set_is_checked_with_the_tables_beside_it(folder: Path) -> None:
    for file in files("vedette").joinpath("rules").iterdir():
        if file.name.endswith(".yaml"):
            (folder / file.name).write_bytes(file.read_bytes())
    check = ("rule", "check", "--no-proof", "--rules", ".")
    assert "note: " not in run(*check).stderr
    timing = (folder / "timing.yaml").read_text("utf-8")
    (folder / "timing.yaml").write_text(timing.replace("lognormal: [60,", "lognormal: [-60,", 1))
    assert "timing.yaml" in str(run(*check).exception)  # a watch refuses it
    (folder / "timing.yaml").rename(folder / "timing.yml")
    said = run(*check).stderr
    assert "timing.yaml is not in .: that of the program counts" in said
    assert "timing.yml is read by nothing" in said


def test_an_address_is_given_out_only_for_a_record(folder: Path) -> None:
    done = run("ledger", "page", "missing", "--web", "127.0.0.1:0")
    assert isinstance(done.exception, RecordError)
    assert done.output == ""


LINKS = {"refused": "no", "connected": "", "lost": "closed", "reconnected": ""}


@given(
    st.lists(st.sampled_from(sorted(LINKS)), max_size=4), st.sampled_from(["beast", "asterix+udp"])
)
def test_a_feed_that_was_never_reached_is_a_no(events: list[str], scheme: str) -> None:
    async def heard(url: str, seconds: float) -> list[Item]:
        del url, seconds
        told = [msgspec.json.encode({"event": one, "reason": LINKS[one]}) for one in events]
        return [Item(ItemKind.LINK, 0, 1, one) for one in told]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed_probe, "_heard", heard)
        done = run("feed", "probe", f"{scheme}://127.0.0.1:1", "--seconds", "1", "--json")
    reached = None if scheme != "beast" else not set(events) <= {"refused"}
    assert json.loads(done.stdout)["reached"] is reached
    assert done.exit_code == (1 if reached is False else 0)
    assert ("could not be reached in 1 s" in done.stderr) == (reached is False)


def test_a_recording_without_a_time_has_none(folder: Path) -> None:
    (folder / "cut.parquet").write_bytes(b"PAR1" + bytes(3000))
    said = run("feed", "probe", "cut.parquet").stdout
    assert "no time\n" in said
    assert "1970" not in said


@given(st.text(max_size=3), st.integers(0, 2 * TEXT_MAX), st.text(max_size=3))
def test_a_message_is_as_it_was_or_says_what_is_left_out(first: str, size: int, last: str) -> None:
    whole = first + "x" * size + last
    said = str(SourceError(whole))
    assert said == shortened(whole)
    assert said == whole if len(whole) <= TEXT_MAX else "characters left out" in said
    assert len(said) <= TEXT_MAX
    assert said.startswith(first)
    assert said.endswith(last)


@pytest.mark.parametrize("names", ["{long},b", "time,latitude,longitude,{long}"])
def test_a_long_name_in_a_file_does_not_fill_the_screen(folder: Path, names: str) -> None:
    head = names.format(long="n" * 100_000)
    (folder / "long.csv").write_text(f"{head}\n" + ",".join("1" * (head.count(",") + 1)) + "\n")
    done = run("feed", "probe", "table:long.csv")
    assert len(done.output) + len(str(done.exception)) < 3 * TEXT_MAX
