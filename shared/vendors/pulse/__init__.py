"""Pulse Engagement Cloud."""
