"""The stack's own pages: a form per form definition, and what the twins hold. Plain HTML, readable without CSS."""
