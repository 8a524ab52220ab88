"""Days of the week and events of the sun by the codes of AIXM, ED-269, ED-318 and NOTAM."""

from typing import Final

from vedette.model.zone import Day

DAYS: Final[dict[str, tuple[Day, ...]]] = {
    "MON": ("mon",),
    "TUE": ("tue",),
    "WED": ("wed",),
    "THU": ("thu",),
    "FRI": ("fri",),
    "SAT": ("sat",),
    "SUN": ("sun",),
    "ANY": (),
    "WORK_DAY": ("mon", "tue", "wed", "thu", "fri"),
}
SUN_EVENTS: Final = {"SR": "sunrise", "SS": "sunset", "BMCT": "dawn", "EECT": "dusk"}
