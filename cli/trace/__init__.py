"""`relay trace`."""
