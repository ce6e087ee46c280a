"""Whautomate's twin."""
