"""Which50's twin."""
