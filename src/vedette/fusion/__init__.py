"""Plots to tracks: the recognised air picture."""
