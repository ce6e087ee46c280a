"""Which50 (CustomerMinds)."""
