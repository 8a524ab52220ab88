"""Incidents and rules to graduated proposals, addressed to people, with deadlines. Fail-closed."""
