"""Thirty-two delegations on the command line; the whole matter as one file that an outsider checks."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from vedette.app.commands.council import group
from vedette.app.matter_file import append_receipt
from vedette.council.act import Receipt
from vedette.council.decision import populations
from vedette.model.errors import RecordError, SettingError

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
