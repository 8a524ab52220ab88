"""Append-only, tamper-evident log: entries, Merkle proofs, sealing of personal fields, verification."""
