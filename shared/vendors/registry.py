"""The vendors. `<vendor>.py` says what is registered; what else a vendor needs stands beside it as `<vendor>_….py`.

Registering a vendor is its name in two lines here: the import and the tuple.
"""

from __future__ import annotations

from shared.vendors.esputnik import actions as esputnik
from shared.vendors.higherlogic import actions as higherlogic
from shared.vendors.protocol import ActionSpec
from shared.vendors.pulse import actions as pulse
from shared.vendors.whautomate import actions as whautomate
from shared.vendors.which50 import actions as which50

ACTIONS: dict[tuple[str, str], ActionSpec] = {
    (spec.vendor, spec.action): spec
    for module in (pulse, esputnik, higherlogic, which50, whautomate)
    for spec in module.ACTIONS
}
