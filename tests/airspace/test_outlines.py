"""Zones that share an outline, against the same zones each with an outline of its own."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace.index import ZoneIndex
from vedette.model.zone import Border, Zone

SHAPES = (
    shapely.box(0, 50, 1, 51),
    shapely.box(0.5, 50.5, 2, 52),
    shapely.Point(1, 51).buffer(0.7),
)
KINDS = ("danger", "restricted", "sovereign")


def zone_of(row: int, kind: int, stretch_m: float = 0.0) -> Zone:
    border = (Border(first=0, sigma_m=stretch_m, basis="surveyed"),) if stretch_m else ()
    return Zone(
        zone_id=f"z{row}", kind=KINDS[kind], name="", state=None, source="",
        boundary_sigma_m=10.0 + row, border=border,
    )  # fmt: skip


def moved(shape: shapely.Geometry, row: int) -> shapely.Geometry:
    """The shape with some tens of micrometres of its own, so that nothing is shared."""
    return shapely.transform(shape, lambda points: points + (row + 1) * 1e-10)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from((0.0, 3.0, 7.0))),
        min_size=1,
        max_size=12,
    ),
    st.sets(st.sampled_from(KINDS), min_size=1),
    st.integers(0, 2**31),
)
def test_a_shared_outline_answers_as_one_of_its_own(
    drawn: list[tuple[int, int, float]], kinds: set[str], seed: int
) -> None:
    zones = [zone_of(row, kind, stretch_m) for row, (_, kind, stretch_m) in enumerate(drawn)]
    shapes = [SHAPES[k] for k, _, _ in drawn]
    shared = ZoneIndex.build(zones, shapes)
    apart = ZoneIndex.build(zones, [moved(shape, row) for row, shape in enumerate(shapes)])
    assert apart.outlines.distinct
    assert len(shared.outlines.first) == len({(k, s) for k, _, s in drawn})
    chance = np.random.default_rng(seed)
    y, x = chance.uniform(49.5, 52.5, 30), chance.uniform(-0.5, 2.5, 30)
    for one, other in (
        (shared.locate(y, x, kinds), apart.locate(y, x, kinds)),  # type: ignore[arg-type]
        (shared.near(y, x, 30e3, kinds), apart.near(y, x, 30e3, kinds)),  # type: ignore[arg-type]
        (shared.near(y, x, 0.0), apart.locate(y, x)),
    ):
        np.testing.assert_array_equal(one, other)
    rows, which = apart.near(y, x, 50e3)
    for mine, theirs in zip(
        shared.measured(y[rows], x[rows], which),
        apart.measured(y[rows], x[rows], which),
        strict=True,
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-3)


def test_equal_outlines_are_one_unless_their_accuracy_differs() -> None:
    copies = [shapely.box(0, 50, 1, 51) for _ in range(50)]
    zones = [zone_of(row, 0) for row in range(50)]
    index = ZoneIndex.build(zones, copies)
    assert len(index.outlines.first) == 1
    assert index.locate(np.array([50.5]), np.array([0.5]))[1].tolist() == list(range(50))
    _, _, sigma_m = index.measured(np.full(2, 50.5), np.full(2, 0.5), np.array([3, 40]))
    assert sigma_m.tolist() == [13.0, 50.0]
    zones[7] = zone_of(7, 0, 3.0)
    assert len(ZoneIndex.build(zones, copies).outlines.first) == 2
