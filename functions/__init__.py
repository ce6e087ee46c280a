"""One folder per trigger; each handler wires, the domain in shared decides.

What is set here holds before anything else is imported, and saves every cold start some time.
"""

import gc
import os

# Importing makes 100,000 objects that stay. Python would look through them for garbage 60 times, which takes 8 % of a
# cold start. So it does not look before the end of INIT (`shared/init_phase.py`). The hourly function has no
# such end; it does not make as many objects in its life.
gc.set_threshold(1_000_000)

# pydantic would look through every installed package for plugins; the layer brings none ("Plugins" in its docs).
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
