"""What all sides say and do about incidents and decisions: a register, and what may be read from it."""
