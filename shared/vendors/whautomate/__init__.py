"""Whautomate."""
