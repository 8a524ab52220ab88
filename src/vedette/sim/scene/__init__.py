"""Seeded scenes for the tracker: many objects, many sensors, plots as tables, and the truth behind them."""
