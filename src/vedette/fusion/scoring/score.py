"""Every figure of a picture against its truth."""

from typing import NamedTuple

import msgspec
import pyarrow as pa

from vedette.fusion.scoring.consistency import Consistency, Errors, consistency, errors
from vedette.fusion.scoring.esassp import Esassp, esassp
from vedette.fusion.scoring.following import Identity, follow, identity
from vedette.fusion.scoring.gospa import Gospa, gospa, paired
from vedette.fusion.scoring.ospa import Ospa, ospa
from vedette.fusion.scoring.pictures import Pictures, align
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.fusion.scoring.siap import Siap, siap


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """All figures; ``docs/reference/scores.md`` defines each and names its source."""

    pictures: int  # that count
    objects: int
    gospa: Gospa
    ospa: Ospa
    siap: Siap
    identity: Identity
    consistency: Consistency
    esassp: Esassp


class Measured(NamedTuple):
    """A score with what it was made from, for figures over several runs."""

    score: Score
    errors: Errors
    pictures: Pictures


def measure(
    tracks: pa.Table,
    truth: pa.Table,
    settings: ScoreSettings = ScoreSettings(),  # noqa: B008
) -> Measured:
    """Score tracks against truth, and keep the errors of every pair.

    Args:
        tracks: TRACK rows of any number of pictures; ``covariance`` and ``updated_ns`` may be absent.
        truth: TRUTH rows at the instants of the pictures, or oftener.
        settings: cut-off, order, start.

    Raises:
        SourceError: a needed column is missing, or no instant is common to both.
    """
    pictures = align(tracks, truth, settings)
    followed = follow(pictures, settings, pictures.first)
    found = errors(pictures, followed.pairs)
    pairing = paired(pictures, settings)
    score = Score(
        pictures=len(pictures.instants_ns) - pictures.first,
        objects=len(pictures.objects),
        gospa=gospa(pictures, settings, pairing),
        ospa=ospa(pictures, settings, pairing),
        siap=siap(pictures),
        identity=identity(pictures, followed, settings),
        consistency=consistency(found),
        esassp=esassp(pictures, followed.pairs, found, settings),
    )
    return Measured(score, found, pictures)


def score(
    tracks: pa.Table,
    truth: pa.Table,
    settings: ScoreSettings = ScoreSettings(),  # noqa: B008
) -> Score:
    """The figures of ``measure`` alone."""
    return measure(tracks, truth, settings).score
