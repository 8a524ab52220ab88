"""No damage to a zone file does more than cost zones, with a line, or the file, with one clear error."""

import gzip
import re

import numpy as np
import pytest

from vedette.airspace.zone_file import File, read_files
from vedette.model.errors import ZoneError

WORDS = (
    b"NaN", b"1e999", b"-1", b"", b"null", b"[]", b"{}", b'"', b"999999999999", b"\xff", b"UNL",
    b"2018-13-45", b"24:61", b'xlink:href="#a"',
)  # fmt: skip


def damaged(data: bytes, chance: np.random.Generator) -> bytes:
    """The bytes with up to seven of them, or of the numbers in them, changed, cut out or put in."""
    out = bytearray(data)
    for _ in range(chance.integers(1, 8)):
        at = int(chance.integers(0, len(out)))
        word = WORDS[int(chance.integers(0, len(WORDS)))]
        how = chance.integers(0, 4)
        number = re.search(rb"-?\d+(\.\d+)?", bytes(out[at : at + 400]))
        if how == 0:
            out[at] = int(chance.integers(0, 256))
        elif how == 1:
            del out[at : at + int(chance.integers(1, 40))]
        elif how == 2 or number is None:
            out[at:at] = word
        else:
            out[at + number.start() : at + number.end()] = word
    return bytes(out)


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "vectors/aixm/digitalNOTAM/DN_SAA.NEW_SAR.xml",
        "vectors/aixm/EA_AIP_DS_FULL_20170701.xml",
        "vectors/ed318/examples/Example_Collection.json",
        "vectors/openair/Switzerland.txt",
        "airspace/notam_uk_2025-09-20.jsonl.gz",
        "airspace/airspace_uk_cc0.geojson",
    ],
)
def test_damage_is_named_and_never_raises_anything_else(shared, name: str) -> None:
    data = shared(f"data/{name}")
    if name.endswith(".gz"):
        data = gzip.decompress(data)[:40_000]
    elif name.endswith("FULL_20170701.xml"):
        features = re.findall(
            rb"<message:hasMember>\s*<aixm:Airspace .*?</message:hasMember>", data, re.S
        )
        small = b"".join(feature for feature in features if len(feature) < 9_000)
        data = data[: data.index(b"<message:hasMember")] + small + b"</message:AIXMBasicMessage>"
    elif name.endswith(".geojson"):
        data = data[: data.rindex(b'{ "type": "Feature"', 0, 30_000)].rstrip().rstrip(b",") + b"]}"
    elif name.endswith(".txt"):
        data = data[30_000:45_000]
    chance = np.random.default_rng(11)
    whole = len(read_files([File(data, name)])[0])
    assert whole > 0
    for _ in range(60):
        try:
            zones, shapes, problems = read_files([File(damaged(data, chance), name)])
        except ZoneError:
            continue
        assert len(zones) == len(shapes)
        assert all("\n" not in problem for problem in problems)
