"""The digest by which two runs say that they have the same picture."""

from hashlib import sha256

import pyarrow as pa

from vedette.model.columns import floats


def digest_of(tracks: pa.Table) -> dict[str, object]:
    """Number of tracks and the digest over them, sorted by track as the table is."""
    digest = sha256()
    for name in ("track_id", "status"):
        digest.update("\n".join(tracks.column(name).to_pylist()).encode())
    for name in ("latitude_deg", "longitude_deg", "height_hae_m", "east_mps", "north_mps"):
        digest.update(floats(tracks, name).tobytes())
    covariance = tracks.column("covariance").combine_chunks().flatten()
    digest.update(covariance.to_numpy().tobytes())
    return {"tracks": tracks.num_rows, "digest": digest.hexdigest()}
