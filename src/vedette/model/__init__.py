"""Vocabulary of Vedette: tables, units, frames, time, identifiers, errors and faults.

Everything else depends on this package; it depends on nothing of ours.
"""
