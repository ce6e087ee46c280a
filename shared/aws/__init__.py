"""Clients of AWS: fast failure, one DynamoDB table, secrets, limits."""
