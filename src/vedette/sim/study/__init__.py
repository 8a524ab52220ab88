"""Whether people's decisions come before an intruder has gone: many worlds of one study, and what changes buy."""
