"""`relay erase`."""
