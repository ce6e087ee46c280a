"""Pulse: a form submission, in the flat dialect of the vendor's own plugin.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1;
[PY] a public Python client of the form API.
"""

from __future__ import annotations

import json

from shared.errors import Ambiguous
from shared.vendors.flows import digest, sent_once
from shared.vendors.json_body import present
from shared.vendors.protocol import Memory, Receipt, Task
from shared.vendors.pulse_client import VENDOR, PulseClient
from shared.vendors.pulse_contact import PulseContact, granted
from shared.vendors.pulse_options import SubmitFormOptions

SUBMIT = "submit"
MAX_SUBMITS = 3
"""A submission whose answer was lost is repeated a few times only: its actions, e-mails among them, may repeat too."""


class PulseSubmitForm:
    """Form Submission API: the vendor's recommended way for sign-up forms since 2024-03-06 [seed]."""

    def __init__(self, options: SubmitFormOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Submit one flat object [WP]; the nested dialect of the contact API would be ignored silently."""
        contact = PulseContact(task.contact, self._options.international_phones)
        flags = {
            **granted("emailIsSubscribed", "email" in task.channels),
            **granted("phoneIsCallSubscribed", "call" in task.channels and contact.phone is not None),
            **granted("phoneIsSmsSubscribed", "sms" in task.channels and contact.phone is not None),
            **granted("isTest", self._options.is_test),  # [PY]
        }
        fields = present(
            {
                "emailAddress": contact.email,
                **contact.person,
                **contact.place,
                "phone": contact.phone,
                **flags,
                "customFields": dict(task.custom),
            }
        )
        body_digest = digest(json.dumps([task.submission_id, fields], sort_keys=True))
        lost = memory.attempted(SUBMIT, body_digest)
        if lost is not None and lost.count >= MAX_SUBMITS:
            raise Ambiguous(VENDOR, "submit form", detail=f"no answer to {MAX_SUBMITS} submissions")
        sent_once(memory, SUBMIT, body_digest, lambda: self._client.submit_form(self._options.form_uuid, fields))
        return Receipt(tuple(contact.left_out))
