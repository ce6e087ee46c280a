"""Delivery: one sign-up to one destination, and how it ends."""
