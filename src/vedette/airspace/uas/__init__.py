"""UAS geographical zones: ED-269 and ED-318."""

from vedette.airspace.uas.reader import read_uas, uas_format

__all__ = ["read_uas", "uas_format"]
