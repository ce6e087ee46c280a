"""`relay send`."""
