"""HTTP to vendors: one client core, one deadline, typed errors."""
