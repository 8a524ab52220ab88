"""Tracks and zones to crossings and incidents, present and predicted."""
