"""The domain of Signup Relay and its adapters."""
