"""Source of the snippet."""
