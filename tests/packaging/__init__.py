"""What is deployed: the template's facts, and what `make build` makes of this tree."""
