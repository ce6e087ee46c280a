"""Pulse: a form submission, in the flat dialect of the vendor's own plugin.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1;
[PY] a public Python client of the form API.
"""

from __future__ import annotations

import json

from shared.errors import Ambiguous, OutcomeUnknown, Unavailable
from shared.person_record import PersonRecord
from shared.vendors.flows import CREATE, digest, send_unrepeatable
from shared.vendors.payload import Row, drop_empty
from shared.vendors.protocol import DeliveryRequest, WriteResult
from shared.vendors.pulse.client import VENDOR, PulseClient
from shared.vendors.pulse.contact import PulseContact, custom_fields, granted
from shared.vendors.pulse.last_write import remembered_write
from shared.vendors.pulse.options import SubmitFormOptions

SUBMIT = "submit"
MAX_SUBMITS = 3
"""A submission without an answer is repeated a few times only: its actions, e-mails among them, may repeat too."""

LAST_REPEAT_SECONDS = 3600.0
"""How long before the last of these repeats: an outage may hang for a while."""


class PulseSubmitForm:
    """Form Submission API: the vendor's recommended way for sign-up forms since 2024-03-06 [seed]."""

    def __init__(self, options: SubmitFormOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """Submit one flat object [WP]; the nested dialect of the contact API would be ignored silently."""
        contact = PulseContact(request.contact, request.channels, self._options)
        contact.fit_to(None)
        flags = {
            **granted("emailIsSubscribed", "email" in request.channels),
            **granted("phoneIsCallSubscribed", "call" in request.channels and contact.phone is not None),
            **granted("phoneIsSmsSubscribed", "sms" in request.channels and contact.phone is not None),
            **granted("isTest", self._options.is_test),  # [PY]
        }
        fields = drop_empty(
            {
                **self._options.constants,
                "emailAddress": contact.email,
                **contact.person,
                **contact.place,
                "phone": contact.phone,
                **flags,
                "customFields": custom_fields(request),
            }
        )
        # Which of it the vendor writes into the contact is unknown, so for a while no search is believed to show it.
        record.memory = remembered_write(record.memory, {"submission": request.submission_id}, request)
        self._submit(fields, digest(json.dumps([request.submission_id, fields], sort_keys=True)), record)
        return WriteResult(tuple(contact.left_out))

    def _submit(self, fields: Row, key: str, record: PersonRecord) -> None:
        lost = record.find_unconfirmed(SUBMIT, key)
        losses = lost.count if lost else 0
        if losses >= MAX_SUBMITS:
            raise Ambiguous(VENDOR, "submit form", detail=f"no answer to {MAX_SUBMITS} submissions")

        def send() -> None:
            try:
                self._client.submit_form(self._options.form_uuid, fields)
            except OutcomeUnknown as error:
                if error.status == 503:
                    raise error.restated(Unavailable) from None  # not taken, so no loss (assumed)
                wait = LAST_REPEAT_SECONDS if losses + 1 == MAX_SUBMITS - 1 else None
                raise error.restated(OutcomeUnknown, retry_after=wait) from None

        try:
            send_unrepeatable(record, SUBMIT, key, send)
        except OutcomeUnknown:
            note_contact(record)
            raise
        note_contact(record)


def note_contact(record: PersonRecord) -> None:
    """Record that Pulse may have created the contact: an upsert must not create it again while the search hides it."""
    if record.contact_id is None:
        record.record(CREATE)
