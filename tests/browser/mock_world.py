"""A seeded stand-in for an air picture: tracks that move by the wall clock, a few borders, three incidents.

It keeps the contract of ``docs/reference/page.md``. Nothing here is real: the borders are a few hand-set corners,
the jets follow a straight line.
"""

import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

START_MS = datetime(2025, 9, 19, 7, 8, 20, tzinfo=UTC).timestamp() * 1000
HOSTILE_TEXT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
METRES_A_DEGREE = 111_195.0
AIRLINES = ("AFR", "BTI", "DLH", "FIN", "LOT", "NAX", "RYR", "SAS", "THY", "WZZ")


# what an incident of the mock has none of
NOTHING_MORE: dict[str, Any] = {
    "hand_overs": [],
    "joined": [],
    "disputed": [],
    "flight_plan": None,
    "registry_state": None,
    "national_authority": None,
    "rule_set": None,
}


def moment(ms: float, half_s: float = 0.0) -> dict[str, str]:
    def text(value_ms: float) -> str:
        return (
            datetime.fromtimestamp(value_ms / 1000, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )

    return {"utc": text(ms), "low": text(ms - half_s * 1000), "high": text(ms + half_s * 1000)}


def bounds(estimate: float, half: float) -> dict[str, float]:
    return {"estimate": estimate, "low": max(0.0, estimate - half), "high": estimate + half}


@dataclass
class MockWorld:
    """Seeded tracks and incidents, and the switches that tests turn."""

    tracks: int = 160
    seed: int = 7
    hostile: bool = False  # texts that try to be markup
    exercise: bool = False
    muted: bool = False  # connected, and silent
    refusing: bool = False  # connections end, and new ones are refused
    dead_feed: bool = False
    losing_feed: bool = False
    spared: int = 0
    isolated: bool | None = False
    acts: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[str, Any] = field(default_factory=lambda: {"register": None})
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        n = self.tracks
        self.latitude = random.uniform(55.4, 62.4, n)
        self.longitude = random.uniform(16.5, 31.5, n)
        self.course = random.uniform(0, 2 * math.pi, n)
        self.speed = random.normal(215, 25, n).clip(60, 270)
        self.height = random.choice(np.arange(8500, 12200, 305), n).astype(float)
        low = random.random(n) < 0.15
        self.height[low], self.speed[low] = (
            random.uniform(300, 3000, low.sum()),
            random.uniform(45, 110, low.sum()),
        )
        self.identity = random.choice(
            [4, 4, 4, 4, 4, 2, 2, 3, 1, 0],
            n,
            p=[0.2, 0.2, 0.2, 0.14, 0.1, 0.06, 0.05, 0.03, 0.01, 0.01],
        )
        self.object_class = np.where(low, random.choice([1, 2, 3], n), 0)
        self.status = random.choice([1, 2, 0], n, p=[0.95, 0.03, 0.02])
        self.names = [
            {
                "slot": i,
                "track_id": f"T-{i:05x}",
                "callsign": f"{AIRLINES[i % 10]}{random.integers(10, 9999)}",
                "icao24": f"{random.integers(0x400000, 0x4FFFFF):06x}",
                "mode3a": f"{random.integers(0, 4096):04o}",
                "foreign": i % 12 == 5,  # told by a neighbour
                "registry": ("EST", "FIN", "LVA")[i % 3],
            }
            for i in range(n)
        ]
        # Three jets in line, then an airliner without radio; their slots are the last four.
        jets = [
            (59.865 - 0.012 * k, 25.05 + 0.055 * k, 1.5 * math.pi - 0.06, 205.0, 6400.0 + 60 * k)
            for k in range(3)
        ]
        lost = (58.1, 23.2, 0.9, 225.0, 10_668.0)
        for k, (latitude, longitude, course, speed, height) in enumerate([*jets, lost]):
            for name, value in (
                ("latitude", latitude),
                ("longitude", longitude),
                ("course", course),
                ("speed", speed),
                ("height", height),
                ("identity", 1 if k < 3 else 4),
                ("object_class", 4 if k < 3 else 0),
                ("status", 1),
            ):
                setattr(self, name, np.append(getattr(self, name), value))
            self.names.append(
                {
                    "slot": n + k,
                    "track_id": f"T-jet-3f21{'abc'[k]}" if k < 3 else "T-lost-771d",
                    "callsign": None if k < 3 else "MCK417",
                    "icao24": None if k < 3 else "4b8e21",
                    "mode3a": None if k < 3 else "2341",
                    "foreign": False,
                    "registry": None if k < 3 else "TUR",
                }
            )
        if self.hostile:
            self.names[0]["callsign"] = HOSTILE_TEXT
        self.n = n + 4

    def now_ms(self) -> float:
        return START_MS + (time.monotonic() - self.began) * 1000

    def position(self, row: Any, ahead_s: float) -> tuple[Any, Any]:
        d = self.speed[row] * ahead_s / METRES_A_DEGREE
        latitude = self.latitude[row] + d * np.cos(self.course[row])
        return latitude, self.longitude[row] + d * np.sin(self.course[row]) / np.cos(
            np.radians(latitude)
        )

    def frame(self) -> bytes:
        now_ms = self.now_ms()
        latitude, longitude = self.position(slice(None), (now_ms - START_MS) / 1000)
        columns = {
            "slot": np.arange(self.n, dtype="<u4"),
            "latitude_deg": latitude.astype("<f4"),
            "longitude_deg": longitude.astype("<f4"),
            "height_m": np.where(np.arange(self.n) % 41 == 7, np.nan, self.height).astype("<f4"),
            "speed_mps": self.speed.astype("<f4"),
            "course_rad": self.course.astype("<f4"),
            "sigma_m": np.where(np.arange(self.n) >= self.n - 4, 420.0, 60.0).astype("<f4"),
            "sigma_minor_m": np.where(np.arange(self.n) >= self.n - 4, 160.0, 60.0).astype("<f4"),
            "sigma_axis_rad": np.full(self.n, 0.6, dtype="<f4"),
            "age_s": np.where(self.status == 2, 14.0, 1.2).astype("<f4"),
            "status": self.status.astype("u1"),
            "identity": self.identity.astype("u1"),
            "object_class": self.object_class.astype("u1"),
        }
        return msgspec.msgpack.encode(
            {
                "type": "picture",
                "now_ms": now_ms,
                "n": self.n,
                "columns": {
                    name: [values.dtype.str, values.tobytes()] for name, values in columns.items()
                },
            }
        )

    def hello(self) -> dict[str, Any]:
        labels = {
            "demo": "RECONSTRUCTION of 19 September 2025 from published facts. Not a recording."
        }
        return {
            "version": "0.1.0",
            "mode": "demo",
            "exercise": self.exercise,
            "council": False,
            "record": None,
            "started": moment(START_MS)["utc"],
            "labels": labels,
        }

    def registration(self) -> list[dict[str, Any]]:
        rows = []
        for k, sensor_id in enumerate(["north", "east", "coast"]):
            rows.append(
                {
                    "sensor_id": sensor_id,
                    "range_m": (4.0, 121.0, 0.0)[k],
                    "range_sigma_m": (5.0, 6.0, 40.0)[k],
                    "azimuth_rad": (0.0, -0.0017, 0.0)[k],
                    "azimuth_sigma_rad": 0.0001,
                    "time_s": 0.01,
                    "time_sigma_s": 0.03,
                    "plots": (1400, 1380, 0)[k],
                    "alarm": k == 1,
                }
            )
        return rows

    def feeds(self) -> list[dict[str, Any]]:
        now_ms = self.now_ms()
        seconds = (now_ms - START_MS) / 1000
        rows = []
        for k, (feed_id, url) in enumerate(
            [
                ("radar-north", "asterix+udp://239.192.0.1:8600"),
                ("radar-east", "asterix+udp://239.192.0.2:8600"),
                ("radar-coast", "asterix+udp://239.192.0.3:8600"),
                ("adsb-archive", "readsb+file:traffic.jsonl"),
            ]
        ):
            dead = self.dead_feed and k == 1
            rows.append(
                {
                    "feed_id": feed_id,
                    "url": url,
                    "state": "dead" if dead else "alive",
                    "heard": moment(now_ms - (26_000 if dead else 800)),
                    "chunks": int(1200 + seconds * 4),
                    "size_bytes": int(2_400_000 + seconds * 9000),
                    "plots": int(48_000 + seconds * 160),
                    "unplaced": 17 if k == 2 else 0,
                    "faults": 3 if k == 2 else 0,
                    "counts": {"CAT048": 41_000, "CAT034": 2_200},
                    "clock_offset_s": 0.042,
                    "clock_sigma_s": 0.011,
                    "reconnects": int(dead),
                    "lost": 1_204 if k == 0 else 0,
                    "lost_at": moment(now_ms - (1_000 if self.losing_feed else 60_000))
                    if k == 0
                    else None,
                }
            )
        return rows

    def ledger(self) -> dict[str, Any]:
        return {
            "entries": 18_204 + len(self.acts),
            "tree_head": "9f3ac21b77e04d5516c2" + "0" * 44,
            "verified": True,
        }

    def incidents(self) -> list[dict[str, Any]]:
        now_ms = self.now_ms()
        seconds = (now_ms - START_MS) / 1000
        entered_ms = START_MS - 612_000
        found = [self.jet(k, entered_ms + 4000 * k, now_ms, seconds) for k in range(3)]
        found.append(self.airliner(now_ms, seconds))
        found.append(
            {
                **self.jet(0, START_MS - 7_200_000, START_MS - 6_800_000, seconds),
                "incident_id": "I-closed-0001",
                "group_id": None,
                "status": "closed",
                "acknowledged": {
                    "person": "M. Tamm",
                    "utc": moment(START_MS - 6_700_000)["utc"],
                    "signed": False,
                },
            }
        )
        found[-1]["object"] = {**found[-1]["object"], "track_id": "T-gone", "callsign": None}
        found[-1]["crossings"] = [
            {**c, "left": moment(START_MS - 6_900_000, 4)} for c in found[-1]["crossings"]
        ]
        for act in self.acts:
            for incident in found:
                if (
                    incident["incident_id"] == act.get("incident_id")
                    and act.get("kind") == "acknowledge"
                ):
                    incident["acknowledged"] = {
                        "person": act["person"],
                        "utc": moment(now_ms)["utc"],
                        "signed": False,
                    }
        return [NOTHING_MORE | incident for incident in found]

    def place(self, row: int, seconds: float) -> dict[str, float]:
        latitude, longitude = self.position(row, seconds)
        return {
            "latitude_deg": float(latitude),
            "longitude_deg": float(longitude),
            "pressure_altitude_m": float(self.height[row]),
            "height_hae_m": float(self.height[row]) + 40.0,
            "height_sigma_m": 130.0,
            "ground_speed_mps": float(self.speed[row]),
            "track_angle_deg": math.degrees(self.course[row]),
        }

    def jet(self, k: int, entered_ms: float, now_ms: float, seconds: float) -> dict[str, Any]:
        row = self.n - 4 + k
        inside = (now_ms - entered_ms) / 1000
        crossing = {
            "state": "EST",
            "zone_id": "sovereign:EST",
            "entered": moment(entered_ms, 5),
            "left": None,
            "inside_s": bounds(inside, 9),
            "depth_m": bounds(9120 - 800 * k, 640),
            "probability": 0.9997,
            "lost_inside": False,
            "predicted": False,
        }
        evidence = [
            (
                "radar",
                "Ground speed held 400 kt with climbs of 40 m/s: outside of the airliner envelope at this level",
                "military_aircraft",
                3.4,
                "a sustained cruise at a constant level",
            ),
            (
                "ssr",
                "No reply to any interrogation by three radars for 11 min",
                "military_aircraft",
                2.6,
                "a Mode S or Mode 3/A reply",
            ),
            (
                "flight plans",
                "No filed plan fits the track in time, place and level",
                "unknown",
                1.9,
                "a late plan from air traffic services",
            ),
            (
                "formation",
                "Three tracks within 3 NM on one course",
                "military_aircraft",
                1.1,
                "the tracks part",
            ),
            (
                "airways",
                "The course follows an airway for 20 km",
                "airliner",
                -0.6,
                "a turn off the airway",
            ),
        ]
        checks = dict.fromkeys((f"K{i}" for i in range(1, 13)), "unknown") | {
            "K1": "yes",
            "K3": "yes",
            "K7": "yes",
            "K8": "yes",
            "K9": "no",
        }
        return {
            "incident_id": f"I-3f21{'abc'[k]}",
            "group_id": "G-3f21",
            "status": "open",
            "causes": ["unexplained_crossing"],
            "object": {
                "track_id": self.names[row]["track_id"],
                "class": "military_aircraft",
                "class_probability": 0.962 - 0.01 * k,
                "identity": "unknown",
                "icao24": None,
                "callsign": None,
            },
            "crossings": [crossing],
            **crossing,
            "proposals": [
                {
                    "rule": "R14",
                    "measures": ["M03", "M06", "M05", "M12", "M15", "M16"],
                    "measures_text": [
                        "Hail on 121.5 and 243.0 MHz by position, course and level",
                        "Put the launch question to the CAOC",
                        "Inform neighbour centres and every state on the path",
                        "Diplomatic step: hotline, note, summons",
                        "Propose Article 4 consultation",
                        "Draft a communiqué, facts and confidence only",
                    ],
                    "withheld": ["M07", "M08"],
                    "not_permitted": "M14, the force question",
                    "authority": "CAOC; the Council only by a member's request",
                    "deadline": "hail 60 s (D); visual identification as reached",
                    "deadline_s": 660.0 + 4 * k,
                    "reasons": [
                        "inside Estonia for more than 60 s and deeper than the position error",
                        "no answer, no hostile act seen",
                    ],
                    "sources": ["A10", "N5", "V024"],
                },
                {
                    "rule": "R12",
                    "measures": ["M00", "M02"],
                    "measures_text": [
                        "Monitor and record",
                        "Notify civil air traffic services and take their answer",
                    ],
                    "withheld": [],
                    "not_permitted": "M14; calling it a violation",
                    "authority": "CAOC commander",
                    "deadline": "60 s (D)",
                    "deadline_s": 60.0,
                    "reasons": ["military aircraft, dark and silent, near a border"],
                    "sources": ["A1", "I8"],
                },
            ],
            "output": "ESCORT" if k else "IDENTIFY",
            "force_question": "closed",
            "opened": moment(entered_ms),
            "valid": moment(now_ms),
            "position": self.place(row, seconds),
            "sensors": ["radar-north", "radar-east", "radar-coast"],
            "needs": [],
            "civil": "possible",
            "explained_by": None,
            "evidence": [
                {
                    "source": s,
                    "statement": t,
                    "supports": c,
                    "log_odds": o,
                    "valid": moment(now_ms - 9000),
                    "would_change": w,
                }
                for s, t, c, o, w in evidence
            ],
            "doubts": [
                HOSTILE_TEXT if self.hostile else "Height from one radar only for 40 s after 07:01Z"
            ],
            "checks": checks,
            "gate": {f"F{i:02}": "no" if i == 6 else "unknown" for i in range(1, 19)},
            "undetermined": ["R13: whether it is leaving needs 30 s more"],
            "acknowledged": None,
        }

    def airliner(self, now_ms: float, seconds: float) -> dict[str, Any]:
        row = self.n - 1
        opened_ms = START_MS - 95_000
        crossing = {
            "state": "LVA",
            "zone_id": "sovereign:LVA",
            "entered": moment(START_MS - 900_000, 2),
            "left": moment(START_MS - 180_000, 2),
            "inside_s": bounds(720, 3),
            "depth_m": bounds(41_200, 300),
            "probability": 1.0,
            "lost_inside": False,
            "predicted": False,
        }
        return {
            "incident_id": "I-771d",
            "group_id": None,
            "status": "open",
            "causes": ["needs_help"],
            "object": {
                "track_id": "T-lost-771d",
                "class": "airliner",
                "class_probability": 0.9994,
                "identity": "neutral",
                "icao24": "4b8e21",
                "callsign": "MCK417",
            },
            "crossings": [
                crossing,
                {
                    **crossing,
                    "state": "EST",
                    "zone_id": "sovereign:EST",
                    "entered": moment(START_MS - 180_000, 2),
                    "left": None,
                    "inside_s": bounds(180 + seconds, 2),
                },
                {
                    **crossing,
                    "state": "FIN",
                    "zone_id": "sovereign:FIN",
                    "entered": moment(now_ms + 240_000, 30),
                    "left": None,
                    "inside_s": bounds(0, 0),
                    "depth_m": bounds(0, 0),
                    "probability": 0.93,
                    "predicted": True,
                },
            ],
            **crossing,
            "proposals": [
                {
                    "rule": "R07",
                    "measures": ["M02", "M04", "M17"],
                    "measures_text": [
                        "Notify civil air traffic services and take their answer",
                        "Relay through ATC, the operator or a nearby aircraft",
                        "Help: search and rescue, medical, fuel, nearest aerodrome",
                    ],
                    "withheld": ["M07"],
                    "not_permitted": "M14",
                    "authority": "Air traffic services",
                    "deadline": "60 s (D)",
                    "deadline_s": 240.0,
                    "reasons": ["radio contact lost, told by EETT ACC"],
                    "sources": ["A11"],
                },
            ],
            "output": "ASSIST",
            "force_question": "never",
            "opened": moment(opened_ms),
            "valid": moment(now_ms),
            "position": self.place(row, seconds),
            "sensors": ["adsb-archive", "radar-coast"],
            "needs": ["radio_contact_lost"],
            "civil": "confirmed",
            "explained_by": "filed plan EVRA to EFHK",
            "evidence": [
                {
                    "source": "ads-b",
                    "statement": "Address, callsign and position agree with radar for 14 min",
                    "supports": "airliner",
                    "log_odds": 5.2,
                    "valid": moment(now_ms - 2000),
                    "would_change": "a position that radar contradicts",
                }
            ],
            "doubts": [],
            "checks": {"K1": "no", "K3": "no"},
            "gate": {},
            "undetermined": [],
            "acknowledged": None,
        }

    def trail(self, incident_id: str) -> list[list[float | None]]:
        row = (
            self.n - 1 if incident_id == "I-771d" else self.n - 4 + "abc".find(incident_id[-1]) % 3
        )
        now_s = (self.now_ms() - START_MS) / 1000
        points = []
        for back_s in np.arange(-760, now_s, 10.0):
            latitude, longitude = self.position(row, float(back_s))
            bend = 0.05 * math.sin(back_s / 160)
            points.append(
                [
                    START_MS + back_s * 1000,
                    float(latitude) + bend * min(1.0, (now_s - back_s) / 200),
                    float(longitude),
                    float(self.height[row]),
                    300.0,
                ]
            )
        return points
