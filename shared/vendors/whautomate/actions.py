"""Whautomate, as it is registered: contact upsert, the call that tries credentials, and erasure."""

from __future__ import annotations

from collections.abc import Callable

from shared.deadline import Deadline
from shared.errors import NotFound
from shared.http.vendor_http import VendorHttp
from shared.vendors.matching import digits
from shared.vendors.protocol import ActionSpec
from shared.vendors.whautomate.client import VENDOR, WhautomateClient, WhautomateConnection
from shared.vendors.whautomate.options import UpsertOptions
from shared.vendors.whautomate.upsert import WhautomateUpsert


def _upsert(
    options: UpsertOptions, connection: WhautomateConnection, http: VendorHttp, deadline: Deadline
) -> WhautomateUpsert:
    client = WhautomateClient(
        http, connection, deadline, exists_words=options.exists_words, tags_member=options.tags_member
    )
    return WhautomateUpsert(options, client, connection.host)


def _probe(connection: WhautomateConnection, http: VendorHttp, deadline: Deadline) -> None:
    WhautomateClient(http, connection, deadline).account_info()


def _erase(
    connection: WhautomateConnection,
    http: VendorHttp,
    deadline: Deadline,
    contact_id: str,
    is_theirs: Callable[[str], bool],
) -> bool:
    client = WhautomateClient(http, connection, deadline)
    try:
        number = client.get_contact(contact_id).get("phoneNumber")
        if not is_theirs(f"+{digits(number)}"):
            return False
        client.delete_contact(contact_id)
    except NotFound:
        return False
    return True


ACTIONS = (
    ActionSpec(
        VENDOR,
        "upsert",
        UpsertOptions,
        WhautomateConnection,
        _upsert,
        probe=_probe,
        erase=_erase,
        reads_contact=True,
    ),
)
