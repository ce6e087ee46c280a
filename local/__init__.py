"""The embedded stack: all a developer needs on one machine; `functions/` and `shared/` know nothing of it."""
