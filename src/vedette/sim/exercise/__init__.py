"""Exercises: a simulated night with people who decide, and what is to be learnt from it afterwards."""
