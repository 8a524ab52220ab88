"""The shipped rule set: tables in YAML, read through ``importlib.resources``."""
