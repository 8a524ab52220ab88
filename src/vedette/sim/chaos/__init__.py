"""Chaos: seeded worlds through the real engine while everything breaks, with laws checked at each tick."""
