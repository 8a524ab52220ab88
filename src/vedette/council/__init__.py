"""Consultations, silence and objections to decisions of the allies."""
