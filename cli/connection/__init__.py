"""`relay connection`."""
