"""Whom a server answers: this machine alone, people with accounts, or whoever comes, to look."""

from collections.abc import Callable, Mapping
from functools import wraps
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from vedette.model.errors import SettingError

R = TypeVar("R")


class Access(NamedTuple):
    """As a person asked for it on the command line."""

    accounts: Path | None = None
    open: bool = False  # whoever comes may look, and say nothing
    names: tuple[str, ...] = ()  # that the page is asked for by, beside its address
    tls: tuple[Path, Path] | None = None  # certificate, key


LOCAL = Access()


def is_local(host: str) -> bool:
    """Whether an address is this machine's own loopback.

    >>> is_local("127.0.0.1"), is_local("::1"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_access(host: str, access: Access) -> None:
    """See that an address may be served so.

    Raises:
        SettingError: others can reach it and nothing says who they are; says what to do.
    """
    if access.accounts is not None and access.open:
        raise SettingError("--open lets everybody look, --accounts only whom it names: choose one")
    if not is_local(host) and access.accounts is None and not access.open:
        raise SettingError(
            f"{host} can be reached from other machines: name the people with --accounts FILE (of 'vedette "
            "account new'), or give a page that can only be looked at to everybody with --open, or serve "
            "127.0.0.1 and let them come through a tunnel"
        )
    if host in ("0.0.0.0", "::") and not access.names:  # noqa: S104 - it is refused
        raise SettingError(
            f"{host} is no name that a browser asks for: say it with --name, as in --name watch.example"
        )


def refuse_unserved(access: Access, others: Mapping[str, bool]) -> None:
    """See that nothing was asked for that only a page does, where none is served.

    Args:
        access: as it was asked for.
        others: options of the page's own, and whether each was given.

    Raises:
        SettingError: something was; names it.
    """
    asked = {
        "--accounts": access.accounts is not None,
        "--open": access.open,
        "--name": bool(access.names),
        "--tls": access.tls is not None,
        **others,
    }
    given = [option for option, is_given in asked.items() if is_given]
    if given:
        raise SettingError(
            f"{', '.join(given)}: only the page uses this, and none is served here: serve one (--web HOST:PORT, "
            "without --headless or --script), or leave this out"
        )


PAGE: Final = "127.0.0.1:8137"  # where a page is served of which nothing else is said


def page_option(command: Callable[..., R]) -> Callable[..., R]:
    """The option ``--web`` of a command that serves its page without being asked; None: it was not given."""
    return click.option("--web", show_default=PAGE, help="Where the page is served.")(command)


def web_options(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command that serves a page the argument ``access``, of options of its own."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)

    @click.option("--accounts", type=file, help="Who may use the page (of 'vedette account new').")
    @click.option("--open", "is_open", is_flag=True, help="Everybody may look, and nobody act.")
    @click.option("--name", "names", multiple=True, help="The host by which browsers ask.")
    @click.option("--tls", nargs=2, type=file, help="CERTIFICATE KEY (PEM): serve https.")
    @wraps(command)
    def with_access(
        *words: Any,
        accounts: Path | None,
        is_open: bool,
        names: tuple[str, ...],
        tls: tuple[Path, Path] | None,
        **others: Any,
    ) -> R:
        return command(*words, access=Access(accounts, is_open, names, tls), **others)

    return with_access
