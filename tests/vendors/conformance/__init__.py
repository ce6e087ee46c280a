"""What holds for every vendor's action, written once: see `suite.py`."""
