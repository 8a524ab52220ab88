"""The picture as the page gets it."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from vedette.app.picture_frames import _told, ellipses_of
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
