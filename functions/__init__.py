"""One folder per trigger; each handler wires, the domain in shared decides."""
