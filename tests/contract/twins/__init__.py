"""The vendors' simulators, tested over real HTTP: each test is named for the trap that it shows."""
