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
