"""eSputnik / Yespo, as it is registered: subscribe, upsert, the call that tries credentials, and erasure."""

from __future__ import annotations

from collections.abc import Callable

from shared.deadline import Deadline
from shared.errors import NotFound
from shared.http.vendor_http import VendorHttp
from shared.vendors.esputnik.client import VENDOR, ESputnikClient, ESputnikConnection
from shared.vendors.esputnik.memory import ESputnikMemory
from shared.vendors.esputnik.options import ESputnikOptions
from shared.vendors.esputnik.subscribe import ESputnikSubscribe, SubscribeOptions
from shared.vendors.esputnik.upsert import ESputnikUpsert, UpsertOptions
from shared.vendors.matching import digits
from shared.vendors.payload import rows
from shared.vendors.protocol import ActionSpec


def _subscribe(
    options: SubscribeOptions, connection: ESputnikConnection, http: VendorHttp, deadline: Deadline
) -> ESputnikSubscribe:
    return ESputnikSubscribe(options, _client(options, connection, http, deadline))


def _upsert(
    options: UpsertOptions, connection: ESputnikConnection, http: VendorHttp, deadline: Deadline
) -> ESputnikUpsert:
    return ESputnikUpsert(options, _client(options, connection, http, deadline))


def _client(
    options: ESputnikOptions, connection: ESputnikConnection, http: VendorHttp, deadline: Deadline
) -> ESputnikClient:
    return ESputnikClient(http, connection, deadline, repeated_words=options.repeated_words)


def _probe(connection: ESputnikConnection, http: VendorHttp, deadline: Deadline) -> None:
    ESputnikClient(http, connection, deadline).account_info()


def _erase(
    connection: ESputnikConnection,
    http: VendorHttp,
    deadline: Deadline,
    contact_id: str,
    is_theirs: Callable[[str], bool],
) -> bool:
    client = ESputnikClient(http, connection, deadline)
    try:
        channels = rows(client.read_contact(int(contact_id)).get("channels") or [])
    except NotFound:
        return False
    values = [
        str(row.get("value")) if row.get("type") == "email" else f"+{digits(row.get('value'))}" for row in channels
    ]
    return any(map(is_theirs, values)) and client.delete_contact(int(contact_id))


ACTIONS = (
    ActionSpec(
        VENDOR,
        "subscribe",
        SubscribeOptions,
        ESputnikConnection,
        _subscribe,
        custom_field=int,
        probe=_probe,
        erase=_erase,
        memory=ESputnikMemory,
    ),
    ActionSpec(
        VENDOR,
        "upsert",
        UpsertOptions,
        ESputnikConnection,
        _upsert,
        custom_field=int,
        probe=_probe,
        erase=_erase,
        memory=ESputnikMemory,
        reads_contact=True,
    ),
)
