"""eSputnik's imports: how many contacts are written at once, what is said at once, and how far the vendor is.

Sources: [seed] "API Methods for Adding Contacts"; [BULK] the reference at docs.esputnik.com; [SHOP] the vendor's own
connector Yespo-CDP/yespo-shopify; [OSSB], [YII], [PROD] other people's clients. What none of them says is "assumed".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, Self

from shared.vendors.payload import Row, drop_empty, rows

MAX_IMPORT = 500
"""Contacts of one bulk call; the vendor takes 3000 [seed], but in how large a request is not documented."""

FIRST_LOOK_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 60.0
"""Between two looks at an import, growing (assumed)."""
PATIENCE_SECONDS = 30 * 60
"""After which nobody asks for an import any more: how long the vendor knows it is not documented."""

DedupeOn = Literal["email", "sms", "email_or_sms", "push", "webpush", "id", "fieldId", "externalCustomerId"]
"""What an import can recognise a known contact by [YII][SHOP]."""


@dataclass(frozen=True, slots=True)
class Import:
    """How an import writes its contacts. Contacts that it makes are CONFIRMED: not for raw form data [seed].

    Attributes:
        dedupe_on: how a known contact is recognised; an `externalCustomerId` in a contact outranks it [seed].
        contact_fields: what is written; left out, all fields would be, and those without data become null [BULK].
        custom_field_ids: the custom fields that are written; others of the contacts are ignored [BULK].
        field_id: with `dedupe_on="fieldId"`, the custom field to compare.
        group_names: segments to join, made on demand [seed].
        group_names_exclude: segments to leave.
        event_key: event to launch for each new contact, Latin letters and digits [seed], at most 100 [BULK].
    """

    dedupe_on: DedupeOn
    contact_fields: tuple[str, ...]
    custom_field_ids: tuple[int, ...]
    field_id: int | None = None
    group_names: tuple[str, ...] = ()
    group_names_exclude: tuple[str, ...] = ()
    event_key: str | None = None

    @property
    def breaks_a_rule(self) -> bool:
        """Whether the vendor would refuse it, or read an empty `contact_fields` as "all" (assumed)."""
        is_named = not self.event_key or re.fullmatch(r"[A-Za-z0-9]{1,100}", self.event_key)
        has_its_field = (self.dedupe_on == "fieldId") is (self.field_id is not None)
        return not (self.contact_fields and has_its_field and is_named)

    def body(self) -> Row:
        """Return the request without its contacts; people who were deleted stay deleted."""
        return {
            "dedupeOn": self.dedupe_on,
            "contactFields": list(self.contact_fields),
            "customFieldsIDs": list(self.custom_field_ids),
            "restoreDeleted": False,
            **drop_empty(
                {
                    "fieldId": self.field_id,
                    "groupNames": list(self.group_names),
                    "groupNamesExclude": list(self.group_names_exclude),
                    "eventKeyForNewContacts": self.event_key,
                }
            ),
        }


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What the vendor says at once of an import, which runs later: `session_id` to ask for it, and what it refused."""

    session_id: str | None
    contact_id: int | None
    """Where one contact was worked on at once; 0 in the answer means that it was not [OSSB]."""
    failed: tuple[Row, ...] = field(repr=False)
    """The refused contacts, echoed; compare them by channel."""

    @classmethod
    def of(cls, body: Row, contact_id: int | None) -> Self:
        """Read the answer; a single failure is not an array [SHOP]."""
        failed = body.get("failedContacts") or []
        session_id = body.get("asyncSessionId")
        return cls(
            session_id=str(session_id) if session_id else None,
            contact_id=contact_id,
            failed=tuple(rows([failed] if isinstance(failed, dict) else failed)),
        )


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """How far an import is: `STARTED`, `IMPORTING`, `FINISHED`, `ERROR` [PROD]; None while nothing is known."""

    state: str | None
    contact_ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, body: Row) -> Self:
        """Read the answer; the name of its list of ids is assumed."""
        ids = body.get("contactIds")
        return cls(body.get("status"), tuple(ids) if isinstance(ids, list) else ())

    @property
    def over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.state in {"FINISHED", "ERROR"}
