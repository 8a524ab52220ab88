"""A seeded world that speaks the feeds and breaks things on purpose."""
