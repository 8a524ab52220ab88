"""What protects an aircraft that may be civil is not worn away by anything that others do or say."""

from typing import Any

import pytest

from vedette.model.act import Act
from vedette.model.report import AtsReport, Sighting, Subject
from vedette.model.time import SECOND_NS

AIRLINER: dict[str, Any] = {
    "icao24": 0x4CA123, "mode3a": 0o1234, "emitter_category": "A3", "kinds": ("ads_b", "ssr"),
    "cooperative": True,
}  # fmt: skip


def words(sky: Any, says: Any, at_s: float, dated_s: float | None = None) -> AtsReport:
    dated_s = at_s if dated_s is None else dated_s
    return AtsReport(
        subject=Subject(track_id="one"), says=says, unit="EETT ACC",
        valid_ns=sky.START_NS + int(dated_s * SECOND_NS),
    )  # fmt: skip


def says(sky: Any, value: str, at_s: float) -> Act:
    return Act(
        act_id=f"{value} {at_s}", kind="set_identity", person="Ann", office="watch", track_id="one",
        valid_ns=sky.START_NS + int(at_s * SECOND_NS), value=value, words="seen",
    )  # fmt: skip


def test_no_number_of_sightings_makes_forget_that_air_traffic_services_know_it(sky: Any) -> None:
    seen = [
        Sighting(
            subject=Subject(track_id="one"), seen=f"a light, {number}", reporter="x",
            valid_ns=sky.START_NS + 30 * SECOND_NS + number,
        )
        for number in range(200)
    ]  # fmt: skip
    flight = sky(sky.Thing()).run(
        60,
        reports={20: [words(sky, "ours", 20)], 40: seen},
        acts={50: [says(sky, "suspect", 50), says(sky, "civil_excluded", 50)]},
    )
    found = flight.of()
    assert (found.identity, found.civil) == ("neutral", "confirmed")


def test_nor_does_any_number_of_other_words_of_theirs(sky: Any) -> None:
    later = [words(sky, "not_ours", 40, 40 + number / 100) for number in range(200)]
    flight = sky(sky.Thing()).run(60, reports={20: [words(sky, "ours", 20)], 40: later})
    assert flight.of().civil == "confirmed"


def test_a_contact_dated_ahead_answers_no_later_distress(sky: Any) -> None:
    flight = sky(sky.Thing()).run(
        60, reports={20: [words(sky, "radio_contact", 20, 3_600)], 40: [words(sky, "distress", 40)]}
    )
    assert flight.of().needs == ("emergency",)


@pytest.mark.parametrize("sent", [{"callsign": "GAF612"}, {"military_reply": "friend"}])
def test_what_anybody_can_send_does_not_take_away_that_it_was_civil(
    sky: Any, sent: dict[str, str]
) -> None:
    flight = sky(sky.Thing(callsign="EIN12A", **AIRLINER)).run(60)
    assert flight.of().civil == "confirmed"
    flight.things = [sky.Thing(**{"callsign": "EIN12A", **AIRLINER, **sent})]
    flight.run(120, acts={100: [says(sky, "civil_excluded", 100)]})
    assert flight.of().civil != "excluded"


def test_a_reply_in_the_tick_in_which_a_track_ends_in_another_ends_what_persons_said(
    sky: Any,
) -> None:
    speaks = sky.Thing(
        track_id="two", callsign="EIN12A", born_s=60, ends_s=60, merged_into="one", **AIRLINER
    )
    flight = sky(sky.Thing(), speaks).run(
        80, acts={40: [says(sky, "suspect", 40), says(sky, "civil_excluded", 40)]}
    )
    found = flight.of()
    assert (found.identity, found.civil) == ("unknown", "possible")
    assert any("civil evidence" in doubt for doubt in found.doubts)
