"""`relay waiting`."""
