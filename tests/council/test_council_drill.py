"""Thirty-two delegations on the command line; the whole matter as one file that an outsider checks."""

import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from vedette.app.commands.council import group
from vedette.app.matter_export import Export
from vedette.app.matter_file import append_receipt, parsed, read_key, replayed
from vedette.council.act import Receipt
from vedette.council.decision import populations
from vedette.model.errors import RecordError, SettingError
from vedette.model.signature import public_key_of, sign, to_base64
from vedette.model.time import parse_utc

ALLIES = sorted(populations("nato"))


def run(*words: str) -> Result:
    return CliRunner().invoke(group, list(words))


class Council:
    """A matter in a folder, and the keys of all who take part; times are of one day, a drill."""

    def __init__(self, folder: Path, parties: list[str]) -> None:
        self.folder, self.matter = folder, str(folder / "matter.jsonl")
        for party in parties:
            name, _, deputy = party.partition(".")
            more = ["--deputy", deputy] if deputy else []
            assert run("key", name, *more, "--out", str(folder / "keys")).exit_code == 0

    def say(self, party: str, kind: str, at: str, *words: str) -> Result:
        key = str(self.folder / "keys" / f"{party}.key")
        who = ["--key", key, "--person", f"head of {party}", "--at", f"2025-09-23T{at}Z"]
        return run(kind, self.matter, *words, *who)

    def begin(self, kind: str, text: str) -> None:
        assert self.say(
            "EST", "open", "07:00:00", "--keys", str(self.folder / "keys"), "--kind", kind,
            "--title", "A drill",
        ).exit_code == 0  # fmt: skip
        self.put("EST", text, "07:01:00")

    def put(self, party: str, text: str, at: str) -> None:
        (self.folder / "text").write_text(text, encoding="utf-8")
        assert self.say(party, "put", at, str(self.folder / "text")).exit_code == 0

    def stands(self, at: str = "23:00:00") -> dict[str, object]:
        shown = run("show", self.matter, "--json", "--at", f"2025-09-23T{at}Z")
        assert shown.exit_code == 0, shown.output
        decoded: dict[str, object] = msgspec.json.decode(shown.output)
        return decoded


@pytest.fixture(scope="module")
def allies(tmp_path_factory: pytest.TempPathFactory) -> Council:
    """A shield: drafted, blocked by one, amended, agreed by all thirty-two."""
    council = Council(tmp_path_factory.mktemp("allies"), [*ALLIES, "CHAIR"])
    council.begin("shield", "a zone\nfor a year\n")
    assert len(ALLIES) == 32
    refused = council.say(
        "CHAIR", "place", "07:02:00", "--deadline", "2025-09-23T12:00", "--zone", "UTC"
    )
    assert (refused.exit_code, "never silence" in refused.output) == (1, True)
    for number, party in enumerate(ALLIES):
        answer = ("object", "--reason", "too long") if party == "HUN" else ("consent",)
        assert council.say(party, answer[0], f"08:{number:02}:00", *answer[1:]).exit_code == 0
    blocked = council.stands("09:00:00")
    assert (blocked["status"], blocked["outstanding"]) == ("talks", ["HUN"])
    council.put("EST", "a zone\nfor three months\n", "10:00:00")
    for number, party in enumerate(ALLIES[:-1]):
        assert council.say(party, "consent", f"11:{number:02}:00").exit_code == 0
    assert council.stands("11:59:00")["missing_consents"] == [ALLIES[-1]]
    assert council.say(ALLIES[-1], "consent", "12:00:00").exit_code == 0
    return council


def test_all_thirty_two_agree_after_one_has_blocked(allies: Council) -> None:
    found = allies.stands()
    assert (found["status"], found["agreed_by"]) == ("agreed", "consent")
    objections = found["objections"]
    assert isinstance(objections, list)
    assert [one["party"] for one in objections] == ["HUN"]  # kept
    shown = run("diff", allies.matter)
    assert shown.exit_code == 1  # as of every command that compares
    assert "-for a year" in shown.output
    assert "+for three months" in shown.output


def test_the_whole_matter_is_one_file_that_an_outsider_checks(
    allies: Council, tmp_path: Path
) -> None:
    out, key = tmp_path / "out.json", str(allies.folder / "keys" / "CHAIR.key")
    public = (allies.folder / "keys" / "CHAIR.pub").read_text().strip()
    assert run("export", allies.matter, str(out), "--key", key).exit_code == 0
    checked = run("verify", str(out), "--keeper", public, "--json")
    assert checked.exit_code == 0, checked.output
    found = msgspec.json.decode(checked.stdout)
    assert (found["status"], found["drill"], found["keeper"]) == ("agreed", True, "CHAIR")
    assert (
        "whose key" in run("verify", str(out)).output
    )  # without the key from elsewhere it says so
    other = (allies.folder / "keys" / "EST.pub").read_text().strip()
    assert run("verify", str(out), "--keeper", other).exit_code == 1
    assert isinstance(run("export", allies.matter, str(out), "--key", key).exception, RecordError)
    # nothing in it can be changed, left out, or said to stand otherwise
    export = msgspec.json.decode(out.read_bytes())
    for change in (
        {"lines": export["lines"][:-1]}, {"status": "talks"}, {"agreed_version": None},
        {"head": "0" * 64}, {"keeper": "EST"},
    ):  # fmt: skip
        out.write_bytes(msgspec.json.encode(export | change))
        assert run("verify", str(out), "--keeper", public).exit_code == 1, change
    out.write_bytes(
        msgspec.json.encode(export | {"lines": [*export["lines"][:5], *export["lines"][6:]]})
    )
    assert isinstance(run("verify", str(out)).exception, RecordError)  # a line does not follow
    out.write_bytes(b"{}")
    assert isinstance(run("verify", str(out)).exception, RecordError)


def test_one_who_is_out_of_reach_keeps_silence_from_adopting(tmp_path: Path) -> None:
    council = Council(tmp_path, ["EST", "LVA", "LVA.deputy", "DEU", "CHAIR"])
    council.begin("declaration", "we have been told")
    limit = ("--deadline", "2025-09-23T12:00", "--zone", "UTC")
    assert council.say("CHAIR", "place", "07:10:00", *limit).exit_code == 0
    assert council.say("DEU", "absent", "07:20:00", "LVA", "--reason", "no line").exit_code == 0
    assert council.stands("12:00:01")["absent"] == ["LVA"]
    assert "out of reach: LVA" in run("show", council.matter, "--at", "2025-09-23T12:00:01Z").output
    assert council.say("CHAIR", "place", "13:00:00", *limit).exit_code == 1
    # its deputy speaks for it, and takes the first key out of use
    lost = str(tmp_path / "keys" / "LVA.pub")
    assert council.say("LVA.deputy", "revoke", "13:10:00", lost, "--reason", "taken").exit_code == 0
    assert council.say("LVA", "abstain", "13:11:00").exit_code == 1
    assert council.say("LVA.deputy", "abstain", "13:12:00").exit_code == 0
    found = council.stands("13:13:00")
    assert (found["absent"], found["aside"]) == ([], ["LVA"])
    assert (
        "standing aside: LVA" in run("show", council.matter, "--at", "2025-09-23T14:00:00Z").output
    )
    counted = run("count", council.matter, "--rule", "nac_consensus")
    assert counted.exit_code == 1
    assert "nothing from" in counted.output


def test_a_refused_act_is_spent_and_nobody_brings_it_forward(tmp_path: Path) -> None:
    council = Council(tmp_path, ["EST", "LVA"])
    council.begin("delegation", "a text")
    assert council.say("LVA", "object", "08:00:00", "--reason", "no").exit_code == 0
    assert council.say("LVA", "consent", "08:01:00").exit_code == 1  # its objection stands
    line = (tmp_path / "matter.jsonl").read_bytes().splitlines()[-1]
    assert council.say("LVA", "lift", "08:02:00").exit_code == 0
    assert council.say("EST", "consent", "08:03:00").exit_code == 0
    old = msgspec.json.decode(line, type=Receipt)
    before = (tmp_path / "matter.jsonl").read_bytes()
    state, _, refused = append_receipt(
        tmp_path, lambda _, now_ns: msgspec.structs.replace(old, received_ns=now_ns), None
    )
    assert (state.status, refused) == ("talks", "consent: was already taken")
    assert (tmp_path / "matter.jsonl").read_bytes() == before  # and fills no file


def test_a_deputy_without_a_first_key_and_a_bad_name_are_refused(tmp_path: Path) -> None:
    council = Council(tmp_path, ["EST", "LVA.deputy"])
    opened = council.say(
        "EST",
        "open",
        "07:00:00",
        "--keys",
        str(tmp_path / "keys"),
        "--kind",
        "posture",
        "--title",
        "t",
    )
    assert isinstance(opened.exception, SettingError)
    assert isinstance(run("key", "EST", "--deputy", "a.b").exception, SettingError)


def test_what_is_left_when_states_leave_block_or_are_out_of_reach() -> None:
    """The drill of a broken chain: which texts still decide, and for whom."""
    known = ("--others", "yes", "--no", "HUN", "--deciding", "EST", "--json")
    expected = {
        "nac_consensus": False, "nac_explicit": False, "unanimity_less_one": True,
        "eu_unanimity_cfsp": False, "eu_qmv": True, "eu_qmv_of_participants": True, "eu_reinforced_qmv": True,
        "coalition_opt_in": True, "national_self_defence": True, "standing_delegation": True,
    }  # fmt: skip
    for option, less_one in (("--left", True), ("--away", False)):
        counted = run("count", *known, option, "USA")
        assert counted.exit_code == 0, counted.output
        found = msgspec.json.decode(counted.output)
        stands = {name: one["adopted"] for name, one in found.items()}
        # who has left is no member any more; who is out of reach is one, and has not said yes
        assert stands == expected | {"unanimity_less_one": less_one}
        assert ("USA" in found["nac_consensus"]["silent"]) == (option == "--away")
        assert found["national_self_defence"]["bound"] == ["EST"]
        assert "HUN" not in found["coalition_opt_in"]["bound"]
    everybody = run("count", "--rule", "nac_consensus", "--deadline-passed", "--away", "USA")
    assert everybody.exit_code == 1  # silence of who cannot speak is no assent
    assert run("count", "--rule", "nac_consensus", "--deadline-passed").exit_code == 0
    gone = run("count", "--others", "yes", "--left", "EST", "--deciding", "EST", "--json")
    assert "national_self_defence" not in msgspec.json.decode(gone.output)
    out = run("count", "--others", "yes", "--away", "EST", "--deciding", "EST", "--json")
    assert not msgspec.json.decode(out.output)["national_self_defence"]["adopted"]


def test_the_other_commands_answer() -> None:
    assert "nac_consensus" in run("rules").output
    assert len(msgspec.json.decode(run("rules", "--json").output)) == 10
    assert run("count", "--rule", "eu_qmv", "--yes", "EST").exit_code == 1
    for words in (
        ("--rule", "x"),
        ("--rule", "eu_qmv", "--yes", "USA"),
        ("--yes", "EST", "--no", "EST"),
        ("--yes", "ETS"),
        # mistyped, a state that cannot speak would be taken for one that is silent
        ("--rule", "nac_consensus", "--deadline-passed", "--away", "ETS"),
        ("--left", "XXX"),
        ("--deciding", "est"),
    ):
        assert isinstance(run("count", *words).exception, SettingError)
    past = run("history", "--json")
    assert past.exit_code == 0
    assert all(one["agrees"] for one in msgspec.json.decode(past.output))
    assert "France" in run("history", "2003-turkey").output
    assert isinstance(run("history", "x").exception, SettingError)
    proved = run("prove", "--states", "2", "--acts", "3", "--json")
    assert proved.exit_code == 0
    assert set(msgspec.json.decode(proved.stdout)["properties"].values()) == {True}
    assert "holds  deadline" in run("prove", "--states", "2", "--acts", "3").output


def _forged(out: Path, change: Callable[[list[bytes]], list[bytes]], key: str) -> Path:
    """What a keeper who holds a party's key makes of an export: other lines, a chain and a signature that fit."""
    export = msgspec.json.decode(out.read_bytes(), type=Export)
    kept = change([line.encode() for line in export.lines])
    lines = kept[:1]
    for line in kept[1:]:
        receipt = msgspec.json.decode(line)
        receipt["previous"] = sha256(lines[-1]).hexdigest()
        lines.append(msgspec.json.encode(receipt))
    party, private = read_key(Path(key))
    file = parsed(out, b"\n".join(lines) + b"\n")
    state = replayed(file, file.receipts, export.as_of_ns)
    made = Export(
        lines=tuple(line.decode() for line in lines), head=file.head, as_of_ns=export.as_of_ns,
        status=state.status, agreed_version=state.agreed_version, keeper=party,
        public_key=to_base64(public_key_of(private)),
    )  # fmt: skip
    signature = to_base64(sign(made.signed_bytes(), private))
    forged = out.with_suffix(".forged")
    forged.write_bytes(msgspec.json.encode(msgspec.structs.replace(made, signature=signature)))
    return forged


def test_a_keeper_who_drops_or_restamps_an_objection_is_found(tmp_path: Path) -> None:
    council = Council(tmp_path, ["EST", "LVA", "DEU", "CHAIR"])
    council.begin("declaration", "we have been told")
    limit = ("--deadline", "2025-09-23T10:00", "--zone", "UTC")
    assert council.say("CHAIR", "place", "08:00:00", *limit).exit_code == 0
    assert council.say("DEU", "object", "09:00:00", "--reason", "no").exit_code == 0
    assert council.say("LVA", "remark", "10:30:00", "--reason", "for the record").exit_code == 0
    out, chair = tmp_path / "out.json", str(tmp_path / "keys" / "CHAIR.key")
    assert run("export", council.matter, str(out), "--key", chair).exit_code == 0
    assert run("verify", str(out)).exit_code == 0
    # dropped from the middle: whoever acted later had seen it
    dropped = _forged(out, lambda lines: [*lines[:4], *lines[5:]], chair)
    found = run("verify", str(dropped))
    assert found.exit_code == 1
    assert "signed after a line that is not in the file" in found.stderr

    # kept, and said to have come a moment after the deadline: its signer's time is in it
    def late(lines: list[bytes]) -> list[bytes]:
        receipt = msgspec.json.decode(lines[4])
        receipt["received_ns"] = parse_utc("2025-09-23T10:00:00Z") + 1
        return [*lines[:4], msgspec.json.encode(receipt)]

    restamped = run("verify", str(_forged(out, late, chair)))
    assert "status: agreed" in restamped.stdout
    assert "DEU signed an objection at 2025-09-23T09:00:00" in restamped.stderr
    # and nobody but the keeper that the roster names may sign it
    other = run(
        "export", council.matter, str(tmp_path / "b"), "--key", str(tmp_path / "keys" / "EST.key")
    )
    assert other.exit_code == 0
    theirs = run("verify", str(tmp_path / "b"))
    assert (theirs.exit_code, "CHAIR keeps it" in theirs.stderr) == (1, True)


def test_an_export_says_what_silence_has_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = Council(tmp_path, ["EST", "LVA", "CHAIR"])
    now_ns = parse_utc("2025-09-23T07:00:00Z")
    monkeypatch.setattr(time, "time_ns", lambda: now_ns)
    keys = str(tmp_path / "keys")

    def say(party: str, kind: str, *words: str) -> None:
        who = ["--key", f"{keys}/{party}.key", "--person", "A Person"]
        assert run(kind, council.matter, *words, *who).exit_code == 0

    say("EST", "open", "--keys", keys, "--kind", "declaration", "--title", "t")
    (tmp_path / "text").write_text("we have been told")
    say("EST", "put", str(tmp_path / "text"))
    say("CHAIR", "place", "--deadline", "2025-09-23T09:00", "--zone", "UTC")
    now_ns = parse_utc("2025-09-23T09:00:01Z")
    assert (
        run("export", council.matter, str(tmp_path / "o"), "--key", f"{keys}/CHAIR.key").exit_code
        == 0
    )
    checked = run("verify", str(tmp_path / "o"))
    assert (checked.exit_code, "status: agreed" in checked.stdout) == (0, True)


def test_words_of_people_pass_for_no_line_of_the_program(tmp_path: Path) -> None:
    council = Council(tmp_path, ["EST", "LVA"])
    council.begin("shield", "a text")
    words = "fine\n2025-09-23T08:00:00.000Z  lifted  DEU\x1b[8m\u202e"
    assert council.say("LVA", "remark", "08:00:00", "--reason", words).exit_code == 0
    shown = run("show", council.matter, "--at", "2025-09-23T09:00:00Z").output
    assert not [
        line for line in shown.splitlines() if line.startswith("2025") and "  lifted" in line[:40]
    ]
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\u000a2025-09-23T08:00:00.000Z  lifted  DEU\\u001b[8m\\u202e" in shown
