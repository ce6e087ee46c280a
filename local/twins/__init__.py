"""The vendors, simulated: stateful, over real HTTP, with the traps that their documentation leaves open."""

from collections.abc import Callable

from local.twins.esputnik import EsputnikTwin
from local.twins.higherlogic import HigherLogicTwin
from local.twins.pulse import PulseTwin
from local.twins.server import Twin
from local.twins.whautomate import WhautomateTwin
from local.twins.which50 import Which50Twin

TWINS: dict[str, Callable[[], Twin]] = {
    each.vendor: each for each in (PulseTwin, Which50Twin, HigherLogicTwin, EsputnikTwin, WhautomateTwin)
}
"""Vendor → what makes its twin, with the default credentials."""
