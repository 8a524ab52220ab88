"""A shield: a proposed zone with what states give to it, what that covers, and when it is in force."""
