"""``vedette council`` as delegations use it: files, keys, exit codes."""

import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from vedette.app.commands.council import group
from vedette.model.errors import RecordError, SettingError
from vedette.model.time import format_utc


def run(*words: str) -> Result:
    return CliRunner().invoke(group, list(words))


def made(tmp_path: Path) -> str:
    for party in ("CHAIR", "EST", "DEU"):
        assert run("key", party, "--out", str(tmp_path / "keys")).exit_code == 0
    matter = str(tmp_path / "matter.jsonl")
    opened = run(
        "open", matter, "--keys", str(tmp_path / "keys"), *by(tmp_path, "EST", "07:00:00"),
        "--kind", "declaration", "--title", "A statement",
    )  # fmt: skip
    assert opened.exit_code == 0, opened.output
    (tmp_path / "text.txt").write_text("We have been told.\n", encoding="utf-8")
    put = run("put", matter, str(tmp_path / "text.txt"), *by(tmp_path, "EST", "07:10:00"))
    assert put.exit_code == 0
    return matter


def by(tmp_path: Path, party: str, at: str) -> list[str]:
    key = str(tmp_path / "keys" / f"{party}.key")
    return ["--key", key, "--person", "A Person", "--at", f"2025-09-23T{at}Z"]


def placed(tmp_path: Path) -> str:
    matter = made(tmp_path)
    result = run(
        "place", matter, *by(tmp_path, "CHAIR", "07:20:00"),
        "--deadline", "2025-09-23T12:00", "--zone", "Europe/Brussels",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return matter


def shown(matter: str, at: str) -> dict[str, object]:
    result = run("show", matter, "--json", "--at", f"2025-09-23T{at}Z")
    assert result.exit_code == 0, result.output
    decoded: dict[str, object] = msgspec.json.decode(result.output)
    return decoded


def test_silence_is_broken_one_second_before_the_deadline_and_not_at_it(tmp_path: Path) -> None:
    matter = placed(tmp_path)  # noon in Brussels in September is 10:00 UTC
    assert shown(matter, "09:59:59")["status"] == "silence"
    assert shown(matter, "10:00:00")["status"] == "agreed"
    before = Path(matter).read_bytes()
    late = run("object", matter, *by(tmp_path, "DEU", "10:00:00"), "--reason", "no")
    assert late.exit_code == 1
    assert shown(matter, "11:00:00")["status"] == "agreed"
    # it is in the file all the same, and spent: nobody can bring it forward when it would have effect
    assert len(Path(matter).read_bytes().splitlines()) == len(before.splitlines()) + 1
    Path(matter).write_bytes(before)
    intime = run("object", matter, *by(tmp_path, "DEU", "09:59:59"), "--reason", "no")
    assert intime.exit_code == 0, intime.output
    after = shown(matter, "11:00:00")
    assert (after["status"], after["outstanding"], after["drill"]) == ("talks", ["DEU"], True)
    assert "DEU: no" in run("show", matter).output


def test_an_altered_line_has_no_effect_or_is_named(tmp_path: Path) -> None:
    matter = Path(placed(tmp_path))
    lines = matter.read_bytes().splitlines()
    receipt = msgspec.json.decode(lines[-1])
    receipt["signature"] = receipt["signature"][::-1]
    matter.write_bytes(b"\n".join([*lines[:-1], msgspec.json.encode(receipt)]) + b"\n")
    assert shown(str(matter), "11:00:00")["status"] == "talks"
    assert "refused" in run("show", str(matter)).output
    matter.write_bytes(b"\n".join([*lines[:-1], lines[-1][:-9]]) + b"\n")
    broken = run("show", str(matter))
    assert isinstance(broken.exception, RecordError)
    assert "line 4" in str(broken.exception)


def test_a_line_that_a_dying_writer_left_has_no_effect_and_is_set_aside(tmp_path: Path) -> None:
    matter = Path(placed(tmp_path))
    whole = matter.read_bytes()
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in (start + 1, len(whole) - 9):
        matter.write_bytes(whole[:cut])
        seen = shown(str(matter), "11:00:00")
        assert seen["status"] == "talks"  # the placement was never finished
        assert seen["torn_bytes"] == cut - start
        assert "never finished" in run("show", str(matter)).stderr
    torn = whole[start : len(whole) - 9]
    said = run("remark", str(matter), *by(tmp_path, "DEU", "07:30:00"), "--reason", "we are here")
    assert said.exit_code == 0, said.output
    assert shown(str(matter), "11:00:00")["torn_bytes"] == 0
    assert matter.read_bytes().startswith(whole[:start])
    (beside,) = tmp_path.glob("matter.jsonl.torn-*")
    assert beside.read_bytes() == torn


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe", b"{}", b'{"format":"other"}'])
def test_what_is_no_matter_file_is_said_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "m.jsonl"
    path.write_bytes(data)
    assert isinstance(run("show", str(path)).exception, RecordError)


def test_bad_values_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    matter = made(tmp_path)
    before = Path(matter).read_bytes()
    chair = by(tmp_path, "CHAIR", "07:20:00")
    for deadline, zone in (
        ("noon", "Europe/Brussels"),
        ("2025-09-23T12:00", "Europe/Nowhere"),
        ("2025-10-26T02:30", "Europe/Brussels"),  # that half hour comes twice
        ("2025-03-30T02:30", "Europe/Brussels"),  # and this one never
    ):
        result = run("place", matter, *chair, "--deadline", deadline, "--zone", zone)
        assert isinstance(result.exception, SettingError), (deadline, zone)
    assert isinstance(run("key", "Estonia").exception, SettingError)
    again = run("key", "EST", "--out", str(tmp_path / "keys"))
    assert isinstance(again.exception, RecordError)
    keys = str(tmp_path / "keys")
    estonia = by(tmp_path, "EST", "08:00:00")
    twice = run("open", matter, "--keys", keys, *estonia, "--kind", "posture", "--title", "x")
    assert isinstance(twice.exception, RecordError)
    assert Path(matter).read_bytes() == before


def test_a_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    made(tmp_path)
    assert (tmp_path / "keys" / "EST.key").stat().st_mode & 0o077 == 0


def test_the_rest_of_the_commands(tmp_path: Path) -> None:
    matter = made(tmp_path)
    steps = (
        ("object", "DEU", "07:20:00", ["--reason", "one word"]),
        ("remark", "DEU", "07:21:00", ["--reason", "we said so before"]),
        ("lift", "DEU", "07:22:00", []),
        ("consent", "DEU", "07:23:00", []),
        ("consent", "EST", "07:24:00", []),
    )
    for name, party, at, more in steps:
        result = run(name, matter, *by(tmp_path, party, at), *more)
        assert result.exit_code == 0, (name, result.output, result.exception)
    assert shown(matter, "07:25:00")["agreed_by"] == "consent"
    assert run("withdraw", matter, *by(tmp_path, "EST", "07:30:00")).exit_code == 1


def real(tmp_path: Path) -> str:
    """A matter that is no drill, with a text under silence for two hours."""
    for party in ("CHAIR", "EST", "DEU"):
        run("key", party, "--out", str(tmp_path / "keys"))
    matter = str(tmp_path / "real.jsonl")
    (tmp_path / "text.txt").write_text("We have been told.\n", encoding="utf-8")
    hours = 3600 * 10**9
    soon, late = (format_utc(time.time_ns() + n * hours) for n in (0, 2))
    keys = ("--keys", str(tmp_path / "keys"))
    title = ("--kind", "declaration", "--title", "A statement")
    steps = (
        ("open", matter, *keys, *now_by(tmp_path, "EST"), *title),
        ("put", matter, str(tmp_path / "text.txt"), *now_by(tmp_path, "EST")),
        ("place", matter, *now_by(tmp_path, "CHAIR"), "--deadline", late, "--zone", "UTC"),
    )
    assert [run(*step).exit_code for step in steps[:2]] == [0, 0]
    near = run("place", matter, *now_by(tmp_path, "CHAIR"), "--deadline", soon, "--zone", "UTC")
    assert near.exit_code == 1  # an hour at least
    placed = run(*steps[2])
    assert placed.exit_code == 0, placed.output
    return matter


def now_by(tmp_path: Path, party: str) -> list[str]:
    return by(tmp_path, party, "07:00:00")[:4]


def test_a_line_dated_ahead_gives_no_silence(tmp_path: Path) -> None:
    matter = real(tmp_path)
    path = Path(matter)
    before = path.read_bytes()
    last = before.splitlines()[-1]
    line = {
        "received_ns": time.time_ns() + 10**18,
        "act": "", "public_key": "", "signature": "", "drill": True,
        "previous": sha256(last).hexdigest(),
    }  # fmt: skip
    path.write_bytes(before + msgspec.json.encode(line) + b"\n")
    for words in (("show", matter), ("object", matter, *now_by(tmp_path, "DEU"), "--reason", "no")):
        result = run(*words)
        assert isinstance(result.exception, RecordError)
        assert f"line {len(before.splitlines()) + 1}: received after the present" in str(
            result.exception
        )
    path.write_bytes(before)
    ahead = run("show", matter, "--at", "2100-01-01T00:00:00Z")
    assert isinstance(ahead.exception, SettingError)
    drill = run("object", matter, *by(tmp_path, "DEU", "09:00:00"), "--reason", "no")
    assert isinstance(drill.exception, SettingError)
    forged = [before.splitlines()[0].replace(b'"matter_id":"', b'"matter_id":"drill-')]
    for old in before.splitlines()[1:]:
        previous = {"previous": sha256(forged[-1]).hexdigest()}
        forged.append(msgspec.json.encode(msgspec.json.decode(old) | previous))
    path.write_bytes(b"\n".join(forged) + b"\n")
    drilled = run("show", matter)
    assert isinstance(drilled.exception, RecordError)
    assert "another matter" in str(drilled.exception)  # whether it is a drill was signed


def test_a_line_taken_out_of_the_middle_is_seen(tmp_path: Path) -> None:
    matter = Path(placed(tmp_path))
    lines = matter.read_bytes().splitlines(keepends=True)
    head = str(shown(str(matter), "09:00:00")["head"])
    assert head == sha256(lines[-1].rstrip()).hexdigest()
    for gone in (1, 2):
        matter.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
        broken = run("show", str(matter))
        assert "does not follow" in str(broken.exception)
        assert isinstance(broken.exception, RecordError)
    matter.write_bytes(b"".join(lines[:-1]))  # a cut end: only the kept head tells
    assert shown(str(matter), "09:00:00")["head"] != head


def test_two_that_act_at_once_both_stand(tmp_path: Path) -> None:
    matter = real(tmp_path)

    def remark(number: int) -> None:
        group.main(
            ["remark", matter, *now_by(tmp_path, "DEU"), "--reason", f"{number}"],
            standalone_mode=False,
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remark, range(8)))
    assert run("show", matter).output.count("remarked") == 8
