"""Probabilities as people and other programs are told them: no certainty is made by rounding."""

from math import floor


def percent(share: float, digits: int = 0) -> str:
    """A probability or share in percent, as the page writes it (``percent`` of ``ui/src/lib/format.ts``).

    Args:
        share: 0 to 1; only 0 and 1 themselves are told as 0 % and 100 %.
        digits: behind the point.

    >>> percent(0.9996), percent(0.92), percent(1.0), percent(0.001), percent(0.9996, 1)
    ('> 99 %', '92 %', '100 %', '< 1 %', '> 99.9 %')
    """
    least = 10.0 ** -(2 + digits)
    if 1.0 - least < share < 1.0:
        return f"> {100.0 * (1.0 - least):.{digits}f} %"
    if 0.0 < share < least:
        return f"< {100.0 * least:.{digits}f} %"
    scale = 10.0**digits
    return f"{floor(100.0 * scale * share + 0.5) / scale:.{digits}f} %"


def rounded(probability: float, digits: int = 4) -> float:
    """A probability for other programs: short, and 0 or 1 only where it is.

    >>> rounded(0.99998), rounded(0.12345678), rounded(1.0), rounded(1e-9)
    (0.9999, 0.1235, 1.0, 0.0001)
    """
    if not 0.0 < probability < 1.0:
        return probability
    least = 10.0**-digits
    return min(max(round(probability, digits), least), round(1.0 - least, digits))
