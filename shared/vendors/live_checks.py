"""The live check of each vendor, for `relay check --live`. No function loads this."""

from __future__ import annotations

from shared.vendors.esputnik import live_check as esputnik
from shared.vendors.higherlogic import live_check as higherlogic
from shared.vendors.live_check import LiveCheck
from shared.vendors.pulse import live_check as pulse
from shared.vendors.whautomate import live_check as whautomate
from shared.vendors.which50 import live_check as which50

LIVE_CHECKS: dict[str, LiveCheck] = {
    "esputnik": esputnik.check,
    "higherlogic": higherlogic.check,
    "pulse": pulse.check,
    "whautomate": whautomate.check,
    "which50": which50.check,
}
"""By vendor."""
