"""Makes ``src/vedette/data/asterix``: record layouts of ASTERIX categories, from libasterix (BSD-3-Clause).

Run with the test extra installed: ``python tools/build_asterix_tables.py``. One JSON file a category; items that
editions share stand once. Forms of an item:

    ["F", [field, ...]]                fixed; fields fill whole octets
    ["X", [[field, ...], ...]]         extended; the last bit of each part says whether another follows (a last
                                       part whose fields fill whole octets has no such bit)
    ["R", octets, item]                repeated; a count of so many octets first, or with 0 a last bit in each
    ["E"]                              explicit; the first octet is the length, itself included
    ["C", [[name, item] or null, ...]] compound; an FSPEC of its own

A field is [name, bits, signed, lsb, unit]; an item of one value has the name "", spare bits have null.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from asterix import base, generated

PINNED = "0.36.3"
CATEGORIES = (1, 2, 10, 19, 20, 21, 34, 48, 62, 63, 65, 205)
# Category 129 is in no library. Its layout is that of EUROCONTROL-SPEC-0149-29 edition 1.2 (12 June 2019), table 2
# and section 5.2, as the documentation of WayneRoessling/gungnir restates it. Item 120 has one octet in that
# edition's table and three in its text; the table holds.
SOURCE_129 = "EUROCONTROL-SPEC-0149-29 edition 1.2, by hand"
DEGREES = 180.0 / 2.0**30
ITEMS_129: list[Any] = [
    ["010", ["F", [["SAC", 8, 0, None, ""], ["SIC", 8, 0, None, ""]]]],
    ["015", ["F", [["DAC", 8, 0, None, ""], ["DIC", 8, 0, None, ""]]]],
    ["020", ["F", [["", 24, 0, None, ""]]]],
    ["030", ["F", [["", 24, 0, None, ""]]]],
    ["040", ["F", [["HI", 48, 0, None, ""], ["LO", 48, 0, None, ""]]]],
    ["050", ["F", [["", 16, 0, None, ""]]]],
    ["070", ["F", [["", 24, 0, 1.0 / 128.0, "s"]]]],
    ["080", ["F", [["LAT", 32, 1, DEGREES, "°"], ["LON", 32, 1, DEGREES, "°"]]]],
    ["090", ["F", [["", 24, 1, 0.1, "m"]]]],
    ["100", ["F", [["", 24, 1, 0.1, "m"]]]],
    ["110", ["F", [["", 16, 0, 1.0, "m"]]]],
    ["120", ["F", [["UCC", 2, 0, None, ""], ["ARC", 2, 0, None, ""], ["AEC", 4, 0, None, ""]]]],
    ["SP", ["E"]],
    ["185", ["F", [["VX", 20, 1, 0.01, "m/s"], ["VY", 20, 1, 0.01, "m/s"]]]],
    ["220", ["F", [[None, 4, 0, None, ""], ["", 20, 1, 0.01, "m/s"]]]],
]
TARGET = Path(__file__).parents[1] / "src/vedette/data/asterix"


def variation_of(rule: Any) -> Any:
    dependent = issubclass(rule, base.RuleVariationDependent)
    return rule.cv_default_variation if dependent else rule.cv_variation


def content_of(rule: Any) -> Any:
    return (
        rule.cv_default_content if issubclass(rule, base.RuleContentDependent) else rule.cv_content
    )


def fields_of(variation: Any, name: str) -> list[list[Any]]:
    """Fields of an element or of a group, whose names are joined with full stops."""
    if issubclass(variation, base.Element):
        content = content_of(variation.cv_rule)
        signed = getattr(content, "cv_signedness", None) is base.Signed
        lsb = getattr(content, "cv_lsb", None)
        return [[name, variation.cv_bit_size, int(signed), lsb, getattr(content, "cv_unit", "")]]
    assert issubclass(variation, base.Group), variation
    return part_of(variation.cv_items_list, name)


def part_of(items: Any, name: str = "") -> list[list[Any]]:
    fields = []
    for item, _ in items:
        if issubclass(item, base.Spare):
            fields.append([None, item.cv_bit_size, 0, None, ""])
            continue
        inner = item.cv_non_spare
        full = f"{name}.{inner.cv_name}" if name else inner.cv_name
        fields += fields_of(variation_of(inner.cv_rule), full)
    return fields


def item_of(variation: Any) -> list[Any]:
    if issubclass(variation, base.Element | base.Group):
        fields = fields_of(variation, "")
        assert sum(field[1] for field in fields) % 8 == 0
        return ["F", fields]
    if issubclass(variation, base.Extended):
        parts = []
        for part in variation.cv_items_list:
            assert None not in part[:-1]
            fields = part_of(part[:-1] if part[-1] is None else part)
            assert (sum(field[1] for field in fields) + (part[-1] is None)) % 8 == 0
            parts.append(fields)
        return ["X", parts]
    if issubclass(variation, base.Repetitive):
        octets = variation.cv_rep_bytes or 0
        fields = fields_of(variation.cv_variation, "")
        return ["R", octets, ["F", fields]]
    if issubclass(variation, base.Explicit):
        return ["E"]
    assert issubclass(variation, base.Compound), variation
    return [
        "C",
        [
            None if inner is None else [inner.cv_name, item_of(variation_of(inner.cv_rule))]
            for inner in variation.cv_items_list
        ],
    ]


def record_of(record: Any, pool: dict[str, int]) -> list[Any]:
    """Field reference numbers in order: [name, index of the item], null if unused, "RFS"."""
    profile: list[Any] = []
    for entry in record.cv_items_list:
        if issubclass(entry, base.UapItemSpare):
            profile.append(None)
        elif issubclass(entry, base.UapItemRFS):
            profile.append("RFS")
        else:
            item = json.dumps(item_of(variation_of(entry.cv_non_spare.cv_rule)))
            profile.append([entry.cv_non_spare.cv_name, pool.setdefault(item, len(pool))])
    return profile


def main() -> None:
    assert version("libasterix") == PINNED, f"made with libasterix {PINNED}"
    TARGET.mkdir(exist_ok=True)
    for category in CATEGORIES:
        pool: dict[str, int] = {}
        editions = {}
        for number in generated.manifest["CATS"][category]:
            uap = number.cv_uap
            records = (
                {name: record_of(record, pool) for name, record in uap.cv_uaps.items()}
                if issubclass(uap, base.UapMultiple)
                else {"": record_of(uap.cv_record, pool)}
            )
            editions[".".join(map(str, number.cv_edition))] = records
        body = {
            "category": category,
            "source": f"EUROCONTROL specifications, through libasterix {PINNED} (BSD-3-Clause)",
            "items": [json.loads(item) for item in pool],
            "editions": editions,
        }
        write(body)
    profile = [[name, number] for number, (name, _) in enumerate(ITEMS_129)] + [None] * 6
    items = [item for _, item in ITEMS_129]
    write(
        {"category": 129, "source": SOURCE_129, "items": items, "editions": {"1.2": {"": profile}}}
    )


def write(body: dict[str, Any]) -> None:
    category, editions = body["category"], body["editions"]
    text = json.dumps(body, separators=(",", ":")) + "\n"
    (TARGET / f"cat{category:03d}.json").write_text(text)
    print(f"{category:03d}: {', '.join(editions)}; {len(body['items'])} items, {len(text)} bytes")


if __name__ == "__main__":
    main()
