"""What a form file says of a Pulse delivery, by action.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contact import Contact
from shared.vendors.protocol import Identity, Options, Requirement


class PulseOptions(Options):
    """What both Pulse actions share."""

    is_test: bool = False
    """Mark the contact as a test: excluded from reports and hidden from search [seed]."""
    international_phones: bool = False  # `^\d{10}$` [WP]
    """Send numbers outside +1 as digits with country code; else they are left out, as the plugin refuses them."""

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address: it is what Pulse looks a contact up by."""
        return (frozenset({"email"}),)

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}


class UpsertOptions(PulseOptions):
    """`action = "upsert"`."""

    source: Annotated[int, Field(strict=True)]
    """Issued by Pulse; may differ between staging and production [seed]."""
    contact_type: str | None = None
    """`HCP`, `Patient`, …; used on create where the form says nothing."""
    search_page_size: Annotated[int, Field(gt=1)] = 10
    """So many near misses, none exact, may be a full page that hides the contact (assumed: no page tells of paging)."""


class SubmitFormOptions(PulseOptions):
    """`action = "submit_form"`."""

    form_uuid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    """The form's `uuid`, as `GET /forms` lists it [WP]."""
