"""What our functions are measured beside."""
