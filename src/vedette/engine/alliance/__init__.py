"""A real node of the alliance: its folder, its journal, its server, and the loop that runs it."""
