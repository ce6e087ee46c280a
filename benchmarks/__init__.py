"""Measurements, read as ratios within one run; nothing here decides whether a test passes."""
