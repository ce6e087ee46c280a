"""The operator's commands: look at a deployed relay and put right what needs a person; see `docs/operations.md`."""
