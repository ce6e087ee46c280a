"""Lambda functions as processes on this machine."""
