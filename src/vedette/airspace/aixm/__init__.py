"""AIXM 5.1 and 5.1.1: airspaces with their geometry, schedules and history."""

from vedette.airspace.aixm.reader import read_aixm

__all__ = ["read_aixm"]
