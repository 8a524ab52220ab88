"""Tracks and evidence to class and standard identity, with reasons and doubts."""
