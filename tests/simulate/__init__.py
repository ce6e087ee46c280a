"""A deterministic simulator: the real delivery code over a clock, a table, a queue and vendors of its own."""
