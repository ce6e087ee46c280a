"""The vendors, simulated: stateful, over real HTTP, with the traps that their documentation leaves open."""

from collections.abc import Callable

from local.twins import admin as admin  # registers the pages under /_twin
from local.twins.esputnik.twin import EsputnikTwin
from local.twins.higherlogic.twin import HigherLogicTwin
from local.twins.pulse.twin import PulseTwin
from local.twins.server import Twin
from local.twins.whautomate.twin import WhautomateTwin
from local.twins.which50.twin import Which50Twin

_CLASSES = (PulseTwin, Which50Twin, HigherLogicTwin, EsputnikTwin, WhautomateTwin)

TWINS: dict[str, Callable[[], Twin]] = {each.vendor: each for each in _CLASSES}
"""Vendor → what makes its twin, with the default credentials."""

_TITLES = {each.vendor: each.title for each in _CLASSES}


def vendor_title(vendor: str) -> str:
    """Name a vendor for people, such as "Higher Logic"; one without a twin by its id."""
    return _TITLES.get(vendor, vendor)
