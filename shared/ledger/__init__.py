"""The ledger: what the relay remembers, in one DynamoDB table."""
