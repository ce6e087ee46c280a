"""Measurements, read as ratios within one run. `make bench` prints the table; no test is decided here."""
