"""Which50 (CustomerMinds), as it is registered: contact upsert, and the call that tries credentials."""

from __future__ import annotations

from shared.deadline import Deadline
from shared.http.vendor_http import VendorHttp
from shared.vendors.protocol import ActionSpec
from shared.vendors.which50.client import VENDOR, Which50Client, Which50Connection
from shared.vendors.which50.list_fields import ListFields
from shared.vendors.which50.memory import Which50Memory
from shared.vendors.which50.options import UpsertOptions
from shared.vendors.which50.upsert import Which50Upsert

_LIST_FIELDS = ListFields()


def _upsert(
    options: UpsertOptions, connection: Which50Connection, http: VendorHttp, deadline: Deadline
) -> Which50Upsert:
    return Which50Upsert(options, Which50Client(http, connection, deadline), _LIST_FIELDS)


def _probe(connection: Which50Connection, http: VendorHttp, deadline: Deadline) -> None:
    Which50Client(http, connection, deadline).contact_lists()


ACTIONS = (ActionSpec(VENDOR, "upsert", UpsertOptions, Which50Connection, _upsert, probe=_probe, memory=Which50Memory),)
