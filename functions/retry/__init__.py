"""Queue trigger: deliveries that could not be made at once."""
