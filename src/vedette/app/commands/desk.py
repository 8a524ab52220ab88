"""``vedette desk``: what is asked of whom in a running watch or a record, and a person's signed answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from vedette.app.plain_words import one_line

F = TypeVar("F", bound=Callable[..., Any])
_HERE: Final = "http://127.0.0.1:8137"
_INCIDENT = click.argument("incident")


@click.group("desk")
def group() -> None:
    """Questions put to offices, and people's signed answers. Silence is no."""


def _acting(command: F) -> F:
    """Options of every command that signs an act."""
    for option in (
        click.option("--url", default=_HERE, show_default=True, help="The watch that runs."),
        click.option("--words", required=True, help="Why, in words."),
        click.option(
            "--key",
            required=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Key of the person who acts, of 'vedette office new'.",
        ),
    ):
        command = option(command)
    return command


# ---------------------------------------------------------------------------- looking


@group.command("list")
@click.argument("where", default=_HERE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_papers(where: str, *, as_json: bool) -> None:
    """Questions of the watch at the address WHERE, or of the record in the folder WHERE."""
    from vedette.app.summary import to_json

    papers = _papers(where)
    if as_json:
        click.echo(to_json(papers))
        return
    for paper in papers:
        waits = paper["status"] in ("open", "asked")  # of any other nobody is waited for
        open_ = [
            " or ".join(seat["roles"]) for seat in paper["seats"] if waits and not seat["said_yes"]
        ]
        noes = sum(word["kind"] == "reject" for word in paper["words"])
        line = f"{paper['incident_id']}  {paper['measure']}  {paper['status']:9}"
        if noes:
            line += f"  {noes} against"
        if open_:
            line += f"  waits for {' and '.join(open_)}"
        click.echo(line.rstrip())


@group.command("show")
@_INCIDENT
@click.argument("where", default=_HERE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(incident: str, where: str, *, as_json: bool) -> None:
    """All that is asked in one INCIDENT, who said what, dissent first."""
    from vedette.app.summary import to_json

    papers = [paper for paper in _papers(where) if paper["incident_id"] == incident]
    if as_json:
        click.echo(to_json(papers))
    else:
        for paper in papers:
            click.echo("\n".join(paper_lines(paper)))
    if not papers:
        click.echo(f"error: nothing is asked in {incident}", err=True)
        raise SystemExit(1)


def paper_lines(paper: dict[str, Any]) -> list[str]:
    """One question in a few lines."""
    refused = dict.fromkeys(
        "; ".join(paper["not_permitted"]).split("; ")
    )  # of two rules, each once
    lines = [
        f"{paper['measure']}  {paper['status']}  {paper['question']}",
        f"    question {paper['paper_id'][:12]}, about {paper['track_id']}",
        f"    put by {', '.join(paper['rules'])}; not permitted: {'; '.join(refused)}",
    ]
    if paper["attribution"]:
        lines.append(f"    whose it was: {paper['attribution']}")
    lines += [f"    against it: {doubt}" for doubt in paper["against"]]
    if paper["basis"]:
        lines.append(f"    asked of: {paper['basis']}")
    lines += [
        f"    seat of {' or '.join(seat['roles'])}: {'yes' if seat['said_yes'] else 'nobody'}"
        for seat in paper["seats"]
    ]
    lines += [
        f"    {word['kind']}  {word['person']} ({word['office']}, {word['act_id']}): {word['words']}"
        for word in paper["words"]
    ]
    lines += [
        f"    void, its key was revoked: {word['kind']}  {word['person']} ({word['office']}, "
        f"{word['act_id']}): {word['words']}"
        for word in paper["void"]
    ]
    return [one_line(line) for line in lines]


@group.command("keys")
@click.argument("where", default=_HERE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def keys(where: str, *, as_json: bool) -> None:
    """Whose keys the watch or record WHERE hears, and which were revoked, by whom and why."""
    from vedette.app.summary import to_json

    if where.startswith(("http://", "https://")):
        desk = _desk(where)
        held = [
            {"office": office["office_id"], **holder}
            for office in desk["offices"]
            for holder in office["holders"]
        ]
        found = _with_revocations(held, desk["revoked"])
    else:
        from vedette.app.views import keys_of_record
        from vedette.engine.record import Record

        found = _with_revocations(*keys_of_record(Record(Path(where))))
    if as_json:
        click.echo(to_json(found))
        return
    for one in found:
        line = f"{one['office']}  {one['person']}  {one['public_key']}"
        if one["revoked"]:
            how = one["revoked"]
            line += f"  revoked {how['revoked']['utc'][:19]}Z by {how['by']} ({how['office']}): {how['words']}"
        click.echo(line)


def _with_revocations(
    held: list[dict[str, Any]], revoked: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    by_key = {one["public_key"]: one for one in revoked}
    return [{**one, "revoked": by_key.get(one["public_key"])} for one in held]


def _papers(where: str) -> list[dict[str, Any]]:
    if where.startswith(("http://", "https://")):
        papers: list[dict[str, Any]] = _desk(where)["papers"]
        return papers
    from vedette.app.views import papers_of_record
    from vedette.engine.record import Record

    return papers_of_record(Record(Path(where)))


def _desk(url: str) -> dict[str, Any]:
    import httpx

    from vedette.model.errors import SourceError

    try:
        answer = httpx.get(f"{url.rstrip('/')}/api/desk", timeout=30.0)
        answer.raise_for_status()
        desk: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise SourceError(f"no watch answers at {url}: {error}") from error
    return desk


# ---------------------------------------------------------------------------- acting


def _sign_and_send(
    url: str,
    key_file: Path,
    kind: str,
    incident: str,
    words: str,
    seen: str | None = None,
    **facts: str | None,
) -> None:
    """Sign an act on what the watch shows now, send it, and say what came of it: exit 1 where refused.

    ``seen`` is the beginning of the question that the person has read: another one is not signed.
    """
    import httpx

    from vedette.model.errors import SettingError, SourceError

    desk = _desk(url)
    try:
        known = httpx.get(f"{url.rstrip('/')}/api/incidents", timeout=30.0).json()
    except (httpx.HTTPError, ValueError) as error:
        raise SourceError(f"no watch answers at {url}: {error}") from error
    track = next((o["object"]["track_id"] for o in known if o["incident_id"] == incident), None)
    if track is None:
        raise SettingError(f"the watch at {url} has no incident {incident}")
    paper = next(
        (
            one["paper_id"]
            for one in desk["papers"]
            if one["incident_id"] == incident and one["measure"] == facts.get("subject")
        ),
        None,
    )
    if seen is not None and not (paper or "").startswith(seen):
        click.echo(
            f"refused: {facts.get('subject')} is now question {(paper or 'none')[:12]}, not {seen}: "
            f"look again with vedette desk show {incident}",
            err=True,
        )
        raise SystemExit(1)
    _send(
        url, key_file, desk, kind=kind, incident_id=incident, track_id=track, words=words,
        paper=paper if kind in ("accept", "reject", "ask") else None, **facts,
    )  # fmt: skip


def _send(url: str, key_file: Path, desk: dict[str, Any], **facts: str | None) -> None:
    """Sign an act with the key in a file, send it, and print its id: exit 1 where it is refused."""
    from uuid import uuid4

    import httpx
    import msgspec

    from vedette.app.key_file import read_office_key
    from vedette.model.errors import SettingError, SourceError
    from vedette.response.desk.signed import DeskAct, sign_act

    key = read_office_key(key_file)
    try:
        act = msgspec.convert(
            {
                "act_id": uuid4().hex, "desk": desk["desk"], "person": key.person,
                "office": key.office, "seen_ns": int(desk["now_ns"]), **facts,
            },
            DeskAct,
        )  # fmt: skip
    except msgspec.ValidationError as error:
        raise SettingError(str(error)) from error
    try:
        answer = httpx.post(
            f"{url.rstrip('/')}/api/desk/acts",
            content=msgspec.json.encode(sign_act(act, key.private)),
            headers={"x-vedette": "1"},
            timeout=60.0,
        )
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise SourceError(f"the watch at {url} gave no answer: {error}") from error
    if answer.status_code != 201:
        click.echo(f"refused: {said.get('refused') or said.get('error')}", err=True)
        raise SystemExit(1)
    click.echo(act.act_id)


def _saying(name: str, kind: str, argument: str, field: str, words: str) -> None:
    """A command that says something of one kind about what its argument names."""

    @group.command(name, help=words)
    @_INCIDENT
    @click.argument("named", metavar=argument)
    @_acting
    def command(incident: str, named: str, url: str, words: str, key: Path) -> None:
        if argument == "STATE":
            from vedette.airspace.states import check_state

            check_state(argument, named)
        _sign_and_send(url, key, kind, incident, words, **{field: named})


for _name, _kind, _argument, _field, _words in (
    ("reject", "reject", "MEASURE", "subject",
     "Say no to MEASURE. It stands until the same person accepts."),
    ("ask", "ask", "MEASURE", "subject", "Ask something before deciding; until then it is no."),
    ("answer", "answer", "ACT_ID", "subject",
     "Answer what was asked with ACT_ID; whoever asked still has to decide."),
    ("identity", "set_identity", "VALUE", "value",
     "Say that the object of INCIDENT is VALUE: neutral, friend, suspect, civil_possible, ..."),
    ("review", "review", "ACT_ID", "subject",
     "Stand, as a reviewer, behind what another person signed with ACT_ID."),
    ("attribute", "attribute", "STATE", "value",
     "Say that the object was of STATE (three letters), and in --words where you know it from."),
):  # fmt: skip
    _saying(_name, _kind, _argument, _field, _words)


@group.command("accept")
@_INCIDENT
@click.argument("measure")
@click.option(
    "--question",
    required=True,
    help="Which question was read: 8 or more characters of what 'vedette desk show' prints.",
)
@_acting
def accept(incident: str, measure: str, question: str, url: str, words: str, key: Path) -> None:
    """Say yes to MEASURE in INCIDENT, if the question is still the one that was read."""
    if len(question) < 8:
        raise click.BadParameter("give 8 or more characters", param_hint="--question")
    _sign_and_send(url, key, "accept", incident, words, seen=question, subject=measure)


@group.command("confirm")
@_INCIDENT
@click.argument("check")
@click.option("--no", is_flag=True, help="Deny it instead.")
@_acting
def confirm(incident: str, check: str, *, no: bool, url: str, words: str, key: Path) -> None:
    """Confirm a CHECK (K2), an item of the gate (F05) or a statement (leaving), with the evidence in words."""
    kind = "deny_check" if no else "confirm_check"
    _sign_and_send(url, key, kind, incident, words, subject=check)


@group.command("remark")
@_INCIDENT
@_acting
def remark(incident: str, url: str, words: str, key: Path) -> None:
    """Put dissent or anything else on the record."""
    _sign_and_send(url, key, "remark", incident, words)


@group.command("revoke")
@click.argument("public_key")
@_acting
def revoke(public_key: str, url: str, words: str, key: Path) -> None:
    """Trust PUBLIC_KEY no more ('vedette desk keys' lists them): lost, stolen, or its holder relieved.

    What it signs from now on is refused and recorded. What it opened (a yes, a confirmation, SUSPECT, HOSTILE,
    that no civil aircraft is meant) counts no more; what it closed stays closed. There is no way back in this run.
    """
    from vedette.response.desk.revocation import NOWHERE

    _send(
        url, key, _desk(url), kind="revoke", incident_id=NOWHERE, track_id=NOWHERE,
        subject=public_key, words=words,
    )  # fmt: skip
