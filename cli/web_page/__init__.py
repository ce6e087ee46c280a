"""`relay check --page`: whether a form on a web page would work."""
