"""Probabilities and shares as people and other programs are told them: no certainty is made by rounding."""

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


def area(area_km2: float) -> str:
    """An area, as it is told to people; only none at all is told as 0.

    >>> area(1234.6), area(0.4), area(0.0)
    ('1235 km²', '< 1 km²', '0 km²')
    """
    return "< 1 km²" if 0.0 < area_km2 < 1.0 else f"{area_km2:.0f} km²"


def class_share(object_class: str, share: float | None) -> float | None:
    """How sure a class is, as it is told to people: of a class that is left open nothing.

    Where no class reaches one half, the class is "unknown", and the share is that of what is of no class we know:
    "unknown, 4 % sure" would be the reverse of what is meant.

    >>> class_share("airliner", 0.7), class_share("unknown", 0.6), class_share("unknown", 0.04)
    (0.7, 0.6, None)
    """
    return None if object_class == "unknown" and share is not None and share < 0.5 else share


def rounded(probability: float, digits: int = 4) -> float:
    """A probability for other programs: short, and 0 or 1 only where it is.

    >>> rounded(0.99998), rounded(0.12345678), rounded(1.0), rounded(1e-9)
    (0.9999, 0.1235, 1.0, 0.0001)
    """
    if not 0.0 < probability < 1.0:
        return probability
    least = 10.0**-digits
    return min(max(round(probability, digits), least), round(1.0 - least, digits))
