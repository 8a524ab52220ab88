"""Thirty-two nodes in virtual time: the laws hold under every seed. One that fails is a line here for good."""

import msgspec
import pytest

from vedette.alliance import hearing
from vedette.alliance.log import Judgement
from vedette.sim.alliance import Trouble, run_seed


def test_thirty_two_nodes_come_together() -> None:
    report = run_seed(1, Trouble(seconds=12, calm_s=4, alerts=32))
    assert report.dropped > 500
    assert report.converged_s < 5.0


@pytest.mark.parametrize("seed", range(200, 206))
def test_a_few_nodes_come_together(seed: int) -> None:
    report = run_seed(seed, Trouble(nodes=3 + seed % 4, crashes=8))
    assert report.converged_s < 5.0
    assert len(report.outcomes) == 1


def test_one_seed_is_one_run() -> None:
    trouble = Trouble(nodes=4, seconds=20)
    assert run_seed(7, trouble) == run_seed(7, trouble)


def test_the_laws_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that takes an entry before its turn is found."""
    judge = hearing.judge

    def hasty(*given: object) -> Judgement:
        found = judge(*given)  # type: ignore[arg-type]
        return msgspec.structs.replace(found, finding="next") if found.finding == "early" else found

    monkeypatch.setattr(hearing, "judge", hasty)
    with pytest.raises(AssertionError):
        run_seed(0, Trouble(nodes=4))
