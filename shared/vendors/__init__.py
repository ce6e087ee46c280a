"""The vendors: one file each; many calls stand beside it in a `_client.py`. Registering a vendor is one word here."""

from __future__ import annotations

from shared.vendors import esputnik, higherlogic, pulse, whautomate, which50
from shared.vendors.protocol import ActionSpec

ACTIONS: dict[tuple[str, str], ActionSpec] = {
    (spec.vendor, spec.action): spec
    for module in (pulse, esputnik, higherlogic, which50, whautomate)
    for spec in module.ACTIONS
}
