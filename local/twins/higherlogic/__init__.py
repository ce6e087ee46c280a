"""Higher Logic's twin."""
