"""The story of every sign-up, told by the functions' own log lines, which hold ids and outcomes only."""
