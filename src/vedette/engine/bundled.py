"""Digest of the bundled borders, so that a record says by which ones it judged."""

from functools import cache
from hashlib import sha256
from importlib.resources import files


@cache
def sovereign_digest() -> str:
    """SHA-256 over the bundled boundary tables, in the order of their names."""
    digest = sha256()
    folder = files("vedette.data").joinpath("boundaries")
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.name.endswith(".parquet"):
            digest.update(item.name.encode() + b"\0" + item.read_bytes())
    return digest.hexdigest()
