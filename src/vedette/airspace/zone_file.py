"""Zone files of every format that is known here, told apart by their content.

GeoJSON and GeoParquet (``geo_file``), AIXM 5.1 (``aixm``), ED-269 and ED-318 (``uas``), OpenAir (``openair``),
NOTAM (``notam``); each may be packed with gzip.
"""

import zlib
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from vedette.airspace.geo_file import Zones, read_geo, write_geojson, write_geoparquet
from vedette.model.errors import ZoneError

__all__ = [
    "File",
    "Format",
    "Zones",
    "format_of",
    "read_files",
    "read_zones",
    "write_geojson",
    "write_geoparquet",
]

Format = Literal[
    "geoparquet", "geojson", "aixm", "ed-269", "ed-318", "openair", "notam", "notam-table"
]
_GZIP: Final = b"\x1f\x8b"
UNPACKED_MAX: Final = 1 << 28
SIZE_MAX: Final = 1 << 30  # bytes; a state's whole publication is a few hundred megabytes


class File(NamedTuple):
    """A file that was read, and when its content became known to us [ns]; None: always."""

    data: bytes
    name: str
    known_ns: int | None = None


def format_of(data: bytes, name: str) -> Format:
    """Which format the bytes are in.

    Raises:
        ZoneError: none that is known here.
    """
    data = unpacked(data, name)
    if data[:4] == b"PAR1":
        return "geoparquet"
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return "aixm"
    if head.startswith((b"{", b"[")):
        from vedette.airspace.uas import uas_format

        return uas_format(data) or ("notam-table" if _is_notam_table(head) else "geojson")
    from vedette.airspace.notam import looks_like_notam
    from vedette.airspace.openair import looks_like_openair

    if looks_like_notam(data):
        return "notam"
    if looks_like_openair(data):
        return "openair"
    raise ZoneError(
        f"{name}: no zone file: neither GeoJSON, GeoParquet, AIXM, ED-269, ED-318, OpenAir nor NOTAM"
    )


def unpacked(data: bytes, name: str) -> bytes:
    """A file as it is, or what is packed in it with gzip.

    Raises:
        ZoneError: the packing is broken, or holds too much.
    """
    if data[:2] != _GZIP:
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        out = unpacker.decompress(data, UNPACKED_MAX)
    except zlib.error as error:
        raise ZoneError(f"{name}: broken gzip ({error})") from error
    if unpacker.unconsumed_tail:
        raise ZoneError(f"{name}: it unpacks to more than {UNPACKED_MAX >> 20} MiB")
    if not unpacker.eof:
        raise ZoneError(f"{name}: broken gzip (it is cut short)")
    return out


def _is_notam_table(head: bytes) -> bool:
    return head.startswith(b"{") and b'"qcode"' in head.split(b"\n", 1)[0]


def read_zones(data: bytes, name: str, *, trusted: bool = False) -> Zones:
    """Zones of a file, their geometries, and what is wrong with those features that cannot be used.

    Args:
        data: the file.
        name: of the file, for messages and as ``source`` of zones that state none.
        trusted: do not test whether polygons are valid (our own files, tested when they were made).

    Returns:
        zones, geometries (longitude and latitude, degrees), and one line for each feature that was left out
        ("left out" is in the line) or has something that is not read: which feature, and why.

    Raises:
        ZoneError: the file cannot be used at all.
    """
    if trusted:
        return read_geo(data, name, trusted=True)
    return read_files([File(data, name)])


def read_files(files: Sequence[File]) -> Zones:
    """Zones of several files together: AIXM updates and activations find their baseline in another.

    Raises:
        ZoneError: a file cannot be used at all.
    """
    zones: Zones = ([], [], [])
    aixm: list[File] = []
    for file in files:
        if len(file.data) > SIZE_MAX:
            raise ZoneError(f"{file.name}: more than {SIZE_MAX >> 20} MiB")
        plain = file._replace(data=unpacked(file.data, file.name))
        kind = format_of(plain.data, file.name)
        if kind == "aixm":
            aixm.append(plain)
            continue
        _join(zones, _read(kind, plain))
    if aixm:
        from vedette.airspace.aixm import read_aixm

        _join(zones, read_aixm(aixm))
    if any(zone.part_of and zone.zone_id.startswith("NOTAM:") for zone in zones[0]):
        from vedette.airspace.notam.activation import outlined

        return outlined(*zones)
    return zones


def _join(zones: Zones, more: Zones) -> None:
    zones[0].extend(more[0])
    zones[1].extend(more[1])
    zones[2].extend(more[2])


def _read(kind: Format, file: File) -> Zones:
    if kind in ("ed-269", "ed-318"):
        from vedette.airspace.uas import read_uas

        return read_uas(file.data, file.name)
    if kind == "openair":
        from vedette.airspace.openair import read_openair

        return read_openair(file.data, file.name)
    if kind in ("notam", "notam-table"):
        from vedette.airspace.notam import read_notams

        return read_notams(file.data, file.name)
    return read_geo(file.data, file.name)
