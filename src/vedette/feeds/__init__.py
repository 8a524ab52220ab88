"""Bytes to plots and back: one subpackage per standard, decoder beside encoder."""
