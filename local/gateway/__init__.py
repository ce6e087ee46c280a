"""The HTTP API on this machine."""
