"""The bundled sovereign airspace: the 32 members, their neighbours, and areas in dispute."""

from functools import lru_cache
from importlib.resources import files

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.airspace.geo_file import read_geo
from vedette.airspace.index import ZoneIndex
from vedette.model.errors import ZoneError
from vedette.model.zone import Border

FILE = "sovereign.parquet"
BORDER_FILE = "sovereign_border.parquet"


@lru_cache(maxsize=1)
def sovereign_airspace() -> ZoneIndex:
    """Land, internal waters and territorial sea of each state, without an upper limit, and disputed areas.

    One zone of kind ``sovereign`` for each state; a member's parts outside the area of Article 6 are a
    second one with ``member`` False. Sovereign zones do not overlap; zones of kind ``disputed`` lie over
    them and name the claims. Data © OpenStreetMap contributors, ODbL 1.0: see ``NOTICE.md`` beside them.

    Raises:
        ZoneError: the installation is damaged.
    """
    folder = files("vedette") / "data" / "boundaries"
    zones, geometries, problems = read_geo((folder / FILE).read_bytes(), FILE, trusted=True)
    if problems:
        raise ZoneError(f"bundled {FILE}: {problems[0]}")
    borders = _borders((folder / BORDER_FILE).read_bytes())
    zones = [
        msgspec.structs.replace(zone, border=tuple(borders.get(zone.zone_id, ()))) for zone in zones
    ]
    return ZoneIndex.build(zones, geometries)


def _borders(data: bytes) -> dict[str, list[Border]]:
    table = pq.read_table(pa.BufferReader(data))
    out: dict[str, list[Border]] = {}
    columns = (table.column(name).to_pylist() for name in ("zone_id", "first", "sigma_m", "basis"))
    for zone_id, first, sigma_m, basis in zip(*columns, strict=True):
        out.setdefault(zone_id, []).append(Border(first=first, sigma_m=sigma_m, basis=basis))
    return out
