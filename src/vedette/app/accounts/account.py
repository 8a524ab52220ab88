"""Accounts in a file: people, their offices and roles, and what their tokens are checked against."""

import hmac
import os
from base64 import b64decode, b64encode
from hashlib import scrypt
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Annotated, Any, Final, Literal

import msgspec

from vedette.app.api.operation import Role
from vedette.model.errors import RecordError, SettingError

# RFC 7914; OWASP's password storage sheet gives N 2^17, r 8, p 1 for passwords. A token has 256 random bits, which
# nobody guesses at any cost: what is used here keeps a server of many clients answering (16 MB, some 50 ms)
_N, _R, _P = 1 << 14, 8, 1
_PREFIX: Final = "vedette"
AccountId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person in one office; the token itself is kept nowhere."""

    account_id: AccountId
    person: Name
    office: Name
    roles: tuple[Role, ...]
    salt: str  # base64
    digest: str  # scrypt of the token, base64

    @property
    def who(self) -> tuple[str, str]:
        """Person and office: what the record says of whoever acts with it."""
        return self.person, self.office

    def shown(self) -> dict[str, Any]:
        """What a page is told of it."""
        names = ("account_id", "person", "office", "roles")
        return {name: getattr(self, name) for name in names}

    def may(self, role: Role) -> bool:
        """Whether it may do what asks for a role; whoever has an account may look."""
        return role == "viewer" or role in self.roles


# whoever comes to a page that everybody may look at
ANYBODY: Final = Account(account_id="anybody", person="-", office="-", roles=(), salt="", digest="")


class Accounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of a file."""

    format: Literal["vedette-accounts/1"] = "vedette-accounts/1"
    accounts: tuple[Account, ...] = ()

    def named(self, account_id: str) -> Account | None:
        """The account of an id."""
        return next((one for one in self.accounts if one.account_id == account_id), None)


def _digest(secret: str, salt: bytes) -> bytes:
    return scrypt(secret.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)


def new_account(
    account_id: str, person: str, office: str, roles: tuple[str, ...]
) -> tuple[Account, str]:
    """An account and its token, which is nowhere else.

    Raises:
        SettingError: a name, office or role cannot be one.
    """
    salt, secret = token_bytes(16), token_urlsafe(32)
    try:
        account = msgspec.convert(
            {
                "account_id": account_id, "person": person, "office": office, "roles": list(dict.fromkeys(roles)),
                "salt": b64encode(salt).decode(), "digest": b64encode(_digest(secret, salt)).decode(),
            },
            Account,
        )  # fmt: skip
    except msgspec.ValidationError as error:
        raise SettingError(f"account {account_id!r}: {error}") from error
    return account, f"{_PREFIX}.{account_id}.{secret}"


def account_of(accounts: Accounts, token: str) -> Account | None:
    """Whose token it is, or None. It takes as long for an account that there is as for one that there is not."""
    prefix, _, rest = token.partition(".")
    account_id, _, secret = rest.partition(".")
    found = accounts.named(account_id) if prefix == _PREFIX else None
    salt = b"no such account." if found is None else b64decode(found.salt)
    wanted = bytes(32) if found is None else b64decode(found.digest)
    if hmac.compare_digest(_digest(secret[:200], salt), wanted) and found is not None:
        return found
    return None


def read_accounts(path: Path) -> Accounts:
    """The accounts of a file.

    Raises:
        RecordError: it cannot be read, or holds none; says where.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Accounts)
    except OSError as error:
        raise RecordError(f"accounts {path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"accounts {path}: {error}") from error


def write_accounts(path: Path, accounts: Accounts) -> None:
    """Write them in one step, readable by their owner alone.

    Raises:
        RecordError: they cannot be written.
    """
    data = msgspec.json.format(msgspec.json.encode(accounts, order="deterministic"), indent=1)
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data + b"\n")
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise RecordError(f"accounts {path}: {error.strerror}") from error
