"""``vedette account``: who may use a page that other machines can reach."""

from pathlib import Path

import click

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("account")
def group() -> None:
    """People who may use the page from other machines, and their tokens.

    An account is for looking, acknowledging and handing in; it signs nothing. What the desk and the council decide
    still takes the keys of "vedette office" and "vedette council".
    """


@group.command("new")
@click.argument("account_id")
@click.option("--person", required=True, help="Who it is, by name.")
@click.option("--office", required=True, help="The office in which the person watches.")
@click.option("--role", "roles", multiple=True, help="viewer, operator, desk, auditor; several.")
@click.option("--accounts", required=True, type=_FILE, help="File of accounts; made or added to.")
def new(
    *, account_id: str, person: str, office: str, roles: tuple[str, ...], accounts: Path
) -> None:
    """Make the account ACCOUNT_ID and print its token, once: it is kept nowhere.

    An operator acknowledges, remarks and reports; desk hands in signed acts; an auditor reads the entries of
    the ledger. Whoever has an account may look.
    """
    from vedette.app.accounts.account import Accounts, new_account, read_accounts, write_accounts
    from vedette.model.errors import SettingError

    known = read_accounts(accounts) if accounts.exists() else Accounts()
    if known.named(account_id) is not None:
        raise SettingError(
            f"{account_id} exists: 'vedette account revoke' ends it, then it can be made anew"
        )
    account, token = new_account(account_id, person, office, roles or ("viewer",))
    write_accounts(accounts, Accounts(accounts=(*known.accounts, account)))
    click.echo(token)
    click.echo(f"{person}, {office}: shown once, hand it over in person", err=True)


@group.command("list")
@click.option("--accounts", required=True, type=_FILE, help="File of accounts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_accounts(*, accounts: Path, as_json: bool) -> None:
    """Print the accounts; no token can be read from them."""
    from vedette.app.accounts.account import read_accounts
    from vedette.app.summary import to_json

    found = read_accounts(accounts).accounts
    if as_json:
        click.echo(to_json([one.shown() for one in found]))
        return
    for one in found:
        click.echo(f"{one.account_id:20} {' '.join(one.roles):24} {one.person}, {one.office}")


@group.command("revoke")
@click.argument("account_id")
@click.option("--accounts", required=True, type=_FILE, help="File of accounts.")
def revoke(account_id: str, *, accounts: Path) -> None:
    """End ACCOUNT_ID: its token, its sessions and its open pages, within a second, without a restart."""
    from vedette.app.accounts.account import Accounts, read_accounts, write_accounts
    from vedette.model.errors import SettingError

    known = read_accounts(accounts)
    kept = tuple(one for one in known.accounts if one.account_id != account_id)
    if len(kept) == len(known.accounts):
        raise SettingError(f"{accounts} has no account {account_id}")
    write_accounts(accounts, Accounts(accounts=kept))
    click.echo(f"{account_id} is revoked", err=True)
