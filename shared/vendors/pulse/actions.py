"""Pulse Engagement Cloud, as it is registered: contact upsert and form submission."""

from __future__ import annotations

from shared.deadline import Deadline
from shared.http.vendor_http import VendorHttp
from shared.vendors.protocol import ActionSpec
from shared.vendors.pulse.client import VENDOR, PulseClient, PulseConnection
from shared.vendors.pulse.memory import PulseMemory
from shared.vendors.pulse.options import SubmitFormOptions, UpsertOptions
from shared.vendors.pulse.submit_form import PulseSubmitForm
from shared.vendors.pulse.upsert import PulseUpsert


def _probe(connection: PulseConnection, http: VendorHttp, deadline: Deadline) -> None:
    PulseClient(http, connection, deadline).list_forms()


def _upsert(options: UpsertOptions, connection: PulseConnection, http: VendorHttp, deadline: Deadline) -> PulseUpsert:
    return PulseUpsert(options, PulseClient(http, connection, deadline))


def _submit_form(
    options: SubmitFormOptions, connection: PulseConnection, http: VendorHttp, deadline: Deadline
) -> PulseSubmitForm:
    return PulseSubmitForm(options, PulseClient(http, connection, deadline))


ACTIONS = (
    ActionSpec(
        VENDOR,
        "upsert",
        UpsertOptions,
        PulseConnection,
        _upsert,
        probe=_probe,
        memory=PulseMemory,
        reads_contact=True,
    ),
    ActionSpec(
        VENDOR,
        "submit_form",
        SubmitFormOptions,
        PulseConnection,
        _submit_form,
        probe=_probe,
        memory=PulseMemory,
        each_submission=True,
    ),
)
