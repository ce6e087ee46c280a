"""eSputnik's twin."""
