"""What people wrote, as it may stand on a terminal: nothing in it can pass for a line of the program."""

import unicodedata


def one_line(text: str) -> str:
    r"""Text on one line: control, format and line characters are shown as their code points.

    >>> one_line("a\nstatus: agreed")
    'a\\u000astatus: agreed'
    """
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in text
    )


def percent(share: float) -> str:
    """A probability in whole percent that claims no certainty which it has not.

    >>> percent(0.9996), percent(0.92), percent(1.0), percent(0.001)
    ('> 99%', '92%', '100%', '< 1%')
    """
    if 0.995 <= share < 1.0:
        return "> 99%"
    if 0.0 < share <= 0.005:
        return "< 1%"
    return f"{share:.0%}"
