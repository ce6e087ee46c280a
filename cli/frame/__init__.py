"""What every command stands on: the console, options that several commands share, loading on demand, exit codes."""
