"""The desk: who may say what, what they said, and what came of it. Silence is no."""
