"""The alliance: what nations' nodes tell each other, as pure functions without clock or socket."""
