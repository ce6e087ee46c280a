"""The stack's own pages: every form, and the data of the twins. Plain HTML, readable without CSS."""
