"""``vedette bench``: our numbers, printed by a command that anyone can run."""
