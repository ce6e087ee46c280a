"""The request: an HTTP event as facts, its body as values."""
