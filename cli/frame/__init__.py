"""What every command uses: the console, options that several commands share, loading on demand, exit codes."""
