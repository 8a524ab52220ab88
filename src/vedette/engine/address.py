"""Feed addresses: ``asterix+udp://239.1.1.1:8600``, ``beast+file:NAME``, ``table:FILE.parquet``, ..."""

from pathlib import Path
from typing import Final, Literal

import msgspec

from vedette.engine.settings import DecoderName
from vedette.model.errors import SettingError, SourceError

Transport = Literal["udp", "tcp", "file", "pcap"]
_SCHEMES: Final[dict[str, tuple[DecoderName, Transport]]] = {
    "asterix+udp": ("asterix", "udp"),
    "asterix+pcap": ("asterix", "pcap"),
    "asterix+file": ("asterix", "file"),
    "beast": ("beast", "tcp"),
    "beast+file": ("beast", "file"),
    "table": ("table", "file"),
    "report+file": ("report", "file"),
}


class FeedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A feed's address in its parts."""

    url: str
    decoder: DecoderName
    transport: Transport
    host: str = ""
    port: int = 0
    path: Path = Path()

    @property
    def live(self) -> bool:
        """Whether it comes from a socket."""
        return self.transport in ("udp", "tcp")


def parse_feed(url: str) -> FeedAddress:
    """The parts of a feed's address.

    Raises:
        SettingError: the scheme is unknown or the rest does not fit it.
        SourceError: it names a file that is not there or cannot be read.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in _SCHEMES:
        known = ", ".join(sorted(_SCHEMES))
        raise SettingError(f"{url!r} is no feed: it begins with one of {known}, sim")
    decoder, transport = _SCHEMES[scheme]
    if transport in ("udp", "tcp"):
        host, port = _host_and_port(url, rest)
        return FeedAddress(url=url, decoder=decoder, transport=transport, host=host, port=port)
    path = Path(rest.removeprefix("//"))
    if not path.is_file():
        raise SourceError(f"{url}: there is no file {path}")
    try:
        path.open("rb").close()
    except OSError as error:
        raise SourceError(f"{url}: cannot read {path}: {error.strerror}") from error
    return FeedAddress(url=url, decoder=decoder, transport=transport, path=path)


def _host_and_port(url: str, rest: str) -> tuple[str, int]:
    host, colon, port = rest.removeprefix("//").rstrip("/").rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise SettingError(f"{url!r} needs a host and a port: {url.partition(':')[0]}://HOST:PORT")
    return host.strip("[]"), int(port)
