"""NOTAM: text as it comes over the AFTN, or a table of it, to zones."""

from vedette.airspace.notam.reader import read_notams
from vedette.airspace.notam.text import looks_like_notam

__all__ = ["looks_like_notam", "read_notams"]
