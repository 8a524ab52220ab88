"""Sessions of browsers and tries that failed: in memory, bounded, gone with the process."""

from collections import OrderedDict
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final, NamedTuple

from vedette.app.accounts.account import Account

SESSION_S: Final = 12 * 3_600.0  # a watch
SESSIONS_MAX: Final = 1_000
TRIES: Final = 5  # that may fail, of one address
TRY_S: Final = 60.0  # within so long
ADDRESSES_MAX: Final = 4_096


class _Session(NamedTuple):
    account: Account
    until_s: float


class Sessions:
    """Who is signed in; the clock is given."""

    def __init__(self) -> None:
        self._open: OrderedDict[bytes, _Session] = OrderedDict()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._open)

    def begin(self, account: Account, now_s: float) -> str:
        """A new session's secret; the oldest one makes room where there are too many."""
        secret = token_urlsafe(32)
        self._open[_key(secret)] = _Session(account, now_s + SESSION_S)
        while len(self._open) > SESSIONS_MAX:
            self._open.popitem(last=False)
        return secret

    def account(self, secret: str, now_s: float) -> Account | None:
        """Whose session it is; None where it is none, or over."""
        found = self._open.get(_key(secret))
        if found is None:
            return None
        if now_s >= found.until_s:
            self.end(secret)
            return None
        return found.account

    def end(self, secret: str) -> None:
        """Forget it."""
        self._open.pop(_key(secret), None)


def _key(secret: str) -> bytes:
    # what is looked up is a digest: how long the look-up takes says nothing of the secret
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()


class Tries:
    """How often an address failed of late."""

    def __init__(self) -> None:
        self._failed_s: OrderedDict[str, list[float]] = OrderedDict()

    def __len__(self) -> int:
        """Addresses that are remembered."""
        return len(self._failed_s)

    def wait_s(self, address: str, now_s: float) -> float:
        """How long an address has to wait before it may try again; 0: not at all."""
        failed = [at_s for at_s in self._failed_s.get(address, ()) if now_s - at_s < TRY_S]
        return 0.0 if len(failed) < TRIES else failed[-TRIES] + TRY_S - now_s

    def failed(self, address: str, now_s: float) -> None:
        """It failed once more; the address that failed longest ago makes room."""
        kept = [at_s for at_s in self._failed_s.pop(address, []) if now_s - at_s < TRY_S]
        self._failed_s[address] = [*kept[-TRIES:], now_s]
        while len(self._failed_s) > ADDRESSES_MAX:
            self._failed_s.popitem(last=False)
