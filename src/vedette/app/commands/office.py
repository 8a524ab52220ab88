"""``vedette office``: offices of a desk and the keys of those who hold them."""

from pathlib import Path

import click


@click.group("office")
def group() -> None:
    """Offices of a desk, and keys of their holders."""


@group.command("new")
@click.argument("office_id")
@click.option("--title", help="What it is. [the ID]")
@click.option("--role", "roles", multiple=True, help="What it may say; several are allowed.")
@click.option("--state", help="The state it speaks for (EST); without: for the node itself.")
@click.option("--person", required=True, help="Who holds it, by name.")
@click.option(
    "--offices",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of offices; made, or added to.",
)
@click.option(
    "--key",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the private key is written: for this person alone.",
)
def new(
    *,
    office_id: str,
    title: str | None,
    roles: tuple[str, ...],
    state: str | None,
    person: str,
    offices: Path,
    key: Path,
) -> None:
    """Give PERSON a key in the office OFFICE_ID, and write the office into the file of offices.

    "vedette office roles" lists the roles. An office that exists keeps its title, roles and state.
    """
    import msgspec

    from vedette.airspace.states import check_state
    from vedette.app.key_file import OfficeKey, write_secret
    from vedette.model.errors import RecordError, SettingError
    from vedette.model.signature import new_private_key, public_key_of, to_base64
    from vedette.response.desk.offices import Holder, Office, Roster, decode_roster
    from vedette.response.desk.seats import table_of
    from vedette.response.rule_set import shipped_rules

    known = frozenset(table_of({}, shipped_rules()).roles)
    roster = decode_roster(offices.read_bytes(), known) if offices.exists() else Roster()
    before = roster.office(office_id)
    if before is None and not roles:
        raise SettingError(f"{office_id} is new: say what it may do with --role")
    if before is not None and (roles or title or state):
        raise SettingError(f"{office_id} exists: its title, roles and state stay as they are")
    if state is not None:
        check_state("--state", state)
    private = new_private_key()
    public = to_base64(public_key_of(private))
    try:
        holder = msgspec.convert({"person": person, "public_key": public}, Holder)
        office = before or msgspec.convert(
            {
                "office_id": office_id,
                "title": title or office_id,
                "roles": list(roles),
                "state": state,
            },
            Office,
        )
    except msgspec.ValidationError as error:
        raise SettingError(str(error)) from error
    office = msgspec.structs.replace(office, holders=(*office.holders, holder))
    kept = [one for one in roster.offices if one.office_id != office_id]
    data = msgspec.json.format(
        msgspec.json.encode(Roster(offices=(*kept, office)), order="deterministic"), indent=1
    )
    decode_roster(data, known)  # refuses what would not be read back
    made = OfficeKey(
        office=office_id, person=person, public_key=public, private_key=to_base64(private)
    )
    write_secret(key, msgspec.json.encode(made) + b"\n")
    try:
        offices.write_bytes(data + b"\n")
    except OSError as error:
        raise RecordError(f"{offices}: {error.strerror}") from error
    click.echo(public)


@group.command("list")
@click.argument("offices", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def list_offices(offices: Path) -> None:
    """Offices of the file OFFICES, with their roles and who holds them."""
    from vedette.response.desk.offices import decode_roster
    from vedette.response.desk.seats import table_of
    from vedette.response.rule_set import shipped_rules

    roster = decode_roster(offices.read_bytes(), frozenset(table_of({}, shipped_rules()).roles))
    for office in roster.offices:
        people = ", ".join(holder.person for holder in office.holders) or "nobody"
        click.echo(
            f"{office.office_id}  {office.state or 'this node'}  {', '.join(office.roles)}  {people}"
        )


@group.command("roles")
def roles() -> None:
    """Roles, and what each may accept."""
    from vedette.response.desk.seats import table_of
    from vedette.response.rule_set import shipped_rules

    table = table_of({}, shipped_rules())
    for role, words in table.roles.items():
        may = [name for name, row in table.measures.items() if any(role in s for s in row.seats)]
        click.echo(f"{role}  {words}  {' '.join(may)}")
