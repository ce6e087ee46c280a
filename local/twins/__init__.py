"""The vendors, simulated: stateful, over real HTTP, with the traps that their documentation leaves open."""

from local.twins.pulse import PulseTwin
from local.twins.server import Twin

TWINS: dict[str, type[Twin]] = {PulseTwin.vendor: PulseTwin}
"""Vendor → its twin; each can be made without arguments."""
