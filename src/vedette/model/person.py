"""One person, however the name was typed. Two persons are needed in places; a name makes nobody two."""

import re
import unicodedata
from typing import Final

# Shown as nothing, though of no control category: joiners, fillers, variation selectors (Unicode,
# Default_Ignorable_Code_Point) and the empty Braille pattern.
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)


def person_of(name: str | None) -> str:
    """One person, however the name was typed; empty where nobody is named.

    >>> person_of(" A\u200bnn ")  # what nobody can see makes no second person
    'ann'
    """
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", name or ""))
    seen = "".join(c for c in seen if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(unicodedata.normalize("NFKC", seen).split()).casefold()


def scripts_of(name: str) -> frozenset[str]:
    """Scripts of the letters of a name, by the first word of each letter's Unicode name.

    A name in two scripts looks like another person's: Unicode Technical Standard 39, mixed-script
    confusables.

    >>> sorted(scripts_of("\u0410nn"))
    ['CYRILLIC', 'LATIN']
    """
    return frozenset(
        unicodedata.name(letter, "UNNAMED").split()[0] for letter in name if letter.isalpha()
    )
