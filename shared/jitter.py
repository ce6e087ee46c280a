"""Jitter, which keeps environments from waiting alike."""

from __future__ import annotations

import random

system_jitter = random.SystemRandom().random
"""Return a random number in [0, 1). SnapStart restores the state of any other generator, and so its next numbers."""
