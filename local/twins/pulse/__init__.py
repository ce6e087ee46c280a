"""Pulse's twin."""
