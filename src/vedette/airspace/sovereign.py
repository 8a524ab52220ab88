"""The bundled sovereign airspace: the 32 members, their neighbours, and areas in dispute."""

from functools import lru_cache
from importlib.resources import files

from vedette.airspace.index import ZoneIndex
from vedette.airspace.zone_file import read_zones
from vedette.model.errors import ZoneError

FILE = "sovereign.parquet"


@lru_cache(maxsize=1)
def sovereign_airspace() -> ZoneIndex:
    """Land, internal waters and territorial sea of each state, without an upper limit, and disputed areas.

    One zone of kind ``sovereign`` for each state; a member's parts outside the area of Article 6 are a
    second one with ``member`` False. Sovereign zones do not overlap; zones of kind ``disputed`` lie over
    them and name the claims. Data © OpenStreetMap contributors, ODbL 1.0: see ``NOTICE.md`` beside them.

    Raises:
        ZoneError: the installation is damaged.
    """
    data = (files("vedette") / "data" / "boundaries" / FILE).read_bytes()
    zones, geometries, problems = read_zones(data, FILE, trusted=True)
    if problems:
        raise ZoneError(f"bundled {FILE}: {problems[0]}")
    return ZoneIndex.build(zones, geometries)
