"""The SQS event source on this machine."""
