"""The picture as the page gets it."""

from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from vedette.app.picture_frames import IDENTITIES, PictureFrames, _told, ellipses_of
from vedette.model.assessment import CLASSES
from vedette.model.track import tracks


@given(st.floats(1, 5_000), st.floats(1, 5_000), st.floats(0, np.pi))
def test_an_ellipse_is_turned_as_its_covariance_is(
    one_m: float, other_m: float, azimuth: float
) -> None:
    major_m, minor_m = max(one_m, other_m), min(one_m, other_m)
    along = np.array([np.sin(azimuth), np.cos(azimuth)])  # east, north
    across = np.array([along[1], -along[0]])
    matrix = major_m**2 * np.outer(along, along) + minor_m**2 * np.outer(across, across)
    row = np.zeros((1, 10))
    row[0, [0, 1, 4]] = matrix[0, 0], matrix[0, 1], matrix[1, 1]
    found = ellipses_of(tracks(covariance=row.tolist()))
    assert np.isclose(found.major_m[0], major_m, rtol=1e-6, atol=1e-3)
    assert np.isclose(found.minor_m[0], minor_m, rtol=1e-4, atol=1e-2 * major_m)
    if major_m > 1.01 * minor_m:  # of a circle no axis is the longer one
        assert abs(np.sin(found.axis_rad[0] - azimuth)) < 1e-3
    assert 0.0 <= found.axis_rad[0] <= np.pi


@given(
    st.lists(
        st.none() | st.lists(st.sampled_from(["track", "person", "ads_b", "primary"]), max_size=3),
        max_size=12,
    )
)
def test_what_only_others_saw_is_known_by_its_kinds(kinds: list[list[str] | None]) -> None:
    expected = [bool(seen) and {"track", "person"}.issuperset(seen or ()) for seen in kinds]
    # a table in pieces, as concatenated and filtered ones are
    table = pa.concat_tables([tracks(kinds=kinds[:5]), tracks(kinds=kinds[5:])])
    assert _told(table).tolist() == expected
    assert _told(table.slice(1)).tolist() == expected[1:]


_ASSESSED = st.builds(
    SimpleNamespace,
    identity=st.sampled_from(IDENTITIES),
    object_class=st.sampled_from(CLASSES),
    registry_state=st.none() | st.sampled_from(["EST", "FIN"]),
)
_TRACK = st.fixed_dictionaries(
    {
        "callsign": st.none() | st.sampled_from(["AB1", "CD2"]),
        "icao24": st.none() | st.integers(0, 3),
        "mode3a": st.none() | st.integers(0, 2),
        "kinds": st.lists(st.sampled_from(["track", "ads_b"]), max_size=2),
        "status": st.sampled_from(["tentative", "confirmed", "coasting", "ended"]),
        "assessed": st.none() | _ASSESSED,
    }
)
_PICTURES = st.lists(st.dictionaries(st.sampled_from("abcdef"), _TRACK, max_size=6), max_size=5)


def _shown(track: dict[str, Any]) -> tuple[Any, ...]:
    address, code, known = track["icao24"], track["mode3a"], track["assessed"]
    return (
        track["callsign"],
        None if address is None else f"{address:06x}",
        None if code is None else f"{code:04o}",
        bool(track["kinds"]) and "ads_b" not in track["kinds"],
        None if known is None else known.registry_state,
    )


@given(_PICTURES, st.randoms())
def test_whoever_adds_up_what_is_told_has_the_names_of_the_picture(
    pictures: list[dict[str, dict[str, Any]]], random: Any
) -> None:
    frames, had, slot_of = PictureFrames(), dict[int, Any](), dict[str, int]()
    for number, picture in enumerate(pictures):
        rows = list(picture.items())
        random.shuffle(rows)  # in whatever order
        names = ("callsign", "icao24", "mode3a", "kinds", "status")
        table = tracks(
            track_id=[track_id for track_id, _ in rows],
            covariance=[[1.0] * 10] * len(rows),
            **{name: [track[name] for _, track in rows] for name in names},
        )
        known = {track_id: t["assessed"] for track_id, t in rows if t["assessed"] is not None}
        news = frames.take(SimpleNamespace(now_ns=number, tracks=table, assessments=known))  # type: ignore[arg-type]
        for message in news:
            for slot in message["gone"]:
                del had[slot]
            for named in message["tracks"]:
                told = tuple(
                    named[k] for k in ("callsign", "icao24", "mode3a", "foreign", "registry")
                )
                assert had.get(named["slot"]) != (named["track_id"], told), "nothing is told twice"
                had[named["slot"]] = (named["track_id"], told)
        living = {track_id: t for track_id, t in rows if t["status"] != "ended"}
        assert sorted(had.values()) == sorted((key, _shown(t)) for key, t in living.items())
        slots = {track_id: slot for slot, (track_id, _) in had.items()}
        assert all(slot_of.get(key, slot) == slot for key, slot in slots.items() if key in slot_of)
        slot_of = slots
        whole = msgspec.json.decode(frames.names())
        assert {n["slot"]: n["track_id"] for n in whole["tracks"]} == {
            v: k for k, v in slots.items()
        }
        frame = msgspec.msgpack.decode(frames.frame)["columns"]
        order = np.frombuffer(frame["slot"][1], "<u4").tolist()
        assert order == [slots[track_id] for track_id, t in rows if t["status"] != "ended"]
        for name, words, unknown in (
            ("identity", IDENTITIES, "pending"), ("object_class", CLASSES, "unknown"),
        ):  # fmt: skip
            found = [words[k] for k in np.frombuffer(frame[name][1], "|u1").tolist()]
            assessed = [t["assessed"] for _, t in rows if t["status"] != "ended"]
            assert found == [unknown if one is None else getattr(one, name) for one in assessed]
