"""Wires the stages; the only part with a clock, queues, sockets and files."""
