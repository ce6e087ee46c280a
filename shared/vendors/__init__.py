"""The vendors. `<vendor>.py` says what is registered; what else a vendor needs stands beside it as `<vendor>_….py`.

Registering a vendor is its name in two lines here: the import and the tuple.
"""

from __future__ import annotations

from shared.vendors import esputnik, higherlogic, pulse, whautomate, which50
from shared.vendors.protocol import ActionSpec

ACTIONS: dict[tuple[str, str], ActionSpec] = {
    (spec.vendor, spec.action): spec
    for module in (pulse, esputnik, higherlogic, which50, whautomate)
    for spec in module.ACTIONS
}
