"""Feed addresses: ``asterix+udp://239.1.1.1:8600``, ``beast+file:NAME``, ``table:FILE.parquet``, ..."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from vedette.feeds.formats import FORMATS, Transport
from vedette.model.errors import SettingError, SourceError

_LIVE: Final = ("udp", "tcp", "listen", "http", "web")
EVERY_S: Final = (0.2, 3600.0)  # how often an address is asked over HTTP
# What may stand after "?" for each transport
_OPTIONS: Final = {"udp": ("interface",), "http": ("every_s",)}


class FeedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A feed's address in its parts.

    Attributes:
        interface: of a multicast group: the address of this machine to join on.
        request: what to ask for over HTTP.
        every_s: and how often.
    """

    url: str
    decoder: str
    transport: Transport
    host: str = ""
    port: int = 0
    path: Path = Path()
    interface: str = ""
    request: str = ""
    every_s: float = 1.0

    @property
    def live(self) -> bool:
        """Whether it comes from a network."""
        return self.transport in _LIVE


def is_recorded(url: str) -> bool:
    """Whether an address, written as of old, names a file: what it tells was so at another time."""
    name, plus, transport = url.partition(":")[0].partition("+")
    known = FORMATS.get(name)
    return known is not None and (transport if plus else known.transports[0]) in ("file", "pcap")


def schemes() -> list[str]:
    """All that a feed's address may begin with."""
    found = []
    for name, known in FORMATS.items():
        found += [f"{name}+{transport}" for transport in known.transports]
    return sorted(found)


def parse_feed(url: str) -> FeedAddress:
    """The parts of a feed's address: FORMAT+TRANSPORT, a colon, and where it is.

    Without a transport the format's usual one is meant: ``beast://HOST:PORT``, ``table:FILE``.

    Raises:
        SettingError: the scheme is unknown or the rest does not fit it.
        SourceError: it names a file that is not there or cannot be read.
    """
    scheme, colon, rest = url.partition(":")
    name, plus, wanted = scheme.partition("+")
    known = FORMATS.get(name)
    if not colon or known is None:
        raise SettingError(f"{url!r} is no feed: it begins with one of {', '.join(schemes())}, sim")
    transport: Transport | None = next(
        (one for one in known.transports if one == wanted.replace("https", "http")), None
    )
    if not plus:
        transport = known.transports[0]
    if transport is None:
        have = ", ".join(f"{name}+{one}" for one in known.transports)
        raise SettingError(f"{url!r}: {name} does not come over {wanted!r} ({have})")
    if transport == "web":
        if rest.strip("/"):
            raise SettingError(f"{url!r}: the form is on the page's own server: {scheme}:")
        return FeedAddress(url=url, decoder=name, transport=transport)
    options: dict[str, str] = {}
    if transport in _LIVE:
        rest, _, query = rest.partition("?")
        allowed = _OPTIONS.get(transport, ())
        options = {key: value for key, value in parse_qsl(query) if key in allowed}
        kept = [part for part in query.split("&") if part.partition("=")[0] not in allowed]
        if transport == "http":
            request = f"{wanted or 'http'}:{rest}" + ("?" + "&".join(kept) if any(kept) else "")
            if not rest.removeprefix("//").strip("/"):
                raise SettingError(f"{url!r} needs a host: {scheme}://HOST/PATH")
            return FeedAddress(
                url=url,
                decoder=name,
                transport=transport,
                request=request,
                every_s=_every_s(url, options),
            )
        if any(kept):
            raise SettingError(f"{url!r}: {transport} takes no {kept[0]!r} ({', '.join(allowed)})")
        host, port = _host_and_port(url, rest)
        interface = options.get("interface", "")
        return FeedAddress(
            url=url, decoder=name, transport=transport, host=host, port=port, interface=interface
        )
    path = Path(rest.removeprefix("//"))
    if path.is_dir():
        raise SourceError(f"{url}: {path} is a folder: a feed is one file")
    if not path.is_file():
        raise SourceError(f"{url}: there is no file {path}")
    try:
        path.open("rb").close()
    except OSError as error:
        raise SourceError(f"{url}: cannot read {path}: {error.strerror}") from error
    return FeedAddress(url=url, decoder=name, transport=transport, path=path)


def _every_s(url: str, options: Mapping[str, str]) -> float:
    text = options.get("every_s", "1")
    try:
        every_s = float(text)
    except ValueError:
        every_s = 0.0
    if not EVERY_S[0] <= every_s <= EVERY_S[1]:
        low, high = EVERY_S
        raise SettingError(f"{url!r}: every_s={text} is not between {low} and {high} seconds")
    return every_s


def _host_and_port(url: str, rest: str) -> tuple[str, int]:
    host, colon, port = rest.removeprefix("//").rstrip("/").rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise SettingError(f"{url!r} needs a host and a port: {url.partition(':')[0]}://HOST:PORT")
    host = host.strip("[]")
    try:
        host.encode("idna")  # as it is when it is looked up, where nobody would be told
    except UnicodeError as error:
        raise SettingError(f"{url!r}: {host!r} is no name of a host: {error}") from error
    return host, int(port)
