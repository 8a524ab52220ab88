"""Vedette watches over airspace: bytes from sensors in, facts and lawful proposals to people out.

It commands nothing and has no output that means "engage"; see ``ARCHITECTURE.md``.
"""

__version__ = "0.1.0"
