"""What the vendors' interfaces promise, and that our side keeps to it."""
