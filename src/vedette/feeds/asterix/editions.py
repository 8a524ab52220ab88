"""Which edition a source speaks: pinned for a site, or judged by what was heard of it."""

import re
from typing import Final

import numpy as np

from vedette.feeds.asterix import _walk as w
from vedette.feeds.asterix import layout
from vedette.feeds.asterix import specification as spec
from vedette.feeds.asterix.categories import BY_NUMBER
from vedette.feeds.asterix.records import RecordReader
from vedette.model.errors import SettingError
from vedette.model.sensor import Sensor

SAMPLE_MAX: Final = 262_144  # octets of a feed's beginning that are kept to judge by
_PIN: Final = re.compile(r"(\d{3})/(\d+\.\d+)")


def pinned_editions(sensor: Sensor) -> dict[int, str]:
    """Editions by category of a site's ``edition``: "062/1.18", or several with commas between.

    Raises:
        SettingError: it reads otherwise, or an edition is not known here.
    """
    pins: dict[int, str] = {}
    for text in [] if sensor.edition is None else map(str.strip, sensor.edition.split(",")):
        found = _PIN.fullmatch(text)
        if found is None:
            raise SettingError(
                f"sensor {sensor.sensor_id}: edition {text!r} is not like 048/1.23 (several: with "
                "commas between)"
            )
        category, edition = int(found[1]), found[2]
        if not _known(category, edition):
            have = ", ".join(spec.editions(category)) or "none"
            if category == 48:
                have = "1.{} to 1.{}".format(*layout.EDITIONS_048)
            raise SettingError(
                f"sensor {sensor.sensor_id}: category {category:03d} edition {edition} has another "
                f"layout than those known here ({have})"
            )
        pins[category] = edition
    return pins


def _known(category: int, edition: str) -> bool:
    if category == 48:  # one layout serves more editions than the tables list
        major, minor = map(int, edition.split("."))
        return major == 1 and layout.EDITIONS_048[0] <= minor <= layout.EDITIONS_048[1]
    return edition in spec.editions(category)


class EditionSample:
    """The beginning of a feed, kept to find out which editions can be read from it."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, octets: bytes, starts: np.ndarray) -> None:
        """Keep chunks that begin at (m + 1,) ``starts`` of ``octets``, up to ``SAMPLE_MAX`` in all."""
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            if self._size + end - start > SAMPLE_MAX:
                return
            self._chunks.append(octets[start:end])
            self._size += end - start

    def fitting(self) -> dict[str, list[str]]:
        """By category and source, the editions in which every record of the sample adds up and can be true.

        Editions in which spare bits are set come only where no other fits.
        """
        octets = b"".join(self._chunks)
        data = np.frombuffer(octets, np.uint8)
        starts = np.zeros(len(self._chunks) + 1, np.int64)
        np.cumsum([len(chunk) for chunk in self._chunks], out=starts[1:])
        found: dict[str, list[str]] = {}
        for category in spec.CATEGORIES:
            spares: dict[str, list[str]] = {}
            for edition in spec.editions(category):
                known = BY_NUMBER.get(category)
                wanted = known.wanted if known else ("010.SAC",)
                reader = RecordReader(category, wanted, default=edition, spares=True)
                records = reader.read(data, starts)
                if not len(records.marks):
                    break
                bad = ~records.good
                if known is not None:
                    bad |= known.convert(records).false
                for source in np.unique(records.sources).tolist():
                    mine = records.sources == source
                    name = f"{category:03d} {source >> 8}/{source & 255}" if source >= 0 else ""
                    if not name:
                        continue
                    found.setdefault(name, [])
                    if bad[mine].any():
                        continue
                    clean = not records.marks[mine, w.SPARES].any()
                    (found if clean else spares).setdefault(name, []).append(edition)
            for name, editions in spares.items():
                if not found[name]:
                    found[name] = editions
        return found
