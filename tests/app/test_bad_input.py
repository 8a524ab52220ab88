"""Bad input is one clear line and an exit code, never a traceback."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def vedette(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vedette", *arguments],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["watch", "smoke://signals"], 2, "is no feed"),
        (["watch", "beast://nowhere"], 2, "needs a host and a port"),
        (["watch", "beast+file:/no/such/file"], 3, "there is no file"),
        (["watch", "sim:/no/such/scenario.yaml"], 3, "cannot read scenario"),
        (["watch", "beast+file:{junk}", "--date", "yesterday"], 2, "is no date"),
        (["watch", "beast+file:{junk}", "--speed", "fast"], 2, "neither max nor"),
        (["watch", "beast+file:{junk}", "--sensors", "{junk}"], 3, "sensors"),
        (["watch", "beast+file:{junk}", "--sensors", "{latin}"], 3, "sensors"),
        (["watch", "beast+file:{junk}", "--zones", "{junk}"], 3, "junk"),
        (["watch", "beast+file:{junk}", "--zones", "{latin}"], 3, "latin"),
        (["watch", "table:{junk}", "--until-end"], 3, "junk"),
        (["watch", "beast+file:{junk}", "--record", "{folder}"], 3, "not empty"),
        (["incident", "list", "{folder}"], 3, "holds no record"),
        (["ledger", "verify", "{folder}"], 3, "holds no record"),
        (["ledger", "list", "{folder}", "--kind", "incidents"], 2, "there are record, session"),
        (["council", "drill", "--out", "{junk}"], 3, "Not a directory"),
        (["demo", "--web", "here"], 2, "HOST:PORT"),
        (["demo", "--headless", "--seed", "-1"], 2, "'--seed': -1"),
        (["demo", "--headless", "--shift-north-m", "nan"], 2, "nan is no number"),
        (["demo", "--headless", "--late-plan-s", "-1e12"], 2, "'--late-plan-s'"),
        (["watch", "sim:{deep}"], 3, "nested too deeply"),
        (["bench", "nothing"], 2, "no bench"),
        (["fly"], 2, "No such command"),
    ],
)
def test_bad_input_is_one_clear_line(
    tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"\x00not what you think\xff" * 9)
    latin = tmp_path / "latin"
    latin.write_bytes(b'[{"sensor_id": "\xfc"}]')  # no UTF-8
    deep = tmp_path / "deep.yaml"
    deep.write_text("[" * 5_000)
    filled = [part.format(junk=junk, latin=latin, deep=deep, folder=tmp_path) for part in arguments]
    done = vedette(*filled)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = vedette("demo", "--web", f"127.0.0.1:{port}")
    assert done.returncode == 3
    assert "cannot be served" in done.stderr
    assert "Traceback" not in done.stderr


def test_garbage_on_a_feed_is_quarantined_and_the_run_goes_on(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.ast"
    garbage.write_bytes(bytes(range(256)) * 40)
    record = tmp_path / "record"
    done = vedette(
        "watch",
        f"asterix+file:{garbage}",
        "--date",
        "2025-09-19",
        "--until-end",
        "--record",
        str(record),
    )
    assert done.returncode == 0, done.stderr
    listed = vedette("ledger", "list", str(record), "--kind", "quarantine")
    assert '"reason"' in listed.stdout
    assert '"hex"' in listed.stdout
    assert vedette("ledger", "verify", str(record)).returncode == 0
