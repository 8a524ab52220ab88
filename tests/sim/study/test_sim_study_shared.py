"""The gallery against the collected facts, where they are there."""

from pathlib import Path

import pytest
import yaml

from vedette.sim.study.study import gallery


@pytest.mark.shared
def test_the_gallery_says_what_the_collected_facts_say(shared: Path):
    facts = yaml.safe_load((shared / "policy" / "incidents.yaml").read_text("utf-8"))["incidents"]
    by_id = {fact["id"]: fact for fact in facts}
    timed = 0
    for study in gallery().values():
        if not study.incident:
            continue
        fact = by_id[study.incident]
        assert study.date == str(fact["start_utc"])[:10]
        addresses = {source["url"] for source in fact["sources"]}
        assert {source.url for source in study.sources} <= addresses, study.id
        for item in study.published:
            hours = fact["political"]["event_to_nac_h"]
            if (
                item.until == "gone" and study.id != "zagreb-2022"
            ):  # there the way of one state of three
                assert item.seconds == fact["duration_s"], study.id
                timed += 1
            if item.until == "council_meets":
                assert item.seconds == pytest.approx(3_600 * hours, rel=0.02), study.id
                timed += 1
    assert timed >= 12
    # every case with seconds inside, a fall within a state or a time of the council has its study
    told = {study.incident for study in gallery().values()}
    missing = [
        fact["id"]
        for fact in facts
        if fact["id"] not in told and (fact["duration_s"] or fact["political"]["event_to_nac_h"])
    ]
    assert missing == []
