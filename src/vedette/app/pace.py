"""How fast a recording plays."""

from vedette.model.errors import SettingError


def parse_speed(text: str) -> float | None:
    """``max`` as None, otherwise times real time.

    Raises:
        SettingError: it is neither ``max`` nor a positive number.

    >>> parse_speed("max") is None, parse_speed("20")
    (True, 20.0)
    """
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0.0 < speed < 1e6:
        raise SettingError(f"--speed {text!r} is neither max nor a positive number")
    return speed
