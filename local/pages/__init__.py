"""The stack's own pages: the forms, the timeline, the data of the twins. Plain HTML, readable without CSS or script."""
