"""Borders and zones in space and time; reads zone formats; the only place that converts height datums."""
