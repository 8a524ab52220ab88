"""Trajectory tables (Parquet, CSV) as a feed: slices of time in, plots out."""

from vedette.feeds.table.decoder import TableDecoder
from vedette.feeds.table.reader import TableFramer, read_batches

__all__ = ["TableDecoder", "TableFramer", "read_batches"]
