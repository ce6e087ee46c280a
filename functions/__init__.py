"""One folder per trigger; each handler wires, the domain in shared decides."""

import gc

# Importing makes 100,000 objects that stay. Python would look through them for garbage 60 times, which takes 8 % of a
# cold start. What INIT has built is left out of all later looks (`shared/init_phase.py`).
gc.set_threshold(50_000)
