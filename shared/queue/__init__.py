"""The retry queue and the dead-letter queue: messages, sending, delays."""
