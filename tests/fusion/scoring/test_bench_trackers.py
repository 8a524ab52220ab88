"""Every tracker that the bench puts side by side follows what is easy to follow."""

import msgspec
import pytest

from vedette.bench.fusion import run
from vedette.bench.fusion.watching import watch, watch_oracle
from vedette.bench.row import Note, Table
from vedette.fusion.scoring.score import score
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.sim.scene.scene import Scene, make
from vedette.sim.scene.settings import Field, Traffic, named


@pytest.fixture(scope="module")
def easy() -> Scene:
    settings = named("sparse")
    return make(
        msgspec.structs.replace(
            settings, duration_s=50,
            traffic=Traffic(objects=4, side_m=100_000.0, straight_s=1e6, climbing=0.0),
            field=Field(radars=2, side_m=80_000.0, false_plots=1.0),
        ),
        5,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["ours", "oracle", "GNN", "JPDA"])
def test_a_tracker_finds_four_straight_flights_and_nothing_else(easy: Scene, kind: str) -> None:
    if kind in ("GNN", "JPDA"):
        pytest.importorskip("stonesoup", reason="the bench extra is not installed")
        pytest.importorskip("pyehm", reason="the bench extra is not installed")
        from vedette.bench.fusion.stone_soup import watch_stone_soup

        watched = watch_stone_soup(easy, kind)
    else:
        watched = watch(easy) if kind == "ours" else watch_oracle(easy)
    found = score(watched.tracks, easy.truth, ScoreSettings(since_s=30.0))
    assert found.siap.completeness == 1.0
    assert found.siap.spuriousness == 0.0
    assert found.identity.switches == 0
    assert found.siap.velocity_accuracy_mps < 30.0
    assert found.esassp.horizontal_rms_m < 250.0
    assert 0.2 < found.consistency.nees < 8.0
    assert watched.plots == easy.plots.num_rows


def test_real_flights_are_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VEDETTE_REFERENCE", raising=False)
    said = [row.text for row in run(only=("real",)) if isinstance(row, Note)]
    assert sum("VEDETTE_REFERENCE" in text for text in said) == 2


def test_a_table_shows_what_is_not_defined_as_a_dash() -> None:
    table = Table(area="a", name="n", columns=("x", "y"), rows=(("s", None), (1.5, 123_456.0)))
    assert table.lines() == ["  x        y", "  s        -", "1.5  123,456"]
