"""`relay new`."""
