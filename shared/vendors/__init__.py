"""The vendors: one file each. Registering a vendor is one line here."""

from __future__ import annotations

from shared.vendors import esputnik, higherlogic, pulse, whautomate, which50
from shared.vendors.protocol import ActionSpec

ACTIONS: dict[tuple[str, str], ActionSpec] = {
    (spec.vendor, spec.action): spec
    for module in (pulse, esputnik, higherlogic, which50, whautomate)
    for spec in module.ACTIONS
}
