"""Higher Logic Push API v2."""
