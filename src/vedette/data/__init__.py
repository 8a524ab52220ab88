"""Bundled data; read through ``importlib.resources``."""
