"""HOST:PORT as a person types it."""

from typing import Final

from vedette.model.errors import SettingError

DEFAULT_WEB: Final = "127.0.0.1:8137"


def web_address(text: str) -> tuple[str, int]:
    """Host and port of ``--web``.

    Raises:
        SettingError: it is not HOST:PORT.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65_535:
        raise SettingError(f"--web {text!r} is not HOST:PORT, as in {DEFAULT_WEB}")
    return host, int(port)
