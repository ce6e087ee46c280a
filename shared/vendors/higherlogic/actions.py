"""Higher Logic Push API v2, as it is registered: contact upsert, and erasure; no call tries credentials."""

from __future__ import annotations

from collections.abc import Callable

from shared.deadline import Deadline
from shared.http.vendor_http import VendorHttp
from shared.vendors.higherlogic.client import VENDOR, HigherLogicClient, HigherLogicConnection
from shared.vendors.higherlogic.memory import HigherLogicMemory
from shared.vendors.higherlogic.options import UpsertOptions
from shared.vendors.higherlogic.record import CUSTOM_FIELDS
from shared.vendors.higherlogic.upsert import OURS, HigherLogicUpsert
from shared.vendors.protocol import ActionSpec


def _upsert(
    options: UpsertOptions, connection: HigherLogicConnection, http: VendorHttp, deadline: Deadline
) -> HigherLogicUpsert:
    return HigherLogicUpsert(options, HigherLogicClient(http, connection, deadline), connection.base_url)


def _erase(
    connection: HigherLogicConnection,
    http: VendorHttp,
    deadline: Deadline,
    contact_id: str,
    is_theirs: Callable[[str], bool],
) -> bool:
    """Delete softly what we minted; nothing can be read back, so that the id is ours is all the proof there is."""
    if not contact_id.startswith(OURS):
        return False
    HigherLogicClient(http, connection, deadline).delete_contacts([contact_id])
    return True


ACTIONS = (
    ActionSpec(
        VENDOR,
        "upsert",
        UpsertOptions,
        HigherLogicConnection,
        _upsert,
        custom_field_names=frozenset(CUSTOM_FIELDS),
        erase=_erase,
        left_by_erasure=HigherLogicMemory.after_erasure,
        memory=HigherLogicMemory,
    ),
)
